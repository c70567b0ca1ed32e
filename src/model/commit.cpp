#include "model/commit.h"

#include <algorithm>

#include "base/periodic.h"
#include "model/columns.h"

namespace invado {
namespace {

// Put a cell at x, or at its image inside the box where an axis is periodic.
void place(const Domain& domain, Population& cells, std::size_t row, Vec3 x) {
  const std::array<std::int32_t*, 3> crossings{&cells.wrap_x[row], &cells.wrap_y[row], &cells.wrap_z[row]};
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    if (domain.boundary[a] != Boundary::Periodic) continue;
    const Wrapped at = wrap(x[axis], domain.size[axis]);
    x[axis] = at.x;
    *crossings[a] += at.crossed;
  }
  cells.x[row] = x.x, cells.y[row] = x.y, cells.z[row] = x.z;
}

}  // namespace

std::vector<Division> commit(World& world, Site& site) {
  Population& cells = site.cells;
  auto& births = site.queues.births;
  auto& departures = site.queues.departures;
  std::vector<Division> divisions;
  if (births.empty() && departures.empty()) return divisions;

  std::ranges::stable_sort(departures, {}, &Departure::id);
  // The first cause in queue order wins; processes run in schedule order, so the cause is the earliest of the step.
  departures.erase(
      std::unique(departures.begin(), departures.end(), [](const Departure& a, const Departure& b) { return a.id == b.id; }),
      departures.end());
  std::ranges::sort(births, {}, &Birth::mother);
  const double now = world.clock.time_min();

  std::vector<bool> leaves(cells.size(), false);
  for (const Departure& gone : departures) {
    leaves[gone.row] = true;
    ++site.ledger.departures[static_cast<std::size_t>(gone.cause)];
    ++site.ledger.of_type(cells.type[gone.row]).departures[static_cast<std::size_t>(gone.cause)];
    site.events.push_back({now, gone.id, -1, 1 + static_cast<std::int64_t>(gone.cause), cells.position(gone.row)});
  }

  for (const Birth& birth : births) {
    if (leaves[birth.row]) continue;
    const std::size_t mother = birth.row;
    const Vec3 centre = cells.position(mother);
    const std::size_t daughter = append_row(cells);
    copy_row(cells, mother, daughter);
    cells.id[daughter] = world.next_id++;
    cells.parent[daughter] = birth.mother;
    place(site.domain, cells, mother, centre - birth.offset);
    place(site.domain, cells, daughter, centre + birth.offset);
    const Vec3 b = cells.position(daughter);
    // The daughter's track begins beside her mother's: in unwrapped coordinates.
    cells.start_x[daughter] = b.x + cells.wrap_x[daughter] * site.domain.size.x;
    cells.start_y[daughter] = b.y + cells.wrap_y[daughter] * site.domain.size.y;
    cells.start_z[daughter] = b.z + cells.wrap_z[daughter] * site.domain.size.z;
    cells.path_um[daughter] = 0;
    cells.radius[mother] = cells.radius[daughter] = birth.radius;
    cells.age_min[daughter] = 0;
    ++site.ledger.births;
    ++site.ledger.of_type(cells.type[daughter]).births;
    site.events.push_back({now, cells.id[daughter], birth.mother, 0, b});
    divisions.push_back({mother, daughter});
  }

  if (!departures.empty()) {
    leaves.resize(cells.size(), false);
    std::vector<std::size_t> new_row(cells.size());
    std::size_t kept = 0;
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (leaves[row]) continue;
      new_row[row] = kept;
      if (kept != row) copy_row(cells, row, kept);
      ++kept;
    }
    for_each_column(cells, [kept](const ColumnInfo&, auto& column) { column.resize(kept); });
    for (Division& division : divisions) division = {new_row[division.mother], new_row[division.daughter]};
  }
  births.clear();
  departures.clear();
  return divisions;
}

}  // namespace invado
