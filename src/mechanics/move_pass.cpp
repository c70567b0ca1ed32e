#include "mechanics/move_pass.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include "base/error.h"
#include "base/parallel.h"
#include "base/periodic.h"
#include "mechanics/neighbour_pass.h"
#include "mechanics/overdamped.h"

namespace invado {
namespace {

// Names the cell whose walk a wall would mirror more than once in a step: longer than the box, its numbers are wrong.
[[noreturn]] void refuse_walk(const Site& site) {
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
bool tell(Population& c, const MovedBlock& block) {
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
bool move_along(std::size_t a, Site& site, Workspace& work, MovedBlock& block) {
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

}  // namespace

void move(Site& site, Workspace& work, const Substep& step) {
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

void let_leave(Site& site, const Workspace& work) {
  const Population& c = site.cells;
  const auto open = [&](std::size_t a) { return site.domain.boundary[a] == Boundary::Open; };
  if (!open(0) && !open(1) && !open(2)) return;
  for (std::size_t i = 0; i < c.size(); ++i)
    if ((open(0) && work.left[0][i] != 0) || (open(1) && work.left[1][i] != 0) || (open(2) && work.left[2][i] != 0))
      site.queues.departures.push_back({c.id[i], i, Leaving::Left});
}

}  // namespace invado
