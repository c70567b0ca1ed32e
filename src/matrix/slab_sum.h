// Cells act on lattice voxels, several on one: their contributions are summed in fixed point, slab by slab of lattice
// layers. A slab is worked on by one thread, which collects from the cells that can reach it; integers have no order of
// addition, so neither threads nor rows change a bit.
#pragma once

#include <fmt/core.h>

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
#include "matrix/reach.h"

namespace invado {

// The lattice cut into slabs of `layers` layers, thick enough that a cell reaches from its slab only into the next.
struct Slabs {
  int layers = 1;
  int count = 1;

  Slabs(const Grid3& grid, double reach) {
    layers = std::max(4, static_cast<int>(held_between(std::ceil(reach / grid.spacing.z), 0, grid.shape[2])) + 1);
    count = std::max(1, grid.shape[2] / layers);  // the last slab takes the rest
  }
  [[nodiscard]] int from(int slab) const { return slab * layers; }
  [[nodiscard]] int to(int slab, const Grid3& grid) const { return slab + 1 == count ? grid.shape[2] : (slab + 1) * layers; }
  [[nodiscard]] int of(int layer) const { return std::min(layer / layers, count - 1); }
};

// Rows of the cells that reach into each slab, in the order of rows.
class RowsBySlab {
 public:
  // reach(row): how far the cell at z[row] reaches [um].
  template <class Reach>
  void build(const Grid3& grid, const Slabs& slabs, bool periodic, std::span<const double> z, Reach&& reach) {
    const std::size_t n = z.size();
    stretch_.resize(n);
    for_rows(n, [&](std::size_t row) {
      const AxisReach layers = axis_reach(grid, 2, z[row], reach(row), periodic);
      const auto slab_of = [&](int k) { return slabs.of(wrap_index(k, grid.shape[2])); };
      // Across a periodic face slabs follow one another as in a ring.
      Stretch stretch{slab_of(layers.first), 1};
      for (int k = layers.first + 1, last = stretch.first; k <= layers.last && stretch.count < slabs.count; ++k) {
        const int next = slab_of(k);
        stretch.count += next != last ? 1 : 0;
        last = next;
      }
      stretch_[row] = stretch;
    });
    const auto for_slabs_of = [&](const Stretch& stretch, auto&& visit) {
      for (int s = 0; s < stretch.count; ++s) visit(static_cast<std::size_t>((stretch.first + s) % slabs.count));
    };
    // Counts shifted by one slab become first places, then each first place moves up while it is filled.
    begin_.assign(static_cast<std::size_t>(slabs.count) + 2, 0);
    for (const Stretch& stretch : stretch_) for_slabs_of(stretch, [&](std::size_t slab) { ++begin_[slab + 2]; });
    for (std::size_t b = 2; b < begin_.size(); ++b) begin_[b] += begin_[b - 1];
    rows_.resize(begin_.back());
    for (std::size_t row = 0; row < n; ++row)
      for_slabs_of(stretch_[row], [&](std::size_t slab) { rows_[begin_[slab + 1]++] = static_cast<std::uint32_t>(row); });
  }

  [[nodiscard]] std::span<const std::uint32_t> rows_in(std::size_t slab) const {
    return {rows_.data() + begin_[slab], begin_[slab + 1] - begin_[slab]};
  }

 private:
  struct Stretch {  // of slabs
    int first, count;
  };
  std::vector<Stretch> stretch_;    // of each cell
  std::vector<std::size_t> begin_;  // of each slab in rows_
  std::vector<std::uint32_t> rows_;
};

// Voxels that cells act on, some at a time so that laws are applied to many at once.
template <std::size_t parts>
struct Touched {
  static constexpr std::size_t most = 64;
  std::size_t count = 0;
  std::size_t voxel[most];
  double sum[parts][most];  // over the cells
  double entry[most];       // in the ledger: what has become of it
};

// Sums of `parts` quantities per voxel of one slab. Resolution 2^-30 of the unit; a quantity must stay below 2^20 per cell
// and below 2^33 in sum, where fixed point would wrap round: the first voxel in which it does not is remembered.
template <std::size_t parts>
class SlabSum {
 public:
  static constexpr double finer = 1024.0;  // on top of FixedSum's 2^-20
  static constexpr double most_per_cell = 1048576.0;
  static constexpr std::size_t nowhere = ~std::size_t{0};

