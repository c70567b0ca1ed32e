// Who may come near whom during the next steps: all pairs within reach plus a skin (Verlet 1967, Phys. Rev. 159:98).
//
// A list stays good until some cell has moved by half the skin or grown into it. It is only a shortcut: what two cells do
// to each other is decided by their present distance, so no result can tell when a list was built, or for which World.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/vec3.h"
#include "mechanics/neighbour_grid.h"

namespace invado {

class NeighbourList {
 public:
  // Makes the list good for the present positions (finite) and radii. Pairs closer than reach x (sum of radii) are in it;
  // reach is a factor. `densest`: see NeighbourGrid::build.
  void refresh(std::span<const double> x, std::span<const double> y, std::span<const double> z,
               std::span<const std::int64_t> id, std::span<const double> radius, Vec3 box, std::array<bool, 3> periodic,
               double reach, double densest);

  [[nodiscard]] std::size_t size() const { return row_.size(); }
  // Cells are visited by slot; a slot is a place in the order of the bins, so that neighbours lie close together.
  [[nodiscard]] std::size_t row(std::size_t slot) const { return row_[slot]; }
  // Slots of the cells that may be near; whether they are, the caller decides.
  [[nodiscard]] std::span<const std::uint32_t> near(std::size_t slot) const {
    return {near_.data() + begin_[slot], begin_[slot + 1] - begin_[slot]};
  }
  // Present positions by slot.
  [[nodiscard]] const double* x() const { return x_.data(); }
  [[nodiscard]] const double* y() const { return y_.data(); }
  [[nodiscard]] const double* z() const { return z_.data(); }
  [[nodiscard]] bool any_periodic() const { return period_ != Vec3{}; }
  // Lengths of the periodic axes and their reciprocals; 0 on the others.
  [[nodiscard]] Vec3 period() const { return period_; }
  [[nodiscard]] Vec3 per_period() const { return per_period_; }

 private:
  void gather(std::span<const double> x, std::span<const double> y, std::span<const double> z);
  [[nodiscard]] bool still_good(std::span<const double> radius) const;

  NeighbourGrid grid_;
  Vec3 box_, period_, per_period_;
  std::array<bool, 3> periodic_{};
  double reach_ = 0;
  bool crowded_ = true;               // a pile may be near, and who sees whom in a pile the grid decides at every step
  std::vector<std::uint32_t> row_;    // row of each slot
  std::vector<std::uint32_t> begin_;  // first entry of each slot in near_
  std::vector<std::uint32_t> near_;
  std::vector<double> x_, y_, z_;     // present positions by slot
  std::vector<double> x0_, y0_, z0_;  // positions when the list was built, by slot
  std::vector<double> radius0_;       // radii then, by slot
};

}  // namespace invado
