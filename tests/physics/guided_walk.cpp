// Guidance changes where cells go, not how fast (Riching 2014, Ray 2017):
//
//     aligned fibres, g = contact_guidance * s:   MSD along / MSD across = (1 + 2g)/(1 - g),  speed as without
//     constant bias b:                            <x> = S b t,  <v^2> = S^2
//     attractant, D = occupancy difference:       <x> = S beta t,  beta = w D/(D + 0.2)
//
// Tolerance: all displacements are Gaussian. Ratio of mean squares over N cells: relative error sqrt(2/N + 1/N); mean of one
// axis: sqrt(MSD/(3N)). |z| < 4.5, and the speed ratio within 0.1.
// Planted mistakes seen to fail: covariance (1-g)I + 2g nn^T (z = -22, speed ratio 0.89); random part not scaled by
// sqrt(1 - b^2) (z of <v^2> = 68); occupancy difference halved (z = -19).
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

namespace {

struct Spread {
  Vec3 mean, square;
  double velocity_square = 0;  // of the first, short step [um^2/min^2]
};

// Sums the steps of cells that stay where they are, so that all see the same place.
Spread spread_of(World& world, const Process& motility, double dt, int steps) {
  motility.start(world);
  const Population& c = world.sites[0].cells;
  const auto n = static_cast<double>(c.size());
  Spread out;
  std::vector<Vec3> moved(c.size());
  for (int k = 0; k < steps; ++k) {
    advance(world, {&motility}, 1, dt);
    for (std::size_t i = 0; i < c.size(); ++i) {
      const Vec3 step{c.step_x[i], c.step_y[i], c.step_z[i]};
      if (k == 0) out.velocity_square += dot(step, step) / (dt * dt * n);
      moved[i] += step;
    }
  }
  for (const Vec3 d : moved) {
    out.mean += (1 / n) * d;
    out.square += (1 / n) * Vec3{d.x * d.x, d.y * d.y, d.z * d.z};
  }
  return out;
}

void fill_cells(World& world, int cells) {
  for (int i = 0; i < cells; ++i) add_cell(world, {100, 100, 100}, 8);
}

const std::map<std::string, double> plain{
    {"motility.heterogeneity", 0}, {"motility.haptotaxis", 0}, {"motility.durotaxis", 0}};

std::map<std::string, double> with(std::map<std::string, double> values) {
  values.insert(plain.begin(), plain.end());
  return values;
}

// Fuerth's reduction of <v^2> over a step of length dt: MSD(dt) / (S dt)^2.
double short_step(double x) { return 2 * (x - (1 - std::exp(-x))) / (x * x); }

}  // namespace

TEST_CASE("aligned matrix: displacement along over across, speed unchanged") {
  const int cells = 20000;
  double isotropic_speed = 0;
  for (const double alignment : {0.0, 0.5, 1.0}) {
    World world = box({200, 200, 200}, Boundary::Closed, false, 31);
    fill_matrix(world, 1.0, alignment);
    fill_cells(world, cells);
    const auto motility = ready(make_motility(), world, with({{"motility.contact_guidance", 0.6}}));
    const Spread s = spread_of(world, *motility, 1.0, 60);
    const double g = 0.6 * alignment;
    const double ratio = s.square.x / ((s.square.y + s.square.z) / 2);
    const double z = (ratio / ((1 + 2 * g) / (1 - g)) - 1) / std::sqrt(3.0 / cells);
    const double speed = std::sqrt(s.velocity_square);
    if (alignment == 0) isotropic_speed = speed;
    MESSAGE("alignment ", alignment, ": ratio ", ratio, " z ", z, ", speed ratio ", speed / isotropic_speed);
    CHECK(std::fabs(z) < 4.5);
    CHECK(std::fabs(speed / isotropic_speed - 1) < 0.1);
    if (alignment == 1) CHECK(ratio >= 3);
  }
}

TEST_CASE("constant bias: drift, and the mean square of the velocity stays") {
  const int cells = 20000;
  World world = box({200, 200, 200}, Boundary::Closed, false, 32);
  fill_cells(world, cells);
  const auto motility =
      ready(make_motility(), world,
            with({{"motility.bias.strength", 0.6}, {"motility.bias.direction.x", 0}, {"motility.bias.direction.y", 3}}));
  const double dt = 0.5, t = 30;  // S = 0.5 um/min, P = 60 min
  const Spread s = spread_of(world, *motility, dt, 60);
  const double variance = 0.64 * 2 * 0.25 * 3600 * (t / 60 - (1 - std::exp(-t / 60))) / 3;  // of one axis
  const double z = (s.mean.y - 0.5 * 0.6 * t) / std::sqrt(variance / cells);
  // v^2 = (S b + w_y)^2 + w_x^2 + w_z^2, w of variance q = 0.64 S^2/3 per axis: variance 6 q^2 + 4 q (S b)^2
  const double q = 0.64 * 0.25 / 3;
  const double expected = 0.09 + 3 * q * short_step(dt / 60);
  const double z_speed = (s.velocity_square - expected) / std::sqrt((6 * q * q + 4 * q * 0.09) / cells);
  MESSAGE("z of drift ", z, ", of <v^2> ", z_speed);
  CHECK(std::fabs(z) < 4.5);
  CHECK(std::fabs(z_speed) < 4.5);
}

TEST_CASE("attractant: drift up the gradient of its occupancy, down it with a negative weight") {
  const int cells = 20000;
  for (const double weight : {0.9, -0.9}) {
    World world = box({200, 200, 200}, Boundary::Closed, false, 33);
    Site& site = world.sites[0];
    site.factor_grid = {{10, 10, 10}, {20, 20, 20}};
    Field cxcl12;
    cxcl12.name = "cxcl12";
    for (std::size_t v = 0; v < 1000; ++v)
      cxcl12.value.push_back(0.01 * 20 * (static_cast<double>(v / 100) + 0.5));  // 0.01 z
    site.fields.push_back(cxcl12);
    fill_cells(world, cells);
    const auto motility = ready(make_motility(), world, with({{"motility.chemotaxis.cxcl12", weight}}));
    const double t = 30;
    const Spread s = spread_of(world, *motility, 0.5, 60);
    const double difference = 1.08 / 2.08 - 0.92 / 1.92;  // occupancy at z = 108 and 92
    const double beta = weight * difference / (difference + 0.2);
    const double variance = (1 - beta * beta) * 2 * 0.25 * 3600 * (t / 60 - (1 - std::exp(-t / 60))) / 3;
    const double z = (s.mean.z - 0.5 * beta * t) / std::sqrt(variance / cells);
    MESSAGE("drift ", s.mean.z, " z ", z);
    CHECK(std::fabs(z) < 4.5);
    CHECK(std::fabs(s.mean.x) < 4.5 * std::sqrt(variance / cells));
  }
}
