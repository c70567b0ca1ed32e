// Cells sorted into voxels. Seen to fail: no sort by id within a voxel; counts not reset between builds.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "model/cell_voxels.h"
#include "model/columns.h"

using namespace invado;

namespace {

Population scattered(std::size_t n, const Grid3& grid, std::uint64_t shuffle) {
  std::vector<std::int64_t> ids(n);
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  std::ranges::sort(ids, {}, [&](std::int64_t id) { return words4(Seed{shuffle}, 0, Purpose::Placement, id).w0; });
  Population cells;
  for (const std::int64_t id : ids) {
    const std::size_t row = append_row(cells);
    const auto u = uniform4(Seed{7}, 0, Purpose::Placement, id);
    cells.id[row] = id;
    cells.x[row] = u[0] * grid.shape[0] * grid.spacing.x;
    cells.y[row] = u[1] * grid.shape[1] * grid.spacing.y;
    cells.z[row] = u[2] * grid.shape[2] * grid.spacing.z;
  }
  return cells;
}

// (voxel, id) in the order of the sort.
std::vector<std::pair<std::size_t, std::int64_t>> listed(const CellVoxels& voxels, const Population& cells) {
  std::vector<std::pair<std::size_t, std::int64_t>> list;
  for (std::size_t o = 0; o < voxels.occupied().size(); ++o)
    for (const std::uint32_t row : voxels.rows(o)) list.emplace_back(voxels.occupied()[o], cells.id[row]);
  return list;
}

}  // namespace

TEST_CASE("cells are listed by voxel and id, whatever rows, threads and earlier builds") {
  const Grid3 grid{{7, 5, 3}, {20, 10, 30}};
  const Population cells = scattered(3000, grid, 1);
  CellVoxels voxels;
  voxels.build(grid, cells);
  const auto list = listed(voxels, cells);
  CHECK(list.size() == cells.size());
  CHECK(std::ranges::is_sorted(list));
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const auto rows = voxels.rows_in(grid.voxel_of(cells.position(row)));
    CHECK(std::ranges::find(rows, row) != rows.end());
  }

  const int threads = omp_get_max_threads();
  for (const int t : {1, 2, 3, 8}) {
    omp_set_num_threads(t);
    const Population other = scattered(3000, grid, static_cast<std::uint64_t>(t) + 1);
    voxels.build(grid, other);
    CHECK(listed(voxels, other) == list);
  }
  omp_set_num_threads(threads);
}

TEST_CASE("cells outside the box belong to the nearest voxel, an empty population to none") {
  const Grid3 grid{{4, 1, 1}, {10, 10, 10}};
  Population cells;
  CellVoxels voxels;
  voxels.build(grid, cells);
  CHECK(voxels.occupied().empty());
  for (const double x : {-5.0, 45.0, 40.0}) {
    const std::size_t row = append_row(cells);
    cells.id[row] = static_cast<std::int64_t>(row);
    cells.x[row] = x;
  }
  voxels.build(grid, cells);
  REQUIRE(voxels.occupied().size() == 2);
  CHECK(voxels.rows_in(0).size() == 1);
  CHECK(voxels.rows_in(3).size() == 2);
  CHECK(voxels.rows_in(2).empty());
}
