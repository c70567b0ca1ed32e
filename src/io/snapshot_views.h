// What opens snapshots in ParaView and other viewers: files that only point into the data.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/atomic_file.h"
#include "io/snapshot.h"

namespace invado {

// Names in the folder of snapshots: snap_000123.h5, lung.lattice_000123.hdf.
[[nodiscard]] std::string snapshot_name(std::size_t index);
[[nodiscard]] std::string wrapper_name(const SnapshotInfo::Place& place, std::string_view what, std::size_t index);

// What a snapshot is wrapped in: of each place the cells, and its grids where there are any.
[[nodiscard]] std::vector<std::pair<const SnapshotInfo::Place*, std::string_view>> wrappers_of(const SnapshotInfo& frame);

// The wrappers of one snapshot: VTKHDF made of external links.
[[nodiscard]] std::vector<FinishedFile> write_wrappers(const std::filesystem::path& run, std::size_t index,
                                                       const SnapshotInfo& frame);
// The lists of all of them, one per site and kind.
void write_lists(const std::filesystem::path& run, const std::vector<SnapshotInfo>& frames);
void write_xdmf(const std::filesystem::path& run, const std::vector<SnapshotInfo>& frames);

}  // namespace invado
