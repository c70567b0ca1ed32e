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

#include "base/periodic.h"
#include "base/vec3.h"

namespace invado {

class NeighbourGrid {
 public:
  // Positions must be finite. `reach`: largest distance at which two cells may be near [um]. On a periodic axis the
  // nearest image counts. `densest`: more cells per volume than this are a pile [1/um^3].
  void build(std::span<const double> x, std::span<const double> y, std::span<const double> z,
             std::span<const std::int64_t> id, Vec3 box, std::array<bool, 3> periodic, double reach, double densest);

  // Fewer cells in a bin are never a pile.
  static constexpr std::uint32_t smallest_pile = 128;
  // Most cells in any 2 x 2 x 2 neighbouring bins (nearest across periodic faces too).
  [[nodiscard]] std::uint32_t most_in_neighbouring_bins() const;

  [[nodiscard]] std::size_t size() const { return row_.size(); }
  // Cells are visited by slot; a slot is a place in bin order.
  [[nodiscard]] std::size_t row(std::size_t slot) const { return row_[slot]; }

  // visit(slot of the neighbour, vector from the neighbour to this cell, squared distance) for every other cell whose
  // squared distance is below `cut2`. The order of visits depends on the order of rows.
  template <class Visit>
  void for_near(std::size_t slot, double cut2, Visit&& visit) const {
    const std::uint32_t bin = bin_[row_[slot]];
    const std::array<int, 3> at{static_cast<int>(bin % shape_[0]), static_cast<int>(bin / shape_[0] % shape_[1]),
                                static_cast<int>(bin / (shape_[0] * shape_[1]))};
    const bool sees_all = slot - begin_[bin] < pile_;
    const Steps xs = steps(0, at[0]), ys = steps(1, at[1]), zs = steps(2, at[2]);
    Hits hits;
    for (int k = 0; k < zs.count; ++k)
      for (int j = 0; j < ys.count; ++j) {
        const std::uint32_t line =
            (static_cast<std::uint32_t>(zs.at[k]) * shape_[1] + static_cast<std::uint32_t>(ys.at[j])) * shape_[0];
        if (sees_all && xs.contiguous) {
          scan(slot, begin_[line + static_cast<std::uint32_t>(xs.at[0])],
               begin_[line + static_cast<std::uint32_t>(xs.at[xs.count - 1]) + 1], cut2, hits, visit);
          continue;
        }
        for (int i = 0; i < xs.count; ++i) {
          const std::uint32_t b = line + static_cast<std::uint32_t>(xs.at[i]);
          const std::uint32_t end = begin_[b + 1];
          scan(slot, begin_[b], sees_all || end - begin_[b] <= pile_ ? end : begin_[b] + pile_, cut2, hits, visit);
        }
      }
    flush(slot, hits, visit);
  }

 private:
  struct Steps {  // bins along one axis that hold neighbours
    std::array<int, 3> at;
    int count;
    bool contiguous;
  };
  struct Hits {
    static constexpr std::size_t room = 256;
    std::array<std::uint32_t, room> slot;
    std::size_t count = 0;
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

  [[nodiscard]] Vec3 between(std::size_t from, std::size_t to) const {
    const Vec3 d{x_[to] - x_[from], y_[to] - y_[from], z_[to] - z_[from]};
    if (!any_periodic_) return d;
    return {nearest_image(d.x, period_.x, per_period_.x), nearest_image(d.y, period_.y, per_period_.y),
            nearest_image(d.z, period_.z, per_period_.z)};
  }

  // Collects the slots in [begin, end) that are near; branch-free but for the loop.
  template <class Visit>
  void scan(std::size_t slot, std::uint32_t begin, std::uint32_t end, double cut2, Hits& hits, Visit& visit) const {
    constexpr std::uint32_t chunk = 128;
    while (begin < end) {
      const std::uint32_t stop = end - begin > chunk ? begin + chunk : end;
      if (hits.count > Hits::room - chunk) flush(slot, hits, visit);
      std::size_t count = hits.count;
      for (std::uint32_t s = begin; s < stop; ++s) {
        const Vec3 d = between(s, slot);
        hits.slot[count] = s;
        count += static_cast<std::size_t>(dot(d, d) < cut2);
      }
      hits.count = count;
      begin = stop;
    }
  }

  template <class Visit>
  void flush(std::size_t slot, Hits& hits, Visit& visit) const {
    for (std::size_t h = 0; h < hits.count; ++h) {
      const std::size_t s = hits.slot[h];
      if (s == slot) continue;
      const Vec3 d = between(s, slot);
      visit(s, d, dot(d, d));
    }
    hits.count = 0;
  }

  std::array<std::uint32_t, 3> shape_{1, 1, 1};
  std::array<bool, 3> periodic_{};
  bool any_periodic_ = false;
  std::uint32_t pile_ = 0;            // most cells of a bin that are looked at
  Vec3 period_, per_period_;          // 0 on axes that are not periodic
  std::vector<std::uint32_t> begin_;  // first slot of each bin
  std::vector<std::uint32_t> bin_;    // bin of each row
  std::vector<std::uint32_t> row_;    // row of each slot
  std::vector<double> x_, y_, z_;     // positions by slot
};

}  // namespace invado
