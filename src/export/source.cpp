#include "export/source.h"

#include <fmt/format.h>

#include <vector>

namespace invado {

SnapshotFile snapshot_near(const RunFolder& folder, std::optional<double> time_h) {
  const std::vector<std::filesystem::path> files = snapshot_files(folder.snapshots());
  if (files.empty()) throw IoError(fmt::format("{}: holds no snapshots", folder.path().string()), Exit::NotFound);
  if (!time_h) return {files.back(), read_snapshot_info(files.back())};
  // Later files are of later times: look at few of them, each is checked as a whole.
  std::size_t low = 0, high = files.size() - 1;
  SnapshotFile before{files[low], read_snapshot_info(files[low])}, after{files[high], read_snapshot_info(files[high])};
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    SnapshotFile file{files[middle], read_snapshot_info(files[middle])};
    if (file.info.time_h <= *time_h)
      low = middle, before = std::move(file);
    else
      high = middle, after = std::move(file);
  }
  return after.info.time_h - *time_h < *time_h - before.info.time_h ? after : before;
}

}  // namespace invado
