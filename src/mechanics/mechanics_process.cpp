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
#include "base/periodic.h"
#include "mechanics/contact.h"
#include "mechanics/neighbour_list.h"
#include "mechanics/overdamped.h"
#include "mechanics/pair_sums.h"
#include "mechanics/places.h"
#include "model/matrix_points.h"
#include "model/process.h"

namespace invado {
namespace {

constexpr double adhesion_scale = 2;   // scale of the phenotype adhesion_cell at E-cadherin 1 [um/min]
constexpr double most_adhesion = 1e6;  // [um/min]: a thousand neighbours stay far below what a fixed-point sum holds
constexpr double longest_push = 0.5;   // a contact never moves a cell further than this at once [radii]
constexpr int most_substeps = 16;
// Founders are relaxed until no pair overlaps by more than overlap_at_start. Pairs are content a little before that: with a
// target of no overlap at all a full box (two thirds and more of its volume in cells) jams, and its worst pair takes
// hundreds of iterations. A share above a half over-relaxes (the two together go further than to their target), which
// reaches the end in 20 to 50 iterations of a dense box; from 1 on isolated pairs would swing.
constexpr double overlap_at_start = 0.10;
constexpr float content_at = 0.92F;  // distance, in R_i + R_j
constexpr float giving_way = 0.8F;   // share of what is missing to it that each of the two gives way per iteration
constexpr int most_relaxations = 1000;

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

// Working arrays of one site; they only grow. What the neighbour list carries from call to call it checks before use.
struct Workspace {
  Places places;
  NeighbourList list;
  std::vector<Grip> grip;                         // by row, or one that all cells have
  std::vector<Grip> of_type;                      // without what varies from cell to cell
  double strongest = 0;                           // largest speed that any of them can give a pair [um/min]
  std::array<std::vector<float>, 3> push;         // by row: contact velocity [um/min]
  std::vector<double> fastest;                    // by block of rows: largest |contact velocity| / radius [1/min]
  std::array<std::vector<double>, 3> moved;       // by row: displacement so far, unwrapped [um]; in steps that are cut
  std::array<std::vector<std::uint8_t>, 3> left;  // by row: went out along this axis; where there is an open face

  void resize(std::size_t n) {
    for (auto& column : push) column.resize(n);
    fastest.resize(list.groups());
  }
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
      if (params_.contacts && params_.settle) relax(world, site, work_[index_of(world, site)]);
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

  // Names the cell that is not fit for fixed-point places.
  [[noreturn]] static void refuse_place_or_body(const Site& site) {
    const Population& c = site.cells;
    for (std::size_t i = 0; i < c.size(); ++i) {
      const Vec3 x = c.position(i);
      if (!std::isfinite(x.x) || !std::isfinite(x.y) || !std::isfinite(x.z))
        throw ModelFault(fmt::format("cell {}: position ({}, {}, {}) is not finite", c.id[i], x.x, x.y, x.z));
      for (int axis = 0; axis < 3; ++axis)
        if (!(x[axis] >= 0 && x[axis] <= site.domain.size[axis]))
          throw ModelFault(fmt::format("cell {}: position ({}, {}, {}) is outside of the box", c.id[i], x.x, x.y, x.z));
      if (!(c.radius[i] > 0 && c.radius[i] < 1e9))
        throw ModelFault(fmt::format("cell {}: radius {} um, must be positive", c.id[i], c.radius[i]));
    }
    throw ModelFault("a position or radius is not a number");
  }

