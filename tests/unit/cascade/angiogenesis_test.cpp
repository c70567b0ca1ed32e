// Sprouts: as many as VEGF asks for, out of the vessel and up its gradient. Their tips lay capillaries until VEGF is too
// low, the box ends or they meet another vessel. Tolerances: counts are binomial, |z| < 4; the mean of n uniforms has the
// standard deviation 1/sqrt(12 n).
// Seen to fail: tips that climb down; sprouts from the axis of the vessel; no least VEGF; tips that end
// in what they laid themselves; capillaries with a basement membrane.
#include <doctest/doctest.h>

#include <cmath>

#include "../../settings.h"
#include "../../small_world.h"

namespace invado {
std::unique_ptr<Process> make_angiogenesis();
}

using namespace invado;

namespace {

// VEGF rises along y, from 0 to 1 over the 1000 um of the box.
World with_vegf() {
  World world = small_world(0, 51, 60);
  Site& site = world.sites[0];
  site.factor_grid = {{2, 100, 2}, {500, 10, 500}};
  Field& vegf = site.fields.emplace_back();
  vegf.name = "vegf";
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 100; ++j)
      for (int i = 0; i < 2; ++i) vegf.value.push_back(site.factor_grid.centre(i, j, k).y / 1000);
  site.vessels.names = {"v"};
  return world;
}

// One tip without a vessel near it, and without new sprouts.
World with_tip(Vec3 at, Vec3 heading) {
  World world = with_vegf();
  world.sites[0].vessels.segments = {{{0, 0, 0}, {1, 0, 0}, 1, 0, 0}};
  world.sites[0].vessels.tips = {{at, heading, 5, 0, 0}};
  return world;
}

std::unique_ptr<Process> growing(double speed_um_h, double persistence = 0) {
  auto process = make_angiogenesis();
  describe_with(*process, {{"rate", 0.0}, {"speed", speed_um_h}, {"persistence", persistence}, {"wander", 0.0}});
  return process;
}

}  // namespace

TEST_CASE("vessels sprout at a rate in their length and VEGF, at their surface, towards more of it") {
  constexpr std::size_t n = 4000;
  constexpr double length = 50, radius = 20;
  const auto process = make_angiogenesis();
  describe_with(*process, {{"rate", 0.4}, {"speed", 12.0}, {"persistence", 1.0}, {"wander", 0.0}});
  const auto sprouted = [&](double y) {
    World world = with_vegf();
    Vessels& vessels = world.sites[0].vessels;
    vessels.segments.assign(n, {{100, y, 500}, {100 + length, y, 500}, radius, 0, 0});
    tick_once(world, {process.get()});
    return world.sites[0].vessels;
  };
  const Vessels vessels = sprouted(500);
  const auto sprouts = static_cast<double>(vessels.sprouts);
  const double p = 1 - std::exp(-0.4 * length / 100 * 0.5 / (0.5 + 0.5));  // in one hour
  CHECK(std::fabs(sprouts - n * p) < 4 * std::sqrt(n * p * (1 - p)));
  REQUIRE(vessels.segments.size() == n + static_cast<std::size_t>(vessels.sprouts));
  double along = 0;
  for (std::size_t s = n; s < vessels.segments.size(); ++s) {
    const VesselSegment& capillary = vessels.segments[s];
    CHECK(norm(Vec3{capillary.from.x, 500 + radius, 500} - capillary.from) < 1e-9);
    CHECK(norm(capillary.to - capillary.from - Vec3{0, 12, 0}) < 1e-9);
    along += (capillary.from.x - 100) / length / sprouts;
  }
  CHECK(std::fabs(along - 0.5) < 4 / std::sqrt(12 * sprouts));
  CHECK(sprouted(0).sprouts < 30);  // VEGF of 0.005: 8 expected
}

TEST_CASE("a tip climbs VEGF and lays capillaries behind it, to the end of the box") {
  World world = with_tip({500, 100, 500}, {1, 0, 0});
  const auto process = growing(10, 0.5);
  tick_once(world, {process.get()});
  const Vessels& vessels = world.sites[0].vessels;
  REQUIRE(vessels.segments.size() == 2);
  const double half = std::sqrt(0.5);
  CHECK(norm(vessels.segments[1].to - Vec3{500 + 10 * half, 100 + 10 * half, 500}) < 1e-9);
  CHECK(vessels.segments[1].radius == 5);
  CHECK(vessels.segments[1].laid_min == 60);
  for (int hour = 0; hour < 200; ++hour) tick_once(world, {process.get()});
  CHECK(vessels.tips.empty());
  CHECK(vessels.segments.back().to.y <= 1000);
  CHECK(vessels.segments.back().to.y > 990);
  for (std::size_t s = 2; s < vessels.segments.size(); ++s) CHECK(vessels.segments[s].from == vessels.segments[s - 1].to);
}

TEST_CASE("a tip stops where there is too little VEGF") {
  for (const bool much : {false, true}) {
    World world = with_tip({500, much ? 40.0 : 10.0, 500}, {0, 1, 0});
    const auto process = growing(10);  // vegf_least is 0.02
    tick_once(world, {process.get()});
    CHECK(world.sites[0].vessels.tips.size() == (much ? 1 : 0));
    CHECK(world.sites[0].vessels.segments.size() == (much ? 2 : 1));
  }
}

TEST_CASE("a tip ends in the vessel that it meets, and neither in what it laid nor in what it came out of") {
  World world = with_tip({500, 221, 500}, {0, 1, 0});
  Vessels& vessels = world.sites[0].vessels;
  vessels.segments = {{{400, 200, 500}, {600, 200, 500}, 20, 0, 0}, {{400, 300, 500}, {600, 300, 500}, 20, 0, 0}};
  const auto process = growing(3);  // less than a radius in a step
  int hours = 0;
  for (; !vessels.tips.empty() && hours < 100; ++hours) tick_once(world, {process.get()});
  CHECK(hours == 20);  // 59 um to the other's surface
  CHECK(vessels.segments.back().to.y == doctest::Approx(281));
}

TEST_CASE("capillaries are walls for cells, without a basement membrane") {
  World world = with_tip({500, 100, 500}, {0, 1, 0});
  Site& site = world.sites[0];
  site.vessels.wall = 10;
  Matrix& m = site.matrix;
  m.grid = {{100, 100, 100}, {10, 10, 10}};
  m.tissue.assign(m.grid.size(), static_cast<std::uint8_t>(Tissue::Stroma));
  m.density.assign(m.grid.size(), 1);
  const auto process = growing(100);
  tick_once(world, {process.get()});
  CHECK(m.tissue_at(m.grid.voxel_of({500, 150, 500})) == Tissue::VesselWall);
  CHECK(m.tissue_at(m.grid.voxel_of({500, 50, 500})) == Tissue::Stroma);
  for (const std::uint8_t tissue : m.tissue) CHECK(tissue != static_cast<std::uint8_t>(Tissue::BasementMembrane));
}
