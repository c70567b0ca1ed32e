// The data of one moment as HDF5: what of the World is in a snapshot, under which names (layout: design.md, section 6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "io/hdf5.h"
#include "io/snapshot.h"
#include "model/world.h"

namespace invado {

inline constexpr std::string_view snapshot_format = "invado snapshot";

// Equal worlds give equal bytes, in any order of rows.
void write_snapshot_data(hdf5::Writer& file, const World& world, const SnapshotOptions& options, const std::string& digest);

// Size of the data before compression [bytes].
[[nodiscard]] std::uint64_t predicted_snapshot_bytes(const World& world);

// VTK's image reader drops axes that are one point thick, and the one of ParaView 5.11 writes beyond its own memory when it
// does. A grid that is one voxel thick in y or z is shown to it by the two faces of that layer: copies with the layer twice.
[[nodiscard]] inline bool shown_by_faces(std::int64_t voxels) { return voxels == 1; }

}  // namespace invado
