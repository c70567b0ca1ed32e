#include "scenario/founders.h"

#include <algorithm>

#include "model/columns.h"
#include "scenario/shapes.h"

namespace invado {

Vec3 founder_position(const FounderPopulation& founders, std::size_t nth, const Site& site, Seed seed, std::int64_t id) {
  if (!founders.place.points.empty()) return founders.place.points[nth];
  if (site.domain.spaceless()) return {};
  constexpr std::uint32_t most_tries = 100;
  Vec3 x;
  for (std::uint32_t attempt = 0; attempt < most_tries; ++attempt) {
    x = point_in(founders.place.region, site.domain, uniform4(seed, 0, Purpose::Placement, id, attempt));
    if (site.matrix.none() || !inert(site.matrix.tissue_at(site.matrix.grid.voxel_of(x)))) break;
  }
  return x;
}

std::uint64_t treated_bits(const World& world, std::int64_t id, std::uint8_t type, std::size_t population) {
  std::uint64_t bits = 0;
  for (std::size_t p = 0; p < world.perturbations.size(); ++p) {
    const Perturbation& perturbation = world.perturbations[p];
    if ((perturbation.types >> type & 1u) == 0 || (perturbation.populations >> population & 1u) == 0) continue;
    const bool chosen = perturbation.fraction >= 1 || uniform4(world.seed, 0, Purpose::Treatment, id,
                                                               static_cast<std::uint32_t>(p))[0] < perturbation.fraction;
    if (chosen) bits |= std::uint64_t{1} << p;
  }
  return bits;
}

namespace {

// The n-th founder of a population, appended to `cells`; what it meets is `site` as it is at t = 0. `one`: a row, to be
// copied, so that what all have alike stays folded.
void add_founder(const World& world, const FounderPopulation& founders, std::size_t population, std::size_t nth,
                 std::int64_t id, Population& one, Population& cells) {
  const Placement& place = founders.place;
  const Site& site = world.sites[founders.site];
  const auto type = place.point_type.empty() ? founders.type : static_cast<std::uint8_t>(place.point_type[nth]);
  const Vec3 x = founder_position(founders, nth, site, world.seed, id);
  one.id[0] = id;
  one.parent[0] = -1;
  one.founder[0] = id;
  one.type[0] = type;
  one.origin[0] = static_cast<std::uint8_t>(population);
  one.treated[0] = treated_bits(world, id, type, population);
  one.x[0] = one.start_x[0] = x.x;
  one.y[0] = one.start_y[0] = x.y;
  one.z[0] = one.start_z[0] = x.z;
  one.radius[0] = place.point_radius.empty() ? world.types[type].radius : place.point_radius[nth];
  one.speed_factor[0] = 1;
  one.weight[0] = 1;
  one.group[0] = founders.site == 0 ? -1 : id;  // elsewhere each is a clump or a colony of its own
  append_copy(cells, one, 0);
}

}  // namespace

void place_founders(const Scenario& scenario, World& world) {
  std::vector<std::size_t> total;
  for (const Site& site : world.sites) total.push_back(site.cells.size());
  for (const FounderPopulation& founders : scenario.founders)
    total[founders.site] += static_cast<std::size_t>(founders.total());
  for (std::size_t s = 0; s < world.sites.size(); ++s) {
    fold_columns(world.sites[s].cells);
    reserve_rows(world.sites[s].cells, total[s]);
  }
  Population one;
  append_row(one);
  for (std::size_t population = 0; population < scenario.founders.size(); ++population) {
    const FounderPopulation& founders = scenario.founders[population];
    Site& site = world.sites[founders.site];
    for (std::int64_t n = 0; n < founders.at_start(); ++n) {
      add_founder(world, founders, population, static_cast<std::size_t>(n), world.next_id++, one, site.cells);
      ++site.ledger.of_type(site.cells.type.back()).founders;
    }
    site.ledger.founders += founders.at_start();
  }
  expect_newcomers(scenario, world);
  world.next_id += static_cast<std::int64_t>(world.newcomers.tick.size());
}

// Their ids follow those of the founders of t = 0, population after population, so that they can be told again at any time.
void expect_newcomers(const Scenario& scenario, World& world) {
  struct Coming {
    std::int64_t tick, id;
    std::size_t population, nth;
  };
  std::vector<Coming> coming;
  std::int64_t id = 0;
  for (const FounderPopulation& founders : scenario.founders) id += founders.at_start();
  for (std::size_t population = 0; population < scenario.founders.size(); ++population) {
    const FounderPopulation& founders = scenario.founders[population];
    for (const std::int64_t tick : founders.ticks)
      for (std::int64_t n = 0; tick > 0 && n < founders.count; ++n)
        coming.push_back({tick, id++, population, static_cast<std::size_t>(n)});
  }
  std::ranges::stable_sort(coming, {}, &Coming::tick);
  Newcomers& newcomers = world.newcomers;
  newcomers = {};
  fold_columns(newcomers.cells);
  reserve_rows(newcomers.cells, coming.size());
  Population one;
  append_row(one);
  for (const Coming& next : coming) {
    newcomers.tick.push_back(next.tick);
    newcomers.site.push_back(scenario.founders[next.population].site);
    add_founder(world, scenario.founders[next.population], next.population, next.nth, next.id, one, newcomers.cells);
  }
}

}  // namespace invado