  // Names the cell whose walk a wall would mirror more than once in a step: longer than the box, its numbers are wrong.
  [[noreturn]] static void refuse_walk(const Site& site) {
    const Population& c = site.cells;
    const std::array<const std::vector<float>*, 3> step{&c.step_x, &c.step_y, &c.step_z};
    for (std::size_t i = 0; i < c.size(); ++i)
      for (std::size_t a = 0; a < 3; ++a)
        if (const double size = site.domain.size[static_cast<int>(a)];
            site.domain.boundary[a] == Boundary::Closed && std::fabs((*step[a])[i]) > size)
          throw ModelFault(fmt::format("cell {}: walks {} um along {} in one step, further than the box of {} um", c.id[i],
                                       (*step[a])[i], "xyz"[a], size));
    throw ModelFault("a walk is longer than the box");
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

  // Fixed-point places, and who may be near whom within reach x (sum of radii).
  static void find_neighbours(const Site& site, Workspace& work, double reach, const NeighbourList::Motion& motion) {
    const Population& c = site.cells;
    if (!work.places.take(c.x, c.y, c.z, c.radius, site.domain.size, site.domain.periodic())) refuse_place_or_body(site);
    work.list.refresh(work.places, c.id, reach, motion);
    work.resize(c.size());
  }

  // Contact velocity of each cell and what it feels of its neighbours. Returns the largest |contact velocity| / radius, or 0
  // where none is so large that the step would be cut or a push be cut short.
  double contacts(Site& site, Workspace& work, const Tick& tick) const {
    const PairCells cells{work.places, site.cells.id, work.grip, tick.seed, tick.step, site.domain.planar};
    // No push below it cuts the step or is cut short; 0.999: nor would one that is a few roundings larger.
    const double harmless = tick.dt_min > 0 ? 0.999 * std::min(params_.largest_move, longest_push) / tick.dt_min : 0;
    const auto with = [&]<bool alike>() {
      return turning_ ? contacts_with<alike, true>(site, work, cells, harmless)
                      : contacts_with<alike, false>(site, work, cells, harmless);
    };
    return work.grip.size() == 1 ? with.template operator()<true>() : with.template operator()<false>();
  }

  template <bool alike, bool turning>
  double contacts_with(Site& site, Workspace& work, const PairCells& cells, double harmless) const {
    Population& c = site.cells;
    const std::size_t n = c.size();
    const bool pushed = params_.contacts;
    const std::size_t groups = work.list.groups(), axes = site.domain.planar ? 2 : 3;
    const FixedUnit speed(work.strongest);
    constexpr std::size_t in_block = NeighbourList::groups_in_block;
    const std::size_t blocks = (groups + in_block - 1) / in_block;
    for_blocks(blocks, [&](std::size_t block) {
      const std::size_t begin = NeighbourList::block_size * block, end = std::min(begin + NeighbourList::block_size, n);
      for (std::size_t axis = 0; axis < 3; ++axis)
        if (!pushed || axis >= axes) std::fill(&work.push[axis][begin], &work.push[axis][begin] + (end - begin), 0.0F);
      for (std::size_t group = in_block * block; group < std::min(in_block * (block + 1), groups); ++group) {
        const auto felt = sum_over_near(work.list, cells, group, [&](const NeighbourList::Entry& own) {
          return ContactSums<alike, turning>(cells, speed, own);
        });
        const auto tell = [&, rows = work.list.own(group), count = work.list.count(group)](const auto& of_lanes,
                                                                                           auto* column) {
          for (std::size_t lane = 0; lane < count; ++lane)
            column[rows[lane] / record_bytes] = of_lanes[static_cast<int>(lane)];
        };
        for (std::size_t axis = 0; axis < (pushed ? axes : 0); ++axis)
          tell(to_floats(felt.push(static_cast<int>(axis))), work.push[axis].data());
        const Ints8 neighbours = felt.neighbours();
        tell(to_floats(felt.crowding() / pressure_of_packing), c.pressure.data());
        tell(neighbours, c.neighbours.data());
        tell(felt.anchored(), c.anchored_neighbours.data());
        if (turning) {
          const Doubles8 share = 1.0 / to_doubles(neighbours > 1 ? neighbours : ints8(1));
          tell(share * felt.away(0), c.away_x.data());
          tell(share * felt.away(1), c.away_y.data());
          tell(share * felt.away(2), c.away_z.data());
        }
      }
      if (!site.matrix.none() && pushed)
        for (std::size_t first = begin; first < end; first += many)
          let_through(site, first, std::min(many, end - first), work.push);
      const float *const x = &work.push[0][begin], *const y = &work.push[1][begin], *const z = &work.push[2][begin];
      const double* const radius = &c.radius[begin];
      int strong = 0;
      for (std::size_t k = 0; k < end - begin; ++k) {
        const auto most = static_cast<float>(harmless * radius[k]);
        strong |= x[k] * x[k] + y[k] * y[k] + z[k] * z[k] <= most * most ? 0 : 1;
      }
      double fastest = 0;
      if (strong != 0)
        for (std::size_t k = 0; k < end - begin; ++k) fastest = std::max(fastest, norm({x[k], y[k], z[k]}) / radius[k]);
      work.fastest[block] = fastest;
    });
    return *std::max_element(work.fastest.begin(), work.fastest.begin() + static_cast<std::ptrdiff_t>(blocks));
  }

  // Leaves of the pushes on the cells in rows first .. first + count - 1 what the matrix lets through: the steric factor at
  // the edge that is pushed forward, and in membranes and walls also where the nucleus is.
  static void let_through(const Site& site, std::size_t first, std::size_t count, std::array<std::vector<float>, 3>& push) {
    const Population& c = site.cells;
    const std::array<bool, 3> periodic = site.domain.periodic();
    const auto of = [&](const auto& column) { return take_many(column, first, count); };
    const ManyVectors centre{of(c.x), of(c.y), of(c.z)}, pushed{of(push[0]), of(push[1]), of(push[2])};
    const Many radius = of(c.radius), pore_limit = of(c.phenotype[+Phenotype::PoreLimit]);
    ManyVectors edge;
    Many room;
    for (std::size_t k = 0; k < many; ++k) {
      const Vec3 ahead = radius[k] * unit({pushed[0][k], pushed[1][k], pushed[2][k]});
      edge[0][k] = centre[0][k] + ahead.x;
      edge[1][k] = centre[1][k] + ahead.y;
      edge[2][k] = centre[2][k] + ahead.z;
    }
    steric_factors_at(site.matrix, edge, pore_limit, periodic, room);
    if (site.matrix.any(inert))
      for (std::size_t k = 0; k < count; ++k)
        room[k] = std::min(
            room[k], inert_factor_at(site.matrix, {centre[0][k], centre[1][k], centre[2][k]}, pore_limit[k], periodic));
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (std::size_t k = 0; k < count; ++k) push[axis][first + k] = static_cast<float>(pushed[axis][k] * room[k]);
  }

  // Length of the next sub-step [min]: an equal share of what remains, short enough for the fastest contact.
  [[nodiscard]] double substep_length(double fastest, double remaining, double dt) const {
    const double shares = std::ceil(fastest * remaining / params_.largest_move);
    if (!(shares > 1)) return remaining;
    return std::min(remaining, std::max(remaining / shares, dt / most_substeps));
  }

  struct Substep {
    double length, dt;  // [min]: of this sub-step, and of the whole step
    bool long_pushes;   // some push is to be cut
    bool first, last;   // of the step
  };

  // Walk and contacts move each cell for the length of the sub-step. A wall mirrors the walk (and its direction), and stops
  // what pushes. The last sub-step tells how the whole step went.
  static void move(Site& site, Workspace& work, const Substep& step) {
    Population& c = site.cells;
    const std::size_t n = c.size();
    if (!step.first || !step.last)
      for (auto& column : work.moved) column.resize(n);
    for (std::size_t a = 0; a < 3; ++a)
      if (step.first && site.domain.boundary[a] == Boundary::Open) work.left[a].assign(n, 0);
    constexpr double none = 0, no_number = 1, long_walk = 2;
    const double fault = largest_of_blocks(n, [&](std::size_t begin, std::size_t end) -> double {
      MovedBlock block(begin, end, step);
      std::fill_n(block.lasting.begin(), end - begin, step.length);
      if (step.long_pushes)
        for (std::size_t i = begin; i < end; ++i) {
          const double pushed = step.length * norm({work.push[0][i], work.push[1][i], work.push[2][i]});
          const double longest = longest_push * c.radius[i];
          if (pushed > longest) block.lasting[i - begin] *= longest / pushed;
        }
      for (std::size_t a = 0; a < 3; ++a)
        if (!move_along(a, site, work, block)) return long_walk;
      if (!step.first)
        for (std::size_t a = 0; a < 3; ++a)
          for (std::size_t i = begin; i < end; ++i) block.moved[a][i - begin] += work.moved[a][i];
      if (!step.last) {
        for (std::size_t a = 0; a < 3; ++a)
          std::copy_n(block.moved[a].begin(), end - begin, work.moved[a].begin() + static_cast<std::ptrdiff_t>(begin));
        return none;
      }
      return tell(c, block) ? none : no_number;
    });
    if (fault == long_walk) refuse_walk(site);
    if (fault == no_number) refuse_place_or_body(site);
  }

  // Rows whose numbers stay in the cache while the axes take turns.
  struct MovedBlock {
    // The arrays stay as they are: an initialiser in braces would empty 16 KB for each block.
    MovedBlock(std::size_t first, std::size_t behind, const Substep& of) : begin(first), end(behind), step(of) {}

    std::size_t begin, end;
    const Substep& step;
    std::array<double, rows_per_block> lasting;               // how long its push lasts on each [min]
    std::array<std::array<double, rows_per_block>, 3> moved;  // [um]
  };

  // How the whole step went. False: it went nowhere that has a number.
  static bool tell(Population& c, const MovedBlock& block) {
    const std::size_t begin = block.begin, n = block.end - block.begin;
    const double dt = block.step.dt;
    const double *const x = block.moved[0].data(), *const y = block.moved[1].data(), *const z = block.moved[2].data();
    float *const vx = &c.vx[begin], *const vy = &c.vy[begin], *const vz = &c.vz[begin];
    double* const path = &c.path_um[begin];
    float *const walked_x = &c.step_x[begin], *const walked_y = &c.step_y[begin], *const walked_z = &c.step_z[begin];
#pragma omp simd
    for (std::size_t k = 0; k < n; ++k) {
      vx[k] = static_cast<float>(x[k] / dt);
      vy[k] = static_cast<float>(y[k] / dt);
      vz[k] = static_cast<float>(z[k] / dt);
      path[k] += norm({x[k], y[k], z[k]});
      walked_x[k] = walked_y[k] = walked_z[k] = 0;  // until motility, whose steps may be longer, walks again
    }
    int wrong = 0;
    for (std::size_t k = 0; k < n; ++k) wrong |= path[k] < 1e300 ? 0 : 1;
    return wrong == 0;
  }

  // One axis of a block. False: some walk is longer than the box.
  static bool move_along(std::size_t a, Site& site, Workspace& work, MovedBlock& block) {
    Population& c = site.cells;
    const std::size_t begin = block.begin, n = block.end - block.begin;
    const double size = site.domain.size[static_cast<int>(a)], share = block.step.length / block.step.dt;
    double* const position = std::array{c.x.data(), c.y.data(), c.z.data()}[a] + begin;
    float* const walk = std::array{c.ux.data(), c.uy.data(), c.uz.data()}[a] + begin;
    float* const step = std::array{c.step_x.data(), c.step_y.data(), c.step_z.data()}[a] + begin;
    const float* const push = work.push[a].data() + begin;
    const double* const lasting = block.lasting.data();
    double* const moved = block.moved[a].data();
    if (site.domain.planar && a == 2) {
      std::fill_n(moved, n, 0.0);
      return true;
    }
    switch (site.domain.boundary[a]) {
      case Boundary::Periodic: {
        std::int32_t* const crossings = std::array{&c.wrap_x, &c.wrap_y, &c.wrap_z}[a]->data() + begin;
        for (std::size_t k = 0; k < n; ++k) {
          moved[k] = share * step[k] + lasting[k] * push[k];
          const Wrapped at = wrap(position[k] + moved[k], size);
          position[k] = at.x;
          crossings[k] += at.crossed;
        }
        return true;
      }
      case Boundary::Open: {
        std::uint8_t* const left = work.left[a].data() + begin;
        for (std::size_t k = 0; k < n; ++k) {
          const double old = position[k], at = old + (share * step[k] + lasting[k] * push[k]);
          position[k] = left[k] != 0 ? old : held_inside(at, size);
          left[k] |= at < 0 || at > size ? 1 : 0;
          moved[k] = position[k] - old;
        }
        return true;
      }
      case Boundary::Closed: break;
    }
    int too_long = 0, some = 0;
    std::array<double, rows_per_block> sign;  // of the walk after the wall
    for (std::size_t k = 0; k < n; ++k) too_long |= std::fabs(step[k]) > size ? 1 : 0;
#pragma omp simd
    for (std::size_t k = 0; k < n; ++k) {
      const double old = position[k];
      const Mirrored at = mirror(old + share * step[k], size);
      position[k] = held_inside(at.x + lasting[k] * push[k], size);
      moved[k] = position[k] - old;
      sign[k] = at.sign;
    }
    for (std::size_t k = 0; k < n; ++k) some |= sign[k] < 0 ? 1 : 0;
    if (too_long == 0 && some != 0)
      for (std::size_t k = 0; k < n; ++k) {
        walk[k] *= static_cast<float>(sign[k]);
        step[k] *= static_cast<float>(sign[k]);
      }
    return too_long == 0;
  }

  // Cells that went out of an open face are queued to leave.
  static void let_leave(Site& site, const Workspace& work) {
    const Population& c = site.cells;
    const auto open = [&](std::size_t a) { return site.domain.boundary[a] == Boundary::Open; };
    if (!open(0) && !open(1) && !open(2)) return;
    for (std::size_t i = 0; i < c.size(); ++i)
      if ((open(0) && work.left[0][i] != 0) || (open(1) && work.left[1][i] != 0) || (open(2) && work.left[2][i] != 0))
        site.queues.departures.push_back({c.id[i], i, Leaving::Left});
  }

  // Founders part until no pair overlaps by more than 10 % (or a bounded number of iterations has passed: a box may be
  // too full). Each iteration moves the two cells of an overlapping pair apart. Matrix ignored.
  static void relax(const World& world, Site& site, Workspace& work) {
    Population& c = site.cells;
    const Domain& domain = site.domain;
    const double widest = *std::ranges::max_element(c.radius);
    const FixedUnit length(2 * widest);
    for (int iteration = 0; iteration < most_relaxations; ++iteration) {
      find_neighbours(site, work, 1, {});
      const PairCells cells{work.places, c.id, {}, world.seed, static_cast<std::uint32_t>(iteration), domain.planar};
      for_rows(work.list.groups(), [&](std::size_t group) {
        const GivingWay giving = sum_over_near(
            work.list, cells, group, [&](const NeighbourList::Entry&) { return GivingWay(length, giving_way, content_at); });
        float largest = 0;
        for (std::size_t lane = 0; lane < work.list.count(group); ++lane) {
          const std::size_t i = work.list.own(group)[lane] / record_bytes;
          const int k = static_cast<int>(lane);
          const Vec3 way = bounded({giving.way(0)[k], giving.way(1)[k], domain.planar ? 0.0 : giving.way(2)[k]},
                                   longest_push * c.radius[i]);
          for (int axis = 0; axis < 3; ++axis) work.push[static_cast<std::size_t>(axis)][i] = static_cast<float>(way[axis]);
          largest = std::max(largest, giving.largest_overlap(k));
        }
        work.fastest[group] = static_cast<double>(largest);
      });
      const double largest = *std::ranges::max_element(work.fastest);
      if (!(largest > overlap_at_start)) return;
      const std::array<double*, 3> position{c.x.data(), c.y.data(), c.z.data()};
      for_rows(c.size(), [&](std::size_t i) {
        for (int axis = 0; axis < (domain.planar ? 2 : 3); ++axis) {
          const auto a = static_cast<std::size_t>(axis);
          const double at = position[a][i] + work.push[a][i];
          position[a][i] =
              domain.boundary[a] == Boundary::Periodic ? wrap(at, domain.size[axis]).x : held_inside(at, domain.size[axis]);
        }
      });
    }
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
