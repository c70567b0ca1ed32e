// Who may come near whom during the next steps: all pairs within reach plus a skin (Verlet 1967, Phys. Rev. 159:98).
//
// A list stays good until some cell is half the skin away from where the list has it, or has grown into it. It has them
// where they will be in the middle of its life if they go on as in the last step: cells turn slowly, so that it lasts half
// as long again and more. It is only a shortcut: what two cells do to each other is decided by their present distance, so no
// result can tell when a list was built, or for which World.
//
// Rows are dealt with in groups of eight; entry k of a group holds the k-th of those near each of its eight rows. Shorter
// lists are filled up with the row itself: so that little is, the 64 rows of a block, which lie side by side in memory, are
// grouped by how many are near them (at tissue density a group has 15.6 entries for lists of 14.7, and not 19). A row is
// said as where its records of 16 bytes begin in their tables, so that looking them up takes no arithmetic.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mechanics/neighbour_grid.h"
#include "mechanics/places.h"

namespace invado {

class NeighbourList {
 public:
  static constexpr std::size_t group_size = 8, groups_in_block = 8, block_size = group_size * groups_in_block;
  using Entry = std::array<std::uint32_t, group_size>;  // record_bytes times row

  // How fast the cells were in the last step [um/min], by row, and how long a step is; empty where that is not known.
  struct Motion {
    std::span<const float> x, y, z;
    double dt_min = 0;
  };

  // Makes the list good for the present places. Pairs closer than reach x (sum of radii) are in it; reach is a factor.
  void refresh(const Places& places, std::span<const std::int64_t> id, double reach, const Motion& motion);

  [[nodiscard]] std::size_t groups() const { return (then_.of.size() + group_size - 1) / group_size; }
  // The rows of a group, and how many they are: at least one. What is missing to eight repeats the last of them. The groups
  // of block b, 8 b and following, have the rows 64 b and following.
  [[nodiscard]] const Entry& own(std::size_t group) const { return own_[group]; }
  [[nodiscard]] std::size_t count(std::size_t group) const {
    return std::min(group_size, then_.of.size() - group * group_size);
  }
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

  struct Around;

  [[nodiscard]] bool still_good(const Places& places) const;
  void look_ahead(const Motion& motion);
  void list_pairs();
  void list_near(std::size_t block, std::vector<Entry>& entries);
  void look_around(std::size_t row, Around& around) const;

  NeighbourGrid grid_;
  Places then_;  // for which the list was built
  double reach_ = 0;
  // Cells of a bin that are no further apart than this along any axis look around together [um]: on a periodic axis, of what
  // is near one of them the image that is nearest to the other one is then the same; on others places are exact enough.
  std::array<float, 3> together_within_{};
  bool crowded_ = true;
  std::int64_t served_ = 0;       // refreshments since it was built, that one too
  double life_ = 0;               // how many it will serve, from how many the last ones did
  std::vector<Entry> own_;        // rows of each group
  std::vector<Stretch> stretch_;  // of each group
  std::vector<Entry> near_;
};

}  // namespace invado
