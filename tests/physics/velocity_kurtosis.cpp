// Velocities of single cells are Gaussian, of a population nearly exponential, because cells differ (Wu 2014 PNAS 111:3949):
// one component is s u with u normal and s lognormal of mean 1 and coefficient of variation c, hence
//
//     kurtosis = 3 E[s^4]/E[s^2]^2 = 3 (1 + c^2)^4:   3 at 0;  3.51 at 0.2;  5.92 at 0.43 (two-sided exponential: 6)
//
// Tolerance: the standard error over 20 batches of 5000 cells: |z| < 4.5.
// Planted mistakes seen to fail: PLANTED.
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("kurtosis of the velocity comes from differences between cells") {
  for (const double c : {0.0, 0.2, 0.43}) {
    constexpr int batches = 20, cells = 5000;
    World world = box({1000, 1000, 1000}, Boundary::Periodic, false, 2014);
    for (int i = 0; i < batches * cells; ++i) add_cell(world, {500, 500, 500});
    const auto motility = ready(make_motility(), world, {{"motility.heterogeneity", c}});
    motility->start(world);
    advance(world, {motility.get()}, 1, 0.5);
    const Population& all = world.sites[0].cells;
    double sum = 0, squares = 0;
    for (int b = 0; b < batches; ++b) {
      double m2 = 0, m4 = 0;
      for (int i = b * cells; i < (b + 1) * cells; ++i) {
        const double v = all.step_x[static_cast<std::size_t>(i)];
        m2 += v * v;
        m4 += v * v * v * v;
      }
      const double kurtosis = cells * m4 / (m2 * m2);
      sum += kurtosis;
      squares += kurtosis * kurtosis;
    }
    const double mean = sum / batches, error = std::sqrt((squares / batches - mean * mean) / (batches - 1));
    const double expected = 3 * std::pow(1 + c * c, 4);
    MESSAGE("c ", c, ": kurtosis ", mean, " +- ", error, ", expected ", expected);
    CHECK(std::fabs(mean - expected) < 4.5 * error);
    CHECK(error < 0.2);
  }
}
