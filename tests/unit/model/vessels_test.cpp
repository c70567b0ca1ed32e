// Where vessels are, and what they make of the matrix.
// Seen to fail: distance to the endless line instead of the piece; radius left out; the box of voxels one short; pieces
// passed over by bounds that were no longer there.
#include "model/vessels.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/random.h"

using namespace invado;

TEST_CASE("the nearest point of a tube") {
  const VesselSegment tube{{0, 0, 0}, {100, 0, 0}, 10, 0, 0};
  const NearestVessel beside = nearest_vessel(tube, {50, 30, 0});
  CHECK(beside.distance == doctest::Approx(20));
  CHECK(beside.surface.y == doctest::Approx(10));
  CHECK(beside.outward.y == doctest::Approx(1));
  CHECK(nearest_vessel(tube, {104, 3, 0}).distance == doctest::Approx(-5));
  CHECK(nearest_vessel(tube, {130, 40, 0}).distance == doctest::Approx(40));
  const NearestVessel within = nearest_vessel(tube, {50, 0, 0});
  CHECK(within.distance == doctest::Approx(-10));
  CHECK(norm(within.outward) == doctest::Approx(1));
  CHECK(within.outward.x == doctest::Approx(0));
  Vessels vessels;
  vessels.segments = {tube, {{0, 100, 0}, {100, 100, 0}, 30, 0, 0}};
  // By the surface, not by the axis.
  CHECK(nearest_vessel(vessels, {50, 45, 0}).surface.y == doctest::Approx(70));
}

TEST_CASE("the nearest of many tubes is that of all of them one by one") {
  const auto u = [](std::int64_t of, std::uint32_t block) { return uniform4(Seed{5}, 0, Purpose::Placement, of, block); };
  Vessels vessels;
  for (std::int64_t s = 0; s < 60; ++s) {
    const auto from = u(s, 0), way = u(s, 1);
    const Vec3 a{300 * from[0], 300 * from[1], 300 * from[2]};
    const double length = s < 3 ? 400 : 30;
    vessels.segments.push_back(
        {a, a + Vec3{length * (way[0] - 0.5), length * (way[1] - 0.5), length * (way[2] - 0.5)}, 5 + 20 * way[3], 0, s});
  }
  for (std::int64_t p = 0; p < 300; ++p) {
    const auto at = u(1000 + p, 0);
    const Vec3 x{400 * at[0] - 50, 400 * at[1] - 50, 400 * at[2] - 50};
    NearestVessel nearest = nearest_vessel(vessels.segments[0], x);
    for (const VesselSegment& segment : vessels.segments)
      if (const NearestVessel other = nearest_vessel(segment, x); other.distance < nearest.distance) nearest = other;
    CHECK(nearest_vessel(vessels, x).surface == nearest.surface);
  }
}

TEST_CASE("the volume of a tube in voxels is that of the tube") {
  const VesselSegment tube{{13, 57, 0}, {91, 22, 120}, 12, 0, 0};
  double volume = 0;
  for (int k = -2; k < 8; ++k)
    for (int j = -2; j < 8; ++j)
      for (int i = -2; i < 8; ++i)
        volume += 8000 * share_in_vessel(tube, {20.0 * i + 10, 20.0 * j + 10, 20.0 * k + 10}, {20, 20, 20});
  const double length = norm(tube.to - tube.from), pi = std::acos(-1.0);
  // With its round ends. 5 um points: error of a few per cent.
  CHECK(volume == doctest::Approx(pi * 144 * length + 4.0 / 3 * pi * 1728).epsilon(0.03));
}
