// Speed against the density of the matrix is biphasic, and its maximum moves with adhesion (Zaman 2006; biology.md 4b):
//
//     S(rho) = S_free psi(J rho/rho_ref) phi(rho),   psi = 0.2 + 0.8 * 4x/(1 + x)^2,   x = J (rho/1.7)/0.35
//     phi = clip((34/rho - 7)/23, 0, 1)
//
// which has its maximum at 1.13 mg/ml for J = 0.4 (phi = 1 up to there) and at 0.595 mg/ml for J = 1 (x = 1).
// Sensing and motility together, in uniform matrices. Tolerance: single precision of the columns, 1e-6.
// Planted mistakes seen to fail: ligand by density instead of density over rho_ref; adhesion left out of x.
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

namespace invado {
std::unique_ptr<Process> make_sensing();
}
using namespace invado;
using namespace invado::test;

namespace {

double speed(double density, double adhesion) {
  World world = box({100, 100, 100}, Boundary::Periodic);
  fill_matrix(world, density, 0);
  add_cell(world, {50, 50, 50});
  world.sites[0].cells.phenotype[+Phenotype::AdhesionMatrix][0] = static_cast<float>(adhesion);
  const auto sensing = make_sensing();
  sensing->start(world);
  const auto motility = ready(make_motility(), world, {{"motility.heterogeneity", 0}});
  motility->start(world);
  return static_cast<double>(world.sites[0].cells.speed_in_place[0]);
}

double expected(double density, double adhesion) {
  const double x = adhesion * density / 1.7 / 0.35, psi = 0.2 + 0.8 * 4 * x / ((1 + x) * (1 + x));
  return 30 * psi * std::fmin(1, std::fmax(0, (34 / density - 7) / 23));
}

}  // namespace

TEST_CASE("speed against density has a maximum that moves with adhesion") {
  for (const double adhesion : {0.4, 1.0}) {
    double best = 0, at = 0;
    for (int n = 10; n <= 600; ++n) {
      const double density = 0.01 * n, s = speed(density, adhesion);
      CHECK(s == doctest::Approx(expected(density, adhesion)).epsilon(1e-6));
      if (s > best) best = s, at = density;
    }
    CHECK(at == doctest::Approx(adhesion < 1 ? 1.13 : 0.595).epsilon(0.01));
    CHECK(speed(0.1, adhesion) < 0.8 * best);
    CHECK(speed(4.0, adhesion) < 0.2 * best);
  }
}
