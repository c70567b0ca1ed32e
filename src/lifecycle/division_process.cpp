// Division: the cell cycle advances by what signals, oxygen, crowding and capacity allow; a cell at its end divides where
// there is room.
//
//   rate = (ln2/doubling) (G/G0) oxygen/(oxygen + K) (1 - n/capacity)   [1/min], 0 at a pressure above `pressure_stop`
//                                                                        or with `neighbours_stop` neighbours
//
// with G the phenotype `division_rate` and G0 its value at the type's noise-free steady state (design.md 4).
// Exponential cycle: the cell divides within an exposure e with probability 1 - exp(-rate e). The division falls at some
// time inside the interval and both cells have lived since then: they owe that time to the next interval's exposure
// (column cycle_min), so that a growing population doubles in exactly the doubling time at any cadence of the process.
// Fixed and Erlang cycles: cycle_min advances by (rate/r) dt up to cycle_length_min; the overshoot is handed on.
// Limits: at most one division per cell and interval; a cell that dies in the interval of its division does not divide.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "base/grid.h"
#include "base/parallel.h"
#include "lifecycle/cycle.h"
#include "lifecycle/growth.h"
#include "lifecycle/hazard.h"
#include "model/process.h"

namespace invado {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

enum class Cycle { Exponential, Fixed, Erlang };

constexpr std::array<std::string_view, 3> growth_words{"linear_volume", "linear_area", "none"};
constexpr std::array<std::string_view, 3> founder_words{"by_cycle", "newborn", "asynchronous"};
constexpr std::array<std::string_view, 3> axis_words{"x", "y", "z"};

// cell_types.<type>.life
struct Life {
  double doubling_h = 30;  // infinite: never divides
  Cycle cycle = Cycle::Exponential;
  std::int64_t stages = 4;   // of an Erlang cycle
  int growth = 0;            // Growth
  int founders = 0;          // by_cycle, newborn, asynchronous
  double pressure_stop = 1;  // infinite: none
  double neighbours_stop = infinity;
  double oxygen_half = 8;    // [mmHg]
  double capacity = 0;       // cells per bin; 0: none
  double capacity_bin = 20;  // [um]
  int capacity_axis = 0;

  [[nodiscard]] double doubling_min() const { return 60 * doubling_h; }
  [[nodiscard]] bool divides() const { return doubling_h < infinity; }
};

// The number of cells in each slab of width `bin` across an axis of the domain.
void count_bins(const Site& site, int axis, double bin, std::vector<std::int32_t>& count) {
  const double length = site.domain.size[axis];
  count.assign(static_cast<std::size_t>(std::floor(length / bin)) + 1, 0);
  for (std::size_t row = 0; row < site.cells.size(); ++row) {
    const double at = std::floor(site.cells.position(row)[axis] / bin);
    ++count[static_cast<std::size_t>(held_between(at, 0.0, static_cast<double>(count.size() - 1)))];
  }
}

class DivisionProcess final : public SiteProcess {
 public:
  std::string_view name() const override { return "division"; }
  std::vector<std::string_view> reads() const override {
    return {"type",
            "x",
            "y",
            "z",
            "radius",
            "pressure",
            "neighbours",
            "dormancy",
            "cycle_min",
            "cycle_length_min",
            "division_rate_1_h",
            "pore_limit_um2",
            "matrix",
            "fields"};
  }
  std::vector<std::string_view> writes() const override { return {"radius", "cycle_min", "cycle_length_min"}; }
  std::vector<std::string_view> fills() const override { return writes(); }

  void resize_types(std::size_t types) override { life_.resize(types); }

