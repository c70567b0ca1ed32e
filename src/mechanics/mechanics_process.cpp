// Mechanics: contact forces between cells and the one move of the step.
//
//     dx/dt = walk + phi * sum over neighbours of contact speed * direction          (overdamped, no inertia)
//
// phi: steric factor at the edge that is pushed forward (contacts cannot press a cell through a pore that it does not
// fit). Sums are in fixed point, so that neither threads nor the order of rows can change a bit, and action equals
// reaction exactly. When the fastest contact would move a cell by more than `largest_move` radii, the step is cut.
//
// Adhesion of a cell: `mechanics.adhesion` times E-cadherin, that is the phenotype adhesion_cell (whose own scale is
// 2 um/min at E-cadherin 1) times mechanics.adhesion / (2 um/min); a type with `signalling: off` has
// mechanics.adhesion itself. A pair has the geometric means of its two cells' repulsion, adhesion and reach.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/parallel.h"
#include "base/periodic.h"
#include "mechanics/contact.h"
#include "mechanics/neighbour_grid.h"
#include "mechanics/neighbour_list.h"
#include "mechanics/overdamped.h"
#include "model/process.h"

namespace invado {
namespace {

constexpr double adhesion_scale = 2;   // scale of the phenotype adhesion_cell at E-cadherin 1 [um/min]
constexpr double most_adhesion = 1e6;  // [um/min]: a thousand neighbours stay far below what a fixed-point sum holds
constexpr double longest_push = 0.5;   // a contact never moves a cell further than this at once [radii]
constexpr int most_substeps = 16;
constexpr double overlap_at_start = 0.10;  // founders are relaxed until no pair overlaps more than this
constexpr int most_relaxations = 1000;
constexpr double relaxation = 0.2;  // share of an overlap that each of the two gives way per iteration

struct TypeMechanics {
  double radius = 8.4;           // [um]
  double nucleus_radius = 4.72;  // [um]
  double repulsion = 25;         // a [um/min]
  double adhesion = 2;           // c [um/min]
  double reach = 1.25;           // of adhesion, in R_i + R_j
};

struct MechanicsParams {
  bool contacts = true;
  double largest_move = 0.25;  // [radii]
};

// Pairs of one cell, side by side.
struct Lanes {
  static constexpr std::size_t room = 64;
  alignas(64) std::array<double, room> x, y, z, d, touching, repulsion, adhesion, reach;
  alignas(64) std::array<std::int64_t, room> anchored;
};

// Working arrays of one call; they only grow. What the neighbour list carries from call to call it checks before use.
struct Workspace {
  NeighbourGrid grid;  // of founders while they settle
  NeighbourList list;
  // by slot
  std::vector<double> radius, root_repulsion, root_adhesion, root_reach;
  std::vector<std::int64_t> id;
  std::vector<std::uint8_t> anchored;
  // by row
  std::vector<Vec3> push;    // contact velocity [um/min]
  std::vector<double> rate;  // |contact velocity| / radius [1/min]; in relaxation the largest overlap
  std::vector<Vec3> moved;   // displacement so far, unwrapped [um]
  std::vector<std::uint8_t> left;

