// Mean square displacement from the tracks of founders.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/world.h"

namespace invado {

// Position with the periodic boundaries that were crossed undone. [um]
[[nodiscard]] Vec3 unwrapped(const Domain& domain, const Population& cells, std::size_t row);

// One line of msd.csv.
struct MsdPoint {
  double lag_h;
  double msd_um2;    // mean over cells of the mean over all windows of this length
  double error_um2;  // standard error over cells, which are taken as independent; NaN for one cell
  double cells;
  double windows;  // windows of all cells together (they overlap: not independent)
};
inline const std::vector<std::string> msd_columns{"lag_h", "msd_um2", "msd_se_um2", "cells", "windows"};

// Collects where the founders are. Lags need equal intervals: a frame that is not one interval after the one before
// (the last one of a run, perhaps) is left out. At most `limit` founders are followed, those with the smallest ids.
class FounderTracks {
 public:
  explicit FounderTracks(std::size_t limit = 5000) : limit_(limit) {}

  void add_frame(const World& world);
  [[nodiscard]] std::uint64_t frames() const { return frames_; }

  // Lags 1, 2, ... 20 intervals, then about 10 per factor of 2, up to half of the frames: beyond it too few windows.
  [[nodiscard]] std::vector<MsdPoint> msd() const;

  // visit(name, value) for everything that is remembered from frame to frame: checkpoints keep it.
  template <class Tracks, class Visit>
  static void for_each_memory(Tracks& t, Visit&& visit) {
    visit("frames", t.frames_);
    visit("first_tick", t.first_tick_);
    visit("interval_ticks", t.interval_ticks_);
    visit("interval_h", t.interval_h_);
    visit("id", t.id_);
    visit("length", t.length_);
    visit("start", t.start_);
    visit("displacement", t.displacement_);
  }
  // Whether what was read fits together.
  [[nodiscard]] bool consistent() const;

 private:
  [[nodiscard]] const float* at(std::uint64_t frame, std::size_t track) const {
    return &displacement_[3 * (frame * id_.size() + track)];
  }

  std::size_t limit_;
  std::uint64_t frames_ = 0;
  std::int64_t first_tick_ = 0, interval_ticks_ = 0;
  double interval_h_ = 0;
  std::vector<std::int64_t> id_;       // of the founders, ascending
  std::vector<std::uint64_t> length_;  // frames until the cell was gone
  std::vector<double> start_;          // [track][axis], unwrapped [um]
  std::vector<float> displacement_;    // [frame][track][axis] from the start [um]; 0 after the cell was gone
};

// Persistence time P [h] of the walk from its MSD since t = 0, by the law of Fuerth (1920)
//     MSD(t) = 2 S^2 P (t - P (1 - exp(-t/P))),
// least squares of log MSD over P and S. NaN with fewer than 4 points. Limits: free, unbiased walk; P beyond a tenth and
// ten times of the sampled times is held there.
struct WalkFit {
  double persistence_h;
  double speed_um_h;  // root mean square
};
[[nodiscard]] WalkFit fit_walk(std::span<const double> time_h, std::span<const double> msd_um2);

}  // namespace invado
