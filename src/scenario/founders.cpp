#include "scenario/founders.h"

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

void place_founders(const Scenario& scenario, World& world) {
  std::vector<std::size_t> total;
  for (const Site& site : world.sites) total.push_back(site.cells.size());
  for (const FounderPopulation& founders : scenario.founders)
    total[founders.site] += static_cast<std::size_t>(founders.count);
  for (std::size_t s = 0; s < world.sites.size(); ++s) reserve_rows(world.sites[s].cells, total[s]);
  for (std::size_t population = 0; population < scenario.founders.size(); ++population) {
    const FounderPopulation& founders = scenario.founders[population];
    const Placement& place = founders.place;
    Site& site = world.sites[founders.site];
    Population& cells = site.cells;
    for (std::int64_t n = 0; n < founders.count; ++n) {
      const auto nth = static_cast<std::size_t>(n);
      const std::int64_t id = world.next_id++;
      const std::size_t row = append_row(cells);
      const auto type = place.point_type.empty() ? founders.type : static_cast<std::uint8_t>(place.point_type[nth]);
      const Vec3 x = founder_position(founders, nth, site, world.seed, id);
      cells.id[row] = id;
      cells.parent[row] = -1;
      cells.founder[row] = id;
      cells.type[row] = type;
      cells.origin[row] = static_cast<std::uint8_t>(population);
      cells.treated[row] = treated_bits(world, id, type, population);
      cells.x[row] = cells.start_x[row] = x.x;
      cells.y[row] = cells.start_y[row] = x.y;
      cells.z[row] = cells.start_z[row] = x.z;
      cells.radius[row] = place.point_radius.empty() ? world.types[type].radius : place.point_radius[nth];
      cells.speed_factor[row] = 1;
      cells.weight[row] = 1;
      cells.group[row] = founders.site == 0 ? -1 : id;  // elsewhere each is a clump or a colony of its own
      ++site.ledger.of_type(type).founders;
    }
    site.ledger.founders += founders.count;
  }
}

}  // namespace invado
