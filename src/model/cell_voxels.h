// Who sits in which voxel of a grid: the exchange between cells and lattices in an order that neither threads nor rows
// can change.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"
#include "model/population.h"

namespace invado {

// Counting sort of the cells into voxels. An object keeps its memory from build to build, and the order of the last build as
// one in which little is left to do.
class CellVoxels {
 public:
  // Cells outside the box belong to the nearest voxel.
  // `also` (strictly ascending): voxels that count as occupied though no cell may be there.
  void build(const Grid3& grid, const Population& cells, std::span<const std::size_t> also = {});

  // Voxels that hold at least one cell, and `also`; ascending.
  [[nodiscard]] std::span<const std::size_t> occupied() const { return occupied_; }
  // Rows of the cells in the n-th occupied voxel, in the order of their ids.
  [[nodiscard]] std::span<const std::uint32_t> rows(std::size_t n) const {
    return {rows_.data() + begin_[n], begin_[n + 1] - begin_[n]};
  }
  // Rows of the cells in any voxel, in the order of their ids.
  [[nodiscard]] std::span<const std::uint32_t> rows_in(std::size_t voxel) const;

 private:
  std::vector<std::uint32_t> count_;  // per voxel; all zero between builds
  std::vector<std::uint32_t> at_;     // per cell: its voxel
  std::vector<std::size_t> occupied_;
  std::vector<std::size_t> begin_;  // first place of each occupied voxel in rows_, and the end
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> before_;  // rows_ of the last build
};

}  // namespace invado
