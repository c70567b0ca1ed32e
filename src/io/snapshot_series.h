// The snapshots of a run, by time.
#pragma once

#include <filesystem>
#include <vector>

#include "io/run_folder.h"

namespace invado {

// As the list says that ParaView opens: complete files only, the earliest first.
struct SnapshotSeries {
  std::vector<std::filesystem::path> files;
  std::vector<double> times_h;
};
// At least one; 66 when the run has none, 65 when the list is none.
[[nodiscard]] SnapshotSeries snapshot_series(const RunFolder& folder);

// Number of the one nearest to a time, the earlier of two.
[[nodiscard]] std::size_t nearest_snapshot(const SnapshotSeries& series, double time_h);

}  // namespace invado
