// Voxels by eights, for loops that work on eight at a time.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/grid.h"

namespace invado {

// The voxels of a grid in blocks of eight along x, which are worked on together. The last block of a row may have lanes
// beyond its end, in which there is no voxel.
class VoxelBlocks {
 public:
  static constexpr std::size_t lanes = 8;

  VoxelBlocks() = default;
  explicit VoxelBlocks(const Grid3& grid)
      : nx_(static_cast<std::size_t>(grid.shape[0])),
        per_row_((nx_ + lanes - 1) / lanes),
        rows_(static_cast<std::size_t>(grid.shape[1]) * static_cast<std::size_t>(grid.shape[2])) {}

  [[nodiscard]] std::size_t count() const { return rows_ * per_row_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t row_length() const { return nx_; }
  [[nodiscard]] std::size_t row_of(std::size_t block) const { return block / per_row_; }
  [[nodiscard]] std::size_t x_of(std::size_t block) const { return block % per_row_ * lanes; }
  // The first voxel of a block, and how many it has.
  [[nodiscard]] std::size_t first(std::size_t block) const { return row_of(block) * nx_ + x_of(block); }
  [[nodiscard]] std::size_t width(std::size_t block) const { return std::min(lanes, nx_ - x_of(block)); }
  // Of all lanes of all blocks, the one that is voxel (x, row).
  [[nodiscard]] std::size_t lane_of(std::size_t row, std::size_t x) const { return row * per_row_ * lanes + x; }
  [[nodiscard]] std::size_t lane_of(std::size_t voxel) const { return lane_of(voxel / nx_, voxel % nx_); }

 private:
  std::size_t nx_ = 1, per_row_ = 1, rows_ = 0;
};

}  // namespace invado
