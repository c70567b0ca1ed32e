// Cells act on lattice voxels, several on one: their contributions are summed in fixed point, slab by slab of lattice
// layers. A slab is worked on by one thread, which collects from the cells that can reach it; integers have no order of
// addition, so neither threads nor rows change a bit.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/grid.h"
#include "base/parallel.h"

namespace invado {

// The lattice cut into slabs of `layers` layers, thick enough that a cell reaches from its slab only into the next.
struct Slabs {
  int layers = 1;
  int count = 1;

  Slabs(const Grid3& grid, double reach) {
    layers = std::max(4, static_cast<int>(held_between(std::ceil(reach / grid.spacing.z), 0, grid.shape[2])) + 1);
    count = std::max(1, grid.shape[2] / layers);  // the last slab takes the rest
  }
  // Grid of the slabs, to sort cells into. Its last voxel is too thin on paper; cells above it belong to it.
  [[nodiscard]] Grid3 sorting_grid(const Grid3& grid) const {
    return {{1, 1, count}, {grid.shape[0] * grid.spacing.x, grid.shape[1] * grid.spacing.y, layers * grid.spacing.z}};
  }
  [[nodiscard]] int from(int slab) const { return slab * layers; }
  [[nodiscard]] int to(int slab, const Grid3& grid) const { return slab + 1 == count ? grid.shape[2] : (slab + 1) * layers; }
  // Slabs that hold the cells which can reach into `slab`: itself and its neighbours, each once, -1 where there is none.
  [[nodiscard]] std::array<int, 3> sources(int slab, bool periodic) const {
    std::array<int, 3> s{slab - 1, slab, slab + 1};
    if (periodic) {
      s = {(slab + count - 1) % count, slab, (slab + 1) % count};
      if (s[0] == slab) s[0] = -1;
      if (s[2] == slab || s[2] == s[0]) s[2] = -1;
    } else if (s[2] == count) {
      s[2] = -1;
    }
    return s;
  }
};

// Sums of `parts` quantities per voxel of one slab. Resolution 2^-30 of the unit; a quantity must stay below 2^20 per call
// of add and below 2^33 in sum, where fixed point would wrap round: the first voxel in which it does not is remembered.
class SlabSum {
 public:
  static constexpr double finer = 1024.0;  // on top of FixedSum's 2^-20
  static constexpr double most_per_call = 1048576.0;
  static constexpr std::size_t nowhere = ~std::size_t{0};

  void open(std::size_t first_voxel, std::size_t voxels, std::size_t parts) {
    first_ = first_voxel;
    parts_ = parts;
    overflow_ = nowhere;
    if (sums_.size() < voxels * parts) sums_.resize(voxels * parts, 0);
    if (seen_.size() < voxels) seen_.resize(voxels, 0);
  }
  void add(std::size_t voxel, std::span<const double> quantities) {
    const std::size_t v = voxel - first_;
    if (seen_[v] == 0) {
      seen_[v] = 1;
      touched_.push_back(voxel);
    }
    for (std::size_t p = 0; p < parts_; ++p) {
      std::int64_t& sum = sums_[v * parts_ + p];
      if (!(std::fabs(quantities[p]) < most_per_call) ||
          __builtin_add_overflow(sum, FixedSum::quantise(quantities[p] * finer), &sum))
        overflow_ = std::min(overflow_, voxel);
    }
  }
  [[nodiscard]] std::size_t overflow() const { return overflow_; }
  // visit(voxel, sums) for the touched voxels in ascending order, then empty again.
  template <class Visit>
  void close(Visit&& visit) {
    std::ranges::sort(touched_);
    std::array<double, 8> values{};
    for (const std::size_t voxel : touched_) {
      const std::size_t v = voxel - first_;
      for (std::size_t p = 0; p < parts_; ++p) {
        values[p] = static_cast<double>(sums_[v * parts_ + p]) / (FixedSum::scale * finer);
        sums_[v * parts_ + p] = 0;
      }
      seen_[v] = 0;
      visit(voxel, values);
    }
    touched_.clear();
  }

 private:
  std::size_t first_ = 0, parts_ = 1;
  std::size_t overflow_ = nowhere;
  std::vector<std::int64_t> sums_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::size_t> touched_;
};

// For every slab: collect(sum, slab's first layer, layer behind its last, rows) is called for the cells of each source
// slab, then finish(voxel, sums) for each touched voxel returns its entry in the ledger. Returns the sum of all entries,
// in voxel order. rows_in(s) are the rows of the cells in slab s. A rate that is not finite or too large is a ModelFault.
template <std::size_t parts, class RowsIn, class Collect, class Finish>
double sum_over_slabs(const Grid3& grid, const Slabs& slabs, bool periodic_z, RowsIn&& rows_in, Collect&& collect,
                      Finish&& finish) {
  static_assert(parts <= 8);
  thread_local std::vector<double> entries;
  thread_local std::vector<std::size_t> overflows;
  entries.assign(static_cast<std::size_t>(slabs.count), 0.0);
  overflows.assign(static_cast<std::size_t>(slabs.count), SlabSum::nowhere);
  double* const entry = entries.data();
  std::size_t* const overflow = overflows.data();
#pragma omp parallel for schedule(INVADO_SCHEDULE)
  for (int slab = 0; slab < slabs.count; ++slab) {
    thread_local SlabSum sum;
    const int from = slabs.from(slab), to = slabs.to(slab, grid);
    sum.open(grid.index(0, 0, from), grid.index(0, 0, to) - grid.index(0, 0, from), parts);
    for (const int source : slabs.sources(slab, periodic_z)) {
      if (source < 0) continue;
      collect(sum, from, to, rows_in(static_cast<std::size_t>(source)));
    }
    overflow[slab] = sum.overflow();
    double total = 0;
    sum.close([&](std::size_t voxel, const std::array<double, 8>& values) { total += finish(voxel, values); });
    entry[slab] = total;
  }
  for (const std::size_t voxel : overflows)
    if (voxel != SlabSum::nowhere) {
      const auto nx = static_cast<std::size_t>(grid.shape[0]), ny = static_cast<std::size_t>(grid.shape[1]);
      throw ModelFault(fmt::format(
          "matrix, voxel ({}, {}, {}): the rates at which cells act there are not finite or too large (a cell up "
          "to 1e6 1/h)",
          voxel % nx, voxel / nx % ny, voxel / nx / ny));
    }
  double total = 0;
  for (const double one : entries) total += one;
  return total;
}

}  // namespace invado
