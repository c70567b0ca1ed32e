// Moving cells with nothing else to them: the contacts and the walk of M1 to M5 in single precision, on the places that
// contacts use, in one pass. No matrix, no signals, no columns, no output: what the machine gives to the kernel alone, so
// that the program's own rate can be said as a share of it, whatever the machine. (The best stand-alone kernel of
// performance.md, variant V, is made like this.)
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random_eight.h"
#include "bench/measure.h"
#include "mechanics/neighbour_list.h"
#include "mechanics/pair_sums.h"
#include "mechanics/places.h"

namespace invado::bench {
namespace {

// Contact velocities alone, of cells that are all alike.
class Push {
 public:
  struct Few {
    Ints8 push[3]{};
  };
  explicit Push(FixedUnit speed) : speed_(speed) {}

  void add(const PairGeometry& pair, const NeighbourList::Entry&, Few& few) const {
    const Floats8 speed = contact_speed(pair.relative, floats8(speed_.per_unit * repulsion),
                                        floats8(speed_.per_unit * adhesion), floats8(1 / reach));
    few.push[0] += to_ints(speed * pair.x);
    few.push[1] += to_ints(speed * pair.y);
    few.push[2] += to_ints(speed * pair.z);
  }
  void add_on_one_point(int, Vec3, const PairGeometry&, std::uint32_t, Few&) const {}
  void carry(const Few& few) {
    for (int axis = 0; axis < 3; ++axis) push_[axis] = push_[axis] + to_floats(few.push[axis]);
  }
  void take(int lane, const Push& all) {
    for (int axis = 0; axis < 3; ++axis)
      for (int from = 0; from < 8; ++from) push_[axis][lane] += all.push_[axis][from];
  }
  [[nodiscard]] Floats8 push(int axis) const { return static_cast<float>(speed_.size) * push_[axis]; }  // [um/min]

  static constexpr float repulsion = 10, adhesion = 0.4F, reach = 1.25F;

 private:
  FixedUnit speed_;
  Floats8 push_[3]{};
};

struct BareCells {
  Places places, next;
  std::vector<std::int64_t> id;
  std::array<std::vector<float>, 3> u, v;
  NeighbourList list;
};

BareCells scattered(std::size_t n, double edge) {
  BareCells cells;
  std::array<std::vector<double>, 3> x;
  const std::vector<double> radius(n, 8.41);
  for (std::size_t i = 0; i < n; ++i) {
    cells.id.push_back(static_cast<std::int64_t>(i));
    const auto at = uniform4(Seed{1}, 0, Purpose::Placement, cells.id.back());
    for (std::size_t axis = 0; axis < 3; ++axis) x[axis].push_back(edge * at[axis]);
  }
  // In the order of the bins in which neighbours are looked for, as rows of a site are.
  const auto bin = [&](std::size_t i) {
    constexpr double um = 24;
    return std::array{std::floor(x[2][i] / um), std::floor(x[1][i] / um), std::floor(x[0][i] / um)};
  };
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, bin);
  for (auto& along : x) {
    const auto old = along;
    for (std::size_t i = 0; i < n; ++i) along[i] = old[order[i]];
  }
  for (auto* of : {&cells.u, &cells.v})
    for (auto& along : *of) along.assign(n, 0.0F);
  INVADO_ENSURE(cells.places.take(x[0], x[1], x[2], radius, {edge, edge, edge}, {false, false, false}));
  cells.next = cells.places;
  return cells;
}

// One step of 0.1 min: speed 0.5 um/min, persistence 15 min, walls that stop.
void step(BareCells& cells, std::uint32_t number) {
  constexpr float dt = 0.1F, speed = 0.5F, keep_walk = 1 - dt / 15;
  const float kick = std::sqrt((1 - keep_walk * keep_walk) / 3);
  cells.list.refresh(cells.places, cells.id, static_cast<double>(Push::reach),
                     {cells.v[0], cells.v[1], cells.v[2], static_cast<double>(dt)});
  const PairCells pairs{cells.places, cells.id, {}, Seed{1}, number, false};
  const FixedUnit unit(static_cast<double>(Push::repulsion));
  for_blocks(cells.list.groups(), [&](std::size_t group) {
    const Push felt = sum_over_near(cells.list, pairs, group, [&](const NeighbourList::Entry&) { return Push(unit); });
    std::array<std::size_t, 8> row;
    std::array<std::int64_t, 8> id;
    for (std::size_t lane = 0; lane < 8; ++lane) {
      row[lane] = cells.list.own(group)[lane] / record_bytes;
      id[lane] = cells.id[row[lane]];
    }
    const auto z = gauss4(Seed{1}, number, Purpose::WalkKick, std::span<const std::int64_t, 8>(id));
    Ints8 moved[3];
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::array<float, 8> u;
      for (std::size_t lane = 0; lane < 8; ++lane) u[lane] = cells.u[axis][row[lane]];
      const Floats8 walk = keep_walk * load8<Floats8>(u.data()) + kick * z[axis];
      const Floats8 velocity = speed * walk + felt.push(static_cast<int>(axis));
      for (std::size_t lane = 0; lane < cells.list.count(group); ++lane) {
        cells.u[axis][row[lane]] = walk[static_cast<int>(lane)];
        cells.v[axis][row[lane]] = velocity[static_cast<int>(lane)];
      }
      const Floats8 by = dt * velocity;
      moved[axis] = to_ints(by / static_cast<float>(cells.places.quantum[axis]));
    }
    for (std::size_t lane = 0; lane < cells.list.count(group); ++lane) {
      const int l = static_cast<int>(lane);
      const Place& from = cells.places.of[row[lane]];
      const auto along = [&](std::int32_t x, int axis) {
        const auto a = static_cast<std::size_t>(axis);
        const auto end = static_cast<std::int32_t>(cells.places.box[axis] / cells.places.quantum[a]);
        return std::clamp(x + moved[a][l], 0, end);
      };
      cells.next.of[row[lane]] = {along(from.x, 0), along(from.y, 1), along(from.z, 2), from.radius};
    }
  });
  std::swap(cells.places, cells.next);
}

std::vector<std::pair<std::string, Result>> bare(const std::string& name, double cells, double edge,
                                                 const Options& options) {
  const auto n = static_cast<std::size_t>(cells / options.smaller);
  BareCells all = scattered(n, edge / std::cbrt(options.smaller));
  constexpr int warm_up = 12, steps = 60;
  std::uint32_t number = 0;
  for (int s = 0; s < warm_up; ++s) step(all, number++);
  const BareCells at_start = all;
  Result r{.unit = "cell", .units = static_cast<double>(n), .steps = steps};
  r.times = repeat(
      options, [&] { all = at_start, number = warm_up; },
      [&] {
        for (int s = 0; s < steps; ++s) step(all, number++);
      });
  double listed = 0;
  for (std::size_t group = 0; group < all.list.groups(); ++group) listed += static_cast<double>(all.list.near(group).size());
  r.arrays = (2 * sizeof(Place) + sizeof(std::int64_t) + 6 * sizeof(float));
  r.checks = {{"entries of a list", listed / static_cast<double>(all.list.groups())}};
  return {{name, r}};
}

}  // namespace

void add_bare_cells(Benchmarks& all) {
  const auto add = [&](const std::string& name, double cells, double edge) {
    all[name] = [=](const Options& options) { return bare(name, cells, edge, options); };
  };
  add("bare_M1", 1e4, 330);
  add("bare_M2", 1e4, 720);
  add("bare_M3", 1e5, 720);
  add("bare_M4", 1e5, 1560);
  add("bare_M5", 1e6, 1530);
}

}  // namespace invado::bench
