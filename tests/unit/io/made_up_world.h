// Worlds of known content for the tests of files: every value is a formula of id or voxel that a reader can check.
// tests/paraview and snapshot_test.py repeat these formulas.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "model/columns.h"
#include "model/world.h"

namespace invado::test {

struct MadeUp {
  std::size_t cells = 40;
  std::array<int, 3> matrix_shape{7, 5, 3};
  Vec3 matrix_spacing{10, 20, 5};
  bool matrix = true, fields = true, wells = false;
  std::int64_t tick = 0;  // 6 min each
};

// Cell `id` sits at (10 + id, 20 + 2 id + step, 3 + 0.1 id), pakt = id / 100, runx2_activity = id / 200, ...
// Voxel (i, j, k): density 1 + 0.1 i + 0.01 j + 0.001 k; fibres along x with alignment 0.5; field egf = i + 10 j + 100 k.
inline World made_up_world(const MadeUp& spec) {
  World world;
  world.seed = Seed{18446744073709551557ull};  // above 2^63: must survive as unsigned
  world.clock = {360000000, spec.tick};
  world.wells = spec.wells;
  world.types = {{.name = "sts"}, {.name = "fibroblast"}};
  world.sites.resize(1);
  Site& site = world.sites[0];
  site.domain.size = spec.wells ? Vec3{} : Vec3{70, 100, 15};
  Population& cells = site.cells;
  for (std::size_t n = 0; n < spec.cells; ++n) {
    const std::size_t row = append_row(cells);
    const auto id = static_cast<double>(n);
    cells.id[row] = static_cast<std::int64_t>(n);
    cells.parent[row] = n < 30 ? -1 : static_cast<std::int64_t>(n) - 30;
    cells.founder[row] = static_cast<std::int64_t>(n) % 30;
    cells.type[row] = n % 4 == 3 ? 1 : 0;
    if (!spec.wells) {
      cells.x[row] = 10 + id;
      cells.y[row] = 20 + 2 * id + static_cast<double>(spec.tick);
      cells.z[row] = 3 + 0.1 * id;
    }
    cells.vx[row] = 0.5f;
    cells.vy[row] = -0.25f;
    cells.radius[row] = 8 + 0.01 * id;
    cells.neighbours[row] = static_cast<std::int32_t>(n % 7);
    cells.born_min[row] = 0;
    cells.detached_min[row] = 30;
    cells.pressure[row] = 0.75f;
    for (std::size_t s = 0; s < state_count; ++s) cells.state[s][row] = id / 100 + static_cast<double>(s);
    for (std::size_t d = 0; d < derived_count; ++d)
      cells.derived[d][row] = static_cast<float>(id / 200 + static_cast<double>(d));
    for (std::size_t p = 0; p < phenotype_count; ++p)
      cells.phenotype[p][row] = static_cast<float>(id / 400 + static_cast<double>(p));
    cells.speed_in_place[row] = 12.5f;
  }
  world.next_id = static_cast<std::int64_t>(spec.cells);
  site.ledger.founders = std::min<std::int64_t>(30, world.next_id);
  site.ledger.births = world.next_id - site.ledger.founders;
  const auto voxels_of = [](const Grid3& grid, auto&& visit) {
    for (int k = 0; k < grid.shape[2]; ++k)
      for (int j = 0; j < grid.shape[1]; ++j)
        for (int i = 0; i < grid.shape[0]; ++i) visit(i, j, k, grid.index(i, j, k));
  };
  if (spec.matrix) {
    Matrix& m = site.matrix;
    m.grid = {spec.matrix_shape, spec.matrix_spacing};
    const std::size_t n = m.grid.size();
    m.density.resize(n);
    m.crosslinking.assign(n, 1.0f);
    m.tissue.assign(n, static_cast<std::uint8_t>(Tissue::Stroma));
    voxels_of(m.grid, [&](int i, int j, int k, std::size_t v) { m.density[v] = 1 + 0.1 * i + 0.01 * j + 0.001 * k; });
    m.density_start = m.density;
    // Alignment s along x: lambda_1 = (1 + 2 s) / 3, the others (1 - s) / 3; s = 0.5.
    m.fibre.assign(n, {2.0f / 3, 1.0f / 6, 1.0f / 6, 0, 0, 0});
  }
  if (spec.fields) {
    site.factor_grid = {{4, 3, 2}, {17.5, 100.0 / 3, 7.5}};
    for (const char* name : {"egf", "oxygen"}) {
      Field field;
      field.name = name;
      field.is_pressure = field.name == "oxygen";
      field.value.assign(site.factor_grid.size(), 38.0);
      if (!field.is_pressure)
        voxels_of(site.factor_grid, [&](int i, int j, int k, std::size_t v) { field.value[v] = i + 10 * j + 100 * k; });
      site.fields.push_back(std::move(field));
    }
  }
  return world;
}

// The same world with its rows in another order.
inline World shuffled(World world) {
  for (Site& site : world.sites)
    for_each_column(site.cells, [](const ColumnInfo&, auto& column) {
      std::ranges::reverse(column);
      if (column.size() > 5) std::swap(column[1], column[5]);
    });
  return world;
}

// A new empty folder, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "invado_test_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace invado::test
