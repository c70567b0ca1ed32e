// From state to behaviour: evaluates the response table of each cell type and writes the phenotype columns.
//
// The table of biology.md section 4 is the default; a scenario writes only what differs. The numbers are assumed.
// A type with `signalling: off` has only base and what the place itself does (pressure, oxygen and the like).
#include <fmt/core.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"
#include "model/process.h"
#include "response/table.h"

namespace invado {
namespace {

constexpr std::string_view own_field_prefix = "field.";  // a soluble factor of the scenario's own
constexpr double unlimited_oxygen = 1e12;                // [mmHg] where no oxygen field exists

// What a cell feels of its place, by name.
enum class Local : std::size_t { Ligand, Stiffness, Pore, Pressure, Neighbours, Density };
constexpr std::array<std::string_view, 6> local_names{"ligand", "stiffness", "pore", "pressure", "neighbours", "density"};
// The place at which the reference of the division rate holds: alone in matrix of the reference density.
constexpr std::array<double, 6> reference_place{1, 0.1, 20, 0, 0, 1.7};

struct Source {
  enum class Kind { State, Derived, Local, Field };
  Kind kind;
  std::size_t index;  // State, Derived, Local
  std::string field;  // Field: its name

  [[nodiscard]] bool of_network() const { return kind == Kind::State || kind == Kind::Derived; }
  [[nodiscard]] double where_absent() const { return field == "oxygen" ? unlimited_oxygen : 0.0; }
};

// Sets the source of that name; false when there is none.
bool find_source(std::string_view name, Source& source) {
  for (std::size_t s = 0; s < state_count; ++s)
    if (states[s].name == name) return source = {Source::Kind::State, s, {}}, true;
  for (std::size_t d = 0; d < derived_count; ++d)
    if (derived_signals[d].name == name) return source = {Source::Kind::Derived, d, {}}, true;
  for (std::size_t l = 0; l < local_names.size(); ++l)
    if (local_names[l] == name) return source = {Source::Kind::Local, l, {}}, true;
  for (const std::string_view field : known_factors)
    if (field == name) return source = {Source::Kind::Field, 0, std::string(field)}, true;
  if (name.starts_with(own_field_prefix) && name.size() > own_field_prefix.size())
    return source = {Source::Kind::Field, 0, std::string(name.substr(own_field_prefix.size()))}, true;
  return false;
}

std::string problem_with(std::string_view name) {
  std::vector<std::string_view> known;
  for (const NamedQuantity& q : states) known.push_back(q.name);
  for (const NamedQuantity& q : derived_signals) known.push_back(q.name);
  known.insert(known.end(), local_names.begin(), local_names.end());
  known.insert(known.end(), known_factors.begin(), known_factors.end());
  const std::string_view near = nearest_name(name, known);
  return fmt::format(
      "unknown signal '{}'{}; allowed are the network's signals, the soluble factors (your own as field.<name>), "
      "ligand, stiffness, pore, pressure, neighbours, density (of the matrix), and products like runx2_activity*smad",
      name, near.empty() ? std::string{} : fmt::format(" (did you mean '{}'?)", near));
}

Term hill(std::string signal, double gain, double half, double exponent) {
  return {signal, signal, gain, half, exponent, static_cast<int>(Shape::Hill)};
}
Term linear(std::string signal, double gain) { return {signal, signal, gain, 1, 1, static_cast<int>(Shape::Linear)}; }
Term reduction(std::string signal, double half, double exponent) { return hill(std::move(signal), 1, half, exponent); }

using Table = std::array<Law, phenotype_count>;

Table default_table() {
  Table table;
  const auto law = [&table](Phenotype p) -> Law& { return table[+p]; };
  law(Phenotype::FreeSpeed) = {
      .scale = 30,
      .base = 0.10,
      .add = {hill("vimentin_effective", 1.0, 0.9, 2), hill("pakt", 0.05, 0.5, 1), hill("runx2_activity", 0.20, 0.5, 2)}};
  law(Phenotype::Persistence) = {.base = 0.60,
                                 .add = {hill("vimentin_effective", 0.50, 0.9, 2), linear("ecadherin", -0.35)}};
  law(Phenotype::MmpSecretion) = {.add = {linear("mmp_expression", 1)}};
  law(Phenotype::AdhesionCell) = {.scale = 2, .add = {linear("ecadherin", 1)}};
  law(Phenotype::AdhesionMatrix) = {.base = -0.10, .add = {linear("pi3k", 0.50)}};
  // Whether vimentin makes squeezing harder or easier is contested: gain 0; scan -0.25 .. +0.25.
  law(Phenotype::PoreLimit) = {.scale = 7, .scale_by_nucleus = true, .base = 1, .add = {linear("vimentin", 0)}};
  law(Phenotype::AnoikisRate) = {
      .scale = ln2 / 10, .base = 1, .reduce = {reduction("vimentin_effective", 0.8, 3), reduction("pakt", 5, 1)}};
  law(Phenotype::DeathRate) = {
      .scale = 0.004, .base = 1, .add = {hill("caspase", 1, 0.3, 1)}, .reduce = {reduction("vimentin_effective", 0.8, 2)}};
  law(Phenotype::DivisionRate) = {.base = 0.55,
                                  .add = {hill("pakt", 0.6, 0.5, 1),
                                          linear("ecadherin", 0.15),
                                          {"cyclin_d1", "runx2_smad", 0.25, 0.2, 2, static_cast<int>(Shape::Hill)}},
                                  .reduce = {reduction("pressure", 1, 4)}};
  law(Phenotype::VegfSecretion) = {
      .add = {linear("bone_programme", 0.5), {"hypoxia", "oxygen", 0.5, 8, 1, static_cast<int>(Shape::Falling)}}};
  law(Phenotype::RuptureRate) = {.scale = 0.01, .base = 1, .reduce = {reduction("vimentin_effective", 1, 1)}};
  return table;
}

constexpr std::array<Unit, phenotype_count> scale_units{Unit::UmPerHour, Unit::Hour, Unit::One,     Unit::UmPerMin,
                                                        Unit::One,       Unit::Um2,  Unit::PerHour, Unit::PerHour,
                                                        Unit::One,       Unit::One,  Unit::PerHour};
static_assert(+Phenotype::PoreLimit == 5 && +Phenotype::DivisionRate == 8 && +Phenotype::RuptureRate == 10);

constexpr std::string_view table_source = "biology.md 4, assumed";

void describe_terms(ParamVisitor& visitor, std::string_view key, std::string_view meaning, std::vector<Term>& terms,
                    bool reduces) {
  std::vector<std::string> present;
  for (const Term& term : terms) present.push_back(term.name);
  visitor.named(key, meaning, present, [&terms, reduces](const std::string& name, ParamVisitor& v) {
    Term fresh;
    fresh.name = fresh.signal = name;
    Term* term = &fresh;
    for (Term& known : terms)
      if (known.name == name) term = &known;
    const bool scratch = name == "*";
    if (term == &fresh && !scratch) term = &terms.emplace_back(fresh);
    v.text("signal", term->signal,
           "signal, soluble factor or local quantity, or a product a*b; its own name unless written");
    if (!scratch)
      for (const std::string_view factor : factors_of(term->signal)) {
        Source source;
        if (!find_source(factor, source)) v.complain("signal", problem_with(factor));
      }
    v.number("gain", term->gain, Unit::One, reduces ? non_negative : any_number, "weight of the term; 0 = off",
             table_source);
    v.number("half", term->half, Unit::One, positive, "signal at half effect, in the signal's own unit", table_source);
    v.number("hill", term->hill, Unit::One, {0, 16}, "Hill exponent", table_source);
    if (!reduces) v.choice("form", term->shape, shape_words, "shape of the term", table_source);
  });
}

void describe_law(ParamVisitor& visitor, std::size_t p, Law& law) {
  visitor.section(phenotypes[p].key, phenotypes[p].meaning, [p, &law](ParamVisitor& v) {
    if (p == +Phenotype::PoreLimit) {
      const std::array forms{Form{.kind = Form::Kind::Word,
                                  .word = "nucleus",
                                  .choose = [&law] { law.scale_by_nucleus = true; },
                                  .chosen = law.scale_by_nucleus},
                             Form{.kind = Form::Kind::Quantity,
                                  .value = &law.scale,
                                  .unit = Unit::Um2,
                                  .range = non_negative,
                                  .choose = [&law] { law.scale_by_nucleus = false; },
                                  .chosen = !law.scale_by_nucleus}};
      v.forms("scale", forms, "scale; nucleus = a tenth of the undeformed nucleus' cross-section", "Wolf 2013");
    } else {
      v.number("scale", law.scale, scale_units[p], non_negative, "scale of the whole", table_source);
    }
    v.number("base", law.base, Unit::One, any_number, "value without signals, times scale", table_source);
    describe_terms(v, "add", "terms that add gain f(signal) to base", law.add, false);
    describe_terms(v, "reduce", "terms that divide by 1 + gain (signal/half)^hill", law.reduce, true);
  });
}

// The table of one type with its signals resolved.
struct Folded {
  struct Value {
    std::string signal;
    std::vector<Source> factors;
  };
  std::vector<Value> values;
  std::array<FoldedLaw, phenotype_count> laws;

