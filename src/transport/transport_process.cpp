// Transport: soluble factors diffuse, decay and are exchanged with the cells (biology.md 4b, design.md 9).
// A transient field is stepped: exchange in the voxels that hold cells (implicit), then decay and diffusion (LOD), in
// sub-steps with D dt/h^2 <= 1 (`longest_step`). A steady field is solved anew every `steady_every`, for the cells as they
// sit then. A frozen field keeps its initial values. Per cell type and field (V the volumes):
//   dc/dt = V_cell/V_voxel [secretion (target - c)+ - uptake c]
// and for the fields mmp and vegf a source per cell, output * share * phenotype / V_voxel.
// Ledger of a transient field, from t = 0:  amount - amount_start = secreted - taken_up - decayed + through_boundary.
// A steady field has no history: amount_start is its present amount, and the other four entries balance.
// Limits: uptake does not reach beyond the voxel of the cell's centre; what a dying cell holds is not released.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "model/cell_voxels.h"
#include "model/medium.h"
#include "model/process.h"
#include "transport/fixed_rate.h"
#include "transport/lod_step.h"
#include "transport/steady.h"
#include "transport/voxel_exchange.h"

namespace invado {
namespace {

// Sub-steps of a transient field in one call: beyond, a run would never end.
constexpr double most_substeps = 1e5;

// Fields of at most so many voxels are treated side by side, a thread each: a pass through them is too short for a team.
constexpr std::size_t small_grid = 32768;

// What the cells of a type do with a field.
struct Exchange {
  double secretion = 0;  // [1/min]
  double target = 1;     // [unit of the field]
  double uptake = 0;     // [1/min]
};

struct TransportParams {
  double steady_every = 6;  // [min]
  double steady_tolerance = 1e-10;
  double longest_step = 1;  // of a transient field [h^2/D]
  double mmp_output = 250;  // s_0 [um^3/min x unit of the field]
  double mmp_soluble_share = 0.7;
  double vegf_output = 250;  // [um^3/min x unit of the field]
};

Exchange default_exchange(std::string_view field) {
  Exchange e;
  if (field == "oxygen") e.uptake = 10;
  return e;
}

// The exchange of all cells with one field, by type, ready for summing.
struct FieldPlan {
  bool exchanges = false;
  double output = 0;                   // source per cell and unit of its phenotype [um^3/min]
  Phenotype source{};                  // the phenotype that scales it
  bool inhibited = false;              // a narrowed dose of MMP inhibitor acts on the source
  std::vector<double> targets;         // distinct, descending
  std::vector<double> secretion;       // per type
  std::vector<std::size_t> target_of;  // per type: index in targets
  std::vector<double> uptake;          // per type
  std::size_t vessel_target = 0;       // index in targets of what the vessels hold
  double perfusion = 0;                // exchange with them, per volume of vessel [1/min]; 0: none
};

// The part of each factor voxel that vessels fill, kept as long as the vessels are what they were.
struct PerfusedVoxels {
  std::vector<VesselSegment> segments;  // that it was made for
  std::vector<std::size_t> voxel;       // ascending
  std::vector<double> share;            // (0, 1]
};

// The exchange of the cells with a transient field, kept as long as the cells are what they were. It is made anew from the
// World whenever that is in doubt, so it is no memory that could change a result.
struct KeptExchange {
  std::uint64_t revision = 0;  // of the cells it was made for; 0: none
  double dt_min = 0;
  VoxelExchange exchange;
};

// A field that is due in a step. Fields know nothing of each other.
struct Due {
  std::size_t site, field;
  bool steady;
  double splitting_error = 0;  // transient, once an hour
};

class Transport final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "transport"; }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"x", "y", "z", "radius", "type", "treated", "mmp_secretion", "vegf_secretion", "fields"};
  }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"fields"}; }

  void describe(ParamVisitor& v) override {
    v.number("steady_every", p_.steady_every, Unit::Min, positive, "how often steady fields are solved anew",
             "numerical: cells move 2 um in it");
    v.number("steady_tolerance", p_.steady_tolerance, Unit::One, Range{1e-13, 1e-3}, "residual of a steady solve",
             "numerical");
    v.number("longest_step", p_.longest_step, Unit::One, Range{0.01, 100},
             "longest sub-step dt of a transient field, as D dt/h^2 (h: voxel); longer ones are fewer, and lose more of its "
             "contrasts",
             "numerical: error of a sub-step grows with it");
    v.number("mmp_output", p_.mmp_output, Unit::Um3PerMin, non_negative, "protease released by a cell at mmp_secretion 1",
             "biology.md 4b, assumed");
    v.number("mmp_soluble_share", p_.mmp_soluble_share, Unit::One, fraction, "share of the protease that is released",
             "biology.md 8, assumed");
    v.number("vegf_output", p_.vegf_output, Unit::Um3PerMin, non_negative, "VEGF released by a cell at vegf_secretion 1",
             "assumed");
  }

  void resize_types(std::size_t types) override { types_.resize(types); }
  void describe_type(ParamVisitor& v, std::size_t type) override {
    NamedExchanges& mine = types_[type];
    v.named("exchange", "what the cells secrete and take up, per field", mine.names,
            [&mine](const std::string& field, ParamVisitor& inner) {
              Exchange scratch = default_exchange(field);
              Exchange& e = field == "*" ? scratch : mine.of(field);
              const Unit unit = field == "oxygen" ? Unit::MmHg : Unit::One;
              inner.number("secretion", e.secretion, Unit::PerMin, non_negative,
                           "rate of secretion towards the target, per cell volume", "assumed");
              inner.number("target", e.target, unit, non_negative, "value at which secretion stops", "assumed");
              inner.number("uptake", e.uptake, Unit::PerMin, non_negative,
                           "rate of uptake, per cell volume; oxygen 10 1/min", "biology.md 5.2 row 20");
            });
  }

  void configure(World& world) override {
    plans_.clear();
    kept_.clear();
    perfused_.assign(world.sites.size(), {});
    sorted_.assign(world.sites.size(), {});
    std::string problems;
    for (const Site& site : world.sites) {
      std::vector<FieldPlan>& plans = plans_.emplace_back();
      for (const Field& field : site.fields) plans.push_back(plan_for(field, site, world));
      kept_.emplace_back(plans.size());
    }
    for (std::size_t t = 0; t < types_.size(); ++t)
      for (const std::string& name : types_[t].names) {
        const bool known =
            std::ranges::find(known_factors, name) != known_factors.end() ||
            std::ranges::any_of(world.sites, [&](const Site& site) { return find_field(site.fields, name) != nullptr; });
        if (!known)
          problems +=
              fmt::format("{}cell_types.{}.exchange.{}: there is no field of that name; add it to `fields` or remove it",
                          problems.empty() ? "" : "\n", world.types[t].name, name);
      }
    if (!problems.empty()) throw ConfigError(problems);
  }

  // Allocate and fill the fields; solve the steady ones for the founders. (The cadence is not known yet: a field counts as
  // steady here when it is so at one tick; one that becomes so by a longer cadence is solved in the first step.)
  void start_places(World& world) const override {
    const double tick_min = static_cast<double>(world.clock.tick_us) / 60e6;
    for (std::size_t s = 0; s < world.sites.size(); ++s) {
      Site& site = world.sites[s];
      for (Field& field : site.fields) fill(field, site.factor_grid);
      const Tick tick{world.seed, 0, 0, tick_min};
      const auto steady = [&](const Field& field) { return is_steady(field, site.factor_grid, tick_min); };
      if (std::ranges::any_of(site.fields, steady)) sort_cells(site, s);
      for (std::size_t f = 0; f < site.fields.size(); ++f)
        if (steady(site.fields[f])) solve(world, s, f, tick, 0);
    }
  }

  void apply_to(World& world, std::span<Site* const> sites, const Tick& tick) const override {
    thread_local std::vector<Due> small_scratch, large_scratch;
    std::vector<Due>&small = small_scratch, &large = large_scratch;
    small.clear();
    large.clear();
    const double elapsed = refresh_interval(world.clock, tick);
    for (const Site* const one : sites) {
      const Site& site = *one;
      const std::size_t s = index_of(world, site);
      bool unsorted = false;
      for (std::size_t f = 0; f < site.fields.size(); ++f) {
        const Field& field = site.fields[f];
        const bool steady = is_steady(field, site.factor_grid, tick.dt_min);
        if (field.frozen || (steady && !(elapsed > 0) && tick.step != 0)) continue;
        (site.factor_grid.size() <= small_grid ? small : large).push_back({s, f, steady});
        unsorted =
            unsorted || (exchanges(site, plans_[s][f]) && (steady || outdated(site, plans_[s][f], kept_[s][f], tick)));
      }
      if (unsorted) sort_cells(site, s);
    }
    const auto treat = [&](Due& due) {
      if (due.steady)
        solve(world, due.site, due.field, tick, elapsed);
      else
        due.splitting_error = advance(world, due.site, due.field, tick);
    };
    side_by_side(small.size(), [&](std::size_t n) { treat(small[n]); });
    for (Due& due : large) treat(due);
    for (const std::vector<Due>* all : {&small, &large})
      for (const Due& due : *all) world.diagnostics.note_transport_error(due.splitting_error);
  }

 private:
  struct NamedExchanges {
    std::vector<std::string> names;
    std::vector<Exchange> values;

    Exchange& of(const std::string& field) {
      const auto found = std::ranges::find(names, field);
      if (found != names.end()) return values[static_cast<std::size_t>(found - names.begin())];
      names.push_back(field);
      return values.emplace_back(default_exchange(field));
    }
    [[nodiscard]] Exchange get(std::string_view field) const {
      const auto found = std::ranges::find(names, field);
      return found == names.end() ? default_exchange(field) : values[static_cast<std::size_t>(found - names.begin())];
    }
  };

  TransportParams p_;
  std::vector<NamedExchanges> types_;
  std::vector<std::vector<FieldPlan>> plans_;            // [site][field]
  mutable std::vector<std::vector<KeptExchange>> kept_;  // the same
  mutable std::vector<PerfusedVoxels> perfused_;         // [site]
  // Scratch of a call.
  mutable std::vector<CellVoxels> sorted_;  // [site]

  [[nodiscard]] FieldPlan plan_for(const Field& field, const Site& site, const World& world) const {
    FieldPlan plan;
    if (field.frozen) return plan;
    if (field.name == "mmp") {
      plan.output = p_.mmp_output * p_.mmp_soluble_share;
      plan.source = Phenotype::MmpSecretion;
      plan.inhibited = turned_by_any(world, Knob::MmpInhibitor);
    } else if (field.name == "vegf") {
      plan.output = p_.vegf_output;
      plan.source = Phenotype::VegfSecretion;
    }
    if (field.is_pressure && !site.vessels.none()) {
      plan.perfusion = site.vessels.perfusion;
      plan.targets.push_back(site.vessels.oxygen);
    }
    plan.exchanges = plan.output > 0 || plan.perfusion > 0;
    for (const NamedExchanges& type : types_) {
      const Exchange e = type.get(field.name);
      if (e.secretion > 0) plan.targets.push_back(e.target);
      plan.exchanges = plan.exchanges || e.secretion > 0 || e.uptake > 0;
      plan.secretion.push_back(e.secretion);
      plan.uptake.push_back(e.uptake);
    }
    std::ranges::sort(plan.targets, std::greater<>{});
    plan.targets.erase(std::unique(plan.targets.begin(), plan.targets.end()), plan.targets.end());
    const auto index_of = [&](double target) {
      return static_cast<std::size_t>(std::ranges::find(plan.targets, target) - plan.targets.begin());
    };
    for (const NamedExchanges& type : types_) plan.target_of.push_back(index_of(type.get(field.name).target));
    plan.vessel_target = index_of(site.vessels.oxygen);
    return plan;
  }

  // Which voxels of the factor grid hold vessels, and how much of them.
  static void find_perfused(const Site& site, PerfusedVoxels& kept) {
    if (kept.segments == site.vessels.segments) return;
    kept = {};
    kept.segments = site.vessels.segments;
    const Grid3& grid = site.factor_grid;
    std::vector<double> share(grid.size(), 0.0);
    for (const VesselSegment& segment : kept.segments) {
      std::array<int, 3> low{}, high{};
      for (int axis = 0; axis < 3; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        low[a] = grid.voxel(axis, std::min(segment.from[axis], segment.to[axis]) - segment.radius);
        high[a] = grid.voxel(axis, std::max(segment.from[axis], segment.to[axis]) + segment.radius);
      }
      for (int k = low[2]; k <= high[2]; ++k)
        for (int j = low[1]; j <= high[1]; ++j)
          for (int i = low[0]; i <= high[0]; ++i)
            share[grid.index(i, j, k)] += share_in_vessel(segment, grid.centre(i, j, k), grid.spacing);
    }
    for (std::size_t v = 0; v < share.size(); ++v)
      if (share[v] > 0) kept.voxel.push_back(v), kept.share.push_back(std::min(1.0, share[v]));
  }

  static Diffusion diffusion_of(const Field& field, const Grid3& grid) {
    Diffusion d;
    d.grid = grid;
    d.coefficient = field.diffusion;
    d.decay = field.decay;
    d.periodic = field.periodic;
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t side = 0; side < 2; ++side)
        d.face[a][side] = {field.face[a][side].kind == FieldFace::Kind::Held, field.face[a][side].value};
    return d;
  }

  static void fill(Field& field, const Grid3& grid) {
    field.value.assign(grid.size(), field.initial);
    if (field.gradient_axis >= 0) {
      const auto axis = static_cast<std::size_t>(field.gradient_axis);
      const std::size_t step = axis == 0 ? 1
                               : axis == 1
                                   ? static_cast<std::size_t>(grid.shape[0])
                                   : static_cast<std::size_t>(grid.shape[0]) * static_cast<std::size_t>(grid.shape[1]);
      const auto n = static_cast<std::size_t>(grid.shape[axis]);
      for_rows(grid.size(), [&](std::size_t v) {
        const double at = (static_cast<double>(v / step % n) + 0.5) / static_cast<double>(n);
        field.value[v] = field.gradient_low + (field.gradient_high - field.gradient_low) * at;
      });
    }
    field.secreted = field.taken_up = field.decayed = field.through_boundary = 0;
    field.amount_start = amount(field, grid);
  }

  static double amount(const Field& field, const Grid3& grid) {
    return grid.voxel_volume() * ordered_sum(field.value.size(), [&](std::size_t v) { return field.value[v]; });
  }

  // Automatic: steady where a step spreads over many voxels, if there is a steady state without cells.
  static bool is_steady(const Field& field, const Grid3& grid, double dt_min) {
    const Diffusion d = diffusion_of(field, grid);
    if (field.frozen || field.solver == FieldSolver::Transient || d.fastest_rate() <= 0) return false;
    if (field.solver == FieldSolver::Steady) return true;
    return d.fastest_rate() * dt_min > 5 && (field.decay > 0 || d.any_held());
  }

  // Minutes of ledger that a refresh of the steady fields stands for; 0: no refresh is due in this interval.
  [[nodiscard]] double refresh_interval(const Clock& clock, const Tick& tick) const {
    const auto every = static_cast<std::int64_t>(held_between(p_.steady_every * 60e6 + 0.5, 1, 9e18));
    const std::int64_t begin = static_cast<std::int64_t>(tick.step) * clock.tick_us;
    const std::int64_t end = begin + static_cast<std::int64_t>(tick.dt_min * 60e6 + 0.5);
    return static_cast<double>((end / every - begin / every) * every) / 60e6;
  }

  // Which voxels the cells sit in, for all fields of the site. Voxels with vessels count as occupied.
  void sort_cells(const Site& site, std::size_t s) const {
    find_perfused(site, perfused_[s]);
    sorted_[s].build(site.factor_grid, site.cells, perfused_[s].voxel);
  }

  static bool exchanges(const Site& site, const FieldPlan& plan) {
    return plan.exchanges && (site.cells.size() > 0 || plan.perfusion > 0);
  }
  static bool outdated(const Site& site, const FieldPlan& plan, const KeptExchange& kept, const Tick& tick) {
    return kept.revision == 0 || kept.revision != site.revision || kept.dt_min != tick.dt_min || plan.inhibited ||
           plan.perfusion > 0;
  }

  // What the cells of each voxel do together.
  const VoxelSums& sums_over_cells(const World& world, std::size_t place, const FieldPlan& plan, double time_min) const {
    thread_local VoxelSums scratch;
    VoxelSums& sums = scratch;
    const Site& site = world.sites[place];
    const CellVoxels& voxels = sorted_[place];
    const Population& cells = site.cells;
    const std::size_t n = voxels.places();
    const double per_voxel = 1 / site.factor_grid.voxel_volume();
    const auto share_of = [per_voxel](double radius) {
      constexpr double ball = 4.18879020478639098;  // 4/3 pi
      return ball * radius * radius * radius * per_voxel;
    };
    const double widest = largest(cells.radius, [&](std::size_t row) {
      return fmt::format("cell {}: radius {} um, must be positive", cells.id[row], cells.radius[row]);
    });
    // Rates of very different size are added up apart, so that a slow one is not rounded as a fast one is.
    sums.rate.assign(n * (1 + plan.targets.size()), 0.0);
    for (double top = largest_rate(plan, std::numeric_limits<double>::max()); top > 0;) {
      const double bottom = top * 0x1p-16;
      const auto is_meant = [top, bottom](double rate) { return rate > bottom && rate <= top; };
      const FixedRate exchange(share_of(widest) * top, cells.size());
      add_up(voxels, exchange, sums.rate, [&](std::size_t row, std::size_t at, std::int64_t* all) {
        const std::size_t type = cells.type[row];
        const double share = share_of(cells.radius[row]);
        if (is_meant(plan.uptake[type])) all[at] += exchange(share * plan.uptake[type]);
        if (is_meant(plan.secretion[type]))
          all[(1 + plan.target_of[type]) * n + at] += exchange(share * plan.secretion[type]);
      });
      top = largest_rate(plan, bottom);
    }

    sums.source.clear();
    if (plan.output > 0) {
      const Foldable<float>& made = cells.phenotype[+plan.source];
      const double most = largest(made, [&](std::size_t row) {
        return fmt::format("cell {}: {} {}, must not be negative", cells.id[row], phenotypes[+plan.source].column,
                           made[row]);
      });
      const double output = plan.output * per_voxel;
      const std::uint64_t narrowed =
          plan.inhibited ? acting_at(world.perturbations, place) & ~medium_perturbations(world, place) : 0;
      const FixedRate release(output * most, cells.size());
      sums.source.assign(n, 0.0);
      add_up(voxels, release, sums.source, [&](std::size_t row, std::size_t at, std::int64_t* all) {
        double rate = output * static_cast<double>(made[row]);
        if (plan.inhibited)
          rate *=
              1 - doses_in_force(world.perturbations, cells.treated[row] & narrowed, time_min).fraction(Knob::MmpInhibitor);
        all[at] += release(rate);
      });
    }

    if (plan.perfusion > 0) {
      const PerfusedVoxels& vessels = perfused_[place];
      for (std::size_t p = 0; p < vessels.voxel.size(); ++p)
        sums.rate[(1 + plan.vessel_target) * n + voxels.place_of(vessels.voxel[p])] += plan.perfusion * vessels.share[p];
    }
    return sums;
  }

  // Adds to the sums what add(row, place, integers) says of every cell.
  template <class Add>
  static void add_up(const CellVoxels& voxels, const FixedRate& rate, std::vector<double>& sums, Add&& add) {
    if (!(rate.unit > 0)) return;
    thread_local std::vector<std::int64_t> integers;
    integers.assign(sums.size(), 0);
    std::int64_t* const all = integers.data();
    voxels.for_cells([&](std::size_t row, std::size_t place) { add(row, place, all); });
    for_rows(sums.size(), [&](std::size_t i) { sums[i] += rate.unit * static_cast<double>(all[i]); });
  }

  // Largest of the rates of types that is not above `most`; 0: there is none.
  static double largest_rate(const FieldPlan& plan, double most) {
    double largest = 0;
    for (const std::vector<double>* rates : {&plan.uptake, &plan.secretion})
      for (const double rate : *rates)
        if (rate <= most) largest = std::max(largest, rate);
    return largest;
  }

  // Largest of a column of numbers that are at least 0; wrong(row) says what is wrong where one is not.
  template <class Numbers, class Wrong>
  static double largest(const Numbers& column, Wrong&& wrong) {
    constexpr double limit = 1e9;
    const auto fits = [](auto x) { return x >= 0 && static_cast<double>(x) < limit; };
    const auto numbers = kept_numbers(column, 0, column.size());
    const double most = largest_of_blocks(numbers.size(), [&](std::size_t begin, std::size_t end) {
      double here = 0;
      for (std::size_t row = begin; row < end; ++row)
        here = fits(numbers[row]) ? std::max(here, static_cast<double>(numbers[row])) : limit;
      return here;
    });
    if (most >= limit)
      for (std::size_t row = 0; row < column.size(); ++row)
        if (!fits(column[row])) throw ModelFault(wrong(row));
    return most;
  }

  // Returns the estimate of the splitting error once per hour of simulated time, 0 otherwise.
  double advance(World& world, std::size_t s, std::size_t f, const Tick& tick) const {
    Site& site = world.sites[s];
    const FieldPlan& plan = plans_[s][f];
    Field& field = site.fields[f];
    KeptExchange& kept = kept_[s][f];
    const Diffusion d = diffusion_of(field, site.factor_grid);
    const double needed = std::ceil(d.fastest_rate() * tick.dt_min / p_.longest_step - 1e-9);
    if (!(needed <= most_substeps))
      throw ModelFault(
          fmt::format("field {}: needs {:.3g} sub-steps, at most {:.0g} are taken; `solve: steady`, larger voxels, "
                      "a shorter step or a larger processes.transport.longest_step make it fewer",
                      field.name, needed, most_substeps));
    const int substeps = std::max(1, static_cast<int>(needed));
    const double dt = tick.dt_min / substeps;
    const double volume = site.factor_grid.voxel_volume();
    thread_local LodStep step;
    step.prepare(d, dt);
    const bool exchanged = exchanges(site, plan);
    if (exchanged && outdated(site, plan, kept, tick)) {
      kept.exchange.build(sorted_[s].blocks(), sorted_[s].occupied(), sums_over_cells(world, s, plan, tick.time_min),
                          plan.targets, dt);
      kept.revision = site.revision;
      kept.dt_min = tick.dt_min;
    }
    const StepFlows flows = step.advance(field.value, substeps, exchanged ? &kept.exchange : nullptr);
    if (!(flows.before >= 0) || !(flows.before <= std::numeric_limits<double>::max())) fault(site, field);
    field.secreted += flows.secreted * volume;
    field.taken_up += flows.taken_up * volume;
    field.decayed += flows.decayed * volume;
    field.through_boundary += flows.through_boundary * volume;
    const Clock& clock = world.clock;
    const std::int64_t begin = static_cast<std::int64_t>(tick.step) * clock.tick_us, hour = 3'600'000'000;
    const bool full_hour = (begin + static_cast<std::int64_t>(tick.dt_min * 60e6 + 0.5)) / hour != begin / hour;
    return full_hour ? splitting_error(d, dt, field.value) : 0;
  }

  // The steady state with the cells as they sit; secretion towards a target is at work where the target lies above the
  // value, found by repeating the solve (a semismooth Newton iteration: a few rounds). `elapsed`: minutes for the ledger.
  void solve(World& world, std::size_t s, std::size_t f, const Tick& tick, double elapsed) const {
    const Site& site = world.sites[s];
    const FieldPlan& plan = plans_[s][f];
    Field& field = world.sites[s].fields[f];
    thread_local SteadySolver solver;
    thread_local std::vector<double> loss_scratch, source_scratch;
    std::vector<double>& loss = loss_scratch;
    std::vector<double>& source = source_scratch;
    const Grid3& grid = site.factor_grid;
    const Diffusion d = diffusion_of(field, grid);
    const bool exchanged = exchanges(site, plan);
    static const VoxelSums nobody;
    const VoxelSums& sums = exchanged ? sums_over_cells(world, s, plan, tick.time_min) : nobody;
    const CellVoxels& voxels = sorted_[s];
    const std::size_t places = exchanged ? voxels.places() : 0, targets = plan.targets.size();
    // visit(place, voxel) for the voxels of one of the occupied blocks.
    const auto for_voxels = [&](std::size_t b, const auto& visit) {
      const std::uint32_t block = voxels.occupied()[b];
      const std::size_t first = voxels.blocks().first(block), width = voxels.blocks().width(block);
      for (std::size_t l = 0; l < width; ++l) visit(CellVoxels::lanes * b + l, first + l);
    };
    // Sum of visit(place, voxel).
    const auto sum_of_voxels = [&](const auto& visit) {
      return ordered_sum(places / CellVoxels::lanes, [&](std::size_t b) {
        double sum = 0;
        for_voxels(b, [&](std::size_t place, std::size_t voxel) { sum += visit(place, voxel); });
        return sum;
      });
    };
    loss.assign(grid.size(), 0.0);
    source.assign(grid.size(), 0.0);
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round) {
      thread_local std::vector<std::uint8_t> changed_scratch;
      std::vector<std::uint8_t>& changed = changed_scratch;
      changed.assign(places, 0);
      for_rows(places / CellVoxels::lanes, [&](std::size_t b) {
        for_voxels(b, [&](std::size_t place, std::size_t v) {
          double l = sums.rate[place], gain = sums.source.empty() ? 0.0 : sums.source[place];
          for (std::size_t k = 0; k < targets && plan.targets[k] > field.value[v]; ++k) {
            const double rate = sums.rate[(1 + k) * places + place];
            l += rate;
            gain += rate * plan.targets[k];
          }
          changed[place] = l != loss[v] || gain != source[v] ? 1 : 0;
          loss[v] = l;
          source[v] = gain;
        });
      });
      if (std::ranges::none_of(changed, [](std::uint8_t c) { return c != 0; }) && round > 0) break;
      if (!d.any_held() && d.decay <= 0 && std::ranges::none_of(loss, [](double l) { return l > 0; })) {
        if (std::ranges::any_of(source, [](double gain) { return gain > 0; }))
          throw ModelFault(
              fmt::format("field {} has a source but no decay, uptake or held face: there is no steady state; "
                          "give it a decay or `solve: transient`",
                          field.name));
        break;  // nothing comes, nothing goes: every uniform value is steady
      }
      const SteadyResult result = solver.solve(d, loss, source, p_.steady_tolerance, field.value);
      if (!(result.residual <= 100 * p_.steady_tolerance))
        throw ModelFault(fmt::format("field {}: the steady state was not reached (residual {:.2g} after {} iterations)",
                                     field.name, result.residual, result.iterations));
      if (targets == 0) break;
    }

    const double scale = elapsed * grid.voxel_volume();
    const SteadyFlows flows = steady_flows(d, field.value);
    field.decayed += scale * flows.decayed;
    field.through_boundary += scale * flows.through_boundary;
    if (exchanged) {
      field.taken_up +=
          scale * sum_of_voxels([&](std::size_t place, std::size_t v) { return sums.rate[place] * field.value[v]; });
      field.secreted += scale * sum_of_voxels([&](std::size_t place, std::size_t v) {
                          return source[v] - (loss[v] - sums.rate[place]) * field.value[v];
                        });
    }
    field.amount_start = amount(field, grid);
  }

  [[noreturn]] static void fault(const Site& site, const Field& field) {
    const Grid3& grid = site.factor_grid;
    std::size_t v = 0;
    while (v + 1 < field.value.size() && field.value[v] >= 0 && field.value[v] <= std::numeric_limits<double>::max()) ++v;
    const auto nx = static_cast<std::size_t>(grid.shape[0]), ny = static_cast<std::size_t>(grid.shape[1]);
    throw ModelFault(
        fmt::format("field {}, voxel ({}, {}, {}): value {}", field.name, v % nx, v / nx % ny, v / nx / ny, field.value[v]));
  }
};

}  // namespace

std::unique_ptr<Process> make_transport() { return std::make_unique<Transport>(); }

}  // namespace invado
