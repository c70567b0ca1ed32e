// Mechanics: contact forces between cells and the one move of the step.
//
//     dx/dt = walk + phi * sum over neighbours of contact speed * direction          (overdamped, no inertia)
//
// phi: steric factor at the edge that is pushed forward (contacts cannot press a cell through a pore that it does not
// fit). Sums are in fixed point, so that neither threads nor the order of rows can change a bit, and action equals
// reaction until a cell's sum is rounded to single precision. When the fastest contact would move a cell by more than
// `largest_move` radii, the step is cut.
//
// Adhesion of a cell: `mechanics.adhesion` times E-cadherin, that is the phenotype adhesion_cell (whose own scale is
// 2 um/min at E-cadherin 1) times mechanics.adhesion / (2 um/min); a type with `signalling: off` has
// mechanics.adhesion itself. A pair has the geometric means of its two cells' repulsion, adhesion and reach.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"
#include "base/parallel.h"
#include "mechanics/contact.h"
#include "mechanics/contact_pass.h"
#include "mechanics/move_pass.h"
#include "mechanics/neighbour_pass.h"
#include "mechanics/settling_pass.h"
#include "mechanics/workspace.h"
#include "model/process.h"

namespace invado {
namespace {

constexpr double adhesion_scale = 2;   // scale of the phenotype adhesion_cell at E-cadherin 1 [um/min]
constexpr double most_adhesion = 1e6;  // [um/min]: a thousand neighbours stay far below what a fixed-point sum holds
constexpr int most_substeps = 16;
struct TypeMechanics {
  double radius = 8.4;           // [um]
  double nucleus_radius = 4.72;  // [um]
  double repulsion = 25;         // a [um/min]
  double adhesion = 2;           // c [um/min]
  double reach = 1.25;           // of adhesion, in R_i + R_j
};

struct MechanicsParams {
  bool contacts = true;
  bool settle = true;
  double largest_move = 0.25;  // [radii]
};

class Mechanics final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "mechanics"; }
  [[nodiscard]] std::vector<std::string_view> writes() const override {
    std::vector<std::string_view> columns{
        "x",      "y",  "z",  "ux", "uy",      "uz",       "step_x",     "step_y",
        "step_z", "vx", "vy", "vz", "path_um", "pressure", "neighbours", "anchored_neighbours"};
    constexpr std::array<std::string_view, 3> crossings{"wrap_x", "wrap_y", "wrap_z"}, away{"away_x", "away_y", "away_z"};
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (periodic_[axis]) columns.push_back(crossings[axis]);
    if (turning_) columns.insert(columns.end(), away.begin(), away.end());
    return columns;
  }
  [[nodiscard]] std::vector<std::string_view> fills() const override { return writes(); }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"id", "type", "radius", "anchored", "adhesion_cell", "pore_limit_um2", "matrix"};
  }
  void describe(ParamVisitor& v) override {
    v.boolean("contacts", params_.contacts, "cells push and pull each other; false: they pass through each other",
              "assumed");
    v.boolean("settle", params_.settle,
              "founders part until they overlap by at most 10 %; false: they begin exactly where they were put",
              "design.md 4");
    v.number("largest_move", params_.largest_move, Unit::One, {0.01, 0.5},
             "largest contact displacement in one sub-step, in radii", "assumed; design.md 9: bounded and reported");
  }
  [[nodiscard]] bool switch_off() override {
    params_.contacts = false;
    return false;
  }

  void resize_types(std::size_t types) override { types_.resize(types); }
  void describe_type(ParamVisitor& v, std::size_t type) override {
    TypeMechanics& t = types_[type];
    v.section("mechanics", "body and contacts", [&](ParamVisitor& keys) {
      keys.number("radius", t.radius, Unit::Um, {0.1, 100}, "radius of a cell", "PhysiCell default, volume 2494 um^3");
      keys.number("nucleus_radius", t.nucleus_radius, Unit::Um, {0.01, 100}, "radius of the undeformed nucleus",
                  "Wolf 2013 JCB: cross-section 70 um^2");
      keys.number("repulsion", t.repulsion, Unit::UmPerMin, {0, 1e4}, "speed at which two cells on one point part",
                  "PhysiCell-ECM; 10 in benchmarks");
      keys.number("adhesion", t.adhesion, Unit::UmPerMin, {0, 1e4},
                  "cell-cell adhesion at E-cadherin 1 (signalling off: always)", "PhysiCell-ECM; 0.4 in benchmarks");
      keys.number("reach", t.reach, Unit::One, {1, 3}, "distance at which adhesion ends, in sums of radii",
                  "PhysiCell default");
      if (!(t.nucleus_radius <= t.radius)) keys.complain("nucleus_radius", "is larger than radius, must be at most radius");
    });
  }
  void configure(World& world) override {
    work_.resize(world.sites.size());
    turning_ = std::ranges::any_of(world.types, &CellType::turns_away);
    for (std::size_t axis = 0; axis < 3; ++axis)
      periodic_[axis] = std::ranges::any_of(world.sites, [axis](const Site& site) { return site.domain.periodic()[axis]; });
    types_.resize(world.types.size());
    for (std::size_t t = 0; t < types_.size(); ++t) {
      world.types[t].radius = types_[t].radius;
      world.types[t].nucleus_radius = types_[t].nucleus_radius;
    }
  }

  void settle(World& world) const override {
    for (Site& site : world.sites) {
      Population& c = site.cells;
      if (site.domain.spaceless() || c.size() == 0) continue;
      if (params_.contacts && params_.settle) part_founders(site, work_[index_of(world, site)], world.seed);
      c.start_x = c.x;
      c.start_y = c.y;
      c.start_z = c.z;
    }
  }

  void start_places(World& world) const override {
    for (Site& site : world.sites) {
      Population& c = site.cells;
      c.step_x.assign(c.size(), 0);
      c.step_y.assign(c.size(), 0);
      c.step_z.assign(c.size(), 0);
      if (site.domain.spaceless() || c.size() == 0) continue;
      Workspace& work = work_[index_of(world, site)];
      take_grips(world, site, work);
      find_neighbours(site, work, pair_reach(), {});
      contacts(site, work, {world.seed, 0, 0, 0});
    }
  }

  void apply_to(World& world, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const one : sites) {
      Site& site = *one;
      if (site.domain.spaceless() || site.cells.size() == 0) continue;
      Workspace& work = work_[index_of(world, site)];
      take_grips(world, site, work);
      double remaining = tick.dt_min;
      while (remaining > 0) {
        find_neighbours(site, work, pair_reach(), {site.cells.vx, site.cells.vy, site.cells.vz, tick.dt_min});
        const double fastest = contacts(site, work, tick);
        const double length = substep_length(fastest, remaining, tick.dt_min);
        const bool first = remaining == tick.dt_min, last = !(length < remaining);
        move(site, work, {length, tick.dt_min, length * fastest > longest_push, first, last});
        remaining = last ? 0 : remaining - length;
        if (!last) world.diagnostics.count_substep();
      }
      let_leave(site, work);
    }
  }

 private:
  [[nodiscard]] double pair_reach() const {
    double reach = neighbour_reach;
    for (const TypeMechanics& t : types_) reach = std::max(reach, t.reach);
    return reach;
  }

  // Strength of a cell's adhesion [um/min].
  [[nodiscard]] double adhesion_of(const World& world, const Population& c, std::size_t i) const {
    const TypeMechanics& type = types_[c.type[i]];
    return world.types[c.type[i]].signalling
               ? static_cast<double>(c.phenotype[+Phenotype::AdhesionCell][i]) * (type.adhesion / adhesion_scale)
               : type.adhesion;
  }

  static Grip grip_of_type(const TypeMechanics& t) {
    return {static_cast<float>(std::sqrt(t.repulsion)), 0, static_cast<float>(std::sqrt(1 / t.reach)), 0};
  }

  // Do all cells have one grip, whatever their type and signals?
  [[nodiscard]] bool all_alike(const World& world, const Population& c) const {
    for (std::size_t t = 0; t < types_.size(); ++t)
      if (world.types[t].signalling || types_[t].repulsion != types_[0].repulsion ||
          types_[t].adhesion != types_[0].adhesion || types_[t].reach != types_[0].reach)
        return false;
    const std::span<const std::uint8_t> anchored = c.anchored.kept();
    return std::memcmp(anchored.data(), anchored.data() + 1, anchored.size() - 1) == 0;  // each as the one before it
  }

  // What the surfaces of the cells are like in this step.
  void take_grips(const World& world, const Site& site, Workspace& work) const {
    const Population& c = site.cells;
    const bool alike = all_alike(world, c);
    const std::size_t n = alike ? 1 : c.size();
    work.grip.resize(n);
    work.of_type.clear();
    for (const TypeMechanics& t : types_) work.of_type.push_back(grip_of_type(t));
    const double adhesion = largest_of_blocks(n, [&](std::size_t begin, std::size_t end) {
      double most = 0;
      for (std::size_t i = begin; i < end; ++i) {
        const double own = adhesion_of(world, c, i);
        Grip grip = work.of_type[c.type[i]];
        grip.root_adhesion = static_cast<float>(std::sqrt(std::max(0.0, own)));
        grip.anchored = c.anchored[i];
        work.grip[i] = grip;
        most = own <= most_adhesion ? std::max(most, own) : 2 * most_adhesion;  // also what is not a number
      }
      return most;
    });
    if (adhesion > most_adhesion)
      for (std::size_t i = 0; i < n; ++i)
        if (const double own = adhesion_of(world, c, i); !(own <= most_adhesion))
          throw ModelFault(fmt::format("cell {}: adhesion {} um/min, must be at most {:g}", c.id[i], own, most_adhesion));
    work.strongest = adhesion;
    for (const TypeMechanics& t : types_) work.strongest = std::max(work.strongest, t.repulsion);
  }

  // Speeds that neither cut a step of this length nor are cut short themselves [radii/min]; 0.999: nor would one that is a
  // few roundings larger.
  [[nodiscard]] double harmless(double dt) const {
    return dt > 0 ? 0.999 * std::min(params_.largest_move, longest_push) / dt : 0;
  }

  double contacts(Site& site, Workspace& work, const Tick& tick) const {
    return feel_contacts(site, work, {params_.contacts, turning_, harmless(tick.dt_min), tick.seed, tick.step});
  }

  // Length of the next sub-step [min]: an equal share of what remains, short enough for the fastest contact.
  [[nodiscard]] double substep_length(double fastest, double remaining, double dt) const {
    const double shares = std::ceil(fastest * remaining / params_.largest_move);
    if (!(shares > 1)) return remaining;
    return std::min(remaining, std::max(remaining / shares, dt / most_substeps));
  }

  MechanicsParams params_;
  std::vector<TypeMechanics> types_;
  std::array<bool, 3> periodic_{};       // axes, of some site
  bool turning_ = false;                 // some type looks at where its neighbours are
  mutable std::vector<Workspace> work_;  // [site]
};

}  // namespace

std::unique_ptr<Process> make_mechanics() { return std::make_unique<Mechanics>(); }

}  // namespace invado
