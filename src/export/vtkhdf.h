// All snapshots of a run in one file of VTKHDF 2.0 with time ("Temporal data" of the VTKHDF specification), for VTK 9.3 and
// ParaView 5.12 and newer. ParaView 5.11 does not read it: the files that a run writes are for that.
#pragma once

#include <filesystem>
#include <string>

#include "io/run_folder.h"

namespace invado {

// `part`: "cells" (UnstructuredGrid of vertices), "lattice" or "fields" (ImageData, values at the centres of voxels).
// `site`: empty for the first. Returns the number of moments in it. Throws IoError 66 when there is nothing to write, 65
// when the snapshots do not go together.
std::size_t export_vtkhdf(const RunFolder& folder, const std::string& part, const std::string& site,
                          const std::filesystem::path& target);

}  // namespace invado
