#include "analysis/observables.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>
#include <variant>

#include "analysis/cell_surface.h"
#include "analysis/colony.h"
#include "analysis/indices.h"
#include "analysis/msd.h"
#include "analysis/row_order.h"
#include "analysis/statistics.h"
#include "analysis/strands.h"
#include "analysis/wound.h"
#include "base/error.h"
#include "base/parallel.h"
#include "model/headline_signals.h"

namespace invado {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

// The cells that a block of columns speaks of.
struct Scope {
  const World& world;
  const Site& site;
  const StartRegion& region;
  int type;                       // -1: all types
  std::vector<std::size_t> rows;  // in the order of rows_in_order: sums do not depend on the order of storage
  Mass mass;                      // of these rows, where there is space
};

// Collects one value per column, or what the columns are.
class Row {
 public:
  Row(std::vector<double>& values, std::vector<Observable>* columns) : values_(values), columns_(columns) {}
  std::string prefix;
  void put(std::string_view name, std::string_view unit, std::string_view meaning, double value) {
    values_.push_back(value);
    if (columns_ != nullptr) columns_->push_back({prefix + std::string(name), std::string(unit), std::string(meaning)});
  }

 private:
  std::vector<double>& values_;
  std::vector<Observable>* columns_;
};

double share(double part, double whole) { return whole > 0 ? part / whole : no_value; }

// --- how many ---------------------------------------------------------------------------------------------------------

void head_count(const Scope& s, Row& row) {
  const Ledger& ledger = s.site.ledger;
  const auto cells = static_cast<std::int64_t>(s.rows.size());
  std::int64_t births = ledger.births, founders = ledger.founders, arrivals = ledger.arrivals;
  std::array<std::int64_t, leaving_count> departures = ledger.departures;
  if (s.type >= 0) {
    const bool known = static_cast<std::size_t>(s.type) < ledger.types.size();
    const Ledger::OfType of_type = known ? ledger.types[static_cast<std::size_t>(s.type)] : Ledger::OfType{};
    births = of_type.births;
    arrivals = of_type.arrivals;
    departures = of_type.departures;
    founders = cells - births - arrivals;
    for (const auto count : departures) founders += count;
  }
  constexpr auto left = static_cast<std::size_t>(Leaving::Left), passed = static_cast<std::size_t>(Leaving::Passed);
  const bool several = s.world.sites.size() > 1;
  std::int64_t gone = 0;
  for (const auto count : departures) gone += count;
  const std::int64_t dead = gone - departures[left] - departures[passed];
  row.put("cells", "1", "living cells", static_cast<double>(cells));
  row.put("births", "1", "daughters born since t = 0", static_cast<double>(births));
  for (std::size_t cause = 0; cause < leaving_count; ++cause)
    if (cause != left && cause != passed)
      row.put(fmt::format("deaths_{}", leaving_words[cause]), "1",
              fmt::format("deaths by {} since t = 0", leaving_words[cause]), static_cast<double>(departures[cause]));
  row.put("left", "1", "cells that left through an open boundary since t = 0", static_cast<double>(departures[left]));
  if (several) {
    row.put("arrivals", "1", "cells that came from another site since t = 0", static_cast<double>(arrivals));
    row.put("passed", "1", "cells that went on to another site since t = 0", static_cast<double>(departures[passed]));
  }
  const std::int64_t all = founders + births + arrivals;
  row.put("alive_fraction", "1", "share of all founders and daughters that have not died",
          share(static_cast<double>(all - dead), static_cast<double>(all)));
  if (s.type < 0)
    row.put("head_count_balance", "1",
            several ? "cells - (founders + births + arrivals - deaths - left - passed): 0"
                    : "cells - (founders + births - deaths - left): 0",
            static_cast<double>(cells - (all - gone)));
}

// --- signals ----------------------------------------------------------------------------------------------------------

struct Quantity {
  std::string_view name, unit, meaning;
  std::variant<const Foldable<double>*, const Foldable<float>*> column;
};

// Mean, spread and quantiles of each quantity, one thread per quantity.
void distributions(const std::vector<std::size_t>& rows, Row& row, const std::vector<Quantity>& quantities) {
  std::vector<Summary> summaries(quantities.size());
#pragma omp parallel for schedule(dynamic, 1) if (rows.size() > 256)
  for (std::ptrdiff_t q = 0; q < static_cast<std::ptrdiff_t>(quantities.size()); ++q) {
    const auto at = static_cast<std::size_t>(q);
    std::vector<double> values(rows.size());
    const auto take = [&](const auto* column) {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((*column)[rows[i]]);
    };
    std::visit(take, quantities[at].column);
    summaries[at] = summarise(std::move(values));
  }
  for (std::size_t q = 0; q < quantities.size(); ++q) {
    const auto put = [&](std::string_view suffix, double number) {
      row.put(fmt::format("{}_{}", quantities[q].name, suffix), quantities[q].unit,
              fmt::format("{}: {}", quantities[q].meaning, suffix), number);
    };
    put("mean", summaries[q].mean);
    put("sd", summaries[q].sd);
    put("q05", summaries[q].q05);
    put("q50", summaries[q].q50);
    put("q95", summaries[q].q95);
  }
}

// Of these cells, those that have signals.
std::vector<std::size_t> with_signals(const Scope& s) {
  std::vector<std::size_t> rows;
  std::ranges::copy_if(s.rows, std::back_inserter(rows),
                       [&](std::size_t r) { return s.world.types[s.site.cells.type[r]].signalling; });
  return rows;
}

void signals(const Scope& s, Row& row) {
  const Population& cells = s.site.cells;
  std::vector<Quantity> all, behaviour;
  const auto state = [&](std::size_t k) {
    all.push_back({states[k].name, states[k].unit, states[k].meaning, &cells.state[k]});
  };
  const auto derived = [&](std::size_t k) {
    all.push_back({derived_signals[k].name, derived_signals[k].unit, derived_signals[k].meaning, &cells.derived[k]});
  };
  state(+State::Pakt);
  derived(+Derived::VimentinStability);
  derived(+Derived::Runx2Activity);
  for (std::size_t k = 0; k < state_count; ++k)
    if (k != +State::Pakt) state(k);
  for (std::size_t k = 0; k < derived_count; ++k)
    if (k != +Derived::VimentinStability && k != +Derived::Runx2Activity) derived(k);
  for (std::size_t k = 0; k < phenotype_count; ++k)
    behaviour.push_back({phenotypes[k].column, phenotypes[k].unit, phenotypes[k].meaning, &cells.phenotype[k]});
  distributions(with_signals(s), row, all);
  distributions(s.rows, row, behaviour);
}

void indices(const Scope& s, Row& row) {
  const Population& cells = s.site.cells;
  const std::vector<std::size_t> rows = with_signals(s);
  const auto mean = [&](auto&& value) {
    return share(ordered_sum(rows.size(), [&](std::size_t i) { return static_cast<double>(value(rows[i])); }),
                 static_cast<double>(rows.size()));
  };
  const auto index = [&](std::size_t r) {
    return assay_indices(cells.state[+State::Pakt][r], cells.state[+State::Ecadherin][r],
                         cells.state[+State::MmpExpression][r],
                         static_cast<double>(cells.derived[+Derived::VimentinEffective][r]),
                         static_cast<double>(cells.derived[+Derived::Runx2Activity][r]));
  };
  row.put("mig_index", "um/h^1/2", "migration index of the reference, mean over cells with signals",
          mean([&](std::size_t r) { return index(r).migration; }));
  row.put("inv_index", "um/h^1/2", "invasion index of the reference, mean over cells with signals",
          mean([&](std::size_t r) { return index(r).invasion; }));
  row.put("survival_24h", "1", "survival of detached cells after 24 h, mean over cells with signals",
          mean([&](std::size_t r) { return index(r).survival_24h; }));
  for (std::size_t k = 0; k < derived_count; ++k)
    if (derived_signals[k].name == "vimentin_synthesis_1_h")
      row.put("vimentin_synthesis_1_h", "1/h", "synthesis of vimentin, mean over cells with signals",
              mean([&](std::size_t r) { return cells.derived[k][r]; }));
  row.put("high_branch_fraction", "1", "share of cells with signals whose runx2_activity is above 0.25",
          mean([&](std::size_t r) {
            return static_cast<double>(cells.derived[+Derived::Runx2Activity][r]) > high_branch ? 1.0 : 0.0;
          }));
}

// --- space ------------------------------------------------------------------------------------------------------------

void front(const Scope& s, Row& row) {
  const Front front = measure_front(s.site, s.region, s.rows, s.mass);
  row.put("front_um_q50", "um", "depth outside the initial region, median over the cells outside", front.q50);
  row.put("front_um_q90", "um", "depth outside the initial region, 90 % quantile", front.q90);
  row.put("front_um_q95", "um", "depth outside the initial region, 95 % quantile", front.q95);
  row.put("front_um_q99", "um", "depth outside the initial region, 99 % quantile", front.q99);
  row.put("front_um_max", "um", "depth of the deepest cell", front.max);
  // Filled in from the history by sample().
  row.put("front_speed_um_h", "um/h", "slope of front_um_q90 against time over all samples so far", no_value);
  row.put(
      "front_speed_se", "um/h",
      "standard error of that slope: successive samples are taken as correlated as they are; where the curve bends, from "
      "the speeds of eight successive pieces",
      no_value);
  row.put(
      "front_roughness_um", "um",
      "root mean square, over the region's sectors, of the depth of the mass there about its mean; detached cells do not "
      "count",
      front.roughness);
  row.put("front_near_boundary", "1", "1 = the deepest tenth has come near a face of the box: the front is no longer free",
          front.near_boundary ? 1 : 0);
  row.put("front_cells", "1", "cells outside the initial region", static_cast<double>(front.outside));
  if (s.world.read_out == ReadOut::Transwell) {
    const double face = lower_face(s.site.matrix, Tissue::Membrane).value_or(0);
    row.put("invaded", "1", "cells whose centre is below the membrane",
            static_cast<double>(std::ranges::count_if(s.rows, [&](std::size_t r) { return s.site.cells.z[r] < face; })));
  } else {
    row.put("invaded", "1", "cells deeper than two radii", static_cast<double>(front.invaded));
  }
  if (s.world.read_out == ReadOut::Monolayer && s.type < 0)
    row.put("wound_um", "um", "width of the wound: area that no cell covers outside the initial region, over its length",
            wound_width(s.site, s.region));
}

void surface(const Scope& s, Row& row) {
  const CellSurface surface = cell_surface(s.site, s.rows, s.mass.groups.contacts);
  row.put("front_area_um2", "um^2",
          "area of the surface around all cells: smoothed cell density (standard deviation: the cell's radius) at the level "
          "that encloses a cell alone by a sphere of its radius; faces of the box do not count",
          surface.area_um2);
  row.put("front_volume_um3", "um^3", "volume that this surface encloses", surface.volume_um3);
}

void groups(const Scope& s, Row& row) {
  row.put("detached_cells", "1",
          "cells without contact, direct or through others, to the mass: the groups that reach into the initial region, and "
          "the largest group",
          static_cast<double>(s.mass.detached));
  row.put("islands", "1", "detached groups of two or more cells", static_cast<double>(s.mass.islands));
  row.put("island_cells", "1", "cells in islands; the other detached cells are single",
          static_cast<double>(s.mass.island_cells));
  row.put("clusters", "1", "groups of two or more cells in contact", static_cast<double>(s.mass.groups.clusters));
  row.put("largest_cluster", "1", "cells in the largest group", static_cast<double>(s.mass.groups.largest));
  const std::vector<Strand> strands = find_strands(s.site, s.rows, s.mass);
  double sum = 0, longest = 0;
  for (const Strand& strand : strands) sum += strand.length_um, longest = std::max(longest, strand.length_um);
  const auto count = static_cast<double>(strands.size());
  row.put("strands", "1",
          "strands of one to three cells across that stick out of the mass by two cells or more, counted by their tips",
          count);
  row.put("strand_length_um_mean", "um",
          "length of a strand, straight from the nearest cell of the mass to its tip, mean; 0 without",
          strands.empty() ? 0 : sum / count);
  row.put("strand_length_um_max", "um", "length of the longest strand; 0 without", longest);
}

void displacement(const Scope& s, Row& row) {
  const Population& cells = s.site.cells;
  std::vector<double> squares, lengths, speeds;
  const double time_h = s.world.clock.time_h();
  for (const std::size_t r : s.rows) {
    if (cells.parent[r] >= 0) continue;
    const Vec3 d = unwrapped(s.site.domain, cells, r) - Vec3{cells.start_x[r], cells.start_y[r], cells.start_z[r]};
    squares.push_back(dot(d, d));
    lengths.push_back(norm(d));
    if (time_h > 0) speeds.push_back(cells.path_um[r] / time_h);
  }
  row.put("founders_alive", "1", "founders still there: the cells behind the columns of displacement",
          static_cast<double>(squares.size()));
  row.put("net_displacement_um_mean", "um", "distance from the start, mean over founders", mean_with_error(lengths).mean);
  const MeanWithError msd = mean_with_error(squares);
  row.put("msd_um2", "um^2", "mean square displacement since t = 0 of founders", msd.mean);
  row.put("msd_se_um2", "um^2", "standard error of msd_um2 over cells", msd.error);
  row.put("path_speed_um_h_mean", "um/h", "length of the path over time since t = 0, mean over founders",
          mean_with_error(speeds).mean);
  // Filled in from the history by sample().
  row.put("persistence_fit_h", "h", "persistence time from msd_um2 of all samples so far by Fuerth's law", no_value);
}

void speed_in_place(const Scope& s, Row& row) {
  distributions(s.rows, row,
                {{"speed_um_h", "um/h", "root-mean-square speed in force at this place", &s.site.cells.speed_in_place}});
}

// --- the way to other sites -------------------------------------------------------------------------------------------

// Of an organ: who lives there, in weights (a cell that was split counts its share).
struct Colonies {
  double waiting = 0, dormant = 0, count = 0;
  std::size_t largest = 0;  // cells
};
Colonies colonies_of(const Population& cells, std::vector<std::size_t> rows) {
  Colonies found;
  for (const std::size_t r : rows) {
    if (cells.dormancy[r] == static_cast<std::uint8_t>(Dormancy::Waiting)) found.waiting += cells.weight[r];
    if (cells.dormancy[r] == static_cast<std::uint8_t>(Dormancy::Dormant)) found.dormant += cells.weight[r];
  }
  std::ranges::sort(rows, {}, [&](std::size_t r) { return std::pair(cells.group[r], cells.id[r]); });
  for (std::size_t first = 0, next = 0; first < rows.size(); first = next) {
    while (next < rows.size() && cells.group[rows[next]] == cells.group[rows[first]]) ++next;
    found.largest = std::max(found.largest, next - first);
    if (next - first >= colony_from) found.count += cells.weight[rows[first]];
  }
  return found;
}

// In weights: in the tissue of the organ, and held in its capillaries.
double burden_of(const Scope& s) {
  double burden = 0;
  for (const std::size_t r : s.rows) burden += s.site.cells.weight[r];
  const std::size_t blood = blood_of(s.world), organ = index_of(s.world, s.site);
  if (blood == s.world.sites.size()) return burden;
  const Population& cells = s.world.sites[blood].cells;
  for (const std::size_t r : rows_in_order(s.world.sites[blood], -1))
    if (cells.lodged[r] == organ + 1) burden += cells.weight[r];
  return burden;
}

double stage(const Site& site, Stage stage) { return site.ledger.stages[static_cast<std::size_t>(stage)]; }

// Cells that have begun to grow: of a clump each, where `colonies` has one.
double begun(const Site& site) { return stage(site, Stage::Initiated) + stage(site, Stage::Woken); }

void organ(const Scope& s, Row& row) {
  const Colonies colonies = colonies_of(s.site.cells, s.rows);
  row.put("lodged", "1", "cells that have lodged in the capillaries since t = 0", stage(s.site, Stage::Lodged));
  row.put("extravasated", "1", "cells that have come into the tissue since t = 0", stage(s.site, Stage::Extravasated));
  row.put("initiated", "1", "cells that have begun to grow, at once or after dormancy, since t = 0", begun(s.site));
  row.put("macrometastases", "1", "those of them that are expected to found a macrometastasis: times `progression`",
          s.site.organ.progression * begun(s.site));
  row.put("burden", "1", "living tumour cells of the organ, in its capillaries and its tissue", burden_of(s));
  row.put("waiting", "1", "cells that have not yet begun", colonies.waiting);
  row.put("dormant", "1", "dormant cells", colonies.dormant);
  row.put("colonies", "1", "colonies of eight or more cells", colonies.count);
  row.put("colony_cells_max", "1", "cells of the largest colony", static_cast<double>(colonies.largest));
}

// What the whole way comes to. `organs`: as organ() counts them.
void cascade(const World& world, Row& row) {
  const std::size_t blood = blood_of(world);
  if (blood == world.sites.size()) return;
  double intravasated = 0, together = 0, lodged = 0, extravasated = 0, dormant = 0, macro = 0, colonies = 0;
  std::size_t largest = 0;
  for (std::size_t s = 0; s < blood; ++s) {
    const Site& site = world.sites[s];
    intravasated += stage(site, Stage::Intravasated);
    together += site.ledger.entered_together;
    lodged += stage(site, Stage::Lodged);
    extravasated += stage(site, Stage::Extravasated);
    if (s == 0) continue;
    macro += site.organ.progression * begun(site);
    const Colonies found = colonies_of(site.cells, rows_in_order(site, -1));
    dormant += found.dormant;
    colonies += found.count;
    largest = std::max(largest, found.largest);
  }
  const Population& cells = world.sites[blood].cells;
  double circulating = 0, held = 0;
  for (const std::size_t r : rows_in_order(world.sites[blood], -1))
    (cells.lodged[r] == 0 ? circulating : held) += cells.weight[r];
  row.put("intravasated", "1", "cells that have entered the blood since t = 0", intravasated);
  row.put("intravasated_in_clusters", "1", "those of them that entered together with others", together);
  row.put("circulating", "1", "cells that circulate in the blood", circulating);
  row.put("in_capillaries", "1", "cells that are lodged in the capillaries of an organ", held);
  row.put("lodged", "1", "cells that have lodged in an organ since t = 0", lodged);
  row.put("extravasated", "1", "cells that have come into the tissue of an organ since t = 0", extravasated);
  row.put("dormant", "1", "dormant cells in organs", dormant);
  row.put("macrometastases", "1", "macrometastases that are expected of the cells that have begun", macro);
  row.put("colonies", "1", "colonies of eight or more cells in organs", colonies);
  row.put("colony_cells_max", "1", "cells of the largest colony", static_cast<double>(largest));
}

// --- what is not cells ------------------------------------------------------------------------------------------------

void matrix(const Scope& s, Row& row) {
  const Matrix& m = s.site.matrix;
  const std::size_t voxels = m.none() ? 0 : m.grid.size();
  const double volume = m.none() ? 0 : m.grid.voxel_volume();
  row.put("degraded_um3", "um^3", "volume of matrix taken away: sum of (1 - density/density at start) over voxels",
          volume * ordered_sum(voxels, [&](std::size_t v) {
            return m.density_start[v] > 0 ? std::max(1 - m.density[v] / m.density_start[v], 0.0) : 0.0;
          }));
  row.put("pore_mean_um2", "um^2", "pore cross-section, mean over the lattice",
          share(ordered_sum(voxels, [&](std::size_t v) { return m.pore(v); }), static_cast<double>(voxels)));
  // Ledger: amount = density x volume; 1 mg/ml um^3 = 1 fg.
  const auto amount = [&](const std::vector<double>& density) {
    return volume * ordered_sum(voxels, [&](std::size_t v) { return density[v]; });
  };
  const double now = amount(m.density), start = amount(m.density_start);
  row.put("matrix_amount_fg", "fg", "matrix in the domain", now);
  row.put("matrix_degraded_fg", "fg", "matrix degraded since t = 0", m.degraded_mg_um3);
  row.put("matrix_deposited_fg", "fg", "matrix deposited since t = 0", m.deposited_mg_um3);
  row.put("matrix_balance", "1", "error of that ledger over the amount at t = 0: 0 but for round-off",
          share(now - (start - m.degraded_mg_um3 + m.deposited_mg_um3), start));
}

void fields(const Scope& s, Row& row) {
  for (const Field& field : s.site.fields) {
    const std::string unit = field.is_pressure ? "mmHg um^3" : "um^3";
    const double sum = ordered_sum(field.value.size(), [&](std::size_t v) { return field.value[v]; });
    row.put(field.name + "_mean", field.is_pressure ? "mmHg" : "1", field.name + ", mean over the domain",
            share(sum, static_cast<double>(field.value.size())));
    const double amount = sum * s.site.factor_grid.voxel_volume();
    row.put(field.name + "_amount", unit, field.name + " in the domain: value times volume", amount);
    row.put(field.name + "_amount_start", unit, field.name + " in the domain at t = 0", field.amount_start);
    row.put(field.name + "_secreted", unit, field.name + " secreted since t = 0", field.secreted);
    row.put(field.name + "_taken_up", unit, field.name + " taken up since t = 0", field.taken_up);
    row.put(field.name + "_decayed", unit, field.name + " decayed since t = 0", field.decayed);
    row.put(field.name + "_through_boundary", unit, field.name + " that came in through the boundary since t = 0",
            field.through_boundary);
    // Turnover: all that was there, came or went.
    const double turnover =
        std::fabs(field.amount_start) + field.secreted + field.taken_up + field.decayed + std::fabs(field.through_boundary);
    const double expected = field.amount_start + field.secreted - field.taken_up - field.decayed + field.through_boundary;
    row.put(field.name + "_balance", "1", "error of that ledger over the turnover: 0 but for round-off",
            share(amount - expected, turnover));
  }
}

// --- the list ---------------------------------------------------------------------------------------------------------

struct Group {
  void (*measure)(const Scope&, Row&);
  bool of_cells;     // once more per cell type
  bool needs_space;  // not in wells
};
constexpr std::array registry{
    Group{head_count, true, false},    Group{signals, true, false},     Group{indices, true, false},
    Group{speed_in_place, true, true}, Group{front, true, true},        Group{surface, true, true},
    Group{groups, true, true},         Group{displacement, true, true}, Group{matrix, false, true},
    Group{fields, false, true},
};

}  // namespace

