// What a lone cell leaves behind (biology.md 4b). It is dragged along x through 1.7 mg/ml at 20 um/h for 12 h.
//   surface protease  a track of about the cell's own width: a voxel (10 um) is eaten when its box comes within R + 2 = 10.4
//   um
//                     of the centre, so across the path nothing is touched beyond 10.4 + 10 um, and half of the loss lies
//                     within 20..30 um (diameter). The opened width (loss above half of the deepest) is 20..30 um.
//   soluble protease  a halo: at rest a point source is m = S/(4 pi D r) exp(-r/l), l = sqrt(D/k) = 141 um. Here the source
//                     moves and the walls mirror: m = int S exp(-k s) g(x) g(y) g(z) ds over the past, g the mirrored
//                     Gaussians, and the loss follows from the time integral of m. Tolerance: the grid's Green function is
//                     (h/r)^2/8 off: 3 % at 40 um (2 voxels), below 1 % from 80 um, and 2 % for steps of 2 min, in which the
//                     release is one voxel wide. Seen 3.9, 2.3, 1.9 % at 40, 80, 140 um.
//   realignment       Q at the path tends to the direction of movement, isotropic 40 um aside.
// Seen to fail: reach R + 20 (track too wide); distance to the centre of a voxel instead of its box (too narrow); D x 1.2 (9
// % at 40 um); decay x 0.8 (7..11 %) or left out (26..65 %); k_s x 1.1 (14..12 %); half the step in the solver; velocity not
// normalised in vv^T (alignment 0.35 instead of 0.50).
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "field_world.h"

namespace invado {
std::unique_ptr<Process> make_transport();
std::unique_ptr<Process> make_proteolysis();
std::unique_ptr<Process> make_realignment();
}  // namespace invado
using namespace invado;

namespace {

constexpr double speed = 20.0 / 60, dt = 2;  // um/min, min

World dragged(bool soluble, bool surface) {
  const Vec3 places[] = {{180, 305, 305}};
  World world = field_world("mmp", {30, 30, 30}, 20, dt, places);
  add_matrix(world, 10, 1.7);
  Site& site = world.sites[0];
  site.fields[0].diffusion = 60;
  site.fields[0].decay = 0.003;
  site.cells.phenotype[+Phenotype::MmpSecretion][0] = 0.75F;
  site.cells.vx[0] = static_cast<float>(speed);
  const auto transport = make_transport(), proteolysis = make_proteolysis(), realignment = make_realignment();
  transport->resize_types(1);
  realignment->resize_types(1);
  describe_with(*proteolysis,
                {{"surface_rate", surface ? 4.0 : 0.0}, {"soluble_rate", soluble ? 0.002 : 0.0}, {"relevance", 0.0}});
  transport->configure(world);
  transport->start(world);
  for (int step = 0; step < 360; ++step) {
    tick_once(world, {transport.get(), proteolysis.get(), realignment.get()});
    site.cells.x[0] += speed * dt;
  }
  return world;
}

// Density lost at the middle of the path, offset by dy voxels across.
double loss(const World& world, int dy) {
  const Matrix& m = world.sites[0].matrix;
  const std::size_t v = m.grid.index(30, 30 + dy, 30);
  return m.density_start[v] - m.density[v];
}

}  // namespace

TEST_CASE("a surface protease cell leaves a track of its own width, with aligned fibres") {
  const World world = dragged(false, true);
  double total = 0, width = 0;
  for (int dy = -25; dy <= 25; ++dy) {
    total += loss(world, dy);
    if (loss(world, dy) > 0.5 * loss(world, 0)) width += 10;
  }
  CHECK(loss(world, 0) > 0.3);
  CHECK((width >= 20 && width <= 30));
  CHECK(loss(world, 2) == 0);
  CHECK(loss(world, -2) == 0);
  CHECK(total > 0);
  const Matrix& m = world.sites[0].matrix;
  const PrincipalAxis axis = principal_axis(m.orientation(m.grid.index(30, 30, 30)));
  CHECK(axis.direction.x > 0.999);
  CHECK(axis.value > 0.45);
  CHECK(axis.value < 1);
  CHECK(m.fibre[m.grid.index(30, 34, 30)][0] == 1.0F / 3);
  // The cell passes its diameter of 16.8 um in 50 min: 1 - exp(-0.5 * 20/30 * t), t between 0.5 h (10 um chord) and 0.84 h.
  const double expected = 1 - 2.0 / 3 * std::exp(-0.5 * speed / 0.5 * 16.8 / 20);
  CHECK(axis.value == doctest::Approx(expected).epsilon(0.06));
}

TEST_CASE("a soluble protease cell leaves a halo") {
  const World world = dragged(true, false);
  CHECK(loss(world, 0) > 0);
  CHECK(loss(world, 14) > 0.1 * loss(world, 2));
  // Against the moving point source with mirrored images: m(r) = S q int_0^t exp(-k s - r^2/4Ds)/(4 pi D s)^(3/2) ds, loss
  // proportional to the time integral of m at the voxel.
  const double D = 60, k = 0.003, S = 0.75 * 175;
  const auto dose = [&](double across) {
    double sum = 0;
    constexpr int times = 90;  // releases every 8 min
    for (int release = 0; release < times; ++release) {
      const double at = (release + 0.5) * 8, x = 180 + speed * at, left = 720 - at;
      // Integral over the time left, in steps that grow: s = left * (i/n)^3.
      constexpr int n = 200;
      for (int i = 0; i < n; ++i) {
        const double u0 = static_cast<double>(i) / n, u1 = static_cast<double>(i + 1) / n, um = 0.5 * (u0 + u1);
        const double s = left * um * um * um, ds = left * (u1 * u1 * u1 - u0 * u0 * u0);
        const auto images = [&](double from, double to) {  // box 0..600 with mirrors
          double g = 0;
          for (int mirror = -1; mirror <= 1; ++mirror)
            g += std::exp(-std::pow(to - from + 1200 * mirror, 2) / (4 * D * s)) +
                 std::exp(-std::pow(to + from + 1200 * mirror, 2) / (4 * D * s));
          return g / std::sqrt(4 * std::numbers::pi * D * s);
        };
        sum += S * 8 * std::exp(-k * s) * images(x, 310) * images(310, 310 + across) * images(310, 310) * ds;
      }
    }
    return sum;  // min
  };
  for (const int dy : {4, 8, 14}) {
    CAPTURE(dy);
    // The cell releases into the factor voxel centred at 310, the voxel 30 + dy (even) lies in the one centred at 310 + 10
    // dy.
    const double measured = loss(world, dy);
    const double expected = 1.45 * (1 - std::exp(-0.002 / 60 * dose(10 * dy)));
    CHECK(std::fabs(measured / expected - 1) < (dy == 4 ? 0.06 : 0.035));
  }
}
