#include "mechanics/neighbour_grid.h"

#include <algorithm>
#include <cmath>

#include "base/grid.h"
#include "base/parallel.h"

namespace invado {

void NeighbourGrid::build(std::span<const double> x, std::span<const double> y, std::span<const double> z,
                          std::span<const std::int64_t> id, Vec3 box, std::array<bool, 3> periodic, double reach,
                          double densest) {
  const std::size_t n = x.size();
  const std::array<std::span<const double>, 3> position{x, y, z};

  // Bins tile the box on periodic axes and the cells' bounding box on the others. There are never many more bins than
  // cells, so that emptying them costs little; larger bins find the same neighbours.
  Vec3 low, extent;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    if (periodic[a]) {
      extent[axis] = box[axis];
    } else if (n > 0) {
      const auto [least, most] = std::ranges::minmax(position[a]);
      low[axis] = least;
      extent[axis] = most - least;
    }
  }
  const double most_bins = 32 * static_cast<double>(n) + 4096;
  std::array<double, 3> bins{};
  for (double edge = reach * (1 + 1e-9);; edge *= 1.25) {
    for (int axis = 0; axis < 3; ++axis)
      bins[static_cast<std::size_t>(axis)] = std::max(1.0, std::floor(extent[axis] / edge));
    if (bins[0] * bins[1] * bins[2] <= most_bins) break;
  }
  periodic_ = periodic;
  any_periodic_ = periodic[0] || periodic[1] || periodic[2];
  Vec3 bins_per_um;
  double bin_volume = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    shape_[a] = static_cast<std::uint32_t>(bins[a]);
    bins_per_um[axis] = extent[axis] > 0 ? bins[a] / extent[axis] : 0.0;
    period_[axis] = periodic[a] ? box[axis] : 0.0;
    per_period_[axis] = periodic[a] ? 1 / box[axis] : 0.0;
    bin_volume *= std::max(reach, extent[axis] / bins[a]);
  }

  pile_ = static_cast<std::uint32_t>(held_between(densest * bin_volume, static_cast<double>(smallest_pile), 1e9));

  bin_.resize(n);
  for_rows(n, [&](std::size_t i) {
    std::array<std::uint32_t, 3> at{};
    for (int axis = 0; axis < 3; ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      const double b = std::floor((position[a][i] - low[axis]) * bins_per_um[axis]);
      at[a] = static_cast<std::uint32_t>(held_between(b, 0.0, bins[a] - 1));
    }
    bin_[i] = (at[2] * shape_[1] + at[1]) * shape_[0] + at[0];
  });

  // Counting sort: counts shifted by one bin become first slots, then each first slot moves up while it is filled.
  const std::size_t count = static_cast<std::size_t>(shape_[0]) * shape_[1] * shape_[2];
  begin_.assign(count + 2, 0);
  for (std::size_t i = 0; i < n; ++i) ++begin_[bin_[i] + 2];
  std::uint32_t fullest = 0;
  for (std::size_t b = 2; b < count + 2; ++b) {
    fullest = std::max(fullest, begin_[b]);
    begin_[b] += begin_[b - 1];
  }
  row_.resize(n);
  for (std::size_t i = 0; i < n; ++i) row_[begin_[bin_[i] + 1]++] = static_cast<std::uint32_t>(i);

  if (fullest > pile_)
    for (std::size_t b = 0; b < count; ++b)
      if (begin_[b + 1] - begin_[b] > pile_)
        std::nth_element(row_.begin() + begin_[b], row_.begin() + begin_[b] + pile_, row_.begin() + begin_[b + 1],
                         [&](std::uint32_t p, std::uint32_t q) { return id[p] < id[q]; });

  x_.resize(n);
  y_.resize(n);
  z_.resize(n);
  for_rows(n, [&](std::size_t slot) {
    x_[slot] = x[row_[slot]];
    y_[slot] = y[row_[slot]];
    z_[slot] = z[row_[slot]];
  });
}

std::uint32_t NeighbourGrid::most_in_neighbouring_bins() const {
  const auto next = [&](std::uint32_t at, std::size_t axis) {
    return at + 1 < shape_[axis] ? at + 1 : periodic_[axis] ? 0u : at;
  };
  std::uint32_t most = 0;
  for (std::uint32_t k = 0; k < shape_[2]; ++k)
    for (std::uint32_t j = 0; j < shape_[1]; ++j)
      for (std::uint32_t i = 0; i < shape_[0]; ++i) {
        std::uint32_t sum = 0;
        const std::array<std::uint32_t, 2> is{i, next(i, 0)}, js{j, next(j, 1)}, ks{k, next(k, 2)};
        for (std::size_t c = 0; c < 8; ++c) {
          if (((c & 1) != 0 && is[1] == i) || ((c & 2) != 0 && js[1] == j) || ((c & 4) != 0 && ks[1] == k)) continue;
          const std::uint32_t bin = (ks[c >> 2] * shape_[1] + js[c >> 1 & 1]) * shape_[0] + is[c & 1];
          sum += begin_[bin + 1] - begin_[bin];
        }
        most = std::max(most, sum);
      }
  return most;
}

}  // namespace invado
