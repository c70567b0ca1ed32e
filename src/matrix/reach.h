// The lattice voxels around a point: those whose box, or whose centre, comes within a distance. The one place where
// boundaries and periodic images of the lattice are treated.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

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

inline int wrap_index(int i, int n) { return ((i % n) + n) % n; }

// Distance from x to the interval of voxel i.  [um]
inline double gap_to_voxel(double x, int i, double h) { return std::max({i * h - x, x - (i + 1) * h, 0.0}); }

// visit(voxel, offset of the voxel's centre from x) for every voxel of the layers [layer_from, layer_to) whose box comes
// within `reach` of x, z outermost, x innermost.
template <class Visit>
void for_voxels_touched(const Grid3& grid, std::array<bool, 3> periodic, Vec3 x, double reach, int layer_from, int layer_to,
                        Visit&& visit) {
  const AxisReach ri = axis_reach(grid, 0, x.x, reach, periodic[0]);
  const AxisReach rj = axis_reach(grid, 1, x.y, reach, periodic[1]);
  const AxisReach rk = axis_reach(grid, 2, x.z, reach, periodic[2]);
  const double limit = reach * reach;
  for (int k = rk.first; k <= rk.last; ++k) {
    const int layer = wrap_index(k, grid.shape[2]);
    if (layer < layer_from || layer >= layer_to) continue;
    const double gz = gap_to_voxel(x.z, k, grid.spacing.z);
    for (int j = rj.first; j <= rj.last; ++j) {
      const double gy = gap_to_voxel(x.y, j, grid.spacing.y);
      if (gy * gy + gz * gz > limit) continue;
      const std::size_t row = grid.index(0, wrap_index(j, grid.shape[1]), layer);
      for (int i = ri.first; i <= ri.last; ++i) {
        const double gx = gap_to_voxel(x.x, i, grid.spacing.x);
        if (gx * gx + gy * gy + gz * gz > limit) continue;
        visit(row + static_cast<std::size_t>(wrap_index(i, grid.shape[0])), grid.centre(i, j, k) - x);
      }
    }
  }
}

// The voxels that a ball holds: centres within `radius` of x, and always the voxel of x itself.
template <class Visit>
void for_voxels_held(const Grid3& grid, std::array<bool, 3> periodic, Vec3 x, double radius, int layer_from, int layer_to,
                     Visit&& visit) {
  const std::size_t home = grid.voxel_of(x);
  for_voxels_touched(grid, periodic, x, radius, layer_from, layer_to, [&](std::size_t voxel, Vec3 offset) {
    if (voxel == home || dot(offset, offset) <= radius * radius) visit(voxel, offset);
  });
}

}  // namespace invado
