#include "model/cell_voxels.h"

#include "base/error.h"

namespace invado {

void CellVoxels::build(const Grid3& grid, const Population& cells, std::span<const std::size_t> also) {
  const std::size_t n = cells.size();
  blocks_ = VoxelBlocks(grid);
  INVADO_ENSURE(blocks_.count() * lanes <= UINT32_MAX && n <= UINT32_MAX);
  at_.resize(n);
  if (number_.size() < blocks_.count()) number_.resize(blocks_.count(), 0);
  const auto ny = static_cast<std::size_t>(grid.shape[1]);
  for_rows(n, [&](std::size_t row) {
    const std::size_t i = static_cast<std::size_t>(grid.voxel(0, cells.x[row])),
                      j = static_cast<std::size_t>(grid.voxel(1, cells.y[row])),
                      k = static_cast<std::size_t>(grid.voxel(2, cells.z[row]));
    at_[row] = static_cast<std::uint32_t>(blocks_.lane_of(k * ny + j, i));
  });

  // In ascending order: looking at all blocks is quicker than sorting many.
  constexpr std::size_t many = 2;
  occupied_.clear();
  if (n * many > blocks_.count()) {
    for (const std::uint32_t lane : at_) number_[lane / lanes] = 1;
    for (const std::size_t voxel : also) number_[blocks_.lane_of(voxel) / lanes] = 1;
    for (std::size_t block = 0; block < blocks_.count(); ++block)
      if (number_[block] != 0) occupied_.push_back(static_cast<std::uint32_t>(block));
  } else {
    const auto mark = [&](std::size_t block) {
      if (number_[block] == 0) occupied_.push_back(static_cast<std::uint32_t>(block));
      number_[block] = 1;
    };
    for (const std::uint32_t lane : at_) mark(lane / lanes);
    for (const std::size_t voxel : also) mark(blocks_.lane_of(voxel) / lanes);
    std::ranges::sort(occupied_);
  }

  for_rows(occupied_.size(), [&](std::size_t o) { number_[occupied_[o]] = static_cast<std::uint32_t>(o); });
  stretch_.resize((n + rows_per_block - 1) / rows_per_block);
  for_blocks(stretch_.size(), [&](std::size_t block) {
    const std::size_t begin = block * rows_per_block, end = std::min(begin + rows_per_block, n);
    Stretch stretch{UINT32_MAX, 0};
    for (std::size_t row = begin; row < end; ++row) {
      const auto place = static_cast<std::uint32_t>(number_[at_[row] / lanes] * lanes + at_[row] % lanes);
      at_[row] = place;
      stretch.first = std::min(stretch.first, place);
      stretch.last = std::max(stretch.last, place);
    }
    stretch_[block] = stretch;
  });
  for_rows(occupied_.size(), [&](std::size_t o) { number_[occupied_[o]] = 0; });
}

std::size_t CellVoxels::place_of(std::size_t voxel) const {
  const std::size_t lane = blocks_.lane_of(voxel);
  const auto found = std::ranges::lower_bound(occupied_, lane / lanes);
  return static_cast<std::size_t>(found - occupied_.begin()) * lanes + lane % lanes;
}

}  // namespace invado
