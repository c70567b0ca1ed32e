// Two cells come to rest where repulsion and adhesion balance; forces between cells cancel; a driven cell goes where its
// drive says and no further.
//
//     d/2R = (1 - sqrt(c/a)) / (1 - sqrt(c/a)/reach) = 0.952381   for a = 10, c = 0.4, reach = 1.25
//
// Tolerance: contact speeds are multiples of 2^-20 um/min and the pair's stiffness at rest is 2a(1 - q)/2R (1 - ...) ~
// 0.05/min, so the distance is resolved to 2e-5 um, 1e-6 of 2R. Momentum: none; velocities are rounded to single precision.
// Planted mistakes seen to fail: reach 1.2 (0.960); adhesion of one cell instead of the pair's mean (0.9455);
// contact distance 2 R_i instead of R_i + R_j (momentum 156 um/min); half of the drive (50.5 um); a half added to a push
// before it becomes an integer (sums that do not cancel).
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../unit/mechanics/box_of_cells.h"
#include "mechanics/pair_sums.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("two-cell equilibrium distance, from both sides") {
  for (const double start : {10.0, 20.0}) {
    World world = box({200, 200, 200}, Boundary::Closed);
    add_cell(world, {100, 100, 100});
    add_cell(world, {100 + start, 100, 100});
    const auto mechanics = ready(make_mechanics(), world, {{"mechanics.repulsion", 10}, {"mechanics.adhesion", 0.4}});
    advance(world, {mechanics.get()}, 4000, 0.5);
    const Population& c = world.sites[0].cells;
    CHECK((c.x[1] - c.x[0]) / 16.8 == doctest::Approx(0.952381).epsilon(2e-6));
    CHECK(c.y[0] == 100);
    CHECK(c.z[1] == 100);
  }
}

TEST_CASE("unequal cells: the pair has the geometric means, and both sides agree") {
  World world = box({200, 200, 200}, Boundary::Closed);
  world.types.resize(2);
  world.types[1] = world.types[0];
  add_cell(world, {100, 100, 100}, 6);
  world.sites[0].cells.type[add_cell(world, {112, 100, 100}, 10)] = 1;
  const auto mechanics = make_mechanics();
  mechanics->resize_types(2);
  SetParameters first({{"mechanics.repulsion", 5}, {"mechanics.adhesion", 0.2}}),
      second({{"mechanics.repulsion", 20}, {"mechanics.adhesion", 0.8}});
  mechanics->describe_type(first, 0);
  mechanics->describe_type(second, 1);
  mechanics->configure(world);
  advance(world, {mechanics.get()}, 4000, 0.5);
  const Population& c = world.sites[0].cells;
  CHECK((c.x[1] - c.x[0]) / 16 == doctest::Approx(0.952381).epsilon(2e-6));
  CHECK(c.x[1] - 112 == doctest::Approx(-(c.x[0] - 100)).epsilon(1e-9));
}

TEST_CASE("the sums that contacts make cancel exactly") {
  std::vector<double> x, y, z, radius;
  std::vector<std::int64_t> id;
  std::vector<Grip> grip;
  for (std::int64_t i = 0; i < 1000; ++i) {
    const auto r = uniform4(Seed{51}, 0, Purpose::Placement, i);
    x.push_back(200 * r[0]);
    y.push_back(200 * r[1]);
    z.push_back(200 * r[2]);
    radius.push_back(5 + 8 * r[3]);
    id.push_back(i);
    grip.push_back({static_cast<float>(3 + r[3]), static_cast<float>(r[0]), 0.9F, 0});
  }
  for (const bool periodic : {false, true}) {
    Places places;
    REQUIRE(places.take(x, y, z, radius, {200, 200, 200}, {periodic, periodic, periodic}));
    NeighbourList list;
    list.refresh(places, id, 1.25, {});
    REQUIRE(!list.crowded());
    const PairCells cells{places, id, grip, Seed{51}, 0, false};
    Vec3 sum;
    double pushed = 0;
    for (std::size_t group = 0; group < list.groups(); ++group) {
      const auto felt = sum_over_near(list, cells, group, [&](const NeighbourList::Entry& own) {
        return ContactSums<false, false>(cells, FixedUnit(16), own);
      });
      for (std::size_t lane = 0; lane < list.count(group); ++lane) {
        const int l = static_cast<int>(lane);
        const Vec3 push{felt.push(0)[l], felt.push(1)[l], felt.push(2)[l]};
        sum += push;
        pushed += norm(push);
      }
    }
    CHECK(pushed > 2000);
    CHECK(sum == Vec3{});
  }
}

TEST_CASE("the sum of all contact velocities is zero") {
  World world = box({200, 200, 200}, Boundary::Periodic);
  const int cells = 1000;
  for (std::int64_t i = 0; i < cells; ++i) {
    const auto r = uniform4(Seed{51}, 0, Purpose::Placement, i);
    add_cell(world, {200 * r[0], 200 * r[1], 200 * r[2]}, 5 + 8 * r[3]);
  }
  const auto mechanics = ready(make_mechanics(), world, {});
  const Population before = world.sites[0].cells;
  const double dt = 0x1p-12;
  advance(world, {mechanics.get()}, 1, dt);
  const Population& c = world.sites[0].cells;
  Vec3 sum;
  double pushed = 0, squares = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    Vec3 d = c.position(i) - before.position(i);
    for (int axis = 0; axis < 3; ++axis) d[axis] -= 200 * std::round(d[axis] / 200);
    sum += (1 / dt) * d;
    pushed += norm(d) / dt;
    squares += dot(d, d) / (dt * dt);
  }
  CHECK(pushed > 4 * cells);
  CHECK(world.diagnostics.mechanics_substeps == 0);
  // Sums over pairs are exact; the velocity of each cell is then rounded to single precision, along each axis evenly within
  // 2^-24 of it: standard error 2^-24 / sqrt(3) of the root of the sum of their squares. Six of them. (Rounding of
  // positions: 1e-7 um/min.)
  CHECK(norm(sum) < 6 * 0x1p-24 / std::sqrt(3.0) * std::sqrt(squares));
}

TEST_CASE("one cell driven at 10 um/min for one step of 0.1 min moves 1 um, then stays") {
  World world = box({100, 100, 100}, Boundary::Closed);
  const std::size_t i = add_cell(world, {50, 50, 50}, 5);
  const auto mechanics = ready(make_mechanics(), world, {});
  Population& c = world.sites[0].cells;
  c.step_x[i] = 10 * 0.1;
  advance(world, {mechanics.get()}, 1, 0.1);
  CHECK(std::fabs(c.x[i] - 51) < 1e-12);
  CHECK(std::fabs(c.path_um[i] - 1) < 1e-12);
  advance(world, {mechanics.get()}, 10, 0.1);
  CHECK(std::fabs(c.x[i] - 51) < 1e-12);
  CHECK(c.vx[i] == 0);
}
