// Matrix and factors of one moment as pictures in three dimensions: VTI (VTK, ParaView, ITK, PyVista) and NRRD (Fiji, 3D
// Slicer, ITK, pynrrd). Values belong to the centres of voxels; x runs fastest.
#pragma once

#include <string>

#include "export/source.h"

namespace invado {

// All arrays of a grid: `kind` is "lattice" or "fields".
[[nodiscard]] std::string vti_image(const SnapshotFile& snapshot, const SnapshotInfo::Place& place, const std::string& kind);
// One array of it, which is there.
[[nodiscard]] std::string nrrd_image(const SnapshotFile& snapshot, const SnapshotInfo::Place& place, const std::string& kind,
                                     const std::string& array);

}  // namespace invado
