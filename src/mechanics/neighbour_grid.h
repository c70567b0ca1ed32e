// Who is near whom: cells in bins of at least the largest reach, by counting sort.
//
// A bin with more than `pile` cells (a point on which thousands sit; the caller says how many no tissue can have) is looked
// at through its `pile` cells of lowest id: these see and are seen by everyone near, the others see only them. The relation
// stays mutual, and ten thousand cells on one point cost no more than a crowd.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mechanics/places.h"

namespace invado {

class NeighbourGrid {
 public:
  // `reach`: largest distance at which two cells may be near [um]. On a periodic axis the nearest image counts. `densest`:
  // more cells per volume than this are a pile [1/um^3].
  void build(const Places& places, std::span<const std::int64_t> id, double reach, double densest);

  // Fewer cells in a bin are never a pile.
  static constexpr std::uint32_t smallest_pile = 256;
  // Most cells in any 3 x 3 x 3 neighbouring bins (across periodic faces too), or fewer than `enough` if there are no more.
  [[nodiscard]] std::uint32_t most_in_neighbouring_bins(std::uint32_t enough) const;

  // Where no pile is near, cells of one bin see the same ones.
  [[nodiscard]] std::uint32_t bin(std::size_t row) const { return bin_[row]; }

  // All cells in bin order. What lies up to eight slots behind the last one means nothing.
  struct Slots {
    const std::uint32_t* row;
    const std::int32_t *x, *y, *z;
    const float* radius;
  };
  [[nodiscard]] Slots slots() const { return {row_.data(), x_.data(), y_.data(), z_.data(), radius_.data()}; }

  // visit(begin, end): stretches of the bin order that hold all cells which the cell of this row sees, itself too.
  template <class Visit>
  void for_near(std::size_t row, Visit&& visit) const {
    const std::uint32_t bin = bin_[row];
    const std::array<int, 3> at{static_cast<int>(bin % shape_[0]), static_cast<int>(bin / shape_[0] % shape_[1]),
                                static_cast<int>(bin / (shape_[0] * shape_[1]))};
    const bool sees_all = piles_ == 0 || sees_all_[row] != 0;
    const Runs xs = runs(0, at[0]), ys = runs(1, at[1]), zs = runs(2, at[2]);
    if (sees_all && xs[1].end == 0 && ys[1].end == 0 && zs[1].end == 0)
        [[likely]] {  // what is below, without asking each line
      const std::uint32_t* const first = begin_.data();
      for (std::uint32_t k = zs[0].begin; k < zs[0].end; ++k) {
        std::uint32_t line = (k * shape_[1] + ys[0].begin) * shape_[0];
        for (std::uint32_t j = ys[0].begin; j < ys[0].end; ++j, line += shape_[0])
          visit(first[line + xs[0].begin], first[line + xs[0].end]);
      }
      return;
    }
    for (const Run& z : zs)
      for (std::uint32_t k = z.begin; k < z.end; ++k)
        for (const Run& y : ys)
          for (std::uint32_t j = y.begin; j < y.end; ++j)
            for (const Run& x : xs) {
              if (x.begin == x.end) continue;
              const std::uint32_t line = (k * shape_[1] + j) * shape_[0];
              if (sees_all) {
                visit(begin_[line + x.begin], begin_[line + x.end]);
                continue;
              }
              for (std::uint32_t b = line + x.begin; b < line + x.end; ++b)
                visit(begin_[b], begin_[b] + std::min(begin_[b + 1] - begin_[b], pile_));
            }
  }

 private:
  // Bins along one axis that hold neighbours; where they reach across a periodic face, in two runs.
  struct Run {
    std::uint32_t begin, end;
  };
  using Runs = std::array<Run, 2>;

  [[nodiscard]] Runs runs(std::size_t axis, int at) const {
    const int n = static_cast<int>(shape_[axis]);
    const auto run = [](int begin, int end) {
      return Run{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    };
    const int begin = at - 1, end = at + 2;
    if (!periodic_[axis] || (begin >= 0 && end <= n)) return {run(std::max(begin, 0), std::min(end, n)), run(0, 0)};
    if (end - begin >= n) return {run(0, n), run(0, 0)};
    if (begin < 0) return {run(begin + n, n), run(0, end)};
    return {run(begin, n), run(0, end - n)};
  }

  std::array<std::uint32_t, 3> shape_{1, 1, 1};
  std::array<bool, 3> periodic_{};
  std::uint32_t pile_ = 0;               // most cells of a bin that are looked at
  std::uint32_t fullest_ = 0;            // most cells in a bin
  std::size_t piles_ = 0;                // bins with more than that
  std::vector<std::uint32_t> begin_;     // first place in bin order of each bin
  std::vector<std::uint32_t> bin_;       // bin of each row
  std::vector<std::uint32_t> row_;       // row, in bin order
  std::vector<std::int32_t> x_, y_, z_;  // places, in bin order
  std::vector<float> radius_;
  std::vector<std::uint8_t> sees_all_;  // by row; only where there are piles
};

}  // namespace invado
