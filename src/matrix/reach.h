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

inline int wrap_index(int i, int n) { return i >= 0 && i < n ? i : ((i % n) + n) % n; }

// Distance from x to the interval of voxel i.  [um]
inline double gap_to_voxel(double x, int i, double h) { return std::max({i * h - x, x - (i + 1) * h, 0.0}); }

// Voxels side by side along x.
struct VoxelRun {
  std::size_t voxel;  // the first one
  int count;
  int i, j, k;  // unwrapped indices of the first one
};

// visit(run) for all voxels of the layers [layer_from, layer_to) whose box comes within `reach` of x, z outermost. Gaps grow
// on both sides of x, so that on each line what is near lies side by side.
template <class Visit>
void for_runs_touched(const Grid3& grid, std::array<bool, 3> periodic, Vec3 x, double reach, int layer_from, int layer_to,
                      Visit&& visit) {
  const AxisReach ri = axis_reach(grid, 0, x.x, reach, periodic[0]);
  const AxisReach rj = axis_reach(grid, 1, x.y, reach, periodic[1]);
  const AxisReach rk = axis_reach(grid, 2, x.z, reach, periodic[2]);
  const int nx = grid.shape[0];
  const double limit = reach * reach;
  for (int k = rk.first; k <= rk.last; ++k) {
    const int layer = wrap_index(k, grid.shape[2]);
    if (layer < layer_from || layer >= layer_to) continue;
    const double gz = gap_to_voxel(x.z, k, grid.spacing.z);
    for (int j = rj.first; j <= rj.last; ++j) {
      const double gy = gap_to_voxel(x.y, j, grid.spacing.y);
      const auto too_far = [&](int i) {
        const double gx = gap_to_voxel(x.x, i, grid.spacing.x);
        return gx * gx + gy * gy + gz * gz > limit;
      };
      int first = ri.first, last = ri.last;
      while (first <= last && too_far(first)) ++first;
      while (first < last && too_far(last)) --last;
      const std::size_t line = grid.index(0, wrap_index(j, grid.shape[1]), layer);
      for (int count = 0; first <= last; first += count) {
        const int at = wrap_index(first, nx);
        count = std::min(last - first + 1, nx - at);
        visit(VoxelRun{line + static_cast<std::size_t>(at), count, first, j, k});
      }
    }
  }
}

// The voxels that a ball holds: centres within `radius` of x, and always the voxel of x itself.
struct Ball {
  Ball(const Grid3& lattice, Vec3 centre, double radius)
      : grid(lattice), x(centre), home(lattice.voxel_of(centre)), limit(radius * radius) {}

  // The n-th voxel of a run.
  [[nodiscard]] bool holds(const VoxelRun& run, int n) const {
    const Vec3 offset = grid.centre(run.i + n, run.j, run.k) - x;
    return run.voxel + static_cast<std::size_t>(n) == home || dot(offset, offset) <= limit;
  }

  const Grid3& grid;
  Vec3 x;
  std::size_t home;
  double limit;
};

}  // namespace invado
