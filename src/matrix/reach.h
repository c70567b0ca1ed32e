// The lattice voxels around a point: those whose box, or whose centre, comes within a distance. The one place where
// boundaries and periodic images of the lattice are treated.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

#include "base/eight.h"
#include "base/grid.h"

namespace invado {

// One axis of a walk over voxels: unwrapped indices [first, last].
struct AxisReach {
  int first, last;
};

// Voxels along one axis whose interval [i h, (i+1) h] comes within `reach` of x; at most one period.
inline AxisReach axis_reach(const Grid3& grid, int axis, double x, double reach, bool periodic) {
  const int n = grid.shape[static_cast<std::size_t>(axis)];
  const double h = grid.spacing[axis];
  const double low = std::floor((x - reach) / h), high = std::floor((x + reach) / h);
  if (!periodic)
    return {static_cast<int>(held_between(low, 0.0, n - 1.0)), static_cast<int>(held_between(high, 0.0, n - 1.0))};
  const int first = static_cast<int>(held_between(low, -1e8, 1e8));
  const int last = static_cast<int>(held_between(high, -1e8, 1e8));
  return {first, std::min(last, first + n - 1)};
}

inline int wrap_index(int i, int n) { return i >= 0 && i < n ? i : ((i % n) + n) % n; }

// Distance from x to the interval of voxel i.  [um]
inline double gap_to_voxel(double x, int i, double h) { return std::max(std::max(i * h - x, x - (i + 1) * h), 0.0); }

// Voxels side by side along x.
struct VoxelRun {
  std::size_t voxel;  // the first one
  int count;
  int i, j, k;  // unwrapped indices of the first one
};

// visit(run) for the voxels of the layers [layer_from, layer_to) whose squared(axis, unwrapped index) add up over the axes
// to at most reach^2, among those whose box comes within `reach` of x, and for the voxel `always` if it is one of these.
// Eight voxels along x at a time; of them z outermost.
template <class Squared, class Visit>
void for_runs_within(const Grid3& grid, std::array<bool, 3> periodic, Vec3 x, double reach, int layer_from, int layer_to,
                     std::size_t always, Squared&& squared, Visit&& visit) {
  const AxisReach ri = axis_reach(grid, 0, x.x, reach, periodic[0]);
  const AxisReach rj = axis_reach(grid, 1, x.y, reach, periodic[1]);
  const AxisReach rk = axis_reach(grid, 2, x.z, reach, periodic[2]);
  const int nx = grid.shape[0];
  const double limit = reach * reach;
  for (int i = ri.first; i <= ri.last; i += 8) {
    const int count = std::min(8, ri.last - i + 1);
    std::array<double, 8> along_x;
    for (int n = 0; n < 8; ++n) along_x[static_cast<std::size_t>(n)] = squared(0, i + n);
    const auto to_here = load8<Doubles8>(along_x.data());
    for (int k = rk.first; k <= rk.last; ++k) {
      const int layer = wrap_index(k, grid.shape[2]);
      if (layer < layer_from || layer >= layer_to) continue;
      const double along_z = squared(2, k);
      for (int j = rj.first; j <= rj.last; ++j) {
        const std::size_t line = grid.index(0, wrap_index(j, grid.shape[1]), layer);
        unsigned near = ~lanes_above((to_here + squared(1, j)) + along_z, limit) & ((1U << count) - 1);
        if (always - line < static_cast<std::size_t>(nx))
          for (int n = 0; n < count; ++n)
            if (line + static_cast<std::size_t>(wrap_index(i + n, nx)) == always) near |= 1U << n;
        while (near != 0) {
          const int first = std::countr_zero(near), side_by_side = std::countr_one(near >> first);
          near &= near + (1U << first);  // without the lowest of the stretches
          for (int n = first, of_run = 0; n < first + side_by_side; n += of_run) {
            const int at = wrap_index(i + n, nx);
            of_run = std::min(first + side_by_side - n, nx - at);
            visit(VoxelRun{line + static_cast<std::size_t>(at), of_run, i + n, j, k});
          }
        }
      }
    }
  }
}

// visit(run) for all voxels of the layers whose box comes within `reach` of x.
template <class Visit>
void for_runs_touched(const Grid3& grid, std::array<bool, 3> periodic, Vec3 x, double reach, int layer_from, int layer_to,
                      Visit&& visit) {
  const auto squared_gap = [&](int axis, int i) {
    const double gap = gap_to_voxel(x[axis], i, grid.spacing[axis]);
    return gap * gap;
  };
  for_runs_within(grid, periodic, x, reach, layer_from, layer_to, ~std::size_t{0}, squared_gap, visit);
}

// visit(run) for the voxels of the layers that a ball holds: centres within `radius` of x, and always the voxel of x itself.
template <class Visit>
void for_runs_held(const Grid3& grid, std::array<bool, 3> periodic, Vec3 x, double radius, int layer_from, int layer_to,
                   Visit&& visit) {
  const auto squared_offset = [&](int axis, int i) {
    const double offset = (i + 0.5) * grid.spacing[axis] - x[axis];
    return offset * offset;
  };
  for_runs_within(grid, periodic, x, radius, layer_from, layer_to, grid.voxel_of(x), squared_offset, visit);
}

}  // namespace invado
