// A box in bins, to find what is near.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/vec3.h"

namespace invado {

// Bins at least as wide as `reach`, at most 2^22 of them.
struct Bins {
  std::array<int, 3> shape{1, 1, 1};
  Vec3 size;

  Bins(Vec3 box, double reach) : size(box) {
    for (double width = std::max(reach, 1e-9);; width *= 1.26) {
      double count = 1;
      for (int axis = 0; axis < 3; ++axis) {
        const double n = std::clamp(std::floor(box[axis] / width), 1.0, 1e6);
        shape[static_cast<std::size_t>(axis)] = static_cast<int>(n);
        count *= n;
      }
      if (count <= 4194304) return;
    }
  }
  // The first bin also of what has no place (a NaN, which the checks of invariants will name): as a number it has none.
  [[nodiscard]] int coordinate(int axis, double x) const {
    const int n = shape[static_cast<std::size_t>(axis)];
    const double bin = std::floor(x / size[axis] * n);
    return bin > 0 ? static_cast<int>(std::min(bin, n - 1.0)) : 0;
  }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(shape[1]) + static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(shape[0]) +
           static_cast<std::size_t>(i);
  }
  [[nodiscard]] std::size_t count() const { return index(0, 0, shape[2]); }
};

}  // namespace invado