  void resize(std::size_t n) {
    for (auto* column : {&radius, &root_repulsion, &root_adhesion, &root_reach, &rate}) column->resize(n);
    id.resize(n);
    anchored.resize(n);
    push.resize(n);
    moved.resize(n);
    left.resize(n);
  }
};

// One per site: lists of several sites stay good side by side.
Workspace& workspace(std::size_t site) {
  thread_local std::vector<std::unique_ptr<Workspace>> work;
  while (work.size() <= site) work.push_back(std::make_unique<Workspace>());
  return *work[site];
}

std::size_t index_of(const World& world, const Site& site) { return static_cast<std::size_t>(&site - world.sites.data()); }

class Mechanics final : public Process {
 public:
  [[nodiscard]] std::string_view name() const override { return "mechanics"; }
  [[nodiscard]] std::vector<std::string_view> writes() const override {
    return {"x",
            "y",
            "z",
            "ux",
            "uy",
            "uz",
            "step_x",
            "step_y",
            "step_z",
            "vx",
            "vy",
            "vz",
            "wrap_x",
            "wrap_y",
            "wrap_z",
            "path_um",
            "pressure",
            "neighbours",
            "anchored_neighbours",
            "away_x",
            "away_y",
            "away_z"};
  }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"id", "type", "radius", "anchored", "adhesion_cell", "pore_limit_um2", "matrix"};
  }
  void describe(ParamVisitor& v) override {
    v.boolean("contacts", params_.contacts, "cells push and pull each other; false: they pass through each other",
              "assumed");
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
      if (params_.contacts) relax(world, site, workspace(index_of(world, site)));
      c.start_x = c.x;
      c.start_y = c.y;
      c.start_z = c.z;
    }
  }

  void start(World& world) const override {
    for (Site& site : world.sites) {
      Population& c = site.cells;
      c.step_x.assign(c.size(), 0);
      c.step_y.assign(c.size(), 0);
      c.step_z.assign(c.size(), 0);
      if (site.domain.spaceless() || c.size() == 0) continue;
      Workspace& work = workspace(index_of(world, site));
      build(world, site, work);
      contacts(site, work, {world.seed, 0, 0, 0});
    }
  }

  void apply(World& world, const Tick& tick) const override {
    for (Site& site : world.sites) {
      Population& c = site.cells;
      if (site.domain.spaceless() || c.size() == 0) continue;
      require_steps_within_the_box(site);
      Workspace& work = workspace(index_of(world, site));
      work.moved.assign(c.size(), Vec3{});
      work.left.assign(c.size(), 0);
      double remaining = tick.dt_min;
      for (int substep = 1; remaining > 0; ++substep) {
        build(world, site, work);
        contacts(site, work, tick);
        const double length = substep_length(work, c.size(), remaining, tick.dt_min);
        move(site, work, length, length / tick.dt_min);
        remaining = length < remaining ? remaining - length : 0;
        if (remaining > 0) ++world.diagnostics.mechanics_substeps;
      }
      finish(site, work, tick.dt_min);
    }
  }

 private:
  [[nodiscard]] double pair_reach() const {
    double reach = neighbour_reach;
    for (const TypeMechanics& t : types_) reach = std::max(reach, t.reach);
    return reach;
  }

  static double largest_radius(const Population& c) { return *std::ranges::max_element(c.radius); }

  // Eight times dense packing of the smallest cells: beyond it, cells are piled on points [1/um^3].
  static double densest(const Population& c) {
    const double smallest = *std::ranges::min_element(c.radius);
    return 8 / (4.18879 * smallest * smallest * smallest);
  }

  // What bins and fixed-point sums take for granted; a cell that does not have it ends the run here.
  static void require_place_and_body(const Population& c) {
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (!std::isfinite(c.x[i]) || !std::isfinite(c.y[i]) || !std::isfinite(c.z[i]))
        throw ModelFault(fmt::format("cell {}: position ({}, {}, {}) is not finite", c.id[i], c.x[i], c.y[i], c.z[i]));
      if (!(c.radius[i] > 0) || !std::isfinite(c.radius[i]))
        throw ModelFault(fmt::format("cell {}: radius {} um, must be positive", c.id[i], c.radius[i]));
    }
  }

  // A walk that a wall mirrors more than once in a step is longer than the box: its numbers are wrong.
  static void require_steps_within_the_box(const Site& site) {
    const Population& c = site.cells;
    const std::array<const std::vector<double>*, 3> step{&c.step_x, &c.step_y, &c.step_z};
    for (int axis = 0; axis < 3; ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      const double size = site.domain.size[axis];
      if (site.domain.boundary[a] != Boundary::Closed) continue;
      for (std::size_t i = 0; i < c.size(); ++i)
        if (std::fabs((*step[a])[i]) > size)
          throw ModelFault(fmt::format("cell {}: walks {} um along {} in one step, further than the box of {} um", c.id[i],
                                       (*step[a])[i], "xyz"[a], size));
    }
  }

  // Strength of a cell's adhesion [um/min].
  [[nodiscard]] double adhesion_of(const World& world, const Population& c, std::size_t i) const {
    const TypeMechanics& type = types_[c.type[i]];
    return world.types[c.type[i]].signalling
               ? static_cast<double>(c.phenotype[+Phenotype::AdhesionCell][i]) * (type.adhesion / adhesion_scale)
               : type.adhesion;
  }

  // Bins, and what a contact needs to know of each cell, by slot.
  void build(const World& world, const Site& site, Workspace& work) const {
    const Population& c = site.cells;
    require_place_and_body(c);
    for (std::size_t i = 0; i < c.size(); ++i) {
      const double adhesion = adhesion_of(world, c, i);
      if (!(adhesion <= most_adhesion))
        throw ModelFault(fmt::format("cell {}: adhesion {} um/min, must be at most {:g}", c.id[i], adhesion, most_adhesion));
    }
    work.resize(c.size());
    work.list.refresh(c.x, c.y, c.z, c.id, c.radius, site.domain.size, site.domain.periodic(), pair_reach(), densest(c));
    for_rows(c.size(), [&](std::size_t slot) {
      const std::size_t i = work.list.row(slot);
      const TypeMechanics& type = types_[c.type[i]];
      work.radius[slot] = c.radius[i];
      work.id[slot] = c.id[i];
      work.anchored[slot] = c.anchored[i];
      work.root_repulsion[slot] = std::sqrt(type.repulsion);
      work.root_adhesion[slot] = std::sqrt(std::max(0.0, adhesion_of(world, c, i)));
      work.root_reach[slot] = std::sqrt(type.reach);
    });
  }

  // Contact velocity of each cell and what it feels of its neighbours.
  void contacts(Site& site, Workspace& work, const Tick& tick) const {
    Population& c = site.cells;
    const bool planar = site.domain.planar;
    const auto periodic = site.domain.periodic();
    for_rows(c.size(), [&](std::size_t slot) {
      const std::size_t i = work.list.row(slot);
      const Felt felt = felt_by(work, slot, tick, planar);
      Vec3 push = params_.contacts ? felt.push : Vec3{};
      if (!site.matrix.none() && push != Vec3{}) {
        const Vec3 edge = c.position(i) + c.radius[i] * unit(push);
        push =
            steric_factor_at(site.matrix, edge, static_cast<double>(c.phenotype[+Phenotype::PoreLimit][i]), periodic) * push;
      }
      work.push[i] = push;
      work.rate[i] = norm(push) / c.radius[i];
      const double share = felt.neighbours > 0 ? 1.0 / felt.neighbours : 0.0;
      c.pressure[i] = static_cast<float>(felt.crowding / pressure_of_packing);
      c.neighbours[i] = felt.neighbours;
      c.anchored_neighbours[i] = felt.anchored;
      c.away_x[i] = share * felt.away.x;
      c.away_y[i] = share * felt.away.y;
      c.away_z[i] = share * felt.away.z;
    });
  }

  // What a cell feels of all cells near it.
  struct Felt {
    Vec3 push;                // contact velocity [um/min]
    Vec3 away;                // sum of the unit vectors away from the neighbours
    double crowding;          // sum of the squared overlaps
    std::int32_t neighbours;  // closer than neighbour_reach
    std::int32_t anchored;    // of these
  };

  // Pairs are gathered into lanes, so that the law of contact is computed for several at once: integer sums have no order,
  // so the compiler may vectorise these loops.
  static Felt felt_by(const Workspace& work, std::size_t slot, const Tick& tick, bool planar) {
    std::int64_t push_x = 0, push_y = 0, push_z = 0, away_x = 0, away_y = 0, away_z = 0, crowding = 0;  // in fixed point
    std::int64_t neighbours = 0, anchored = 0;
    const Vec3 here{work.list.x()[slot], work.list.y()[slot], work.list.z()[slot]};
    const Vec3 period = work.list.period(), per_period = work.list.per_period();
    const double radius = work.radius[slot], repulsion = work.root_repulsion[slot], adhesion = work.root_adhesion[slot],
                 reach = work.root_reach[slot];
    const std::span<const std::uint32_t> near = work.list.near(slot);
    for (std::size_t begin = 0; begin < near.size(); begin += Lanes::room) {
      const std::size_t n = std::min(near.size() - begin, Lanes::room);
      Lanes p;
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t other = near[begin + k];
        p.x[k] = here.x - work.list.x()[other];
        p.y[k] = here.y - work.list.y()[other];
        p.z[k] = here.z - work.list.z()[other];
        p.touching[k] = radius + work.radius[other];
        p.repulsion[k] = repulsion * work.root_repulsion[other];
        p.adhesion[k] = adhesion * work.root_adhesion[other];
        p.reach[k] = reach * work.root_reach[other];
        p.anchored[k] = work.anchored[other];
      }
      if (work.list.any_periodic())
        for (std::size_t k = 0; k < n; ++k) {
          p.x[k] = nearest_image(p.x[k], period.x, per_period.x);
          p.y[k] = nearest_image(p.y[k], period.y, per_period.y);
          p.z[k] = nearest_image(p.z[k], period.z, per_period.z);
        }
      std::int64_t coincident = 0;
      for (std::size_t k = 0; k < n; ++k) {
        p.d[k] = std::sqrt(p.x[k] * p.x[k] + p.y[k] * p.y[k] + p.z[k] * p.z[k]);
        coincident += p.d[k] > coincident_um ? 0 : 1;
        const double inverse = 1 / p.d[k];
        p.x[k] *= inverse;
        p.y[k] *= inverse;
        p.z[k] *= inverse;
      }
      if (coincident > 0)
        for (std::size_t k = 0; k < n; ++k)
          if (!(p.d[k] > coincident_um)) {
            const Vec3 e = pair_direction(tick.seed, tick.step, work.id[slot], work.id[near[begin + k]], planar);
            p.x[k] = e.x, p.y[k] = e.y, p.z[k] = e.z;
          }
      for (std::size_t k = 0; k < n; ++k) {
        const double speed = contact_speed(p.d[k], p.touching[k], p.repulsion[k], p.adhesion[k], p.reach[k]);
        const bool neighbour = p.d[k] < neighbour_reach * p.touching[k];
        const double overlap = std::max(0.0, 1 - p.d[k] / p.touching[k]);
        push_x += FixedSum::quantise(speed * p.x[k]);
        push_y += FixedSum::quantise(speed * p.y[k]);
        push_z += FixedSum::quantise(speed * p.z[k]);
        away_x += FixedSum::quantise(neighbour ? p.x[k] : 0.0);
        away_y += FixedSum::quantise(neighbour ? p.y[k] : 0.0);
        away_z += FixedSum::quantise(neighbour ? p.z[k] : 0.0);
        crowding += FixedSum::quantise(overlap * overlap);
        neighbours += neighbour ? 1 : 0;
        anchored += neighbour ? p.anchored[k] : 0;
      }
    }
    return {{FixedSum{push_x}.get(), FixedSum{push_y}.get(), planar ? 0.0 : FixedSum{push_z}.get()},
            {FixedSum{away_x}.get(), FixedSum{away_y}.get(), FixedSum{away_z}.get()},
            FixedSum{crowding}.get(),
            static_cast<std::int32_t>(neighbours),
            static_cast<std::int32_t>(anchored)};
  }

  // Length of the next sub-step [min]: an equal share of what remains, short enough for the fastest contact.
  [[nodiscard]] double substep_length(const Workspace& work, std::size_t n, double remaining, double dt) const {
    double fastest = 0;
    for (std::size_t i = 0; i < n; ++i) fastest = std::max(fastest, work.rate[i]);
    const double shares = std::ceil(fastest * remaining / params_.largest_move);
    if (!(shares > 1)) return remaining;
    return std::min(remaining, std::max(remaining / shares, dt / most_substeps));
  }

  // Walk and contacts move each cell for `length` minutes; `share` is that part of the step. A wall mirrors the walk (and
  // its direction), and stops what pushes.
  static void move(Site& site, Workspace& work, double length, double share) {
    Population& c = site.cells;
    const Domain& domain = site.domain;
    const std::array<std::vector<double>*, 3> position{&c.x, &c.y, &c.z}, step{&c.step_x, &c.step_y, &c.step_z},
        walk{&c.ux, &c.uy, &c.uz};
    const std::array<std::vector<std::int32_t>*, 3> crossings{&c.wrap_x, &c.wrap_y, &c.wrap_z};
    for_rows(c.size(), [&](std::size_t i) {
      if (work.left[i] != 0) return;
      const Vec3 push = bounded(length * work.push[i], longest_push * c.radius[i]);
      for (int axis = 0; axis < (domain.planar ? 2 : 3); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const double size = domain.size[axis];
        double& x = (*position[a])[i];
        const double old = x;
        const double walked = share * (*step[a])[i];
        if (domain.boundary[a] == Boundary::Periodic) {
          const Wrapped at = wrap(x + walked + push[axis], size);
          x = at.x;
          (*crossings[a])[i] += at.crossed;
          work.moved[i][axis] += walked + push[axis];
          continue;
        }
        if (domain.boundary[a] == Boundary::Open) {
          x += walked + push[axis];
          if (x < 0 || x > size) {
            x = std::clamp(x, 0.0, size);
            work.left[i] = 1;
          }
        } else {
          const Mirrored at = mirror(x + walked, size);
          if (at.mirrored) {
            (*walk[a])[i] = -(*walk[a])[i];
            (*step[a])[i] = -(*step[a])[i];
          }
          x = std::clamp(at.x + push[axis], 0.0, size);
        }
        work.moved[i][axis] += x - old;
      }
    });
  }

  // What the move leaves behind; cells that went out of an open face are queued to leave.
  static void finish(Site& site, const Workspace& work, double dt) {
    Population& c = site.cells;
    for_rows(c.size(), [&](std::size_t i) {
      const Vec3 moved = work.moved[i];
      c.vx[i] = static_cast<float>(moved.x / dt);
      c.vy[i] = static_cast<float>(moved.y / dt);
      c.vz[i] = static_cast<float>(moved.z / dt);
      c.path_um[i] += norm(moved);
      c.step_x[i] = c.step_y[i] = c.step_z[i] = 0;
    });
    require_place_and_body(c);
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (work.left[i] != 0) site.queues.departures.push_back({c.id[i], i, Leaving::Left});
    }
  }

  // Founders part until no pair overlaps by more than 10 % (or a bounded number of iterations has passed: a box may be
  // too full). Each iteration moves the two cells of an overlapping pair apart by a share of the overlap. Matrix ignored.
  static void relax(const World& world, Site& site, Workspace& work) {
    Population& c = site.cells;
    const Domain& domain = site.domain;
    require_place_and_body(c);
    const double widest = largest_radius(c);
    for (int iteration = 0; iteration < most_relaxations; ++iteration) {
      work.resize(c.size());
      work.grid.build(c.x, c.y, c.z, c.id, domain.size, domain.periodic(), 2 * widest, densest(c));
      for_rows(c.size(), [&](std::size_t slot) {
        const std::size_t i = work.grid.row(slot);
        work.radius[slot] = c.radius[i];
        work.id[slot] = c.id[i];
      });
      for_rows(c.size(), [&](std::size_t slot) {
        FixedSum x, y, z;
        double largest = 0;
        const double radius = work.radius[slot];
        const double cut = radius + widest;
        work.grid.for_near(slot, cut * cut, [&](std::size_t other, Vec3 from, double d2) {
          const double d = std::sqrt(d2);
          const double touching = radius + work.radius[other];
          if (d >= touching) return;
          const Vec3 e = d > coincident_um ? (1 / d) * from
                                           : pair_direction(world.seed, static_cast<std::uint32_t>(iteration), work.id[slot],
                                                            work.id[other], domain.planar);
          const double give = relaxation * (touching - d);
          x.add(give * e.x);
          y.add(give * e.y);
          z.add(give * e.z);
          largest = std::max(largest, 1 - d / touching);
        });
        const std::size_t i = work.grid.row(slot);
        work.push[i] = bounded({x.get(), y.get(), domain.planar ? 0.0 : z.get()}, longest_push * radius);
        work.rate[i] = largest;
      });
      double largest = 0;
      for (std::size_t i = 0; i < c.size(); ++i) largest = std::max(largest, work.rate[i]);
      if (!(largest > overlap_at_start)) return;
      const std::array<std::vector<double>*, 3> position{&c.x, &c.y, &c.z};
      for_rows(c.size(), [&](std::size_t i) {
        for (int axis = 0; axis < (domain.planar ? 2 : 3); ++axis) {
          const auto a = static_cast<std::size_t>(axis);
          const double moved = (*position[a])[i] + work.push[i][axis];
          (*position[a])[i] = domain.boundary[a] == Boundary::Periodic ? wrap(moved, domain.size[axis]).x
                                                                       : std::clamp(moved, 0.0, domain.size[axis]);
        }
      });
    }
  }

  MechanicsParams params_;
  std::vector<TypeMechanics> types_;
};

}  // namespace

std::unique_ptr<Process> make_mechanics() { return std::make_unique<Mechanics>(); }

}  // namespace invado
