#include "mechanics/neighbour_grid.h"

#include <algorithm>
#include <cmath>

#include "base/bins.h"
#include "base/grid.h"
#include "base/parallel.h"

namespace invado {
namespace {

constexpr std::size_t beyond = 8;  // slots that may be read behind the last one

}  // namespace

void NeighbourGrid::build(const Places& places, std::span<const std::int64_t> id, double reach, double densest) {
  const std::vector<Place>& of = places.of;
  const std::size_t n = of.size();
  periodic_ = places.periodic;

  std::array<std::int32_t, 3> low{}, high{};
  if (n > 0) low = high = {of[0].x, of[0].y, of[0].z};
  for (const Place& p : of) {
    low = {std::min(low[0], p.x), std::min(low[1], p.y), std::min(low[2], p.z)};
    high = {std::max(high[0], p.x), std::max(high[1], p.y), std::max(high[2], p.z)};
  }
  Vec3 least, most;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    least[axis] = places.quantum[a] * low[a];
    most[axis] = places.quantum[a] * high[a];
  }
  const Bins bins(places.box, least, most, periodic_, reach * (1 + 1e-6), n);
  double bin_volume = 1;
  std::array<std::uint64_t, 3> bins_per_unit{};  // times 2^40; 1 bin: 0
  std::array<std::uint32_t, 3> first_used{};
  for (std::size_t a = 0; a < 3; ++a) {
    const int across = bins.across[a];
    shape_[a] = static_cast<std::uint32_t>(bins.shape[a]);
    first_used[a] = static_cast<std::uint32_t>(bins.first[a]);
    const double size = places.box[static_cast<int>(a)];
    const std::uint64_t units =
        periodic_[a] ? std::uint64_t{1} << 32 : static_cast<std::uint64_t>(size / places.quantum[a]) + 1;
    bins_per_unit[a] = across > 1 ? (static_cast<std::uint64_t>(across) << 40) / units : 0;
    bin_volume *= std::max(reach, size / across);
  }
  pile_ = static_cast<std::uint32_t>(held_between(densest * bin_volume, static_cast<double>(smallest_pile), 1e9));

  bin_.resize(n);
  for_rows(n, [&](std::size_t i) {
    // A place beyond the bins that are used is there by rounding.
    const auto at = [&](std::int32_t place, std::size_t a) {
      const auto across = static_cast<std::uint32_t>(static_cast<std::uint32_t>(place) * bins_per_unit[a] >> 40);
      return std::min(across - std::min(across, first_used[a]), shape_[a] - 1);
    };
    bin_[i] = (at(of[i].z, 2) * shape_[1] + at(of[i].y, 1)) * shape_[0] + at(of[i].x, 0);
  });

  // Counting sort: counts shifted by one bin become first slots, then each first slot moves up while it is filled.
  const std::size_t count = static_cast<std::size_t>(shape_[0]) * shape_[1] * shape_[2];
  begin_.assign(count + 2, 0);
  for (std::size_t i = 0; i < n; ++i) ++begin_[bin_[i] + 2];
  fullest_ = 0;
  piles_ = 0;
  for (std::size_t b = 2; b < count + 2; ++b) {
    fullest_ = std::max(fullest_, begin_[b]);
    if (begin_[b] > pile_) ++piles_;
    begin_[b] += begin_[b - 1];
  }
  row_.resize(n + beyond);
  for (std::size_t i = 0; i < n; ++i) row_[begin_[bin_[i] + 1]++] = static_cast<std::uint32_t>(i);

  if (piles_ > 0) {
    sees_all_.assign(n, 1);
    for (std::size_t b = 0; b < count; ++b)
      if (begin_[b + 1] - begin_[b] > pile_) {
        const auto first = row_.begin() + begin_[b], last = row_.begin() + begin_[b + 1];
        std::nth_element(first, first + pile_, last, [&](std::uint32_t p, std::uint32_t q) { return id[p] < id[q]; });
        std::for_each(first + pile_, last, [&](std::uint32_t row) { sees_all_[row] = 0; });
      }
  }

  for (auto* column : {&x_, &y_, &z_}) column->resize(n + beyond);
  radius_.resize(n + beyond);
  for_rows(n, [&](std::size_t slot) {
    const Place& p = of[row_[slot]];
    x_[slot] = p.x;
    y_[slot] = p.y;
    z_[slot] = p.z;
    radius_[slot] = p.radius;
  });
}

std::uint32_t NeighbourGrid::most_in_neighbouring_bins(std::uint32_t enough) const {
  if (27 * fullest_ <= enough) return 27 * fullest_;
  const auto around = [&](std::uint32_t at, std::size_t axis) {
    struct Range {
      std::uint32_t from, count;
    };
    const std::uint32_t n = shape_[axis];
    if (n <= 3) return Range{0, n};
    if (periodic_[axis]) return Range{at + n - 1, 3};
    const std::uint32_t from = at > 0 ? at - 1 : 0;
    return Range{from, std::min(at + 2, n) - from};
  };
  thread_local std::vector<std::uint32_t> most_scratch;  // of each layer of bins
  std::vector<std::uint32_t>& most = most_scratch;
  most.assign(shape_[2], 0);
  for_blocks(shape_[2], [&](std::size_t layer) {
    const auto ks = around(static_cast<std::uint32_t>(layer), 2);
    for (std::uint32_t j = 0; j < shape_[1]; ++j)
      for (std::uint32_t i = 0; i < shape_[0]; ++i) {
        const auto js = around(j, 1), is = around(i, 0);
        std::uint32_t sum = 0;
        for (std::uint32_t dk = 0; dk < ks.count; ++dk)
          for (std::uint32_t dj = 0; dj < js.count; ++dj) {
            const std::size_t line =
                (static_cast<std::size_t>((ks.from + dk) % shape_[2]) * shape_[1] + (js.from + dj) % shape_[1]) * shape_[0];
            const auto held = [&](std::uint32_t from, std::uint32_t to) { return begin_[line + to] - begin_[line + from]; };
            const std::uint32_t last = is.from + is.count;
            if (last <= shape_[0])
              sum += held(is.from, last);
            else
              for (std::uint32_t di = is.from; di < last; ++di) sum += held(di % shape_[0], di % shape_[0] + 1);
          }
        most[layer] = std::max(most[layer], sum);
      }
  });
  return *std::ranges::max_element(most);
}

}  // namespace invado
