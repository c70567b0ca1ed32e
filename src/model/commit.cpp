#include "model/commit.h"

#include <algorithm>
#include <tuple>

#include "base/periodic.h"
#include "model/columns.h"

namespace invado {
namespace {

// Put a cell at x, or at its image inside the box where an axis is periodic.
void place(const Domain& domain, Population& cells, std::size_t row, Vec3 x) {
  const std::array<Foldable<std::int32_t>*, 3> crossings{&cells.wrap_x, &cells.wrap_y, &cells.wrap_z};
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    if (domain.boundary[a] != Boundary::Periodic) continue;
    const Wrapped at = wrap(x[axis], domain.size[axis]);
    x[axis] = at.x;
    (*crossings[a])[row] += at.crossed;
  }
  cells.x[row] = x.x, cells.y[row] = x.y, cells.z[row] = x.z;
}

// What a cell that comes to another site does not bring along: place, contacts, and what it did before. What it feels of the
// matrix follows in the next step.
void arrive(Site& site, std::size_t row, Vec3 x) {
  Population& c = site.cells;
  c.wrap_x[row] = c.wrap_y[row] = c.wrap_z[row] = 0;
  place(site.domain, c, row, x);
  c.start_x[row] = c.x[row], c.start_y[row] = c.y[row], c.start_z[row] = c.z[row];
  c.step_x[row] = c.step_y[row] = c.step_z[row] = 0;
  c.vx[row] = c.vy[row] = c.vz[row] = 0;
  if (site.domain.planar) c.uz[row] = 0;
  c.pressure[row] = 0;
  c.neighbours[row] = c.anchored_neighbours[row] = 0;
  c.anchored[row] = 0;
  c.away_x[row] = c.away_y[row] = c.away_z[row] = 0;
  c.detached_min[row] = 0;
  c.lodged[row] = 0;
  const Dormancy does = site.compartment == Compartment::Blood ? Dormancy::None : Dormancy::Waiting;
  c.dormancy[row] = static_cast<std::uint8_t>(does);
}

}  // namespace

void note_stage(World& world, std::size_t site, const Population& cells, std::size_t row, Stage stage) {
  world.sites[site].ledger.stages[static_cast<std::size_t>(stage)] += cells.weight[row];
  world.stage_records.push_back({.time_min = world.clock.time_min(),
                                 .stage = static_cast<std::int64_t>(stage),
                                 .site = static_cast<std::int64_t>(site),
                                 .id = cells.id[row],
                                 .group = cells.group[row],
                                 .founder = cells.founder[row],
                                 .parent = cells.parent[row],
                                 .weight = cells.weight[row],
                                 .pakt = cells.state[+State::Pakt][row],
                                 .vimentin_stability = static_cast<double>(cells.derived[+Derived::VimentinStability][row]),
                                 .runx2_activity = static_cast<double>(cells.derived[+Derived::Runx2Activity][row]),
                                 .ecadherin = cells.state[+State::Ecadherin][row],
                                 .mmp_expression = cells.state[+State::MmpExpression][row],
                                 .bone_programme = cells.state[+State::BoneProgramme][row]});
}