  // The value of that signal, added when it is new.
  std::size_t index(const std::string& signal) {
    for (std::size_t v = 0; v < values.size(); ++v)
      if (values[v].signal == signal) return v;
    Value value{signal, {}};
    for (const std::string_view name : factors_of(signal)) {
      Source source{};
      find_source(name, source);
      value.factors.push_back(source);
    }
    values.push_back(std::move(value));
    return values.size() - 1;
  }
};

// Density of the matrix at the centre of the cell. [mg/ml]
double density_at(const Site& site, std::size_t row) {
  if (site.matrix.none() || site.domain.spaceless()) return 0;
  const Trilinear around(site.matrix.grid, site.cells.position(row), site.domain.periodic());
  return around([&](std::size_t voxel) { return site.matrix.density[voxel]; });
}

double read(const Site& site, const Source& source, std::size_t row) {
  const Population& cells = site.cells;
  switch (source.kind) {
    case Source::Kind::State: return cells.state[source.index][row];
    case Source::Kind::Derived: return cells.derived[source.index][row];
    case Source::Kind::Local:
      switch (static_cast<Local>(source.index)) {
        case Local::Ligand: return cells.ligand[row];
        case Local::Stiffness: return cells.stiffness_kpa[row];
        case Local::Pore: return cells.pore_um2[row];
        case Local::Pressure: return cells.pressure[row];
        case Local::Neighbours: return cells.neighbours[row];
        case Local::Density: return density_at(site, row);
      }
      return 0;
    case Source::Kind::Field: {
      const Field* const field = find_field(site.fields, source.field);
      if (field == nullptr) return source.where_absent();
      const Trilinear around(site.factor_grid, cells.position(row), site.domain.periodic());
      return around([&](std::size_t voxel) { return field->value[voxel]; });
    }
  }
  return 0;
}

class Response final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "response"; }