std::vector<double> Observables::measure(const World& world, std::vector<Observable>* columns) const {
  std::vector<double> values;
  Row row(values, columns);
  row.put("time_h", "h", "simulated time", world.clock.time_h());
  cascade(world, row);
  const int types = world.types.size() > 1 ? static_cast<int>(world.types.size()) : 0;
  for (std::size_t i = 0; i < world.sites.size(); ++i) {
    const Site& site = world.sites[i];
    const std::string site_prefix = world.sites.size() > 1 ? site.name + "." : "";
    const bool space = !world.wells && !site.domain.spaceless();
    for (int type = -1; type < types; ++type) {
      Scope scope{world, site, regions_[i], type, {}, {}};
      if (columns == nullptr) scope.rows = rows_in_order(site, type);  // columns have their names without cells, too
      if (space) scope.mass = find_mass(site, regions_[i], scope.rows);
      row.prefix = type < 0 ? site_prefix : site_prefix + world.types[static_cast<std::size_t>(type)].name + ".";
      for (const Group& group : registry)
        if ((type < 0 || group.of_cells) && (space || !group.needs_space)) group.measure(scope, row);
      if (type < 0 && i > 0 && site.compartment == Compartment::Tissue) organ(scope, row);
    }
  }
  return values;
}

Observables::Observables(const World& world) {
  for (const Site& site : world.sites) regions_.emplace_back(site.start_region, site.domain);
  measure(world, &columns_);
}

