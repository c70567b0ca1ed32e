// Persistent walkers in a closed box stay uniform: a wall mirrors position and walk vector, so each path is the folded image
// of a free path, whose wrapped density is uniform. Walls that only stop cells collect them for a persistence time.
// Tolerance: chi^2 of 5 x 5 x 5 equal boxes, 124 degrees of freedom, z = (chi^2 - 124)/sqrt(248); |z| < 4.5. Persistence
// length S P = 50 um in a box of 100 um: strongly ballistic. Planted mistakes seen to fail: walk vector not mirrored (z =
// 1208); cells stopped at the wall (z = 1254).
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("no build-up at the walls") {
  World world = box({100, 100, 100}, Boundary::Closed, false, 41);
  const int cells = 20000;
  for (std::int64_t i = 0; i < cells; ++i) {
    const auto r = uniform4(Seed{41}, 0, Purpose::Placement, i);
    add_cell(world, {100 * r[0], 100 * r[1], 100 * r[2]}, 0.5);
  }
  const auto motility = ready(make_motility(), world, {{"motility.fixed.speed", 1}, {"motility.fixed.persistence", 50}});
  const auto mechanics = ready(make_mechanics(), world, {}, {{"contacts", 0}});
  motility->start(world);
  mechanics->start(world);
  advance(world, {motility.get(), mechanics.get()}, 60, 5);
  std::vector<int> count(125, 0);
  const Population& c = world.sites[0].cells;
  const auto cut = [](double x) { return static_cast<std::size_t>(std::fmin(4, x / 20)); };
  for (std::size_t i = 0; i < c.size(); ++i) ++count[(cut(c.z[i]) * 5 + cut(c.y[i])) * 5 + cut(c.x[i])];
  const double expected = cells / 125.0;
  double chi2 = 0;
  for (const int n : count) chi2 += (n - expected) * (n - expected) / expected;
  const double z = (chi2 - 124) / std::sqrt(248.0);
  MESSAGE("chi^2 ", chi2, " z ", z);
  CHECK(std::fabs(z) < 4.5);
}