  void describe_type(ParamVisitor& v, std::size_t type) override {
    Life& p = life_[type];
    v.section("life", "growth and division", [&p](ParamVisitor& in) {
      const Form doubling[] = {
          {.kind = Form::Kind::Quantity,
           .value = &p.doubling_h,
           .unit = Unit::Hour,
           .range = positive,
           .chosen = p.divides()},
          {.kind = Form::Kind::Word, .word = "never", .choose = [&p] { p.doubling_h = infinity; }, .chosen = !p.divides()}};
      in.forms("doubling", doubling, "doubling time of an undisturbed population, or never",
               "biology.md 5.2 row 18: 20-38 h, unverified");
      const Form cycle[] = {{.kind = Form::Kind::Word,
                             .word = "exponential",
                             .choose = [&p] { p.cycle = Cycle::Exponential; },
                             .chosen = p.cycle == Cycle::Exponential},
                            {.kind = Form::Kind::Word,
                             .word = "fixed",
                             .choose = [&p] { p.cycle = Cycle::Fixed; },
                             .chosen = p.cycle == Cycle::Fixed},
                            {.kind = Form::Kind::Keys,
                             .body =
                                 [&p](ParamVisitor& keys) {
                                   keys.integer("erlang", p.stages, 1, 100, "number of equal stages of the cycle",
                                                "assumed");
                                 },
                             .choose = [&p] { p.cycle = Cycle::Erlang; },
                             .chosen = p.cycle == Cycle::Erlang}};
      in.forms("cycle", cycle, "law of the cycle's length; its population doubling time is always `doubling`", "assumed");
      in.choice("growth", p.growth, growth_words, "what grows linearly between divisions", "assumed");
      in.choice("founders", p.founders, founder_words,
                "where founders stand in their cycle; by_cycle: newborn if fixed, asynchronous if erlang", "assumed");
      const Form pressure[] = {
          {.kind = Form::Kind::Quantity, .value = &p.pressure_stop, .range = positive, .chosen = p.pressure_stop < infinity},
          {.kind = Form::Kind::Word,
           .word = "none",
           .choose = [&p] { p.pressure_stop = infinity; },
           .chosen = !(p.pressure_stop < infinity)}};
      in.forms("pressure_stop", pressure, "pressure above which the cycle stands still; 1 = dense packing", "design.md 4");
      const Form neighbours[] = {{.kind = Form::Kind::Quantity,
                                  .value = &p.neighbours_stop,
                                  .range = positive,
                                  .chosen = p.neighbours_stop < infinity},
                                 {.kind = Form::Kind::Word,
                                  .word = "none",
                                  .choose = [&p] { p.neighbours_stop = infinity; },
                                  .chosen = !(p.neighbours_stop < infinity)}};
      in.forms("neighbours_stop", neighbours, "number of neighbours at which the cycle stands still",
               "none unless given; 6 in community.md B1");
      if (p.neighbours_stop < infinity && p.neighbours_stop != std::floor(p.neighbours_stop))
        in.complain("neighbours_stop", "is a part of a neighbour, must be a whole number");
      in.number("oxygen_half", p.oxygen_half, Unit::MmHg, non_negative, "oxygen at half the speed of the cycle",
                "biology.md 4, assumed");
      const Form capacity[] = {
          {.kind = Form::Kind::Word, .word = "none", .choose = [&p] { p.capacity = 0; }, .chosen = p.capacity <= 0},
          {.kind = Form::Kind::Keys,
           .body =
               [&p](ParamVisitor& keys) {
                 keys.number("cells", p.capacity, Unit::One, positive, "cells in a bin at which division ends (logistic)",
                             "biology.md 5.1 D6");
                 keys.number("bin", p.capacity_bin, Unit::Um, {0.1, 1e6}, "width of a bin", "biology.md 5.1 D6");
                 keys.choice("axis", p.capacity_axis, axis_words, "bins are slabs across this axis", "biology.md 5.1 D6");
               },
           .choose = [&p] { p.capacity = 100; },
           .chosen = p.capacity > 0}};
      in.forms("capacity", capacity, "logistic limit of the number of cells in a place", "biology.md 5.1 D6");
    });
  }

  // The response runs before and shows the rate of an undisturbed cell in 1/h.
  void configure(World& world) override {
    for (std::size_t t = 0; t < world.types.size(); ++t) {
      CellType& type = world.types[t];
      type.division_unit_1_h = life_[t].divides() ? ln2 / life_[t].doubling_h / type.division_reference : 0;
    }
  }

  void start_cells(const World& world, Site& site, std::size_t first) const override {
    Population& cells = site.cells;
    for_rows(cells.size() - first, [&](std::size_t n) {
      const std::size_t row = first + n;
      const CycleState state = founder_cycle(life_[cells.type[row]], world.seed, cells.id[row]);
      cells.cycle_min[row] = state.progress_min;
      cells.cycle_length_min[row] = state.length_min;
    });
  }

