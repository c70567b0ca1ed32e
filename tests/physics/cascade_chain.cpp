// The way through the blood as a chain of competing exponential times, rates constant (biology.md 6):
//
//   P(lodges)  = l/(l + h),   h = anoikis + shear + immune (1 - platelets),   l = passages x chance of lodging
//   alive at T after lodging, in the bed or behind it: e^(-d T), d = bed_death anoikis;   begins with chance p = p0 (1 + b
//   W) circulating after t:      e^(-(l + h) t)
//
// Tolerances: counts of N cells are binomial, |z| < 4. Split runs: an entering cell becomes copies of equal weight; the
// weighted count has the same mean, and its variance is found from the cells that entered, which are independent.
// A bed that is left at a rate b holds l int e^(-a s) e^(-b (t - s)) ds, a = l + h.
// Limits: what is left of the interval in which a cell leaves its bed is not counted as dangerous: d dt/2 = 0.002.
// Seen to fail: the time between lodging and the next call forgotten; copies with the weight of the whole; no end of the
// danger in the bed, no danger behind it; affinity, protection of clumps or their size forgotten; causes not in proportion;
// members of a clump in the order of rows; platelets forgotten.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "../cascade_world.h"
#include "../settings.h"

using namespace invado;

namespace {

constexpr double anoikis_1_h = 0.1, chance_to_lodge = 0.6, passages_1_h = 0.5, deadly_h = 20;
constexpr double lodging_1_h = passages_1_h * chance_to_lodge;
constexpr double dies_1_h = anoikis_1_h + 0.15 + 0.10;
constexpr double bed_1_h = 0.5 * anoikis_1_h;
constexpr double leaves_1_h = 0.2 * 0.5;  // half of what is possible
constexpr double begins = 0.2 * (1 + 2 * 0.5);

World injected(std::size_t cells, std::uint64_t seed, double tick_min) {
  World world = cascade_world(cells, 2, seed, tick_min);
  world.blood_stream.passages_1_h = passages_1_h;
  world.blood_stream.bed_death_min = 60 * deadly_h;
  world.blood_stream.immune_death_1_h = 0.25;  // of which platelets leave 0.10
  world.blood_stream.platelets = 0.6;
  world.sites[1].organ.lodging = chance_to_lodge;
  world.sites[1].organ.affinity = 2;
  set_all(world.sites[2].cells, Phenotype::AnoikisRate, anoikis_1_h);
  set_all(world.sites[2].cells, State::BoneProgramme, 0.5);
  return world;
}

double z_of(double count, double n, double p) { return (count - n * p) / std::sqrt(n * p * (1 - p)); }

struct Chain {
  std::unique_ptr<Process> circulation = make_circulation(), extravasation = make_extravasation(),
                           colonisation = make_colonisation();
  Chain() {
    describe_with(*extravasation, {{"rate", 0.2}});
    describe_with(*colonisation, {{"wait_from", 100.0}, {"wait_to", 200.0}, {"initiation", 0.2}, {"waking", 0.0}});
  }
  void run(World& world, double hours) {
    colonisation->configure(world);
    const auto steps = static_cast<int>(hours * 60 / world.clock.minutes(1) + 0.5);
    for (int i = 0; i < steps; ++i) tick_once(world, {circulation.get(), extravasation.get(), colonisation.get()});
  }
};

double stage(const World& world, Stage stage) { return world.sites[1].ledger.stages[static_cast<std::size_t>(stage)]; }

}  // namespace

TEST_CASE("cells circulate, lodge and die as competing exponential times say, whatever the step") {
  for (const double tick_min : {6.0, 120.0}) {
    constexpr std::size_t n = 40000;
    World world = injected(n, 71, tick_min);
    Chain chain;
    chain.run(world, 4);
    const Population& blood = world.sites[2].cells;
    double circulating = 0;
    for (const std::uint8_t lodged : blood.lodged) circulating += lodged == 0 ? 1 : 0;
    const double stays = std::exp(-(lodging_1_h + dies_1_h) * 4);
    INFO("step ", tick_min, " min");
    CHECK(std::fabs(z_of(circulating, n, stays)) < 4);
    // Lodged at s, and by t neither dead nor out; who lodged in the last step is looked at in the next one.
    double lodged = 0;
    for (const std::uint8_t bed : blood.lodged) lodged += bed != 0 ? 1 : 0;
    constexpr double a = lodging_1_h + dies_1_h, b = leaves_1_h + bed_1_h, t = 4;
    const double until = t - tick_min / 60;
    const double earlier = std::exp(-b * t) * (1 - std::exp(-(a - b) * until)) / (a - b);
    const double lately = (std::exp(-a * until) - std::exp(-a * t)) / a;
    CHECK(std::fabs(z_of(lodged, n, lodging_1_h * (earlier + lately))) < 4);
    const double lodges = lodging_1_h / (lodging_1_h + dies_1_h) * (1 - stays);
    CHECK(std::fabs(z_of(stage(world, Stage::Lodged), n, lodges)) < 4);
    const auto& gone = world.sites[2].ledger.departures;
    const double of_immune = 0.10 / (lodging_1_h + dies_1_h) * (1 - stays);
    CHECK(std::fabs(z_of(static_cast<double>(gone[static_cast<std::size_t>(Leaving::Immune)]), n, of_immune)) < 4);
  }
}

