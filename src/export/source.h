// Where exports come from: a snapshot of a run, near a wanted time, and a place in it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "io/run_folder.h"
#include "io/snapshot.h"

namespace invado {

struct SnapshotFile {
  std::filesystem::path path;
  SnapshotInfo info;
};

// The snapshot nearest to a time, the earlier of two; the last one when no time is given. 66 when the run has none.
[[nodiscard]] SnapshotFile snapshot_near(const RunFolder& folder, std::optional<double> time_h);

}  // namespace invado
