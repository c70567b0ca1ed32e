// Snapshots read back: what reports and pictures show of a moment.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/vec3.h"
#include "io/snapshot.h"

namespace invado {

// The cells of one site.
struct CellsAt {
  double time_h = 0;
  std::string site;  // empty when there is only one
  std::vector<std::string> type_names;
  std::vector<int> type;
  std::vector<Vec3> position;  // [um]
  std::vector<double> radius;  // [um]
  struct Column {
    std::string name, unit, long_name;
    std::vector<double> values;
  };
  std::vector<Column> columns;

  [[nodiscard]] std::size_t size() const { return type.size(); }
  [[nodiscard]] const Column* find(std::string_view name) const;
};

// `wanted`: columns of one number per cell; those that the snapshot does not have are left out. 65 when something that every
// snapshot has is missing or of another length.
[[nodiscard]] CellsAt read_cells(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place,
                                 std::span<const std::string> wanted);

// One of the columns of one number per cell, without the rest of the cells; empty when the snapshot does not have it.
[[nodiscard]] std::vector<double> read_column(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place,
                                              const std::string& name);

// What has happened in a site on the way of cells to others, by weight and in the order of model/cascade.h; empty when there
// is only one site.
[[nodiscard]] std::vector<double> read_stages(const std::filesystem::path& file, const SnapshotInfo& info,
                                              std::size_t place);

// Values on the grid of the matrix; `values` is empty when the snapshot does not have them.
struct LatticeAt {
  Vec3 origin, spacing;                        // centre of voxel 0 [um]
  std::array<std::int64_t, 3> shape{0, 0, 0};  // voxels along x, y, z
  std::vector<float> values;                   // x fastest; vectors: three to a voxel
};
[[nodiscard]] LatticeAt read_lattice(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place,
                                     const std::string& array);

}  // namespace invado
