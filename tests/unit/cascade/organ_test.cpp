// What organs do to the cells that come to them: which capillaries hold a cell, where it comes out, with whom, what colony
// it founds, and when the dormant wake.
// Tolerances: counts are binomial, |z| < 4; the mean of n uniforms has the standard deviation 1/sqrt(12 n).
// Seen to fail: copies that keep the group of the first; the surface of vessels taken by length alone; cells put into the
// membrane; capillary beds side by side; a rate of waking per minute; the protease of the first member alone; who
// comes out again split once more, a clump as its first member.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>
#include <set>

#include "../../cascade_world.h"
#include "../../settings.h"
#include "cascade/blood.h"

using namespace invado;

namespace {

constexpr double wall = 10;

// All lodged in the organ (site 1: 2) long ago; its vessels run along x, a wide one at y = 300 and two thin ones in line at
// y = 700.
World lodged(std::size_t cells, std::uint64_t seed) {
  World world = cascade_world(cells, 2, seed, 60);
  Population& blood = world.sites[2].cells;
  for (std::size_t row = 0; row < cells; ++row) blood.lodged[row] = 2, blood.arrived_min[row] = -1e4;
  Vessels& vessels = world.sites[1].vessels;
  vessels.names = {"v"};
  vessels.wall = wall;
  vessels.segments = {{{300, 300, 500}, {700, 300, 500}, 20, 0, 0},
                      {{100, 700, 500}, {500, 700, 500}, 5, 0, 0},
                      {{500, 700, 500}, {900, 700, 500}, 5, 0, 0}};
  return world;
}

std::unique_ptr<Process> leaving(double rate_1_h) {
  auto process = make_extravasation();
  describe_with(*process, {{"rate", rate_1_h}});
  return process;
}

double z_of(double count, double n, double p) { return (count - n * p) / std::sqrt(n * p * (1 - p)); }

}  // namespace

TEST_CASE("capillary beds lie one behind the other") {
  const std::vector<double> chance{0.3, 0.95, 0.5};
  CHECK(bed_of(chance, 0.29) == 0);
  CHECK(bed_of(chance, 0.31) == 1);
  CHECK(bed_of(chance, 0.964) == 1);  // 0.3 + 0.7 0.95 = 0.965
  CHECK(bed_of(chance, 0.966) == 2);
  CHECK(bed_of(chance, 0.982) == 2);  // + 0.035 0.5
  CHECK(bed_of(chance, 0.983) == 3);
  CHECK(bed_of({}, 0.5) == 0);
}

TEST_CASE("cells come out beside the vessels, anywhere on their surface alike") {
  constexpr std::size_t n = 6000;
  World world = lodged(n, 61);
  const auto process = leaving(1e4);
  tick_once(world, {process.get()});
  const Population& cells = world.sites[1].cells;
  REQUIRE(cells.size() == n);
  double wide = 0, up = 0, aside = 0, along = 0;
  for (std::size_t row = 0; row < n; ++row) {
    const Vec3 x = cells.position(row);
    const NearestVessel vessel = nearest_vessel(world.sites[1].vessels, x);
    CHECK(vessel.distance == doctest::Approx(wall + cells.radius[row]));
    wide += x.y < 500 ? 1 : 0;
    up += vessel.outward.z > 0 ? 1 : 0;
    aside += vessel.outward.y > 0 ? 1 : 0;
    if (x.y < 500) along += (x.x - 300) / 400;
  }
  CHECK(std::fabs(z_of(wide, n, 20.0 * 400 / (20 * 400 + 2 * 5 * 400))) < 4);
  CHECK(std::fabs(z_of(up, n, 0.5)) < 4);
  CHECK(std::fabs(z_of(aside, n, 0.5)) < 4);
  CHECK(std::fabs(along / wide - 0.5) < 4 / std::sqrt(12 * wide));
}

