// Who is near whom: cells in bins of at least the largest reach, by counting sort.
//
// A bin with more than `pile` cells (a point on which thousands sit; the caller says how many no tissue can have) is looked
// at through its `pile` cells of lowest id: these see and are seen by everyone near, the others see only them. The relation
// stays mutual, and ten thousand cells on one point cost no more than a crowd.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/eight.h"
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

  // Cells from a slot of the bin order on; what lies behind the last one of all means nothing.
  struct EightPlaces {
    Ints8 row, x, y, z;
    Floats8 radius;
  };
  [[nodiscard]] EightPlaces places(std::uint32_t slot) const {
    return {load8<Ints8>(&row_[slot]), load8<Ints8>(&x_[slot]), load8<Ints8>(&y_[slot]), load8<Ints8>(&z_[slot]),
            load8<Floats8>(&radius_[slot])};
  }

  [[nodiscard]] const std::uint32_t* row() const { return row_.data(); }  // in bin order

  // visit(begin, end): stretches of the bin order that hold all cells which the cell of this row sees, itself too.
  template <class Visit>
  void for_near(std::size_t row, Visit&& visit) const {
    const std::uint32_t bin = bin_[row];
    const std::array<int, 3> at{static_cast<int>(bin % shape_[0]), static_cast<int>(bin / shape_[0] % shape_[1]),
                                static_cast<int>(bin / (shape_[0] * shape_[1]))};
    const bool sees_all = piles_ == 0 || sees_all_[row] != 0;
    const Steps xs = steps(0, at[0]), ys = steps(1, at[1]), zs = steps(2, at[2]);
    for (int k = 0; k < zs.count; ++k)
      for (int j = 0; j < ys.count; ++j) {
        const std::uint32_t line =
            (static_cast<std::uint32_t>(zs.at[k]) * shape_[1] + static_cast<std::uint32_t>(ys.at[j])) * shape_[0];
        if (sees_all && xs.contiguous) {
          visit(begin_[line + static_cast<std::uint32_t>(xs.at[0])],
                begin_[line + static_cast<std::uint32_t>(xs.at[xs.count - 1]) + 1]);
          continue;
        }
        for (int i = 0; i < xs.count; ++i) {
          const std::uint32_t b = line + static_cast<std::uint32_t>(xs.at[i]);
          const std::uint32_t begin = begin_[b], end = begin_[b + 1];
          visit(begin, sees_all || end - begin <= pile_ ? end : begin + pile_);
        }
      }
  }

 private:
  struct Steps {  // bins along one axis that hold neighbours
    std::array<int, 3> at;
    int count;
    bool contiguous;
  };

  [[nodiscard]] Steps steps(int axis, int at) const {
    const auto a = static_cast<std::size_t>(axis);
    const int n = static_cast<int>(shape_[a]);
    if (!periodic_[a]) {
      const int low = at > 0 ? at - 1 : 0, high = at + 1 < n ? at + 1 : n - 1;
      return {{low, low + 1, low + 2}, high - low + 1, true};
    }
    if (n <= 3) return {{0, 1, 2}, n, true};
    if (at == 0) return {{n - 1, 0, 1}, 3, false};
    if (at == n - 1) return {{n - 2, n - 1, 0}, 3, false};
    return {{at - 1, at, at + 1}, 3, true};
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
