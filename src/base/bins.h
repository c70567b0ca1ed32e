// A box in bins of equal width, to find what is near and to keep it near in memory.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/grid.h"
#include "base/vec3.h"

namespace invado {

struct Bins {
  Vec3 size;                           // of the box, which begins at the origin [um]
  std::array<int, 3> across{1, 1, 1};  // bins that tile it
  std::array<int, 3> first{};          // of those that are used ...
  std::array<int, 3> shape{1, 1, 1};   // ... and how many these are

  // Bins at least `edge` wide for `count` points between low and high [um]; on a periodic axis all bins are used. At most
  // eight a point and a few thousand, so that emptying them costs little: in a wide box they are wider.
  Bins(Vec3 box, Vec3 low, Vec3 high, std::array<bool, 3> periodic, double edge, std::size_t count) : size(box) {
    const double most = 8 * static_cast<double>(count) + 4096;
    for (edge = std::max(edge, 1e-9);; edge *= 1.25) {
      double used = 1;
      for (std::size_t a = 0; a < 3; ++a) {
        const int axis = static_cast<int>(a);
        across[a] = static_cast<int>(held_between(std::floor(box[axis] / edge), 1, 1e6));
        first[a] = 0;
        shape[a] = across[a];
        if (!periodic[a]) {
          const int from = coordinate(axis, low[axis]), to = coordinate(axis, high[axis]);
          first[a] = from;
          shape[a] = std::max(to - from, 0) + 1;  // a limit that is no number is in the first
        }
        used *= shape[a];
      }
      if (used <= most) return;
    }
  }
  Bins(Vec3 box, double edge, std::size_t count) : Bins(box, {}, box, {false, false, false}, edge, count) {}

  // Along one axis, of those that are used; what lies beyond them is in the outermost, what is no number in the first.
  [[nodiscard]] int coordinate(int axis, double x) const {
    const auto a = static_cast<std::size_t>(axis);
    return static_cast<int>(held_between(std::floor(x / size[axis] * across[a]) - first[a], 0, shape[a] - 1.0));
  }
  [[nodiscard]] std::size_t index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(shape[1]) + static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(shape[0]) +
           static_cast<std::size_t>(i);
  }
  [[nodiscard]] std::size_t count() const { return index(0, 0, shape[2]); }
};

}  // namespace invado
