// How far a run is: one updating line on a terminal, a line now and then elsewhere, JSON lines for tools.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "statistics/pace.h"

namespace invado {

enum class ProgressMode { Auto, Plain, None, Json };

struct ProgressState {
  double time_h = 0;
  double end_h = 0;
  std::size_t cells = 0;
  double front_um = 0;    // 90 % front; NaN: not known
  double cell_steps = 0;  // motion steps x cells since the start
  std::uint64_t disk_bytes = 0;
};

class Progress {
 public:
  Progress(ProgressMode mode, double start_h);
  // The run is at time_h. Whether enough wall time has passed since the last line.
  [[nodiscard]] bool due(double time_h);
  void print(const ProgressState& state) { write(state, false); }
  void finish(const ProgressState& state) { write(state, true); }

 private:
  void write(const ProgressState& state, bool last);

  ProgressMode mode_;
  Pace pace_;
  std::chrono::steady_clock::time_point begin_, last_;
};

// "3 min 20 s": for people.
[[nodiscard]] std::string wall_time_text(double seconds);

}  // namespace invado
