// How cells moved, from tracks.csv: mean square displacement, the persistent walk that it is of, and speeds, with errors
// over cells.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "analysis/msd.h"

namespace invado {

// Founders at equal intervals of time, the way that analysis wants them.
struct TrackTable {
  double interval_h = 0;
  std::vector<std::vector<Vec3>> places;  // [founder][frame], until the cell was gone [um]
};

// The founders with the smallest ids, at most `most` of them. A file of any length may be read: only these rows are kept.
// Frames at unequal intervals (the last one of a run, perhaps) are left out. 65 for a file of another form.
[[nodiscard]] TrackTable read_tracks(const std::filesystem::path& file, std::size_t most = 5000);

// MSD(lag) of some of the founders.
[[nodiscard]] std::vector<MsdPoint> msd_of(const TrackTable& tracks, std::size_t first, std::size_t past_last);

// Fuerth's law (analysis/msd.h) with standard errors. These come from leaving out each of ten groups of cells in turn
// (delete-a-group jackknife, Kott 2001): lags of one curve are far from independent, cells are taken to be. NaN without
// enough cells.
struct WalkFitWithError {
  WalkFit fit;
  double persistence_error = 0, speed_error = 0;
  bool at_the_limit = false;  // persistence beyond what the sampled times can tell: held at the limit of the fit
};
[[nodiscard]] WalkFitWithError fit_with_error(std::span<const double> lag_h, std::span<const double> msd_um2,
                                              const TrackTable& tracks);

// MSD of the law. [um^2]
[[nodiscard]] double persistent_walk_msd(double time_h, const WalkFit& walk);

// Speed along the track, length of the path from frame to frame over time, per founder with two frames or more. [um/h]
[[nodiscard]] std::vector<double> path_speeds(const TrackTable& tracks);

}  // namespace invado
