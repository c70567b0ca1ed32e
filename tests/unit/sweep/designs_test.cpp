// Where the points of a sweep lie, and the seeds of its runs.
// Planted and seen to fail: strata of a Latin hypercube drawn independently; the place inside a stratum not divided by their
// number; Sobol's recursion without the inner coefficients; points not in the order of the Gray code; the replicate left out
// of the seed; seeds of 64 bits.
#include "sweep/designs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

using namespace invado;

TEST_CASE("a Latin hypercube has exactly one point in each stratum of each axis") {
  for (const std::size_t n : {1u, 2u, 7u, 100u, 4096u}) {
    const UnitPoints points = latin_hypercube(n, 3, {17});
    REQUIRE(points.size() == n);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::vector<int> count(n, 0);
      for (const auto& point : points) ++count.at(static_cast<std::size_t>(point[axis] * static_cast<double>(n)));
      CHECK(std::ranges::all_of(count, [](int c) { return c == 1; }));
    }
  }
}

TEST_CASE("a Latin hypercube is its seed's, its axes are paired at random, its points are not at the centres") {
  const std::size_t n = 2000;
  const UnitPoints points = latin_hypercube(n, 2, {17});
  CHECK(points == latin_hypercube(n, 2, {17}));
  CHECK(points != latin_hypercube(n, 2, {18}));
  double product = 0, inside = 0;
  for (const auto& point : points) {
    product += (point[0] - 0.5) * (point[1] - 0.5);
    const double place = point[0] * n;
    inside += place - static_cast<double>(static_cast<int>(place));
  }
  // Correlation of n independent pairs: sd 1/sqrt(n) = 0.022; mean of n uniforms: sd sqrt(1/12n) = 0.0065. 4.5 sd.
  CHECK(std::abs(product / n * 12) < 4.5 * 0.0224);
  CHECK(std::abs(inside / n - 0.5) < 4.5 * 0.0065);
}

TEST_CASE("the first points of the Sobol sequence are those of Joe and Kuo") {
  // Axes 1 to 8, points 0 to 7, and point 1000 on axes 1 to 31, as the table new-joe-kuo-6.21201 gives them (also
  // scipy.stats.qmc.Sobol(d, scramble=False), which reads that table).
  const std::array<std::array<double, 8>, 8> first{{{0, 0, 0, 0, 0, 0, 0, 0},
                                                    {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5},
                                                    {0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75},
                                                    {0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25},
                                                    {0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375, 0.875},
                                                    {0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375},
                                                    {0.625, 0.125, 0.875, 0.625, 0.625, 0.875, 0.125, 0.125},
                                                    {0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625}}};
  const UnitPoints eight = sobol(8, 8, 0);
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t axis = 0; axis < 8; ++axis) CHECK(eight[i][axis] == first[i][axis]);
  const std::array<double, 31> later{
      0.2197265625, 0.0966796875, 0.5185546875, 0.6767578125, 0.2802734375, 0.9072265625, 0.0458984375, 0.8994140625,
      0.5009765625, 0.0693359375, 0.0849609375, 0.2548828125, 0.1611328125, 0.3837890625, 0.1435546875, 0.3701171875,
      0.7197265625, 0.3447265625, 0.9912109375, 0.7255859375, 0.5224609375, 0.5498046875, 0.9501953125, 0.5400390625,
      0.5830078125, 0.9072265625, 0.0400390625, 0.9794921875, 0.0595703125, 0.3408203125, 0.1474609375};
  const UnitPoints one = sobol(1, 31, 1000);
  for (std::size_t axis = 0; axis < 31; ++axis) CHECK(one[0][axis] == later[axis]);
}

TEST_CASE("every axis of the first 2^k Sobol points has one point in each of 2^k intervals") {
  const UnitPoints points = sobol(1024, most_sobol_axes, 0);
  for (std::size_t axis = 0; axis < most_sobol_axes; ++axis) {
    std::set<int> cells;
    for (const auto& point : points) cells.insert(static_cast<int>(point[axis] * 1024));
    CHECK(cells.size() == 1024);
  }
}

