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

// The eight voxels around a point and their trilinear weights (sum 1). Beyond the outermost voxel centres the value
// is continued constantly, or periodically where `periodic` says so. The weights of a point that is not finite are NaN.
struct Trilinear {
  std::array<std::size_t, 8> voxel;
  std::array<double, 8> weight;

  Trilinear(const Grid3& grid, Vec3 x, std::array<bool, 3> periodic = {false, false, false}) {
    std::array<std::array<int, 2>, 3> at{};
    std::array<double, 3> part{};
    for (int axis = 0; axis < 3; ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      const int n = grid.shape[a];
      const double s = x[axis] / grid.spacing[axis] - 0.5;
      const double floor = std::floor(held_between(s, -1e9, 1e9));
      int low = static_cast<int>(floor);
      int high = low + 1;
      part[a] = s - floor;
      if (periodic[a]) {
        low = ((low % n) + n) % n;
        high = ((high % n) + n) % n;
      } else {
        low = std::clamp(low, 0, n - 1);
        high = std::clamp(high, 0, n - 1);
      }
      at[a] = {low, high};
    }
    for (std::size_t c = 0; c < 8; ++c) {
      const std::size_t i = c & 1u, j = (c >> 1) & 1u, k = (c >> 2) & 1u;
      voxel[c] = grid.index(at[0][i], at[1][j], at[2][k]);
      weight[c] = (i != 0 ? part[0] : 1 - part[0]) * (j != 0 ? part[1] : 1 - part[1]) * (k != 0 ? part[2] : 1 - part[2]);
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

}  // namespace invado
