// The one list of what changes while a World runs. Digest and checkpoint walk it, a test fills it with patterns.
// What is not in it belongs to the scenario: it is made anew when a run is resumed, and never changes afterwards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/columns.h"
#include "model/world.h"

namespace invado {

struct StateInfo {
  enum class Kind {
    Physics,  // decides how the run goes on: in the digest
    Report,   // what observers still want to tell: not in the digest
  };
  std::string name;  // unique: "primary.cells.x"
  Kind kind = Kind::Physics;
};

// visit(StateInfo, value) for everything but the columns of cells; value is a number, or a vector of numbers, or of structs
// or arrays of numbers without gaps between them. The structured bindings name every member of these structs: a member that
// nobody has classified as state or scenario does not compile.
template <class Ledger, class Visit>
void for_each_state_of_ledger(const std::string& at, Ledger& ledger, Visit&& visit) {
  auto& [founders, births, arrivals, departures, stages, entered_together, types] = ledger;
  visit(StateInfo{at + "founders"}, founders);
  visit(StateInfo{at + "births"}, births);
  visit(StateInfo{at + "arrivals"}, arrivals);
  for (std::size_t cause = 0; cause < leaving_count; ++cause)
    visit(StateInfo{at + "departures." + std::string(leaving_words[cause])}, departures[cause]);
  for (std::size_t stage = 0; stage < stage_count; ++stage)
    visit(StateInfo{at + "stages." + std::string(stage_words[stage]), StateInfo::Kind::Report}, stages[stage]);
  visit(StateInfo{at + "entered_together", StateInfo::Kind::Report}, entered_together);
  visit(StateInfo{at + "types", StateInfo::Kind::Report}, types);
}

template <class Matrix, class Visit>
void for_each_state_of_matrix(const std::string& at, Matrix& matrix, Visit&& visit) {
  [[maybe_unused]] auto& [grid, law, density, density_start, crosslinking, tissue, fibre, tissues, crosslinked, degraded,
                          deposited] = matrix;
  visit(StateInfo{at + "density"}, density);
  visit(StateInfo{at + "density_start"}, density_start);
  visit(StateInfo{at + "crosslinking"}, crosslinking);
  visit(StateInfo{at + "tissue"}, tissue);
  visit(StateInfo{at + "fibre"}, fibre);
  visit(StateInfo{at + "degraded_mg_um3"}, degraded);
  visit(StateInfo{at + "deposited_mg_um3"}, deposited);
}

template <class Field, class Visit>
void for_each_state_of_field(const std::string& at, Field& field, Visit&& visit) {
  [[maybe_unused]] auto& [name, is_pressure, diffusion, decay, initial, frozen, gradient_axis, gradient_low, gradient_high,
                          face, periodic, solver, value, amount_start, secreted, taken_up, decayed, through_boundary] =
      field;
  visit(StateInfo{at + "value"}, value);
  visit(StateInfo{at + "amount_start"}, amount_start);
  visit(StateInfo{at + "secreted"}, secreted);
  visit(StateInfo{at + "taken_up"}, taken_up);
  visit(StateInfo{at + "decayed"}, decayed);
  visit(StateInfo{at + "through_boundary"}, through_boundary);
}

template <class Vessels, class Visit>
void for_each_state_of_vessels(const std::string& at, Vessels& vessels, Visit&& visit) {
  [[maybe_unused]] auto& [names, wall, oxygen, perfusion, segments, tips, sprouts] = vessels;
  visit(StateInfo{at + "segments"}, segments);
  visit(StateInfo{at + "tips"}, tips);
  visit(StateInfo{at + "sprouts"}, sprouts);
}

template <class World, class Visit>
void for_each_state_of_world(World& world, Visit&& visit) {
  [[maybe_unused]] auto& [types, populations, perturbations, wells, read_out, seed, sites, blood_stream, clock, next_id,
                          newcomers, stage_records, diagnostics] = world;
  auto& [seed_value] = seed;
  auto& [tick_us, tick] = clock;
  auto& [mechanics_substeps, transport_error] = diagnostics;
  visit(StateInfo{"seed"}, seed_value);
  visit(StateInfo{"clock.tick_us"}, tick_us);
  visit(StateInfo{"clock.tick"}, tick);
  visit(StateInfo{"next_id"}, next_id);
  visit(StateInfo{"stage_records", StateInfo::Kind::Report}, stage_records);
  visit(StateInfo{"diagnostics.mechanics_substeps", StateInfo::Kind::Report}, mechanics_substeps);
  visit(StateInfo{"diagnostics.transport_error", StateInfo::Kind::Report}, transport_error);
}

// Everything of a site but its cells. Queues are empty between steps and therefore not state.
template <class Site, class Visit>
void for_each_state_of_site(Site& site, Visit&& visit) {
  [[maybe_unused]] auto& [name, compartment, domain, cells, matrix, factor_grid, fields, vessels, organ, start_region,
                          queues, ledger, events, revision, ready_for] = site;
  for_each_state_of_matrix(name + ".matrix.", matrix, visit);
  for (auto& field : fields) for_each_state_of_field(name + ".fields." + field.name + ".", field, visit);
  for_each_state_of_vessels(name + ".vessels.", vessels, visit);
  for_each_state_of_ledger(name + ".ledger.", ledger, visit);
  visit(StateInfo{name + ".events", StateInfo::Kind::Report}, events);
}

// visit(StateInfo, column) for every column of the cells that is state, rows as they are stored.
template <class Site, class Visit>
void for_each_state_of_cells(Site& site, Visit&& visit) {
  for_each_column(site.cells, [&](const ColumnInfo& info, auto& column) {
    if (info.kind == ColumnInfo::Kind::State) visit(StateInfo{site.name + ".cells." + std::string(info.name)}, column);
  });
}

template <class World, class Visit>
void for_each_state(World& world, Visit&& visit) {
  for_each_state_of_world(world, visit);
  for (auto& site : world.sites) {
    for_each_state_of_cells(site, visit);
    for_each_state_of_site(site, visit);
  }
}

}  // namespace invado
