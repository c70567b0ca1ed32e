// Sums over the cells of each voxel. Seen to fail: numbers of blocks not reset between builds; a thread that takes a
// voxel of the next one, or leaves out rows whose last cell is its first; named voxels forgotten where cells are many;
// blocks not sorted where they are few.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <map>
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

// By voxel: how many cells, and the sum of the squares of their ids.
using Sums = std::map<std::size_t, std::array<std::int64_t, 2>>;

void add_to(std::array<std::int64_t, 2>& sum, std::int64_t id) {
  sum[0] += 1;
  sum[1] += id * id;
}

Sums one_by_one(const Grid3& grid, const Population& cells) {
  Sums sums;
  for (std::size_t row = 0; row < cells.size(); ++row) add_to(sums[grid.voxel_of(cells.position(row))], cells.id[row]);
  return sums;
}

Sums summed(const CellVoxels& voxels, const Population& cells) {
  std::vector<std::array<std::int64_t, 2>> at(voxels.places());
  voxels.for_cells([&](std::size_t row, std::size_t place) { add_to(at[place], cells.id[row]); });
  Sums sums;
  for (std::size_t o = 0; o < voxels.occupied().size(); ++o) {
    const std::uint32_t block = voxels.occupied()[o];
    for (std::size_t lane = 0; lane < CellVoxels::lanes; ++lane) {
      const std::array<std::int64_t, 2>& sum = at[o * CellVoxels::lanes + lane];
      if (lane >= voxels.blocks().width(block)) CHECK(sum[0] == 0);  // no voxel
      if (sum[0] == 0) continue;
      const std::size_t voxel = voxels.blocks().first(block) + lane;
      CHECK(voxels.place_of(voxel) == o * CellVoxels::lanes + lane);
      sums[voxel] = sum;
    }
  }
  return sums;
}

}  // namespace

TEST_CASE("the cells of a voxel are added up, whatever rows, threads and earlier builds") {
  const int threads = omp_get_max_threads();
  for (const auto& [grid, count] : {std::pair{Grid3{{7, 5, 3}, {20, 10, 30}}, std::size_t{3000}},
                                    {Grid3{{43, 21, 30}, {20, 10, 30}}, std::size_t{9000}},
                                    {Grid3{{60, 50, 40}, {20, 10, 30}}, std::size_t{300}}}) {
    const Sums expected = one_by_one(grid, scattered(count, grid, 1));
    CellVoxels voxels;
    for (const int t : {1, 2, 3, 8}) {
      omp_set_num_threads(t);
      const Population cells = scattered(count, grid, static_cast<std::uint64_t>(t));
      voxels.build(grid, cells);
      CHECK(std::ranges::is_sorted(voxels.occupied()));
      CHECK(summed(voxels, cells) == expected);
      const Population fewer = scattered(count / 3, grid, static_cast<std::uint64_t>(t));
      voxels.build(grid, fewer);
      CHECK(summed(voxels, fewer) == one_by_one(grid, fewer));
    }
  }
  omp_set_num_threads(threads);
}

TEST_CASE("cells outside the box belong to the nearest voxel, an empty population to none") {
  const Grid3 grid{{20, 1, 1}, {10, 10, 10}};
  Population cells;
  CellVoxels voxels;
  voxels.build(grid, cells);
  CHECK(voxels.occupied().empty());
  for (const double x : {-5.0, 245.0, 200.0}) {
    const std::size_t row = append_row(cells);
    cells.id[row] = static_cast<std::int64_t>(row);
    cells.x[row] = x;
  }
  voxels.build(grid, cells);
  CHECK(summed(voxels, cells) == Sums{{0, {1, 0}}, {19, {2, 1 + 4}}});
  CHECK(voxels.occupied().size() == 2);
}

TEST_CASE("threads share voxels, and each of them takes all cells of its own") {
  const Grid3 grid{{8 * 1023, 1, 1}, {20, 10, 30}};
  Population cells;
  for (std::int64_t id = 0; id < 1023; ++id) cells.x[append_row(cells)] = 20 * (8.0 * static_cast<double>(id) + 0.5);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(2);  // the second one begins with the last cell of the first 512 rows
  CellVoxels voxels;
  voxels.build(grid, cells);
  CHECK(summed(voxels, cells).size() == 1023);
  omp_set_num_threads(threads);
}

TEST_CASE("voxels that are named count as occupied") {
  const Grid3 grid{{20, 3, 2}, {10, 10, 10}};
  for (const std::size_t count : {std::size_t{1}, std::size_t{10}}) {  // few for the blocks, and many
    Population cells;
    for (std::size_t n = 0; n < count; ++n) append_row(cells);
    for (const std::size_t step : {1, 13}) {
      std::vector<std::size_t> also;
      for (std::size_t voxel = 3; voxel < grid.size(); voxel += step) also.push_back(voxel);
      CellVoxels voxels;
      voxels.build(grid, cells, also);
      CHECK(std::ranges::is_sorted(voxels.occupied()));
      for (const std::size_t voxel : also) {
        const std::size_t place = voxels.place_of(voxel);
        REQUIRE(place < voxels.places());
        const std::uint32_t block = voxels.occupied()[place / CellVoxels::lanes];
        CHECK(voxels.blocks().first(block) + place % CellVoxels::lanes == voxel);
      }
      CHECK(voxels.place_of(0) == 0);
    }
  }
}