  void apply_to(World& world, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const site : sites)
      if (site->compartment == Compartment::Tissue) advance(world, *site, tick);
  }

  // An Erlang cycle has a new length for both; all else is copied.
  void inherit(const World&, Site& site, std::size_t mother, std::size_t daughter, const Tick& tick) const override {
    Population& cells = site.cells;
    for (const std::size_t row : {mother, daughter}) {
      const Life& life = life_[cells.type[row]];
      if (life.cycle == Cycle::Erlang)
        cells.cycle_length_min[row] = erlang_length(life, tick.seed, tick.step, Purpose::CycleLength, cells.id[row]);
    }
  }

 private:
  static double erlang_length(const Life& life, Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id) {
    const int stages = static_cast<int>(life.stages);
    return erlang(seed, step, purpose, id, stages) / stage_rate(stages, life.doubling_min());
  }

  static CycleState founder_cycle(const Life& life, Seed seed, std::int64_t id) {
    if (!life.divides() || life.cycle == Cycle::Exponential) return {0, 0};
    const double doubling = life.doubling_min();
    const bool asynchronous = life.founders == 2 || (life.founders == 0 && life.cycle == Cycle::Erlang);
    if (life.cycle == Cycle::Fixed)
      return asynchronous ? asynchronous_fixed(doubling, uniform4(seed, 0, Purpose::CycleStart, id)[0])
                          : CycleState{0, doubling};
    return asynchronous ? asynchronous_erlang(seed, id, static_cast<int>(life.stages), doubling)
                        : CycleState{0, erlang_length(life, seed, 0, Purpose::FounderCycle, id)};
  }

  // Speed of a cell's cycle relative to an undisturbed cell of its type.
  double cycle_speed(const World& world, const Site& site, const Field* oxygen, std::size_t row) const {
    const Population& cells = site.cells;
    const std::uint8_t type = cells.type[row];
    const Life& life = life_[type];
    const bool asleep = cells.dormancy[row] != static_cast<std::uint8_t>(Dormancy::None);
    if (asleep || !life.divides()) return 0;
    if (cells.pressure[row] > life.pressure_stop || cells.neighbours[row] >= life.neighbours_stop) return 0;
    const double reference = world.types[type].division_reference * world.types[type].division_unit_1_h;
    double speed = static_cast<double>(cells.phenotype[+Phenotype::DivisionRate][row]);
    if (reference > 0) speed /= reference;
    if (oxygen != nullptr) {
      const Trilinear around(site.factor_grid, cells.position(row), site.domain.periodic());
      speed *= oxygen_factor(around([&](std::size_t v) { return oxygen->value[v]; }), life.oxygen_half);
    }
    return speed;
  }

  // Where the daughter goes, relative to the mother's centre: the two touch, along an addressed axis, both centres inside
  // the domain and where the matrix leaves room (phi > 0). Eight axes are tried.
  static std::optional<Vec3> find_room(const Site& site, std::size_t row, double radius, Seed seed, std::uint32_t step) {
    const Population& cells = site.cells;
    const Domain& domain = site.domain;
    const Vec3 centre = cells.position(row);
    const double pore_limit = static_cast<double>(cells.phenotype[+Phenotype::PoreLimit][row]);
    const auto room_at = [&](Vec3 x) {
      for (int axis = 0; axis < 3; ++axis)
        if (domain.boundary[static_cast<std::size_t>(axis)] != Boundary::Periodic &&
            !(x[axis] >= 0 && x[axis] <= domain.size[axis]))
          return false;
      return steric_factor_at(site.matrix, x, pore_limit, domain.periodic()) > 0;
    };
    for (std::uint32_t attempt = 0; attempt < 8; ++attempt) {
      const auto u = uniform4(seed, step, Purpose::DivisionAxis, cells.id[row], attempt);
      Vec3 axis;
      if (domain.planar) {
        const SinCos turn = sincos_turn(u[0]);
        axis = {turn.cos, turn.sin, 0};
      } else {
        const auto n = direction(u[0], u[1]);
        axis = {n[0], n[1], n[2]};
      }
      const Vec3 offset = radius * axis;
      if (room_at(centre + offset) && room_at(centre - offset)) return offset;
    }
    return std::nullopt;
  }

