// Death and anoikis: which cells, of what, after how long.
// Tolerances: shares of 20 000 cells are binomial, |z| < 4.
// Seen to fail: causes not in proportion; rupture below one instead of two pore limits; necrosis above the threshold;
// apoptosis of detached cells; delay forgotten; clock not reset by contact; suspension
// where the dish is meant.
#include <doctest/doctest.h>

#include <cmath>

#include "../../settings.h"
#include "../../small_world.h"
#include "lifecycle/hazard.h"

namespace invado {
std::unique_ptr<Process> make_death();
std::unique_ptr<Process> make_anoikis();
}  // namespace invado
using namespace invado;

namespace {

constexpr std::size_t many = 20000;

void set_all(World& world, Phenotype phenotype, double value) {
  for (float& x : world.sites[0].cells.phenotype[+phenotype]) x = static_cast<float>(value);
}

std::int64_t gone(const World& world, Leaving cause) {
  return world.sites[0].ledger.departures[static_cast<std::size_t>(cause)];
}

double z_of(std::int64_t count, double n, double p) {
  return (static_cast<double>(count) - n * p) / std::sqrt(n * p * (1 - p));
}

// One voxel of stroma with this pore.
void give_matrix(Site& site, double pore = 20) {
  site.matrix.grid = {{1, 1, 1}, {1000, 1000, 1000}};
  site.matrix.law.pore_ref = pore;
  site.matrix.density = site.matrix.density_start = {1.7};
  site.matrix.crosslinking = {1};
  site.matrix.tissue = {static_cast<std::uint8_t>(Tissue::Stroma)};
  site.matrix.fibre.assign(1, {});
}

void give_oxygen(Site& site, double value) {
  site.factor_grid = {{1, 1, 1}, {1000, 1000, 1000}};
  site.fields.emplace_back();
  site.fields[0].name = "oxygen";
  site.fields[0].value = {value};
}

}  // namespace

TEST_CASE("competing causes share one hazard in proportion") {
  World world = small_world(many, 21, 600);
  Site& site = world.sites[0];
  give_matrix(site, 13.9);
  give_oxygen(site, 1.0);
  set_all(world, Phenotype::DeathRate, 0.02);
  set_all(world, Phenotype::RuptureRate, 0.03);
  const auto death = make_death();
  tick_once(world, {death.get()});
  const double hazard = 0.02 + 0.05 + 0.03, p = 1 - std::exp(-hazard * 10);
  CHECK(std::fabs(z_of(static_cast<std::int64_t>(many - site.cells.size()), many, p)) < 4);
  CHECK(std::fabs(z_of(gone(world, Leaving::Apoptosis), many, p * 0.2)) < 4);
  CHECK(std::fabs(z_of(gone(world, Leaving::Necrosis), many, p * 0.5)) < 4);
  CHECK(std::fabs(z_of(gone(world, Leaving::Rupture), many, p * 0.3)) < 4);
}

TEST_CASE("each cause needs its place") {
  const auto deaths = [](double oxygen, double pore, bool matrix, double detached_min) {
    World world = small_world(200, 22, 60000);
    Site& site = world.sites[0];
    if (matrix) give_matrix(site, pore);
    give_oxygen(site, oxygen);
    set_all(world, Phenotype::DeathRate, 0.01);
    set_all(world, Phenotype::RuptureRate, 1);
    for (double& t : site.cells.detached_min) t = detached_min;
    const auto death = make_death();
    tick_once(world, {death.get()});
    return site.ledger.departures;
  };
  const auto index = [](Leaving cause) { return static_cast<std::size_t>(cause); };
  CHECK(deaths(2.5, 14.1, true, 0)[index(Leaving::Apoptosis)] > 190);  // no necrosis at, no rupture at the threshold
  CHECK(deaths(2.5, 14.1, true, 0)[index(Leaving::Necrosis)] == 0);
  CHECK(deaths(2.5, 14.1, true, 0)[index(Leaving::Rupture)] == 0);
  CHECK(deaths(2.4, 14.1, true, 60)[index(Leaving::Necrosis)] == 200);
  CHECK(deaths(2.5, 13.9, true, 60)[index(Leaving::Rupture)] == 200);
  CHECK(deaths(2.5, 0, false, 60)[index(Leaving::Rupture)] == 0);
  CHECK(deaths(2.5, 14.1, true, 60)[index(Leaving::Apoptosis)] == 0);  // detached: anoikis decides
}

