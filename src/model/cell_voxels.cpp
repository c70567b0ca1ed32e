#include "model/cell_voxels.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"

namespace invado {
namespace {

// Most voxels hold a few cells; for those this is quicker than std::sort, which does the same.
void sort_by_id(std::span<std::uint32_t> rows, const std::vector<std::int64_t>& id) {
  constexpr std::size_t few = 16;
  if (rows.size() > few) {
    std::ranges::sort(rows, {}, [&](std::uint32_t row) { return id[row]; });
    return;
  }
  for (std::size_t i = 1; i < rows.size(); ++i)
    for (std::size_t k = i; k > 0 && id[rows[k]] < id[rows[k - 1]]; --k) std::swap(rows[k], rows[k - 1]);
}

}  // namespace

void CellVoxels::build(const Grid3& grid, const Population& cells, std::span<const std::size_t> also) {
  const std::size_t n = cells.size();
  INVADO_ENSURE(grid.size() <= UINT32_MAX && n <= UINT32_MAX);
  at_.resize(n);
  // Most cells stay in their voxel: taken in the order of the last build, those of a voxel are in the order of their ids but
  // for the ones that came.
  before_.swap(rows_);
  if (before_.size() != n) {
    before_.resize(n);
    std::iota(before_.begin(), before_.end(), std::uint32_t{0});
  }
  rows_.resize(n);
  if (count_.size() < grid.size()) count_.resize(grid.size(), 0);
  for_rows(n, [&](std::size_t row) { at_[row] = static_cast<std::uint32_t>(grid.voxel_of(cells.position(row))); });

  // In ascending order: looking at all voxels is quicker than sorting many.
  constexpr std::size_t many = 16;
  occupied_.clear();
  if (n * many > grid.size()) {
    for (std::size_t row = 0; row < n; ++row) ++count_[at_[row]];
    auto next = also.begin();
    for (std::size_t voxel = 0; voxel < grid.size(); ++voxel) {
      const bool named = next != also.end() && *next == voxel;
      if (named) ++next;
      if (named || count_[voxel] > 0) occupied_.push_back(voxel);
    }
  } else {
    for (std::size_t row = 0; row < n; ++row)
      if (count_[at_[row]]++ == 0) occupied_.push_back(at_[row]);
    for (const std::size_t voxel : also)
      if (count_[voxel] == 0) occupied_.push_back(voxel);
    std::ranges::sort(occupied_);
  }

  // From counts to places: count_ becomes the next free place of its voxel.
  begin_.resize(occupied_.size() + 1);
  std::size_t place = 0;
  for (std::size_t o = 0; o < occupied_.size(); ++o) {
    begin_[o] = place;
    const std::size_t here = count_[occupied_[o]];
    count_[occupied_[o]] = static_cast<std::uint32_t>(place);
    place += here;
  }
  begin_[occupied_.size()] = place;
  for (const std::uint32_t row : before_) rows_[count_[at_[row]]++] = row;
  for_rows(occupied_.size(), [&](std::size_t o) {
    count_[occupied_[o]] = 0;
    sort_by_id({rows_.data() + begin_[o], begin_[o + 1] - begin_[o]}, cells.id);
  });
}

std::span<const std::uint32_t> CellVoxels::rows_in(std::size_t voxel) const {
  const auto found = std::ranges::lower_bound(occupied_, voxel);
  if (found == occupied_.end() || *found != voxel) return {};
  return rows(static_cast<std::size_t>(found - occupied_.begin()));
}

}  // namespace invado
