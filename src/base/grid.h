// A regular grid of voxels in a box and trilinear interpolation on it. x runs fastest.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/vec3.h"

namespace invado {

// x within [low, high], and low for NaN: what is cast to an integer next must be a number that the integer can hold.
[[nodiscard]] inline double held_between(double x, double low, double high) { return x > low ? (x < high ? x : high) : low; }

struct Grid3 {
  std::array<int, 3> shape{0, 0, 0};  // voxels along x, y, z
  Vec3 spacing{1, 1, 1};              // [um]; the box begins at the origin (0, 0, 0)

  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(shape[0]) * static_cast<std::size_t>(shape[1]) * static_cast<std::size_t>(shape[2]);
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] double voxel_volume() const { return spacing.x * spacing.y * spacing.z; }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(shape[1]) + static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(shape[0]) +
           static_cast<std::size_t>(i);
  }
  // Voxel along one axis that holds coordinate x; points outside are held by the nearest voxel, NaN by the first.
  [[nodiscard]] int voxel(int axis, double x) const {
    const double at = std::floor(x / spacing[axis]);
    return static_cast<int>(held_between(at, 0.0, static_cast<double>(shape[static_cast<std::size_t>(axis)] - 1)));
  }
  [[nodiscard]] std::size_t voxel_of(Vec3 x) const { return index(voxel(0, x.x), voxel(1, x.y), voxel(2, x.z)); }
  [[nodiscard]] Vec3 centre(int i, int j, int k) const {
    return {(i + 0.5) * spacing.x, (j + 0.5) * spacing.y, (k + 0.5) * spacing.z};
  }
};

// The two voxels whose centres enclose a coordinate along one axis, and how far it lies from the lower to the higher one.
struct AxisPair {
  std::array<int, 2> at;
  double part;

  AxisPair() = default;
  AxisPair(const Grid3& grid, int axis, double x, bool periodic) {
    const int n = grid.shape[static_cast<std::size_t>(axis)];
    const double s = x / grid.spacing[axis] - 0.5;
    const double floor = std::floor(held_between(s, -1e9, 1e9));
    int low = static_cast<int>(floor);
    int high = low + 1;
    part = s - floor;
    if (low < 0 || high >= n) {
      if (periodic) {
        low = ((low % n) + n) % n;
        high = ((high % n) + n) % n;
      } else {
        low = std::clamp(low, 0, n - 1);
        high = std::clamp(high, 0, n - 1);
      }
    }
    at = {low, high};
  }
};

// The eight voxels around a point and their trilinear weights (sum 1). Beyond the outermost voxel centres the value
// is continued constantly, or periodically where `periodic` says so. The weights of a point that is not finite are NaN.
struct Trilinear {
  std::array<std::size_t, 8> voxel;
  std::array<double, 8> weight;

  Trilinear(const Grid3& grid, Vec3 x, std::array<bool, 3> periodic = {false, false, false})
      : Trilinear(grid, AxisPair(grid, 0, x.x, periodic[0]), AxisPair(grid, 1, x.y, periodic[1]),
                  AxisPair(grid, 2, x.z, periodic[2])) {}
  Trilinear(const Grid3& grid, const AxisPair& x, const AxisPair& y, const AxisPair& z) {
    for (std::size_t c = 0; c < 8; ++c) {
      const std::size_t i = c & 1u, j = (c >> 1) & 1u, k = (c >> 2) & 1u;
      voxel[c] = grid.index(x.at[i], y.at[j], z.at[k]);
      weight[c] = (i != 0 ? x.part : 1 - x.part) * (j != 0 ? y.part : 1 - y.part) * (k != 0 ? z.part : 1 - z.part);
    }
  }

  // Interpolated value of f(voxel index).
  template <class Value>
  [[nodiscard]] double operator()(Value&& f) const {
    double sum = 0;
    for (std::size_t c = 0; c < 8; ++c) sum += weight[c] * f(voxel[c]);
    return sum;
  }
};

// The interpolations at a point and at the points ahead of and behind it along each axis.
struct TrilinearCross {
  // x +- reach along the three axes.
  TrilinearCross(const Grid3& grid, Vec3 x, double reach, std::array<bool, 3> periodic) : grid_(grid) {
    for (int axis = 0; axis < 3; ++axis)
      for (int side = 0; side < 3; ++side)
        pair_[axis][side] = AxisPair(grid, axis, x[axis] + (side - 1) * reach, periodic[static_cast<std::size_t>(axis)]);
  }
  [[nodiscard]] Trilinear centre() const { return {grid_, pair_[0][1], pair_[1][1], pair_[2][1]}; }
  [[nodiscard]] Trilinear ahead(int axis) const { return at(axis, 2); }
  [[nodiscard]] Trilinear behind(int axis) const { return at(axis, 0); }

 private:
  [[nodiscard]] Trilinear at(int axis, int side) const {
    return {grid_, pair_[0][axis == 0 ? side : 1], pair_[1][axis == 1 ? side : 1], pair_[2][axis == 2 ? side : 1]};
  }
  const Grid3& grid_;
  AxisPair pair_[3][3];
};

}  // namespace invado
