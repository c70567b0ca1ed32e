// What the cells do with a factor, as an operation on the field: the coefficients of exchange.h for every voxel that holds
// cells, in blocks of eight voxels of a row, made once and applied in each of many steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/grid.h"

namespace invado {

// What the cells of each occupied voxel do together.
struct VoxelSums {
  std::vector<double> source;     // [c/min]
  std::vector<double> uptake;     // [1/min]
  std::vector<double> secretion;  // [1/min], one row of targets per voxel
};

// Sums over some voxels, in units of c.
struct Exchanged {
  double changed = 0;
  double taken_up = 0;
};

class VoxelExchange {
 public:
  // occupied: ascending; targets: descending.
  void build(const Grid3& grid, std::span<const std::size_t> occupied, const VoxelSums& sums,
             std::span<const double> targets, double dt_min);

  // In place on the voxels of one row along x, (k ny + j).
  [[nodiscard]] Exchanged apply(std::size_t row, double* c) const;
  // Something is secreted or released, not only taken up.
  [[nodiscard]] bool gives() const { return gives_; }

 private:
  static constexpr std::size_t lanes = 8;
  std::size_t nx_ = 0;
  bool gives_ = false;
  std::vector<double> targets_;
  std::vector<std::uint32_t> row_begin_;  // first block of each row, and the end
  std::vector<std::uint32_t> block_x_;    // first voxel of each block
  // Per block: dt uptake, then gain and keep with none, one, two ... targets at work, of its eight voxels. Voxels without
  // cells have 0, 0 and 1, which leave a value as it is.
  std::vector<double> coefficients_;

  [[nodiscard]] std::size_t block_size() const { return lanes * (1 + 2 * (targets_.size() + 1)); }
  template <class Width, class Targets>
  void apply_block(const double* coefficients, double* c, Width width, Targets targets, double* changed,
                   double* taken_up) const;
};

}  // namespace invado
