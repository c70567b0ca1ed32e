// Eleven cells on a line at half a diameter relax by repulsion alone (the open benchmarks' chain): width in diameters
// against time in units of T, the time to width 9.
//
//     quadratic repulsion 10 (1 - d)^2 um/min at radius 5:  T = 88.7 +- 0.4 min;
//     widths 6.575, 7.304, 8.352, 9, 9.440, 9.611 at 0.1, 0.2, 0.5, 1, 2, 3 T  (+- 5e-3)
//
// Tolerance: the benchmark's own. Also compared with the chain's equations integrated directly (explicit Euler at our step,
// in double): 1e-4, the resolution of fixed-point contact speeds over the run (2^-20 um/min x 266 min). Planted mistakes
// seen to fail: cubic repulsion (T = 774 min, never reached); repulsion from 1.05 (R_i + R_j) on (T = 30 min).
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("chain of eleven cells") {
  World world = box({400, 100, 100}, Boundary::Closed);
  for (int i = 0; i < 11; ++i) add_cell(world, {175 + 5.0 * i, 50, 50}, 5);
  const auto mechanics = ready(make_mechanics(), world, {{"mechanics.repulsion", 10}, {"mechanics.adhesion", 0}});
  const Population& c = world.sites[0].cells;
  std::vector<double> x = c.x, v(11);
  const double dt = 0.02;
  std::vector<double> width;  // after each step, in diameters
  double largest_difference = 0;
  for (int n = 0; n < 13500; ++n) {
    advance(world, {mechanics.get()}, 1, dt);
    for (std::size_t i = 0; i < 11; ++i) {
      v[i] = 0;
      for (std::size_t j = 0; j < 11; ++j) {
        const double gap = std::fabs(x[i] - x[j]) / 10;
        if (i != j && gap < 1) v[i] += (x[i] > x[j] ? 10 : -10) * (1 - gap) * (1 - gap);
      }
    }
    for (std::size_t i = 0; i < 11; ++i) x[i] += dt * v[i];
    width.push_back((c.x[10] - c.x[0]) / 10);
    largest_difference = std::fmax(largest_difference, std::fabs(width.back() - (x[10] - x[0]) / 10));
  }
  CHECK(world.diagnostics.mechanics_substeps == 0);
  CHECK(largest_difference < 1e-4);
  std::size_t at = 0;
  while (width[at] < 9) ++at;
  const double t9 = dt * (static_cast<double>(at) + (9 - width[at - 1]) / (width[at] - width[at - 1]));
  MESSAGE("T ", t9, " min");
  CHECK(std::fabs(t9 - 88.7) < 0.4);
  const double share[] = {0.1, 0.2, 0.5, 1, 2, 3}, expected[] = {6.575, 7.304, 8.352, 9, 9.440, 9.611};
  for (int k = 0; k < 6; ++k) {
    const double w = width[static_cast<std::size_t>(share[k] * t9 / dt + 0.5) - 1];
    MESSAGE("width at ", share[k], " T: ", w);
    CHECK(std::fabs(w - expected[k]) < 5e-3);
  }
}
