// Bins across a box, those of them that hold something: in which neighbours are looked for, and along which rows are kept
// in memory. With the same bins in both, who is looked at together lies together.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/grid.h"
#include "base/vec3.h"

namespace invado {

struct Bins {
  std::array<std::uint32_t, 3> across{1, 1, 1};  // bins of equal width that tile the whole box
  std::array<std::uint32_t, 3> first{};          // of those that are used ...
  std::array<std::uint32_t, 3> shape{1, 1, 1};   // ... and how many these are

  // Bins at least `edge` wide for `count` points between low and high [um]; on a periodic axis all bins are used. There are
  // never many more bins than points, so that emptying them costs little.
  Bins(Vec3 box, Vec3 low, Vec3 high, std::array<bool, 3> periodic, double edge, std::size_t count) {
    const double most = 32 * static_cast<double>(count) + 4096;
    for (;; edge *= 1.25) {
      double used = 1;
      for (std::size_t a = 0; a < 3; ++a) {
        const int axis = static_cast<int>(a);
        const double n = held_between(std::floor(box[axis] / edge), 1, 0x1p31);
        const auto bin = [&](double x) { return held_between(std::floor(x / box[axis] * n), 0, n - 1); };
        const double from = periodic[a] ? 0 : bin(low[axis]), to = periodic[a] ? n - 1 : bin(high[axis]);
        across[a] = static_cast<std::uint32_t>(n);
        first[a] = static_cast<std::uint32_t>(from);
        shape[a] = static_cast<std::uint32_t>(to - from + 1);
        used *= to - from + 1;
      }
      if (used <= most) return;
    }
  }

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(shape[0]) * shape[1] * shape[2]; }
};

}  // namespace invado
