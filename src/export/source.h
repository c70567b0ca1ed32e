// Where exports come from: a snapshot of a run.
#pragma once

#include <filesystem>

#include "io/snapshot.h"

namespace invado {

struct SnapshotFile {
  std::filesystem::path path;
  SnapshotInfo info;
};

}  // namespace invado