TEST_CASE("a clump leaves as fast as the member with most protease, and stays together") {
  constexpr std::size_t clumps = 4000;
  World world = lodged(2 * clumps, 62);
  world.blood_stream.split_out = 3;
  Population& blood = world.sites[2].cells;
  for (std::size_t row = 0; row < blood.size(); ++row) {
    blood.group[row] = blood.id[row - row % 2];
    if (row % 2 == 0) blood.state[+State::MmpExpression][row] = 0;
  }
  const auto process = leaving(1);
  tick_once(world, {process.get()});
  const Population& cells = world.sites[1].cells;
  const double left = static_cast<double>(cells.size()) / 6;
  CHECK(std::fabs(z_of(left, clumps, 1 - std::exp(-0.5))) < 4);
  // Each copy of a clump is a colony of its own.
  std::map<std::int64_t, std::vector<std::size_t>> colonies;
  for (std::size_t row = 0; row < cells.size(); ++row) colonies[cells.group[row]].push_back(row);
  CHECK(colonies.size() == cells.size() / 2);
  for (const auto& [group, rows] : colonies) {
    REQUIRE(rows.size() == 2);
    CHECK(norm(cells.position(rows[0]) - cells.position(rows[1])) < 2.001 * cells.radius[rows[0]]);
    CHECK((cells.founder[rows[0]] / 2 == cells.founder[rows[1]] / 2 && cells.founder[rows[0]] != cells.founder[rows[1]]));
  }
}

TEST_CASE("who comes out of the blood again is not split again, and a clump goes as its lightest member") {
  constexpr std::size_t n = 3000;
  World world = lodged(n, 64);
  world.blood_stream.split_in = 2;
  world.blood_stream.split_out = 3;
  Population& blood = world.sites[2].cells;
  // Alone and split on the way in; alone and split on both ways; two of both kinds together.
  for (std::size_t row = 0; row < n; ++row) {
    blood.weight[row] = row % 4 == 0 || row % 4 == 2 ? 0.5 : 0.5 / 3;
    if (row % 4 == 3) blood.group[row] = blood.id[row - 1];
  }
  const auto process = leaving(1);
  tick_once(world, {process.get()});
  const Population& cells = world.sites[1].cells;
  std::map<std::int64_t, int> copies;
  std::array<double, 4> weight{};
  for (std::size_t row = 0; row < cells.size(); ++row) {
    ++copies[cells.founder[row]];
    weight[static_cast<std::size_t>(cells.founder[row] % 4)] = cells.weight[row];
  }
  CHECK(copies.size() > 500);
  for (const auto& [founder, number] : copies) CHECK(number == (founder % 4 == 0 ? 3 : 1));
  CHECK(weight[0] == doctest::Approx(0.5 / 3));
  CHECK(weight[1] == doctest::Approx(0.5 / 3));
  CHECK(weight[2] == 0.5);
  CHECK(weight[3] == doctest::Approx(0.5 / 3));
}

TEST_CASE("the dormant wake at their rate, and nothing kills them before") {
  constexpr std::size_t n = 20000;
  World world = cascade_world(n, 1, 63, 60);
  Population& cells = world.sites[1].cells;
  set_all(cells, Phenotype::AnoikisRate, 10);
  for (std::uint8_t& state : cells.dormancy) state = static_cast<std::uint8_t>(Dormancy::Dormant);
  const auto process = make_colonisation();
  describe_with(*process, {{"waking", 0.05}});
  process->configure(world);
  for (int hour = 0; hour < 10; ++hour) tick_once(world, {process.get()});
  double awake = 0;
  for (const std::uint8_t state : cells.dormancy) awake += state == static_cast<std::uint8_t>(Dormancy::None) ? 1 : 0;
  CHECK(cells.size() == n);
  CHECK(std::fabs(z_of(awake, n, 1 - std::exp(-0.5))) < 4);
  CHECK(world.sites[1].ledger.stages[static_cast<std::size_t>(Stage::Woken)] == awake);
  std::set<std::int64_t> told;
  for (const StageRecord& record : world.stage_records) told.insert(record.id);
  CHECK(static_cast<double>(told.size()) == awake);
}
