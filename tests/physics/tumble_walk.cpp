// Run and tumble (the open benchmarks' biased walk): new direction norm((1 - b) xi + b e) at rate 1/P, unit speed S.
//
//     b = 0:         MSD(t) = 2 S^2 P [t - P (1 - exp(-t/P))]
//     plane, b = 1/2: the new direction lies at half the angle of xi, so <cos> = 2/pi and <x> = S t 2/pi at any P,
//                    Var x = S^2 (1/2 - 4/pi^2) 2 P^2 [t/P - 1 + exp(-t/P)]
// at steps shorter and longer than P.
// Tolerance: drift by its analytic variance, MSD by the sample's standard error over 20 000 cells; |z| < 4.5.
// Planted mistakes seen to fail: at most one tumble per step (z = 106 at dt = 3 P); directions norm(xi + 0.9 b e) instead of
// norm((1 - b) xi + b e) (z = -175 and beyond).
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

namespace {

struct Moved {
  std::vector<Vec3> by;
};

Moved walk(double persistence, double bias, double dt, int steps, bool planar, int cells) {
  World world = box({1000, 1000, 20}, Boundary::Closed, planar, 21);
  for (int i = 0; i < cells; ++i) add_cell(world, {500, 500, 10});
  const auto motility = ready(make_motility(), world,
                              {{"motility.turning", 1},
                               {"motility.fixed.speed", 2},
                               {"motility.fixed.persistence", persistence},
                               {"motility.bias.strength", bias}});
  motility->start(world);
  const Population& c = world.sites[0].cells;
  Moved moved{std::vector<Vec3>(c.size())};
  for (int n = 0; n < steps; ++n) {
    advance(world, {motility.get()}, 1, dt);
    for (std::size_t i = 0; i < c.size(); ++i) moved.by[i] += {c.step_x[i], c.step_y[i], c.step_z[i]};
  }
  return moved;
}

}  // namespace

TEST_CASE("unbiased: Fuerth at steps of P/10 and 3 P") {
  const double persistence = 10;
  for (const bool planar : {false, true})
    for (const double step : {0.1, 3.0}) {
      const int steps = step < 1 ? 30 : 2;
      const Moved moved = walk(persistence, 0, step * persistence, steps, planar, 20000);
      double sum = 0, squares = 0;
      for (const Vec3 d : moved.by) sum += dot(d, d), squares += dot(d, d) * dot(d, d);
      const auto n = static_cast<double>(moved.by.size());
      const double mean = sum / n, error = std::sqrt((squares / n - mean * mean) / n);
      const double t = step * steps, expected = 2 * 4 * persistence * persistence * (t - (1 - std::exp(-t)));
      MESSAGE("z of MSD ", (mean - expected) / error);
      CHECK(std::fabs(mean - expected) < 4.5 * error);
      CHECK(mean == doctest::Approx(expected).epsilon(0.05));
    }
}

TEST_CASE("biased in the plane: drift S 2/pi") {
  const double pi = 3.14159265358979323846;
  for (const double persistence : {0.0, 1.0, 30.0}) {
    const int cells = 10000, steps = 40;
    const double dt = 1.5, t = dt * steps;
    const Moved moved = walk(persistence, 0.5, dt, steps, true, cells);
    double x = 0, y = 0;
    for (const Vec3 d : moved.by) x += d.x / cells, y += d.y / cells;
    const double p = std::max(persistence, dt / 32), s = t / p;
    const double spread = 2 * p * std::sqrt(2 * (s - 1 + std::exp(-s)) / cells);
    const double z_x = (x - 2 * t * 2 / pi) / (spread * std::sqrt(0.5 - 4 / (pi * pi)));
    const double z_y = y / (spread * std::sqrt(0.5));
    MESSAGE("P ", persistence, ": z of drift ", z_x, ", across ", z_y);
    CHECK(std::fabs(z_x) < 4.5);
    CHECK(std::fabs(z_y) < 4.5);
  }
}
