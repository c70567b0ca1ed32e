// Vessels are nobody's way: walkers around a tube do not get into it, wherever it lies in the lattice.
// The steric factor is interpolated between voxels of h = 10 um. With the margin of half a voxel 14 % of a step are left at
// the surface of the tube on the average, 1 % 4 um deep (computed over places and directions of the axis). Tolerance:
// walkers that ignored the tube would fill its share of the box evenly; a fifth of that is allowed (0.10 and 0.08 are
// found), and nobody deeper than half a voxel. Seen to fail: no margin (0.79 of the even share).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../unit/mechanics/box_of_cells.h"
#include "model/vessels.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("walkers stay out of tubes") {
  for (const double radius : {15.0, 8.0}) {
    World world = box({200, 200, 200}, Boundary::Closed);
    fill_matrix(world, 0.3, 0);
    Vessels vessels;
    vessels.names = {"v"};
    vessels.segments = {{{0, 97, 88}, {200, 118, 109}, radius, 0, 0}};
    lay_into_matrix(world.sites[0].matrix, vessels.segments[0], 0);
    for (int i = 0; i < 600; ++i) {
      const Vec3 x{5.0 + 190 * (i % 25) / 24, 5.0 + 190 * (i / 25 % 4) / 3, 5.0 + 190 * (i / 100) / 5};
      if (nearest_vessel(vessels, x).distance > 10) add_cell(world, x);
    }
    const auto motility = ready(make_motility(), world, {{"motility.heterogeneity", 0}});
    const auto mechanics = ready(make_mechanics(), world, {}, {{"contacts", 0}});
    motility->start(world);
    mechanics->start(world);
    const Population& c = world.sites[0].cells;
    double deepest = 0, inside = 0, seen = 0, beside = 0;
    for (int hour = 0; hour < 12; ++hour) {
      advance(world, {motility.get(), mechanics.get()}, 120, 0.5);
      for (std::size_t row = 0; row < c.size(); ++row) {
        const double distance = nearest_vessel(vessels, c.position(row)).distance;
        deepest = std::max(deepest, -distance);
        inside += distance < 0 ? 1 : 0;
        beside += distance >= 0 && distance < 20 ? 1 : 0;
        ++seen;
      }
    }
    const Vec3 axis = vessels.segments[0].to - vessels.segments[0].from;
    const double even = std::acos(-1.0) * radius * radius * norm(axis) / (200.0 * 200 * 200);
    INFO("radius ", radius, ": ", inside / seen / even, " of the even share inside, deepest ", deepest);
    CHECK(inside / seen < 0.2 * even);
    CHECK(deepest < 5);
    CHECK(beside / seen > 0.03);  // they do come to it
  }
}
