// Linear birth-death process (Kendall 1948) from one founder, birth rate l, death rate m, E = e^((l - m) t):
//     mean E,   P(extinct by t) = m (E - 1) / (l E - m);    and death alone: a share e^(-m t) survives.
// 50 000 founders, l t = 0.96, m = l/2, 144 steps (l dt = 0.0067).
// Tolerances (fixed seed, |z| < 4): mean with variance (l + m)/(l - m) E (E - 1): 0.0071; extinction and survival binomial:
// 0.0019 and 0.0022. A cell that would divide and then die within one step dies without dividing: probability l m dt^2/2
// per step, which raises the probability of extinction by about l m dt t/2 = 0.001 (z = +0.6) and is nothing in the mean.
// Seen to fail: m dt instead of 1 - exp(-m dt) (survivors -8), death rate x 1.05 (survivors -6.1, extinct 5.1), death and
// division sharing their random number (mean -80), a child counted for a mother that died (ledger).
// The ledger is exact: founders + births - departures = cells, at every step.
#include <doctest/doctest.h>

#include <cmath>

#include "../settings.h"
#include "../small_world.h"

namespace invado {
std::unique_ptr<Process> make_division();
std::unique_ptr<Process> make_death();
}  // namespace invado
using namespace invado;

namespace {

constexpr std::size_t founders = 50000;
constexpr int steps = 144;
constexpr double doubling_h = 30, birth_t = 0.96, death_t = 0.48;

World dying_world(std::uint64_t seed, int in_steps) {
  const double hours = birth_t * doubling_h / std::log(2.0);
  World world = small_world(founders, seed, hours * 60 / in_steps);
  for (float& rate : world.sites[0].cells.phenotype[+Phenotype::DeathRate]) rate = static_cast<float>(death_t / hours);
  return world;
}

std::int64_t head_count(const World& world) {
  const Ledger& ledger = world.sites[0].ledger;
  std::int64_t count = ledger.founders + ledger.births;
  for (const std::int64_t gone : ledger.departures) count -= gone;
  return count;
}

}  // namespace

TEST_CASE("a constant hazard leaves an exponential share alive") {
  constexpr int coarse = 4;  // m dt = 0.12: what is exact is exact at any step
  World world = dying_world(1662, coarse);
  const auto death = make_death();
  for (int i = 0; i < coarse; ++i) tick_once(world, {death.get()});
  const double n = founders, p = std::exp(-death_t);
  const double z = (static_cast<double>(world.sites[0].cells.size()) - n * p) / std::sqrt(n * p * (1 - p));
  MESSAGE("z survivors ", z);
  CHECK(std::fabs(z) < 4);
  CHECK(head_count(world) == static_cast<std::int64_t>(world.sites[0].cells.size()));
  CHECK(world.sites[0].ledger.departures[static_cast<std::size_t>(Leaving::Apoptosis)] ==
        static_cast<std::int64_t>(founders - world.sites[0].cells.size()));
}

TEST_CASE("clones grow and die out as in the birth-death process") {
  World world = dying_world(1948, steps);
  const auto division = make_division();
  const auto death = make_death();
  division->resize_types(1);
  describe_type_with(*division, 0, {{"life.doubling", doubling_h}});
  division->start(world);
  for (int i = 0; i < steps; ++i) {
    tick_once(world, {division.get(), death.get()});
    REQUIRE(head_count(world) == static_cast<std::int64_t>(world.sites[0].cells.size()));
  }
  const auto sizes = clone_sizes(world, founders);
  const double n = founders, growth = std::exp(birth_t - death_t);
  const double mean = static_cast<double>(world.sites[0].cells.size()) / n;
  const double variance = (birth_t + death_t) / (birth_t - death_t) * growth * (growth - 1);
  const double z_mean = (mean - growth) / std::sqrt(variance / n);
  const double extinct = death_t * (growth - 1) / (birth_t * growth - death_t);
  const double z_extinct =
      (static_cast<double>(std::ranges::count(sizes, 0)) - n * extinct) / std::sqrt(n * extinct * (1 - extinct));
  MESSAGE("z mean ", z_mean, "  z extinct ", z_extinct);
  CHECK(std::fabs(z_mean) < 4);
  CHECK(std::fabs(z_extinct) < 4);
}