TEST_CASE("the nucleus ruptures where the pores around it are tight, not beside them") {
  // Voxels of 10 um along z: stroma with pores of 20 um^2, a membrane, medium, a wall.
  const auto ruptures = [](double membrane_pore, double z) {
    World world = small_world(200, 26, 60000);
    Site& site = world.sites[0];
    Matrix& m = site.matrix;
    m.grid = {{1, 1, 4}, {10, 10, 10}};
    m.law.membrane_pore = membrane_pore;
    m.density = m.density_start = {1.7, 0, 0, 0};
    m.crosslinking.assign(4, 1);
    for (const Tissue kind : {Tissue::Stroma, Tissue::Membrane, Tissue::None, Tissue::Wall})
      m.tissue.push_back(static_cast<std::uint8_t>(kind));
    m.fibre.assign(4, {});
    set_all(world, Phenotype::DeathRate, 0);
    set_all(world, Phenotype::RuptureRate, 1);
    std::ranges::fill(site.cells.z, z);
    const auto death = make_death();
    tick_once(world, {death.get()});
    return gone(world, Leaving::Rupture);
  };
  for (const double z : {10.5, 15.0, 19.5}) {
    CHECK(ruptures(7.07, z) == 200);  // pores of 3 um; a mean with the medium above would be 200 um^2
    CHECK(ruptures(50.3, z) == 0);    // pores of 8 um
  }
  for (const double z : {5.0, 9.5, 20.5, 25.0, 29.9})
    CHECK(ruptures(7.07, z) == 0);  // in the stroma, in the medium, at the wall
}

TEST_CASE("anoikis begins after the delay and then is exponential") {
  World world = small_world(many, 23, 90);  // the delay of 4 h ends inside the third interval
  give_matrix(world.sites[0]);
  set_all(world, Phenotype::AnoikisRate, std::log(2.0) / 10);
  const auto anoikis = make_anoikis();
  tick_once(world, {anoikis.get()});
  tick_once(world, {anoikis.get()});
  CHECK(world.sites[0].cells.size() == many);
  for (int i = 2; i < 16; ++i) tick_once(world, {anoikis.get()});
  const double survive = std::exp2(-(24.0 - 4.0) / 10);
  CHECK(std::fabs(z_of(static_cast<std::int64_t>(world.sites[0].cells.size()), many, survive)) < 4);
  CHECK(gone(world, Leaving::Anoikis) == static_cast<std::int64_t>(many - world.sites[0].cells.size()));
}

TEST_CASE("contact of its own or through a neighbour keeps a cell alive and resets its clock") {
  World world = small_world(3, 24, 60);
  Site& site = world.sites[0];
  give_matrix(site);
  set_all(world, Phenotype::AnoikisRate, 1e-9);
  const auto anoikis = make_anoikis();
  site.cells.anchored[1] = 1;
  site.cells.anchored_neighbours[2] = 2;
  for (int i = 0; i < 3; ++i) tick_once(world, {anoikis.get()});
  CHECK(site.cells.detached_min == std::vector<double>{180, 0, 0});
  site.cells.anchored[0] = 1;
  tick_once(world, {anoikis.get()});
  CHECK(site.cells.detached_min == std::vector<double>{0, 0, 0});
}

TEST_CASE("without matrix: a dish holds, a suspension does not") {
  for (const bool suspension : {false, true}) {
    World world = small_world(100, 25, 60);
    set_all(world, Phenotype::AnoikisRate, 10);
    const auto anoikis = make_anoikis();
    if (suspension) describe_with(*anoikis, {{"without_matrix", "detached"}, {"delay", 2.0}});
    for (int i = 0; i < 3; ++i) tick_once(world, {anoikis.get()});
    CHECK(world.sites[0].cells.size() == (suspension ? 0 : 100));
  }
}

TEST_CASE("laws of hazards") {
  CHECK(chance(0.1, 5) == doctest::Approx(1 - std::exp(-0.5)).epsilon(1e-14));
  CHECK(chance(1e-12, 1) == doctest::Approx(1e-12).epsilon(1e-12));
  CHECK(chance(0.3, 0) == 0);
  const double u = 0.37;
  CHECK(chance(0.02, waiting_time(0.02, u)) == doctest::Approx(u).epsilon(1e-14));
  CHECK(time_beyond(240, 200, 60) == 0);
  CHECK(time_beyond(240, 250, 60) == 10);
  CHECK(time_beyond(240, 500, 60) == 60);
}
