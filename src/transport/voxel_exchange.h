// What the cells do with a factor, as an operation on the field: the coefficients of exchange.h for every voxel that holds
// cells, in blocks of eight voxels of a row, made once and applied in each of many steps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/voxel_blocks.h"

namespace invado {

// What the cells of each voxel of the occupied blocks do together, eight numbers a block.
struct VoxelSums {
  std::vector<double> source;  // [c/min]; empty: none
  std::vector<double> rate;    // [1/min] of uptake, then of secretion towards the first target, towards the second ...
};

// Sums over some voxels in units of c, lane by lane of their blocks.
struct Exchanged {
  std::array<double, VoxelBlocks::lanes> changed{}, taken_up{};

  static double total(const std::array<double, VoxelBlocks::lanes>& lanes) {
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  }
};

class VoxelExchange {
 public:
  // occupied: blocks, ascending; targets: descending.
  void build(const VoxelBlocks& blocks, std::span<const std::uint32_t> occupied, const VoxelSums& sums,
             std::span<const double> targets, double dt_min);

  // In place on the voxels of one row along x, (k ny + j). Adds to the sums.
  void apply(std::size_t row, double* c, Exchanged& sums) const;
  // Something is secreted or released, not only taken up.
  [[nodiscard]] bool gives() const { return gives_; }

 private:
  static constexpr std::size_t lanes = VoxelBlocks::lanes;
  std::size_t nx_ = 0;
  bool gives_ = false;
  std::vector<double> targets_;
  std::vector<std::uint32_t> row_begin_;  // first block of each row, and the end
  std::vector<std::uint32_t> block_x_;    // first voxel of each block
  // Per block: dt uptake, what is kept with no target at work, gain and what is kept with one, two ... targets, and last the
  // gain without any where there are sources; each of its eight voxels. Those without cells gain 0 and keep 1.
  std::vector<double> coefficients_;
  bool sources_ = false;

  [[nodiscard]] std::size_t block_size() const { return lanes * (2 + 2 * targets_.size() + (sources_ ? 1 : 0)); }
  template <class Targets>
  void apply_blocks(std::size_t row, double* c, Targets targets, Exchanged& sums) const;
};

}  // namespace invado
