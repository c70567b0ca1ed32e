// Trilinear interpolation at 16 points at once, with the numbers of AxisPair and Trilinear in grid.h. Everything lies in
// arrays by point, so that loops over points become vector instructions. Whoever has fewer points repeats one.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/foldable.h"
#include "base/grid.h"

namespace invado {

inline constexpr std::size_t many = 16;
using Many = std::array<double, many>;
using ManyVectors = std::array<Many, 3>;

// Numbers first .. first + count - 1 of a column, 1 <= count <= 16; what is missing to 16 repeats the last one.
template <class Number>
Many take_many(const Number* column, std::size_t first, std::size_t count) {
  Many x;
  const Number* const from = column + first;
  if (count == many)
    for (std::size_t k = 0; k < many; ++k) x[k] = static_cast<double>(from[k]);
  else
    for (std::size_t k = 0; k < many; ++k) x[k] = static_cast<double>(from[std::min(k, count - 1)]);
  return x;
}

template <class Number>
Many take_many(const std::vector<Number>& column, std::size_t first, std::size_t count) {
  return take_many(column.data(), first, count);
}
template <class Number>
Many take_many(const Foldable<Number>& column, std::size_t first, std::size_t count) {
  if (!column.folded()) return take_many(column.kept().data(), first, count);
  Many x;
  x.fill(static_cast<double>(column[first]));
  return x;
}

// AxisPair of each point along one axis; voxels as steps through memory, on grids of fewer than 2^32 voxels.
struct AxisPairs {
  std::array<std::array<std::uint32_t, many>, 2> at;
  Many part;
  bool side_by_side = false;  // both voxels of each pair follow one another in memory

  AxisPairs() = default;
  AxisPairs(const Grid3& grid, int axis, const Many& x, bool periodic) {
    const int n = grid.shape[static_cast<std::size_t>(axis)];
    const double spacing = grid.spacing[axis];
    const auto stride = static_cast<std::uint32_t>(axis == 0 ? 1 : axis == 1 ? grid.index(0, 1, 0) : grid.index(0, 0, 1));
    std::array<int, many> low;
    for (std::size_t p = 0; p < many; ++p) {
      const double s = x[p] / spacing - 0.5;
      const double floor = std::floor(held_between(s, -1e9, 1e9));
      part[p] = s - floor;
      low[p] = static_cast<int>(floor);
    }
    const auto held = [n, periodic](int i) {
      if (periodic) return i >= 0 && i < n ? i : ((i % n) + n) % n;
      return std::min(std::max(i, 0), n - 1);
    };
    std::uint32_t apart = 0;
    for (std::size_t p = 0; p < many; ++p) {
      at[0][p] = static_cast<std::uint32_t>(held(low[p])) * stride;
      at[1][p] = static_cast<std::uint32_t>(held(low[p] + 1)) * stride;
      apart |= at[1][p] - at[0][p] - 1;
    }
    side_by_side = apart == 0;
  }
};

// The eight voxels around each point and their weights.
struct TrilinearMany {
  std::array<std::array<std::uint32_t, many>, 8> voxel;  // corner 2n + 1 is the neighbour along x of corner 2n
  std::array<Many, 8> weight;
  bool side_by_side;  // and follows it in memory, for each point

  TrilinearMany(const AxisPairs& x, const AxisPairs& y, const AxisPairs& z) : side_by_side(x.side_by_side) {
    for (std::size_t c = 0; c < 8; ++c) {
      const std::size_t i = c & 1u, j = (c >> 1) & 1u, k = (c >> 2) & 1u;
      for (std::size_t p = 0; p < many; ++p) {
        voxel[c][p] = x.at[i][p] + y.at[j][p] + z.at[k][p];
        weight[c][p] = (i != 0 ? x.part[p] : 1 - x.part[p]) * (j != 0 ? y.part[p] : 1 - y.part[p]) *
                       (k != 0 ? z.part[p] : 1 - z.part[p]);
      }
    }
  }
};

}  // namespace invado