TEST_CASE("the share that begins a colony is the product of the chain") {
  constexpr std::size_t n = 60000;
  World world = injected(n, 72, 12);
  Chain chain;
  chain.run(world, 260);
  const double lodges = lodging_1_h / (lodging_1_h + dies_1_h), lives = std::exp(-bed_1_h * deadly_h);
  // From the bed to the tissue: by chance before the danger is over, or after it.
  const double both = leaves_1_h + bed_1_h;
  const double out = leaves_1_h / both * (1 - std::exp(-both * deadly_h)) + std::exp(-both * deadly_h);
  CHECK(std::fabs(z_of(stage(world, Stage::Lodged), n, lodges)) < 4);
  CHECK(std::fabs(z_of(stage(world, Stage::Extravasated), n, lodges * out)) < 4);
  CHECK(std::fabs(z_of(stage(world, Stage::Initiated), n, lodges * lives * begins)) < 4);
  CHECK(std::fabs(z_of(stage(world, Stage::Dormant), n, lodges * lives * (1 - begins))) < 4);
  // Nobody is lost on the way.
  std::int64_t everywhere = 0, dead = 0;
  for (const Site& site : world.sites) {
    everywhere += static_cast<std::int64_t>(site.cells.size());
    for (std::size_t cause = 0; cause < leaving_count; ++cause)
      dead += cause == static_cast<std::size_t>(Leaving::Passed) ? 0 : site.ledger.departures[cause];
  }
  CHECK(everywhere + dead == static_cast<std::int64_t>(n));
}

TEST_CASE("splitting changes the error of a rare event and not its expectation") {
  constexpr std::size_t n = 3000;
  World world = injected(n, 73, 12);
  world.blood_stream.split_out = 8;
  Chain chain;
  chain.run(world, 260);
  const double p = lodging_1_h / (lodging_1_h + dies_1_h) * std::exp(-bed_1_h * deadly_h) * begins;
  // Weight that each injected cell brought to a colony: founder tells whose copy a cell is.
  std::map<std::int64_t, double> of_founder;
  for (const StageRecord& record : world.stage_records)
    if (record.stage == static_cast<std::int64_t>(Stage::Initiated)) of_founder[record.founder] += record.weight;
  double sum = 0, squares = 0;
  for (const auto& [founder, weight] : of_founder) sum += weight, squares += weight * weight;
  CHECK(sum == doctest::Approx(stage(world, Stage::Initiated)));
  const double variance = squares - sum * sum / n;
  CHECK(std::fabs(sum - n * p) < 4 * std::sqrt(variance));
  // What it is for: copies share the way to the organ and not the lot behind it.
  CHECK(variance < 0.75 * n * p * (1 - p));
  CHECK(of_founder.size() > 1.5 * n * p);
}

TEST_CASE("a clump is protected, is held by more capillaries, and stays together") {
  constexpr std::size_t clumps = 8000;
  World world = injected(2 * clumps, 74, 3);
  Population& blood = world.sites[2].cells;
  for (std::size_t row = 0; row < blood.size(); ++row) blood.group[row] = blood.id[row - row % 2];
  Chain chain;
  chain.run(world, 40);
  // Pairs: both die at half the hazard; lodging stops the dying. A pair of which one has died is a single cell.
  const double area = std::pow(2.0, 2.0 / 3);
  const double pair_lodges = passages_1_h * (1 - std::pow(1 - chance_to_lodge, area));
  const double as_pair = pair_lodges / (pair_lodges + dies_1_h);
  std::map<std::int64_t, int> together;
  for (const StageRecord& record : world.stage_records)
    if (record.stage == static_cast<std::int64_t>(Stage::Lodged)) ++together[record.group];
  double pairs = 0;
  for (const auto& [group, count] : together) pairs += count == 2 ? 1 : 0;
  CHECK(std::fabs(z_of(pairs, clumps, as_pair)) < 4);
  const double single = lodging_1_h / (lodging_1_h + dies_1_h);
  CHECK(std::fabs(z_of(static_cast<double>(together.size()) - pairs, clumps, (1 - as_pair) * single)) < 4);
  // In the organ the pair is one colony.
  const Population& organ = world.sites[1].cells;
  std::map<std::int64_t, int> colony;
  for (const std::int64_t group : organ.group) ++colony[group];
  for (const auto& [group, count] : colony) CHECK((count <= 2 && together.at(group) >= count));
}

TEST_CASE("the order of rows decides nothing") {
  const auto result = [](bool reversed) {
    World world = injected(400, 75, 12);
    world.blood_stream.split_out = 3;
    Population& blood = world.sites[2].cells;
    for (std::size_t row = 0; row < blood.size(); ++row) blood.group[row] = blood.id[row - row % 3];
    if (reversed)
      for_each_column(world.sites[2].cells, [](const ColumnInfo&, auto& column) { std::ranges::reverse(column); });
    Chain chain;
    chain.run(world, 150);
    std::vector<std::array<double, 5>> who;
    const Population& c = world.sites[1].cells;
    for (std::size_t row = 0; row < c.size(); ++row)
      who.push_back(
          {static_cast<double>(c.id[row]), static_cast<double>(c.group[row]), c.x[row], c.y[row], c.arrived_min[row]});
    std::ranges::sort(who);
    return who;
  };
  CHECK(result(false) == result(true));
  CHECK(result(false).size() > 100);
}