TEST_CASE("Morris trajectories move every axis once, by half the levels, and begin anywhere on the grid") {
  const std::size_t axes = 3, levels = 6, trajectories = 400;
  const UnitPoints points = morris_trajectories(trajectories, levels, axes, {5});
  REQUIRE(points.size() == trajectories * (axes + 1));
  CHECK(points == morris_trajectories(trajectories, levels, axes, {5}));
  CHECK(points != morris_trajectories(trajectories, levels, axes, {6}));
  const double jump = 3.0 / 5;
  std::array<std::array<int, 6>, 3> begins{};
  std::array<int, 3> ups{}, first{};
  for (std::size_t t = 0; t < trajectories; ++t) {
    std::set<std::size_t> moved;
    for (std::size_t step = 0; step < axes; ++step) {
      const auto &a = points[t * 4 + step], &b = points[t * 4 + step + 1];
      for (std::size_t axis = 0; axis < axes; ++axis) {
        if (a[axis] == b[axis]) continue;
        CHECK(std::abs(std::abs(b[axis] - a[axis]) - jump) < 1e-15);
        CHECK(moved.insert(axis).second);
        if (b[axis] > a[axis]) ++ups[axis];
        if (step == 0) ++first[axis];
      }
    }
    CHECK(moved.size() == axes);
    for (std::size_t axis = 0; axis < axes; ++axis)
      ++begins[axis].at(static_cast<std::size_t>(points[t * 4][axis] * 5 + 0.5));
  }
  // Binomial: 400 draws with p = 1/2 (ups), 1/3 (first), 1/6 (levels): 4.5 standard deviations.
  for (std::size_t axis = 0; axis < axes; ++axis) {
    CHECK(std::abs(ups[axis] - 200) < 4.5 * 10);
    CHECK(std::abs(first[axis] - 133.3) < 4.5 * 9.5);
    for (const int n : begins[axis]) CHECK(std::abs(n - 66.7) < 4.5 * 7.5);
  }
}

TEST_CASE("Saltelli blocks: A, A with one axis of B, B with one axis of A, B; A and B differ and fill the cube") {
  const UnitPoints points = saltelli(64, 2, 64, true), both = sobol(64, 4, 64);
  REQUIRE(points.size() == 64 * 6);
  std::array<std::set<int>, 4> cells;
  for (std::size_t block = 0; block < 64; ++block) {
    const std::vector<double>*p = &points[block * 6], &s = both[block];
    CHECK(p[0] == std::vector<double>{s[0], s[1]});
    CHECK(p[1] == std::vector<double>{s[2], s[1]});
    CHECK(p[2] == std::vector<double>{s[0], s[3]});
    CHECK(p[3] == std::vector<double>{s[0], s[3]});
    CHECK(p[4] == std::vector<double>{s[2], s[1]});
    CHECK(p[5] == std::vector<double>{s[2], s[3]});
    CHECK(s[0] != s[2]);
    CHECK(s[1] != s[3]);
    for (std::size_t axis = 0; axis < 4; ++axis) cells[axis].insert(static_cast<int>(s[axis] * 64));
  }
  for (const auto& cell : cells) CHECK(cell.size() == 64);  // 64 points from 64 on: one in each of 64 intervals
  CHECK(saltelli(64, 2, 64, false).size() == 64 * 4);
}

TEST_CASE("all combinations, the last axis fastest") {
  const std::array<std::size_t, 2> levels{2, 3};
  const std::vector<std::vector<std::size_t>> wanted{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}};
  CHECK(all_combinations(levels) == wanted);
}

TEST_CASE("seeds of runs are distinct, fit a scenario, and are common where they shall be") {
  std::set<std::uint64_t> seeds;
  for (const std::uint64_t master : {1u, 2u})
    for (std::uint64_t point = 0; point < 100; ++point)
      for (std::uint32_t replicate = 0; replicate < 20; ++replicate)
        seeds.insert(run_seed(master, point * 0x9E3779B97F4A7C15u, replicate, false));
  CHECK(seeds.size() == 2 * 100 * 20);
  CHECK(*seeds.rbegin() < std::uint64_t{1} << 63);
  CHECK(run_seed(1, 5, 3, true) == run_seed(1, 6, 3, true));
  CHECK(run_seed(1, 5, 3, true) != run_seed(1, 5, 4, true));
}