  void advance(const World& world, Site& site, const Tick& tick) const {
    Population& cells = site.cells;
    const Field* const oxygen = find_field(site.fields, "oxygen");

    // Capacity: the factor of every cell's bin. Scratch that only grows.
    static thread_local std::vector<double> room;
    static thread_local std::vector<std::int32_t> count;
    room.assign(cells.size(), 1.0);
    for (std::size_t type = 0; type < life_.size(); ++type) {
      const Life& life = life_[type];
      if (life.capacity <= 0) continue;
      count_bins(site, life.capacity_axis, life.capacity_bin, count);
      for (std::size_t row = 0; row < cells.size(); ++row) {
        if (cells.type[row] != type) continue;
        const double at = std::floor(cells.position(row)[life.capacity_axis] / life.capacity_bin);
        const auto bin = static_cast<std::size_t>(held_between(at, 0.0, static_cast<double>(count.size() - 1)));
        room[row] = capacity_factor(count[bin], life.capacity);
      }
    }

    static thread_local std::vector<std::uint8_t> due;
    due.assign(cells.size(), 0);
    double* const speed_of = room.data();  // in: capacity factor; out: speed of the cycle
    std::uint8_t* const is_due = due.data();
    for_rows(cells.size(), [&](std::size_t row) {
      const Life& life = life_[cells.type[row]];
      const double speed = cycle_speed(world, site, oxygen, row) * speed_of[row];
      speed_of[row] = speed;
      if (speed <= 0) {
        if (life.cycle == Cycle::Exponential) cells.cycle_min[row] = 0;
        return;
      }
      double lived = tick.dt_min;
      if (life.cycle == Cycle::Exponential) {
        const double rate = ln2 / life.doubling_min() * speed;
        const double exposure = tick.dt_min + cells.cycle_min[row];
        const double u = uniform4(tick.seed, tick.step, Purpose::Division, cells.id[row])[0];
        is_due[row] = u < chance(rate, exposure);
        lived = is_due[row] != 0 ? waiting_time(rate, u) : exposure;
        cells.cycle_min[row] = exposure - lived;
      } else {
        // Divides in the first interval that begins at or after the end of the cycle; the tolerance is the rounding of
        // single precision in `division_rate`.
        is_due[row] = cells.cycle_min[row] >= cells.cycle_length_min[row] * (1 - 1e-6);
        if (is_due[row] != 0) return;
        cells.cycle_min[row] += speed * lived;
      }
      grow(world, cells, row, speed * lived);
    });

    // Serial: rare, and the queue is one.
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (due[row] == 0) continue;
      const Life& life = life_[cells.type[row]];
      const auto growth = static_cast<Growth>(life.growth);
      const double advance_min = room[row] * tick.dt_min;
      const bool timed = life.cycle != Cycle::Exponential;
      const auto offset = find_room(site, row, daughter_radius(growth, cells.radius[row]), tick.seed, tick.step);
      if (!offset) {  // a timed cell waits at the end of its cycle, another one has missed its chance
        cells.cycle_min[row] = timed ? cells.cycle_length_min[row] : 0;
        continue;
      }
      if (timed) {
        // Both daughters live through the interval: the mother grows for two before she shares.
        grow(world, cells, row, 2 * advance_min);
        const double over = cells.cycle_min[row] - cells.cycle_length_min[row];
        cells.cycle_min[row] = std::max(over, 0.0) + advance_min;
      }
      site.queues.births.push_back({cells.id[row], row, *offset, daughter_radius(growth, cells.radius[row])});
    }
  }

  // An exponential cycle has no end at which growth would stop: no cell exceeds twice the type's measure.
  void grow(const World& world, Population& cells, std::size_t row, double cycle_time_min) const {
    const Life& life = life_[cells.type[row]];
    const double ceiling = life.cycle == Cycle::Exponential ? 2 : infinity;
    cells.radius[row] = grown_radius(static_cast<Growth>(life.growth), cells.radius[row],
                                     world.types[cells.type[row]].radius, cycle_time_min / life.doubling_min(), ceiling);
  }

  std::vector<Life> life_;
};

}  // namespace

std::unique_ptr<Process> make_division() { return std::make_unique<DivisionProcess>(); }

}  // namespace invado
