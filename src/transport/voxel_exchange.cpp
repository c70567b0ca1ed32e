#include "transport/voxel_exchange.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "base/parallel.h"
#include "transport/exchange.h"

namespace invado {
namespace {

template <std::size_t number>
constexpr std::integral_constant<std::size_t, number> known{};

}  // namespace

void VoxelExchange::build(const VoxelBlocks& blocks, std::span<const std::uint32_t> occupied, const VoxelSums& sums,
                          std::span<const double> targets, double dt_min) {
  nx_ = blocks.row_length();
  targets_.assign(targets.begin(), targets.end());
  const std::size_t count = occupied.size(), more = targets_.size();
  sources_ = std::ranges::any_of(sums.source, [](double s) { return s != 0; });
  gives_ = more > 0 || sources_;

  row_begin_.assign(blocks.rows() + 1, 0);
  for (const std::uint32_t block : occupied) ++row_begin_[blocks.row_of(block) + 1];
  for (std::size_t row = 0; row < blocks.rows(); ++row) row_begin_[row + 1] += row_begin_[row];
  block_x_.resize(count);
  for_rows(count, [&](std::size_t b) { block_x_[b] = static_cast<std::uint32_t>(blocks.x_of(occupied[b])); });

  // More room than before is taken without a copy, which would need both at once.
  const std::size_t size = count * block_size();
  if (coefficients_.capacity() < size) {
    coefficients_ = {};
    coefficients_.reserve(size + size / 8);
  }
  coefficients_.resize(size);
  for_rows(count, [&](std::size_t b) {
    double* const at = coefficients_.data() + b * block_size();
    const auto rate = [&](std::size_t kind, std::size_t l) { return dt_min * sums.rate[(kind * count + b) * lanes + l]; };
    std::array<ExchangeSum, lanes> sum;
    for (std::size_t l = 0; l < lanes; ++l) {
      sum[l] = {sources_ ? dt_min * sums.source[b * lanes + l] : 0.0, rate(0, l)};
      at[l] = sum[l].loss;
      at[lanes + l] = sum[l].term().keep;
      if (sources_) at[(2 + 2 * more) * lanes + l] = sum[l].gain;
    }
    for (std::size_t k = 0; k < more; ++k)
      for (std::size_t l = 0; l < lanes; ++l) {
        sum[l].add(rate(1 + k, l), targets_[k]);
        const ExchangeTerm term = sum[l].term();
        at[(2 + 2 * k) * lanes + l] = term.gain;
        at[(3 + 2 * k) * lanes + l] = term.keep;
      }
  });
}

// The blocks of one row. `targets`: a number, known when compiling where that gives vector instructions.
template <class Targets>
void VoxelExchange::apply_blocks(std::size_t row, double* c, Targets targets, Exchanged& sums) const {
  static constexpr std::array<double, lanes> no_gain{};
  const double* const target = targets_.data();
  Exchanged all = sums;  // in registers
  std::array<double, lanes> ends{};
  for (std::size_t b = row_begin_[row]; b < row_begin_[row + 1]; ++b) {
    const double* const coefficients = coefficients_.data() + b * block_size();
    const double* const gain = sources_ ? coefficients + (2 + 2 * targets) * lanes : no_gain.data();
    // The last block of a row may have fewer voxels; in its other lanes nothing is done.
    const std::size_t x = block_x_[b], width = std::min(lanes, nx_ - x);
    if (width < lanes) std::copy_n(c + x, width, ends.begin());
    double* const here = width < lanes ? ends.data() : c + x;
#pragma omp simd
    for (std::size_t l = 0; l < lanes; ++l) {
      const double* const mine = coefficients + l;
      const double before = here[l];
      const double value = exchanged(
          before, targets,
          [&](std::size_t k) {
            return ExchangeTerm{k == 0 ? gain[l] : mine[2 * k * lanes], mine[(1 + 2 * k) * lanes]};
          },
          [&](std::size_t k) { return target[k]; });
      all.changed[l] += value - before;
      all.taken_up[l] += mine[0] * value;
      here[l] = value;
    }
    if (width < lanes) std::copy_n(ends.begin(), width, c + x);
  }
  sums = all;
}

void VoxelExchange::apply(std::size_t row, double* c, Exchanged& sums) const {
  if (targets_.empty())
    apply_blocks(row, c, known<0>, sums);
  else if (targets_.size() == 1)
    apply_blocks(row, c, known<1>, sums);
  else
    apply_blocks(row, c, targets_.size(), sums);
}

}  // namespace invado
