#include "transport/voxel_exchange.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "base/error.h"
#include "base/parallel.h"
#include "transport/exchange.h"

namespace invado {
namespace {

template <std::size_t number>
constexpr std::integral_constant<std::size_t, number> known{};

}  // namespace

void VoxelExchange::build(const Grid3& grid, std::span<const std::size_t> occupied, const VoxelSums& sums,
                          std::span<const double> targets, double dt_min) {
  nx_ = static_cast<std::size_t>(grid.shape[0]);
  const std::size_t rows = grid.size() / nx_;
  INVADO_ENSURE(rows < UINT32_MAX);
  targets_.assign(targets.begin(), targets.end());
  gives_ = !targets.empty() || std::ranges::any_of(sums.source, [](double s) { return s != 0; });

  row_begin_.assign(rows + 1, 0);
  block_x_.clear();
  thread_local std::vector<std::uint32_t> block_scratch;
  std::vector<std::uint32_t>& block_of = block_scratch;
  block_of.resize(occupied.size());
  std::size_t row = 0, row_start = 0;  // voxel where the row starts
  for (std::size_t o = 0; o < occupied.size(); ++o) {
    while (occupied[o] >= row_start + nx_) {
      row_begin_[++row] = static_cast<std::uint32_t>(block_x_.size());
      row_start += nx_;
    }
    const auto x = static_cast<std::uint32_t>((occupied[o] - row_start) / lanes * lanes);
    if (row_begin_[row] == block_x_.size() || block_x_.back() != x) block_x_.push_back(x);
    block_of[o] = static_cast<std::uint32_t>(block_x_.size() - 1);
  }
  while (row < rows) row_begin_[++row] = static_cast<std::uint32_t>(block_x_.size());

  // More room than before is taken without a copy, which would need both at once.
  const std::size_t size = block_x_.size() * block_size();
  if (coefficients_.capacity() < size) {
    coefficients_ = {};
    coefficients_.reserve(size + size / 8);
  }
  coefficients_.resize(size);
  for_rows(block_x_.size(), [&](std::size_t b) {
    double* at = coefficients_.data() + b * block_size();
    at = std::fill_n(at, lanes, 0.0);
    for (std::size_t k = 0; k <= targets_.size(); ++k) {
      at = std::fill_n(at, lanes, 0.0);
      at = std::fill_n(at, lanes, 1.0);
    }
  });
  for_rows(occupied.size(), [&](std::size_t o) {
    double* const at = coefficients_.data() + block_of[o] * block_size() + occupied[o] % nx_ % lanes;
    ExchangeSum sum{dt_min * sums.source[o], dt_min * sums.uptake[o]};
    at[0] = sum.loss;
    for (std::size_t k = 0; k <= targets_.size(); ++k) {
      if (k > 0) sum.add(dt_min * sums.secretion[o * targets_.size() + k - 1], targets_[k - 1]);
      const ExchangeTerm term = sum.term();
      at[(1 + 2 * k) * lanes] = term.gain;
      at[(2 + 2 * k) * lanes] = term.keep;
    }
  });
}

// Width and targets: numbers, known when compiling where that gives vector instructions.
template <class Width, class Targets>
void VoxelExchange::apply_block(const double* coefficients, double* c, Width width, Targets targets, double* changed,
                                double* taken_up) const {
  const double* const target = targets_.data();
#pragma omp simd
  for (std::size_t l = 0; l < width; ++l) {
    const double* const mine = coefficients + l;
    const double before = c[l];
    const double value = exchanged(
        before, targets,
        [&](std::size_t k) {
          return ExchangeTerm{mine[(1 + 2 * k) * lanes], mine[(2 + 2 * k) * lanes]};
        },
        [&](std::size_t k) { return target[k]; });
    changed[l] += value - before;
    taken_up[l] += mine[0] * value;
    c[l] = value;
  }
}

Exchanged VoxelExchange::apply(std::size_t row, double* c) const {
  std::array<double, lanes> changed{}, taken_up{};
  for (std::size_t b = row_begin_[row]; b < row_begin_[row + 1]; ++b) {
    const std::size_t x = block_x_[b];
    const double* const coefficients = coefficients_.data() + b * block_size();
    const auto with = [&](auto targets) {
      if (x + lanes <= nx_)
        apply_block(coefficients, c + x, known<lanes>, targets, changed.data(), taken_up.data());
      else
        apply_block(coefficients, c + x, nx_ - x, targets, changed.data(), taken_up.data());
    };
    if (targets_.empty())
      with(known<0>);
    else if (targets_.size() == 1)
      with(known<1>);
    else
      with(targets_.size());
  }
  Exchanged sum;
  for (std::size_t l = 0; l < lanes; ++l) {
    sum.changed += changed[l];
    sum.taken_up += taken_up[l];
  }
  return sum;
}

}  // namespace invado