void pass_on(World& world) {
  struct Move {
    std::size_t from;
    Passage passage;
  };
  std::vector<Move> moves;
  for (std::size_t s = 0; s < world.sites.size(); ++s) {
    std::vector<Passage>& passages = world.sites[s].queues.passages;
    if (passages.empty()) continue;
    std::vector<std::int64_t> gone;
    for (const Departure& departure : world.sites[s].queues.departures) gone.push_back(departure.id);
    std::ranges::sort(gone);
    for (const Passage& passage : passages)
      if (!std::ranges::binary_search(gone, passage.id)) moves.push_back({s, passage});
    passages.clear();
  }
  std::ranges::sort(moves, {}, [](const Move& m) { return std::tuple(m.passage.group, m.passage.copy, m.passage.id); });

  std::int64_t group = -1;  // of the copies that go together
  for (std::size_t m = 0; m < moves.size(); ++m) {
    const std::size_t from = moves[m].from;
    const Passage& passage = moves[m].passage;
    Site& source = world.sites[from];
    Site& target = world.sites[passage.to];
    Population& cells = target.cells;
    const std::size_t row = append_copy(cells, source.cells, passage.row);
    const auto goes_with = [&](const Passage& other) { return other.group == passage.group && other.copy == passage.copy; };
    const bool first = m == 0 || !goes_with(moves[m - 1].passage);
    const bool last = m + 1 == moves.size() || !goes_with(moves[m + 1].passage);
    if (passage.copy == 0) {
      source.queues.departures.push_back({passage.id, passage.row, Leaving::Passed});
      group = passage.group;
    } else {
      cells.parent[row] = passage.id;
      cells.id[row] = world.next_id++;
      if (first) group = cells.id[row];
    }
    cells.group[row] = group;
    cells.weight[row] = passage.weight;
    arrive(target, row, passage.position);
    if (target.compartment == Compartment::Blood) cells.arrived_min[row] = world.clock.time_min();
    ++target.ledger.arrivals;
    ++target.ledger.of_type(cells.type[row]).arrivals;
    const bool into_blood = target.compartment == Compartment::Blood;
    note_stage(world, into_blood ? from : passage.to, cells, row, into_blood ? Stage::Intravasated : Stage::Extravasated);
    if (into_blood && !(first && last)) source.ledger.entered_together += passage.weight;
  }
}

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
    const std::size_t daughter = append_copy(cells, cells, mother);
    cells.id[daughter] = world.next_id++;
    cells.parent[daughter] = birth.mother;
    place(site.domain, cells, mother, centre - birth.offset);
    place(site.domain, cells, daughter, centre + birth.offset);
    const Population& placed = cells;
    const Vec3 b = placed.position(daughter);
    // The daughter's track begins beside her mother's: in unwrapped coordinates.
    cells.start_x[daughter] = b.x + placed.wrap_x[daughter] * site.domain.size.x;
    cells.start_y[daughter] = b.y + placed.wrap_y[daughter] * site.domain.size.y;
    cells.start_z[daughter] = b.z + placed.wrap_z[daughter] * site.domain.size.z;
    cells.path_um[daughter] = 0;
    cells.radius[mother] = cells.radius[daughter] = birth.radius;
    cells.born_min[daughter] = now;
    ++site.ledger.births;
    ++site.ledger.of_type(cells.type[daughter]).births;
    site.events.push_back({now, cells.id[daughter], birth.mother, 0, b});
    divisions.push_back({mother, daughter});
  }

  if (!departures.empty()) {
    // Cells from the end fill the gaps: at most as many are moved as have gone, whatever the number of those who stay.
    std::size_t kept = cells.size();
    leaves.resize(kept, false);
    std::vector<std::size_t> gaps;
    for (const Departure& gone : departures) gaps.push_back(gone.row);
    std::ranges::sort(gaps);
    std::vector<std::pair<std::size_t, std::size_t>> moved;  // from, to; from falls
    for (const std::size_t gap : gaps) {
      while (kept > gap && leaves[kept - 1]) --kept;
      if (gap >= kept) break;
      copy_row(cells, --kept, gap);
      moved.emplace_back(kept, gap);
    }
    for_each_column(cells, [kept](const ColumnInfo&, auto& column) { column.resize(kept); });
    const auto row_now = [&](std::size_t row) {
      const auto at =
          std::ranges::lower_bound(moved, row, std::ranges::greater{}, &std::pair<std::size_t, std::size_t>::first);
      return at != moved.end() && at->first == row ? at->second : row;
    };
    for (Division& division : divisions) division = {row_now(division.mother), row_now(division.daughter)};
  }
  births.clear();
  departures.clear();
  return divisions;
}

std::size_t let_in(World& world, Site& site) {
  const Newcomers& newcomers = world.newcomers;
  const auto [first, last] = std::equal_range(newcomers.tick.begin(), newcomers.tick.end(), world.clock.tick);
  const std::size_t here = index_of(world, site);
  std::size_t count = 0;
  for (auto at = first; at != last; ++at) {
    const auto n = static_cast<std::size_t>(at - newcomers.tick.begin());
    if (newcomers.site[n] != here) continue;
    const std::size_t row = append_copy(site.cells, newcomers.cells, n);
    site.cells.born_min[row] = world.clock.time_min();
    if (site.compartment == Compartment::Blood) site.cells.arrived_min[row] = world.clock.time_min();
    ++site.ledger.founders;
    ++site.ledger.of_type(site.cells.type[row]).founders;
    ++count;
  }
  return count;
}

}  // namespace invado
