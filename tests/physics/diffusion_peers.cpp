// Two problems that other programs have published numbers for: 3 x 3 x 3 voxels of 20 um, the 26 outer voxels held at B, the
// centre at 0, D = 2000 um^2/min.
// D1  a sink of 20 per minute in the centre: steady centre = B - S h^2/(6 D) = 9.333333 for B = 10 (BioDynaMo 9.33333).
//     Tolerance 1e-6. The outer voxels are held by a loss of 1e9 per minute towards B: 1e-8 off.
// D2  no sink, B = 6022, LOD with step 0.01 min, the outer voxels set back to B after each sweep:
//     c <- B (1 - g^3) + g^3 c,  g = 1/(1 + 2r/(1 + r)), r = D dt/h^2: 5628.916773 at 0.1 min, 5996.341677 at 0.2 min
//     (PhysiCell's archived run). Tolerance 1e-6, the digits given. Without setting back between the sweeps, and for dt to
//     0: first order towards B (1 - exp(-30 t)).
// Seen to fail: D1 coupling between voxels doubled; D2 half the step (1050 too low, order 0).
#include <doctest/doctest.h>

#include <cmath>

#include "transport/lod_step.h"
#include "transport/steady.h"

using namespace invado;

namespace {

constexpr double D = 2000, h = 20;
constexpr std::size_t centre = 13;

Diffusion cube() {
  Diffusion d;
  d.grid = {{3, 3, 3}, {h, h, h}};
  d.coefficient = D;
  return d;
}

void hold(std::vector<double>& c, double value) {
  for (std::size_t v = 0; v < c.size(); ++v)
    if (v != centre) c[v] = value;
}

double centre_at(double time_min, double dt_min) {
  constexpr double B = 6022;
  const Diffusion d = cube();
  std::vector<double> c(27, 0.0);
  hold(c, B);
  LodStep step;
  step.prepare(d, dt_min);
  const int steps = static_cast<int>(std::lround(time_min / dt_min));
  for (int s = 0; s < steps; ++s)
    for (const int axis : {0, 1, 2}) {
      step.sweep(axis, c);
      hold(c, B);
    }
  return c[centre];
}

}  // namespace

TEST_CASE("D1: a sink in the centre of a held cube") {
  const Diffusion d = cube();
  std::vector<double> c(27, 10.0), loss(27, 1e9), source(27, 1e10);
  loss[centre] = 0;
  source[centre] = -20;
  SteadySolver solver;
  const SteadyResult result = solver.solve(d, loss, source, 1e-13, c);
  CHECK(result.residual <= 1e-12);
  CHECK(std::fabs(c[centre] - 28.0 / 3) < 1e-6);
}

TEST_CASE("D2: filling from a held shell, to the digits of the archived run, and first order to the exponential") {
  CHECK(std::fabs(centre_at(0.1, 0.01) - 5628.916773) < 1e-6);
  CHECK(std::fabs(centre_at(0.2, 0.01) - 5996.341677) < 1e-6);
  const double exact = 6022 * (1 - std::exp(-3.0));
  const double coarse = centre_at(0.1, 0.0005) - exact, fine = centre_at(0.1, 0.00025) - exact;
  CHECK(std::log2(coarse / fine) == doctest::Approx(1.0).epsilon(0.05));
}
