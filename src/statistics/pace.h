// How long the rest of a run takes, when each simulated hour costs more than the one before because the cells are more.
#pragma once

#include <cstddef>
#include <vector>

namespace invado {

// Cost of a simulated hour in the second and the last third of what has been seen; what it rose by in between, it goes on
// rising by: exact where cost is linear in time. (An exponential would multiply the noise of a busy machine.) A run that
// becomes cheaper goes on at its last cost. Of the shortest runs the mean cost.
class Pace {
 public:
  // The run was there after so much wall time; both ascend. The first one says where it began.
  void add(double time_h, double wall_s);
  // From the last one on [s]; 0 without progress.
  [[nodiscard]] double seconds_left(double end_h) const;

 private:
  struct Seen {
    double time_h, wall_s;
  };
  std::vector<Seen> kept_;  // every stride_-th that was added, fewer than 128
  std::size_t stride_ = 1, added_ = 0;
  Seen last_{};

  [[nodiscard]] double wall_at(double time_h) const;  // between two that are kept
};

}  // namespace invado