  [[nodiscard]] std::vector<std::string_view> writes() const override {
    std::vector<std::string_view> columns;
    for (const std::size_t p : varying_) columns.push_back(phenotypes[p].column);
    return columns;
  }
  [[nodiscard]] std::vector<std::string_view> fills() const override {
    std::vector<std::string_view> columns;
    for (const PhenotypeName& phenotype : phenotypes) columns.push_back(phenotype.column);
    return columns;
  }
  [[nodiscard]] bool needed(const World&) const override { return !varying_.empty(); }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    std::vector<std::string_view> columns{"fields", "matrix", "x", "y", "z"};
    for (const NamedQuantity& q : states) columns.push_back(q.name);
    for (const NamedQuantity& q : derived_signals) columns.push_back(q.name);
    columns.insert(columns.end(), local_names.begin(), local_names.end() - 1);  // density is the matrix
    return columns;
  }

  void resize_types(std::size_t count) override { tables_.resize(count, default_table()); }

  void describe_type(ParamVisitor& visitor, std::size_t type) override {
    visitor.section("response", "what signals and place make of the cell", [this, type](ParamVisitor& v) {
      for (std::size_t p = 0; p < phenotype_count; ++p) describe_law(v, p, tables_[type][p]);
    });
  }

  void configure(World& world) override {
    folded_.assign(tables_.size(), {});
    std::string problems;
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      const bool signalling = t >= world.types.size() || world.types[t].signalling;
      for (std::size_t p = 0; p < phenotype_count; ++p) {
        const Law& law = tables_[t][p];
        FoldedLaw& out = folded_[t].laws[p];
        out.scale = law.scale_by_nucleus ? 1.0 : law.scale;
        out.base = law.base;
        const auto fold_all = [&](const std::vector<Term>& terms, std::vector<FoldedTerm>& to, std::string_view key) {
          for (const Term& term : terms) {
            if (term.gain == 0 || (!signalling && uses_network(term.signal))) continue;
            const std::string where =
                fmt::format("cell_types.{}.response.{}.{}.{}", t < world.types.size() ? world.types[t].name : "",
                            phenotypes[p].key, key, term.name);
            check(world, term, where, problems);
            to.push_back(fold_term(term, folded_[t].index(term.signal)));
          }
        };
        fold_all(law.add, out.add, "add");
        fold_all(law.reduce, out.reduce, "reduce");
      }
      if (t < world.types.size()) world.types[t].division_reference = reference_division(folded_[t], world.types[t]);
    }
    varying_.clear();
    for (std::size_t p = 0; p < phenotype_count; ++p)
      if (std::ranges::any_of(folded_, [p](const Folded& of_type) {
            return !of_type.laws[p].add.empty() || !of_type.laws[p].reduce.empty();
          }))
        varying_.push_back(p);
    if (!problems.empty()) throw ConfigError(problems);
  }

  void start_cells(const World& world, Site& site, std::size_t first) const override {
    std::array<std::size_t, phenotype_count> all;
    std::iota(all.begin(), all.end(), std::size_t{0});
    respond(world, site, first, all);
  }
  void apply_to(World& world, std::span<Site* const> sites, const Tick&) const override {
    for (Site* const site : sites) respond(world, *site, 0, varying_);
  }

 private:
  static bool uses_network(std::string_view signal) {
    for (const std::string_view factor : factors_of(signal)) {
      Source source;
      if (find_source(factor, source) && source.of_network()) return true;
    }
    return false;
  }

  // What only the whole scenario shows: a factor of one's own that no site has; a response linear in oxygen without a limit.
  static void check(const World& world, const Term& term, const std::string& where, std::string& problems) {
    for (const std::string_view factor : factors_of(term.signal)) {
      Source source;
      if (!find_source(factor, source)) {
        problems += fmt::format("{}.signal: {}\n", where, problem_with(factor));
        continue;
      }
      if (source.kind != Source::Kind::Field) continue;
      bool exists = false;
      for (const Site& site : world.sites) exists = exists || find_field(site.fields, source.field) != nullptr;
      if (!exists && factor.starts_with(own_field_prefix))
        problems +=
            fmt::format("{}.signal: there is no soluble factor '{}' (allowed: names of `fields`)\n", where, source.field);
      if (!exists && source.field == "oxygen" &&
          (static_cast<Shape>(term.shape) == Shape::Linear || term.signal.find('*') != std::string::npos))
        problems += fmt::format(
            "{}: without an oxygen field oxygen is unlimited and only `hill`, `falling` and `reduce` of oxygen alone "
            "have a meaning; add fields.oxygen\n",
            where);
    }
  }

  // G0: the division law at the type's noise-free steady state, without crowding; 1 when the law gives nothing.
  static double reference_division(const Folded& folded, const CellType& type) {
    std::vector<LaneValues> values(folded.values.size());
    for (std::size_t v = 0; v < values.size(); ++v) {
      double product = 1;
      for (const Source& source : folded.values[v].factors) {
        switch (source.kind) {
          case Source::Kind::State: product *= type.steady_state[source.index]; break;
          case Source::Kind::Derived: product *= type.steady_derived[source.index]; break;
          case Source::Kind::Local: product *= reference_place[source.index]; break;
          case Source::Kind::Field: product *= source.where_absent(); break;
        }
      }
      values[v].fill(product);
    }
    const double reference = evaluate(folded.laws[+Phenotype::DivisionRate], values)[0];
    return reference > 0 ? reference : 1.0;
  }

  // These phenotypes of the cells from row `first` on.
  void respond(const World& world, Site& site, std::size_t first, std::span<const std::size_t> which) const {
    static thread_local RowBlocks<std::uint8_t> blocks;
    Population& cells = site.cells;
    blocks.build(
        cells.size(), [&](std::size_t row) { return row >= first; }, [&](std::size_t row) { return cells.type[row]; });
    const std::vector<RowBlock>& list = blocks.blocks();
    const std::vector<std::uint8_t>& types = blocks.keys();
    for_rows(list.size(), [&](std::size_t b) {
      const std::uint8_t type = types[list[b].group];
      respond_block(site, list[b], folded_[type], tables_[type], world.types[type], which);
    });
    for (const std::size_t p : which) {
      const Foldable<float>& column = cells.phenotype[p];
      for (std::size_t row = first; row < cells.size(); ++row)
        if (!std::isfinite(column[row]))
          throw ModelFault(fmt::format("cell {}: {} = {} {}, must be finite", cells.id[row], phenotypes[p].column,
                                       column[row], phenotypes[p].unit));
    }
  }

  static void respond_block(Site& site, const RowBlock& block, const Folded& folded, const Table& table,
                            const CellType& type, std::span<const std::size_t> which) {
    static thread_local std::vector<LaneValues> values;
    values.resize(folded.values.size());
    for (std::size_t v = 0; v < values.size(); ++v) {
      values[v].fill(1);
      for (const Source& source : folded.values[v].factors)
        for (std::size_t lane = 0; lane < lanes; ++lane) values[v][lane] *= read(site, source, block.row[lane]);
    }
    for (const std::size_t p : which) {
      const LaneValues result = evaluate(folded.laws[p], values);
      const double factor = table[p].scale_by_nucleus ? 0.10 * std::numbers::pi * type.nucleus_radius * type.nucleus_radius
                            : p == +Phenotype::DivisionRate ? type.division_unit_1_h
                                                            : 1.0;
      for (std::size_t lane = 0; lane < block.count; ++lane)
        site.cells.phenotype[p][block.row[lane]] = static_cast<float>(factor * result[lane]);
    }
  }

  std::vector<Table> tables_;
  std::vector<Folded> folded_;
  std::vector<std::size_t> varying_;  // phenotypes that are not the same for all cells of a type at all times
};

}  // namespace

std::unique_ptr<Process> make_response() { return std::make_unique<Response>(); }

}  // namespace invado
