// Rare events: what splitting is for, from the vessel of the tumour to the colony, and the error that a report gives beside
// a number of cells.
//
// The chance of a cell that enters the blood to begin a colony is a product of competing exponential times
// (tests/physics/cascade_chain.cpp):
//   l/(l + h) x e^(-d T) x p0,     l = passages x chance of lodging,  h = all that kills in the blood,
//                                  d = bed_death anoikis, for T after lodging
// Tolerances: a weighted count is a sum over independent entries, its variance at least that of the counts on each level;
// |z| < 4. The mean of R squared errors has a relative standard deviation of sqrt(2/(R - 1)) against the variance of R runs
// where counts are large (they are 10 to 20: sqrt((2 + 1/10)/(R - 1))).
// Seen to fail: each copy taken for an entry of its own; copies with the weight of the whole; weights not squared.
#include <doctest/doctest.h>

#include <cmath>

#include "../cascade_world.h"
#include "../settings.h"
#include "../unit/io/made_up_world.h"
#include "io/cascade_table.h"
#include "report/cascade_events.h"

using namespace invado;

namespace {

struct Way {
  double anoikis_1_h = 0.1, killed_1_h = 0.25, passages_1_h = 0.5, lodging = 0.6, initiation = 0.3;
  std::int64_t split_in = 1, split_out = 1;

  [[nodiscard]] double efficiency() const {
    const double lodges = passages_1_h * lodging;
    return lodges / (lodges + anoikis_1_h + killed_1_h) * std::exp(-0.5 * anoikis_1_h * deadly_h) * initiation;
  }
  static constexpr double deadly_h = 20, hours = 64;
};

// What cascade.csv says after all of `cells` have entered the blood at once and gone their way.
CascadeEvents go(const Way& way, std::size_t cells, std::uint64_t seed) {
  World world = cascade_world(cells, 0, seed, 30);
  world.sites[0].vessels.names = {"v"};
  world.sites[0].vessels.segments = {{{500, 500, 0}, {500, 500, 1000}, 20, 0, 0}};
  for (std::size_t row = 0; row < cells; ++row) {
    world.sites[0].cells.x[row] = 530;
    world.sites[0].cells.y[row] = world.sites[0].cells.z[row] = 500;
  }
  BloodStream& stream = world.blood_stream;
  stream.passages_1_h = way.passages_1_h;
  stream.shear_death_1_h = way.killed_1_h;
  stream.immune_death_1_h = 0;
  stream.bed_death_min = 60 * Way::deadly_h;
  stream.split_in = way.split_in;
  stream.split_out = way.split_out;
  world.sites[1].organ.lodging = way.lodging;
  set_all(world.sites[0].cells, Phenotype::AnoikisRate, way.anoikis_1_h);
  const auto intravasation = make_intravasation(), circulation = make_circulation(), extravasation = make_extravasation(),
             colonisation = make_colonisation();
  describe_with(*intravasation, {{"cluster_chance", 0.0}, {"rate", 1e4}});
  describe_with(*extravasation, {{"rate", 0.2}});
  describe_with(*colonisation, {{"wait_from", 25.0}, {"wait_to", 35.0}, {"initiation", way.initiation}, {"waking", 0.0}});
  colonisation->configure(world);
  const test::ScratchFolder folder;
  const auto path = folder.path() / "cascade.csv";
  {
    CascadeWriter writer(path);
    for (double hour = 0; hour < Way::hours; hour += 0.5) {
      tick_once(world, {intravasation.get(), circulation.get(), extravasation.get(), colonisation.get()});
      writer.write(world);
      world.stage_records.clear();
    }
    CHECK(world.sites[0].cells.size() == 0);
    writer.sync();
  }
  return read_cascade(path);
}

StageCount begun(const CascadeEvents& events) {
  const auto at = events.counts.find({"lung", "begun"});
  return at == events.counts.end() ? StageCount{} : at->second;
}

}  // namespace

TEST_CASE("with and without splitting the same share begins a colony, and the error in a report is what runs differ by") {
  constexpr std::size_t cells = 200, runs = 160;
  for (const bool split : {false, true}) {
    Way way;
    if (split) way.split_in = 3, way.split_out = 4;
    double sum = 0, squares = 0, errors2 = 0;
    for (std::size_t run = 0; run < runs; ++run) {
      const StageCount count = begun(go(way, cells, 1000 + run));
      sum += count.weight;
      squares += count.weight * count.weight;
      errors2 += count.error * count.error;
    }
    const double mean = sum / runs, variance = (squares - runs * mean * mean) / (runs - 1);
    INFO("split ", split, ": ", mean, " of ", cells * way.efficiency(), ", variance ", variance, ", error^2 ",
         errors2 / runs);
    CHECK(std::fabs(mean - cells * way.efficiency()) < 4 * std::sqrt(variance / runs));
    // A fixed number of cells enters: the Poisson law that is assumed is too large by (1 - p), p = 0.05.
    const double expected = errors2 / runs * (1 - way.efficiency());
    CHECK(std::fabs(variance / expected - 1) < 4 * std::sqrt(2.1 / (runs - 1)));
  }
}

TEST_CASE("an efficiency of 10^-7 from 400 cells, with its error") {
  Way way;
  way.killed_1_h = 120;
  way.initiation = 1.1e-4;
  way.split_in = 1000;
  way.split_out = 500;
  CHECK(way.efficiency() == doctest::Approx(1e-7).epsilon(0.01));
  const StageCount count = begun(go(way, 400, 7));
  const double expected = 400 * way.efficiency();
  INFO(count.weight, " +- ", count.error, " of ", expected, " from ", count.entries, " entries");
  CHECK(std::fabs(count.weight - expected) < 4 * count.error);
  CHECK(count.error < 0.3 * expected);
}
