#include "mechanics/neighbour_list.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/periodic.h"

namespace invado {
namespace {

// What is saved by long lists of rarely renewed neighbours and lost by looking at pairs that are not near: flat between 2
// and 4 um at tissue density.
constexpr double skin_um = 3;

}  // namespace

void NeighbourList::gather(std::span<const double> x, std::span<const double> y, std::span<const double> z) {
  for_rows(row_.size(), [&](std::size_t slot) {
    const std::uint32_t row = row_[slot];
    x_[slot] = x[row];
    y_[slot] = y[row];
    z_[slot] = z[row];
  });
}

// A pair that is within its reach now, and was d0 apart when the list was built with the skin s, has
//     d0 <= reach (R_i + R_j) + m_i + m_j,        m: how far a cell has moved since then.
// The list of i holds all cells within reach (R0_i + W0) + s, W0 the widest radius then. That is enough as long as
// m + reach (R - R0) <= s/2 for every cell.
bool NeighbourList::still_good(std::span<const double> radius) const {
  thread_local std::vector<std::uint8_t> too_far_scratch;
  std::vector<std::uint8_t>& too_far = too_far_scratch;
  constexpr std::size_t block = 1024;
  const std::size_t n = row_.size(), blocks = (n + block - 1) / block;
  too_far.assign(blocks, 0);
  for_rows(blocks, [&](std::size_t b) {
    const std::size_t end = std::min(n, (b + 1) * block);
    bool far = false;
    for (std::size_t slot = b * block; slot < end; ++slot) {
      const double dx = nearest_image(x_[slot] - x0_[slot], period_.x, per_period_.x),
                   dy = nearest_image(y_[slot] - y0_[slot], period_.y, per_period_.y),
                   dz = nearest_image(z_[slot] - z0_[slot], period_.z, per_period_.z);
      const double slack = skin_um / 2 - reach_ * std::max(0.0, radius[row_[slot]] - radius0_[slot]);
      far = far || !(slack > 0) || !(dx * dx + dy * dy + dz * dz < slack * slack);
    }
    too_far[b] = far ? 1 : 0;
  });
  return std::ranges::none_of(too_far, [](std::uint8_t far) { return far != 0; });
}

void NeighbourList::refresh(std::span<const double> x, std::span<const double> y, std::span<const double> z,
                            std::span<const std::int64_t> id, std::span<const double> radius, Vec3 box,
                            std::array<bool, 3> periodic, double reach, double densest) {
  const std::size_t n = x.size();
  if (!crowded_ && row_.size() == n && box_ == box && periodic_ == periodic && reach_ == reach) {
    gather(x, y, z);
    if (still_good(radius)) return;
  }
  const double widest = n > 0 ? *std::ranges::max_element(radius) : 0.0;
  box_ = box;
  periodic_ = periodic;
  reach_ = reach;
  for (int axis = 0; axis < 3; ++axis) {
    const bool wraps = periodic[static_cast<std::size_t>(axis)];
    period_[axis] = wraps ? box[axis] : 0.0;
    per_period_[axis] = wraps ? 1 / box[axis] : 0.0;
  }

  grid_.build(x, y, z, id, box, periodic, reach * 2 * widest + skin_um, densest);
  // A bin of the plain reach, wherever the cells go meanwhile, lies within two bins of reach and skin along each axis.
  crowded_ = grid_.most_in_neighbouring_bins() > NeighbourGrid::smallest_pile;
  if (crowded_) grid_.build(x, y, z, id, box, periodic, reach * 2 * widest, densest);
  const double skin = crowded_ ? 0.0 : skin_um;

  row_.resize(n);
  begin_.resize(n + 1);
  for (auto* column : {&x_, &y_, &z_, &x0_, &y0_, &z0_, &radius0_}) column->resize(n);
  for_rows(n, [&](std::size_t slot) {
    row_[slot] = static_cast<std::uint32_t>(grid_.row(slot));
    radius0_[slot] = radius[row_[slot]];
  });
  gather(x, y, z);
  x0_ = x_;
  y0_ = y_;
  z0_ = z_;
  const auto for_each_near = [&](std::size_t slot, auto&& visit) {
    const double cut = reach * (radius0_[slot] + widest) + skin;
    grid_.for_near(slot, cut * cut, visit);
  };
  begin_[0] = 0;
  for_rows(n, [&](std::size_t slot) {
    std::uint32_t count = 0;
    for_each_near(slot, [&](std::size_t, Vec3, double) { ++count; });
    begin_[slot + 1] = count;
  });
  for (std::size_t slot = 0; slot < n; ++slot) begin_[slot + 1] += begin_[slot];
  near_.resize(begin_[n]);
  for_rows(n, [&](std::size_t slot) {
    std::uint32_t* next = near_.data() + begin_[slot];
    for_each_near(slot, [&](std::size_t other, Vec3, double) { *next++ = static_cast<std::uint32_t>(other); });
  });
}

}  // namespace invado