std::vector<std::string> Observables::names() const {
  std::vector<std::string> names;
  for (const Observable& column : columns_) names.push_back(column.name);
  return names;
}

std::vector<double> Observables::sample(const World& world) {
  std::vector<double> values = measure(world, nullptr);
  INVADO_ENSURE(values.size() == columns_.size());
  // Columns that follow from this sample and the earlier ones stand behind the columns that they follow from.
  const std::size_t width = columns_.size(), samples = history_.size() / width;
  std::vector<double> time(samples + 1), past(samples + 1);
  const auto series_of = [&](std::size_t column) -> std::vector<double>& {
    for (std::size_t k = 0; k < samples; ++k) past[k] = history_[k * width + column];
    past.back() = values[column];
    return past;
  };
  for (std::size_t k = 0; k < samples; ++k) time[k] = history_[k * width];
  time.back() = values[0];
  std::size_t q90 = 0, msd = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const std::string& name = columns_[c].name;
    if (name.ends_with("front_um_q90")) q90 = c;
    if (name.ends_with("msd_um2")) msd = c;
    if (name.ends_with("front_speed_um_h")) {
      const Line line = fit_series(time, series_of(q90));
      values[c] = line.slope;
      values[c + 1] = line.slope_error;  // front_speed_se
    }
    if (name.ends_with("persistence_fit_h")) values[c] = fit_walk(time, series_of(msd)).persistence_h;
  }
  history_.insert(history_.end(), values.begin(), values.end());
  return values;
}

double Observables::value(std::span<const double> sample, std::string_view name) const {
  const auto column = std::ranges::find(columns_, name, &Observable::name);
  return column == columns_.end() ? no_value : sample[static_cast<std::size_t>(column - columns_.begin())];
}

}  // namespace invado
