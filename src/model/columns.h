// The one list of what a cell is. Storage, growth at commit, sorting, snapshot, checkpoint, digest and tests walk it.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "model/population.h"

namespace invado {

struct ColumnInfo {
  enum class Kind {
    State,    // part of the state: checkpoint and digest
    Derived,  // follows from the state within the step: kept out of checkpoint and digest
  };
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
  Kind kind;
};

// visit(ColumnInfo, std::vector<T>& or Foldable<T>&) for every column, always in the same order.
template <class Cells, class Visit>
void for_each_column(Cells& c, Visit&& visit) {
  using enum ColumnInfo::Kind;
  visit(ColumnInfo{"id", "1", "identity of the cell, never reused", State}, c.id);
  visit(ColumnInfo{"parent", "1", "id of the mother, -1 for founders", State}, c.parent);
  visit(ColumnInfo{"founder", "1", "id of the founder of the clone", State}, c.founder);
  visit(ColumnInfo{"type", "1", "cell type", State}, c.type);
  visit(ColumnInfo{"origin", "1", "population of the scenario", State}, c.origin);
  visit(ColumnInfo{"treated", "1", "bit p: perturbation p acts on the cell", State}, c.treated);
  visit(ColumnInfo{"x", "um", "centre, x", State}, c.x);
  visit(ColumnInfo{"y", "um", "centre, y", State}, c.y);
  visit(ColumnInfo{"z", "um", "centre, z", State}, c.z);
  visit(ColumnInfo{"ux", "1", "walk vector, x", State}, c.ux);
  visit(ColumnInfo{"uy", "1", "walk vector, y", State}, c.uy);
  visit(ColumnInfo{"uz", "1", "walk vector, z", State}, c.uz);
  visit(ColumnInfo{"step_x", "um", "walk displacement of this step, x", Derived}, c.step_x);
  visit(ColumnInfo{"step_y", "um", "walk displacement of this step, y", Derived}, c.step_y);
  visit(ColumnInfo{"step_z", "um", "walk displacement of this step, z", Derived}, c.step_z);
  visit(ColumnInfo{"vx", "um/min", "velocity of the last motion step, x", State}, c.vx);
  visit(ColumnInfo{"vy", "um/min", "velocity of the last motion step, y", State}, c.vy);
  visit(ColumnInfo{"vz", "um/min", "velocity of the last motion step, z", State}, c.vz);
  visit(ColumnInfo{"speed_um_h", "um/h", "root-mean-square speed in force at this place", State}, c.speed_in_place);
  visit(ColumnInfo{"wrap_x", "1", "periodic boundaries crossed, x", State}, c.wrap_x);
  visit(ColumnInfo{"wrap_y", "1", "periodic boundaries crossed, y", State}, c.wrap_y);
  visit(ColumnInfo{"wrap_z", "1", "periodic boundaries crossed, z", State}, c.wrap_z);
  visit(ColumnInfo{"start_x", "um", "place of birth, x", State}, c.start_x);
  visit(ColumnInfo{"start_y", "um", "place of birth, y", State}, c.start_y);
  visit(ColumnInfo{"start_z", "um", "place of birth, z", State}, c.start_z);
  visit(ColumnInfo{"path_um", "um", "length of the path since birth", State}, c.path_um);
  visit(ColumnInfo{"radius", "um", "radius", State}, c.radius);
  visit(ColumnInfo{"speed_factor", "1", "lognormal speed factor of the lineage", State}, c.speed_factor);
  visit(ColumnInfo{"pressure", "1", "crowding by neighbours; 1 = dense packing", State}, c.pressure);
  visit(ColumnInfo{"neighbours", "1", "cells within reach 1.25 (Ri + Rj)", State}, c.neighbours);
  visit(ColumnInfo{"away_x", "1", "mean unit vector away from the neighbours, x", State}, c.away_x);
  visit(ColumnInfo{"away_y", "1", "mean unit vector away from the neighbours, y", State}, c.away_y);
  visit(ColumnInfo{"away_z", "1", "mean unit vector away from the neighbours, z", State}, c.away_z);
  visit(ColumnInfo{"born_min", "min", "when the cell was born; a founder: when it came", State}, c.born_min);
  visit(ColumnInfo{"cycle_min", "min",
                   "progress in the cell cycle; exponential cycle: time lived since a division within one step", State},
        c.cycle_min);
  visit(ColumnInfo{"cycle_length_min", "min", "length of this cell cycle; 0 = exponential", State}, c.cycle_length_min);
  visit(ColumnInfo{"detached_min", "min", "time without contact to matrix", State}, c.detached_min);
  visit(ColumnInfo{"anchored", "1", "1 = holds on to matrix or solid tissue", State}, c.anchored);
  visit(ColumnInfo{"anchored_neighbours", "1", "neighbours that hold on to matrix", State}, c.anchored_neighbours);
  visit(ColumnInfo{"ligand", "1", "matrix density within reach over 1.7 mg/ml", State}, c.ligand);
  visit(ColumnInfo{"pore", "um^2", "pore cross-section at the centre", State}, c.pore_um2);
  visit(ColumnInfo{"stiffness", "kPa", "matrix stiffness at the centre", State}, c.stiffness_kpa);
  visit(ColumnInfo{"group", "1", "clump in the blood, colony in an organ: id of its first cell; -1 in a tumour", State},
        c.group);
  visit(ColumnInfo{"weight", "1", "what the cell stands for; 1 unless it was split", State}, c.weight);
  visit(ColumnInfo{"arrived_min", "min", "when the cell entered the blood, or lodged", State}, c.arrived_min);
  visit(ColumnInfo{"lodged", "1", "in the blood: 1 + index of the site whose capillaries hold the cell; 0 = circulates",
                   State},
        c.lodged);
  visit(ColumnInfo{"dormancy", "1", "0 = none, 1 = has arrived and not yet begun, 2 = dormant", State}, c.dormancy);
  for (std::size_t s = 0; s < state_count; ++s)
    visit(ColumnInfo{states[s].name, states[s].unit, states[s].meaning, State}, c.state[s]);
  constexpr std::array<std::string_view, 3> extrinsic_names{"extrinsic_pi3k_input", "extrinsic_runx2_competence",
                                                            "extrinsic_vimentin_synthesis"};
  for (std::size_t e = 0; e < extrinsic_names.size(); ++e)
    visit(ColumnInfo{extrinsic_names[e], "1", "logarithm of the slow extrinsic factor", State}, c.extrinsic[e]);
  for (std::size_t d = 0; d < derived_count; ++d)
    visit(ColumnInfo{derived_signals[d].name, derived_signals[d].unit, derived_signals[d].meaning, State}, c.derived[d]);
  for (std::size_t p = 0; p < phenotype_count; ++p)
    visit(ColumnInfo{phenotypes[p].column, phenotypes[p].unit, phenotypes[p].meaning, State}, c.phenotype[p]);
}

// Append a row, every column value-initialised; returns its index.
inline std::size_t append_row(Population& cells) {
  for_each_column(cells, [](const ColumnInfo&, auto& column) { column.emplace_back(); });
  return cells.size() - 1;
}

inline void reserve_rows(Population& cells, std::size_t rows) {
  for_each_column(cells, [rows](const ColumnInfo&, auto& column) { column.reserve(rows); });
}

// Append a copy of a row, of another population or of the same; returns its index.
inline std::size_t append_copy(Population& cells, const Population& from, std::size_t row) {
  thread_local std::vector<const void*> values_scratch;
  std::vector<const void*>& values = values_scratch;
  values.clear();
  for_each_column(from, [&](const ColumnInfo&, const auto& column) { values.push_back(&column[row]); });
  std::size_t c = 0;
  for_each_column(cells, [&]<class Numbers>(const ColumnInfo&, Numbers& column) {
    column.push_back(*static_cast<const typename Numbers::value_type*>(values[c++]));
  });
  return cells.size() - 1;
}

// Copy row `from` onto row `to`.
inline void copy_row(Population& cells, std::size_t from, std::size_t to) {
  for_each_column(cells, [from, to](const ColumnInfo&, auto& column) {
    if (!is_folded(column)) column[to] = column[from];
  });
}

// Keep once what all cells have alike; what is alike later is not kept once again by itself.
inline void fold_columns(Population& cells) {
  for_each_column(cells, []<class Numbers>(const ColumnInfo&, Numbers& column) {
    if constexpr (requires { column.fold(); }) column.fold();
  });
}
// Give each cell numbers of its own in the columns of these names.
inline void spread_columns(Population& cells, std::span<const std::string_view> names) {
  for_each_column(cells, [&]<class Numbers>(const ColumnInfo& info, Numbers& column) {
    if constexpr (requires { column.spread(); })
      if (std::ranges::find(names, info.name) != names.end()) column.spread();
  });
}

}  // namespace invado
