// Who sits in which voxel of a grid: what the cells of each voxel do to it is added up here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"
#include "base/parallel.h"
#include "base/voxel_blocks.h"
#include "model/population.h"

namespace invado {

// An object keeps its memory from build to build.
class CellVoxels {
 public:
  static constexpr std::size_t lanes = VoxelBlocks::lanes;

  // Cells outside the box belong to the nearest voxel.
  // `also`: voxels that count as occupied though no cell may be there.
  void build(const Grid3& grid, const Population& cells, std::span<const std::size_t> also = {});

  [[nodiscard]] const VoxelBlocks& blocks() const { return blocks_; }
  // Blocks that hold at least one cell, or a voxel of `also`; ascending.
  [[nodiscard]] std::span<const std::uint32_t> occupied() const { return occupied_; }
  // Lanes of the occupied blocks, and which of them a voxel in such a block is: blocks as they come in `occupied`.
  [[nodiscard]] std::size_t places() const { return occupied_.size() * lanes; }
  [[nodiscard]] std::size_t place_of(std::size_t voxel) const;

  // add(row, place) for every cell. A place belongs to one thread, so that sums over its cells need no lock; but in which
  // order they come nobody knows, so that these must be sums of integers.
  template <class Add>
  void for_cells(Add&& add) const {
    const std::size_t parts = occupied_.size() > parallel_from ? threads_to_share() : 1;
    share_out(parts, parts > 1, [&](std::size_t part) {
      const std::size_t first = occupied_.size() * part / parts * lanes, end = occupied_.size() * (part + 1) / parts * lanes;
      for (std::size_t block = 0; block < stretch_.size(); ++block) {
        const Stretch& here = stretch_[block];
        if (here.last < first || here.first >= end) continue;
        const std::size_t begin = block * rows_per_block, behind = std::min(begin + rows_per_block, at_.size());
        const bool all = here.first >= first && here.last < end;
        for (std::size_t row = begin; row < behind; ++row)
          if (all || (at_[row] >= first && at_[row] < end)) add(row, std::size_t{at_[row]});
      }
    });
  }

 private:
  static constexpr std::size_t parallel_from = 64;  // blocks

  // The places of the cells in rows_per_block rows. Rows are sorted along the box every now and then, so that they lie near.
  struct Stretch {
    std::uint32_t first, last;
  };

  VoxelBlocks blocks_;
  std::vector<std::uint32_t> occupied_;
  std::vector<std::uint32_t> number_;  // per block: which of the occupied ones it is; between builds: 0
  std::vector<std::uint32_t> at_;      // per cell: its place
  std::vector<Stretch> stretch_;
};

}  // namespace invado
