// Persistent walk: Fuerth's mean square displacement and the velocity's autocorrelation,
//
//     MSD(t) = 2 S^2 P [t - P (1 - exp(-t/P))],      <u(0) u(t)> = exp(-t/P),      <u^2> = 1
//
// (Fuerth 1920 Z. Phys. 2:244), in space and in the plane, at steps from 1/50 to 5 persistence times: the law of a step is
// exact, so the step must not show.
// Tolerance: every axis of a displacement is Gaussian, so r^2 has variance 2 MSD^2 / axes, and z of the mean over N cells is
// (mean/MSD - 1) / sqrt(2/(axes N)); u(0) u(t) has variance (1 + exp(-2t/P)) / axes. |z| < 4.5.
// Planted mistakes seen to fail (largest |z|): displacement as dt times the old u (435, at dt = 5 P); kick of the
// displacement independent of that of u (-78); P 5 % long (9.4); 1/3 per axis in the plane too (-66).
// The -3.6 of the first case is chance: over 40 other seeds z had mean 0.0 and standard deviation 1.1.
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("mean square displacement and velocity autocorrelation at any step") {
  const double speed = 0.5, persistence = 15;  // [um/min], [min]
  struct Sampling {
    double step;  // [P]
    int steps;
    int cells;
  };
  std::uint64_t seed = 20;
  for (const bool planar : {false, true})
    for (const Sampling s :
         {Sampling{0.02, 150, 8000}, Sampling{0.3, 10, 20000}, Sampling{1, 4, 40000}, Sampling{5, 2, 40000}}) {
      World world = box({1000, 1000, planar ? 20 : 1000.0}, Boundary::Closed, planar, seed++);
      for (int i = 0; i < s.cells; ++i) add_cell(world, {500, 500, 10});
      const auto motility =
          ready(make_motility(), world, {{"motility.fixed.speed", speed}, {"motility.fixed.persistence", persistence}});
      motility->start(world);
      Population& c = world.sites[0].cells;
      std::vector<Vec3> start(c.size()), moved(c.size());
      for (std::size_t i = 0; i < c.size(); ++i) start[i] = {c.ux[i], c.uy[i], c.uz[i]};
      for (int n = 0; n < s.steps; ++n) {
        advance(world, {motility.get()}, 1, s.step * persistence);
        for (std::size_t i = 0; i < c.size(); ++i) moved[i] += {c.step_x[i], c.step_y[i], c.step_z[i]};
      }
      double msd = 0, correlation = 0, square = 0;
      for (std::size_t i = 0; i < c.size(); ++i) {
        const Vec3 u{c.ux[i], c.uy[i], c.uz[i]};
        msd += dot(moved[i], moved[i]);
        correlation += dot(start[i], u);
        square += dot(u, u);
      }
      const auto cells = static_cast<double>(c.size());
      const double t = s.step * s.steps, decay = std::exp(-t), axes = planar ? 2 : 3;  // t in units of P
      const double expected = 2 * speed * speed * persistence * persistence * (t - (1 - decay));
      const double z_msd = (msd / cells / expected - 1) / std::sqrt(2 / (axes * cells));
      const double z_correlation = (correlation / cells - decay) / std::sqrt((1 + decay * decay) / (axes * cells));
      const double z_square = (square / cells - 1) / std::sqrt(2 / (axes * cells));
      INFO("dt/P ", s.step, planar ? " plane" : " space");
      MESSAGE("z of MSD ", z_msd, ", of correlation ", z_correlation, ", of <u^2> ", z_square);
      CHECK(std::fabs(z_msd) < 4.5);
      CHECK(std::fabs(z_correlation) < 4.5);
      CHECK(std::fabs(z_square) < 4.5);
    }
}