  void open(const Grid3& grid, int from, int to) {
    nx_ = static_cast<std::size_t>(grid.shape[0]);
    first_ = grid.index(0, 0, from);
    lines_ = grid.index(0, 0, to) / nx_ - first_ / nx_;
    overflow_ = nowhere;
    if (sums_.size() < lines_ * nx_) {
      sums_.resize(lines_ * nx_, {});
      seen_.resize(lines_ * nx_, 0);
    }
    if (reached_.size() < lines_) reached_.resize(lines_);
  }
  // What a cell adds to each voxel that it acts on.
  struct Amounts {
    std::array<std::int64_t, parts> of{};
    bool fit = true;

    explicit Amounts(const std::array<double, parts>& quantities) {
      for (const double q : quantities) fit = fit && std::fabs(q) < most_per_cell;
      for (std::size_t p = 0; p < parts && fit; ++p) of[p] = FixedSum::quantise(quantities[p] * finer);
    }
  };
  // A cell adds to those voxels of a run that takes(n) names, n = 0 .. run.count - 1.
  template <class Takes>
  void add(const VoxelRun& run, const Amounts& amounts, Takes&& takes) {
    const std::size_t from = run.voxel - first_, line = from / nx_;
    const auto begin = static_cast<std::uint32_t>(from - line * nx_);
    reached_[line].first = std::min(reached_[line].first, begin);
    reached_[line].end = std::max(reached_[line].end, begin + static_cast<std::uint32_t>(run.count));
    for (int n = 0; n < run.count; ++n) {
      if (!takes(n)) continue;
      const std::size_t v = from + static_cast<std::size_t>(n);
      seen_[v] = 1;
      bool overflows = !amounts.fit;
      for (std::size_t p = 0; p < parts; ++p) overflows |= __builtin_add_overflow(sums_[v][p], amounts.of[p], &sums_[v][p]);
      if (overflows) overflow_ = std::min(overflow_, first_ + v);
    }
  }
  [[nodiscard]] std::size_t overflow() const { return overflow_; }
  // finish(some) for all touched voxels in ascending order, then empty again. Returns the sum of the entries, in that
  // order.
  template <class Finish>
  double close(Finish&& finish) {
    Touched<parts> some;
    double total = 0;
    const auto finish_some = [&] {
      finish(some);
      for (std::size_t n = 0; n < some.count; ++n) total += some.entry[n];
      some.count = 0;
    };
    for (std::size_t line = 0; line < lines_; ++line) {
      for (std::size_t v = line * nx_ + reached_[line].first, end = line * nx_ + reached_[line].end; v < end; ++v) {
        if (seen_[v] == 0) continue;
        seen_[v] = 0;
        some.voxel[some.count] = first_ + v;
        for (std::size_t p = 0; p < parts; ++p)
          some.sum[p][some.count] = static_cast<double>(sums_[v][p]) / (FixedSum::scale * finer);
        sums_[v] = {};
        if (++some.count == Touched<parts>::most) finish_some();
      }
      reached_[line] = {};
    }
    if (some.count > 0) finish_some();
    return total;
  }

 private:
  struct Reached {  // part of a line; empty
    std::uint32_t first = ~std::uint32_t{0}, end = 0;
  };
  std::size_t nx_ = 1, lines_ = 0, first_ = 0;
  std::size_t overflow_ = nowhere;
  std::vector<std::array<std::int64_t, parts>> sums_;
  std::vector<std::uint8_t> seen_;
  std::vector<Reached> reached_;
};

// For every slab: collect(sum, slab's first layer, layer behind its last, rows) is called for the cells that reach it, then
// finish(some) for its touched voxels, which enters each in the ledger. Returns the sum of all entries, in voxel order. A
// rate that is not finite or too large is a ModelFault.
template <std::size_t parts, class Collect, class Finish>
double sum_over_slabs(const Grid3& grid, const Slabs& slabs, const RowsBySlab& rows, Collect&& collect, Finish&& finish) {
  thread_local std::vector<double> entries;
  thread_local std::vector<std::size_t> overflows;
  entries.assign(static_cast<std::size_t>(slabs.count), 0.0);
  overflows.assign(static_cast<std::size_t>(slabs.count), SlabSum<parts>::nowhere);
  double* const entry = entries.data();
  std::size_t* const overflow = overflows.data();
  for_blocks(static_cast<std::size_t>(slabs.count), [&](std::size_t at) {
    const auto slab = static_cast<int>(at);
    const std::span<const std::uint32_t> here = rows.rows_in(at);
    if (here.empty()) return;
    thread_local SlabSum<parts> sum;
    const int from = slabs.from(slab), to = slabs.to(slab, grid);
    sum.open(grid, from, to);
    collect(sum, from, to, here);
    overflow[at] = sum.overflow();
    entry[at] = sum.close(finish);
  });
  for (const std::size_t voxel : overflows)
    if (voxel != SlabSum<parts>::nowhere) {
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
