// Who may come near whom during the next steps: all pairs within reach plus a skin (Verlet 1967, Phys. Rev. 159:98).
//
// A list stays good until some cell has moved by half the skin or grown into it. It is only a shortcut: what two cells do
// to each other is decided by their present distance, so no result can tell when a list was built, or for which World.
//
// Rows are dealt with in groups of eight that lie side by side in memory; entry k of a group holds the k-th of those near
// each of its eight rows. Shorter lists are filled up with the row itself. A row is said as where its records of 16 bytes
// begin in their tables, so that looking them up takes no arithmetic.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mechanics/neighbour_grid.h"
#include "mechanics/places.h"

namespace invado {

class NeighbourList {
 public:
  static constexpr std::size_t group_size = 8;
  using Entry = std::array<std::uint32_t, group_size>;  // record_bytes times row

  // Makes the list good for the present places. Pairs closer than reach x (sum of radii) are in it; reach is a factor.
  void refresh(const Places& places, std::span<const std::int64_t> id, double reach);

  [[nodiscard]] std::size_t groups() const { return (then_.size() + group_size - 1) / group_size; }
  // A pile may be near: there is no list, and who sees whom the grid says.
  [[nodiscard]] bool crowded() const { return crowded_; }
  [[nodiscard]] std::span<const Entry> near(std::size_t group) const {
    return {near_.data() + stretch_[group].begin, stretch_[group].count};
  }
  [[nodiscard]] const NeighbourGrid& grid() const { return grid_; }

 private:
  struct Stretch {  // of near_
    std::uint32_t begin, count;
  };

  [[nodiscard]] bool still_good(const Places& places) const;
  void list_pairs();
  void list_near(std::size_t group, std::vector<Entry>& entries) const;

  NeighbourGrid grid_;
  std::array<double, 3> quantum_{};  // of the places for which the list was built
  std::array<bool, 3> periodic_{};
  double reach_ = 0;
  bool crowded_ = true;
  std::vector<Place> then_;       // places when the list was built, by row
  std::vector<Stretch> stretch_;  // of each group
  std::vector<Entry> near_;
};

}  // namespace invado
