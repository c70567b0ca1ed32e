#include "transport/line_operator.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

namespace invado {
namespace {

// Four numbers side by side, and four times four, transposed by shuffles: compilers do not find them. Loops over the four
// are written out for the same reason.
using Four = double __attribute__((vector_size(32)));

struct Block {
  Four a, b, c, d;

  static Block load(const double* from, std::ptrdiff_t stride) {
    Block block;
    std::memcpy(&block.a, from, sizeof(Four));
    std::memcpy(&block.b, from + stride, sizeof(Four));
    std::memcpy(&block.c, from + 2 * stride, sizeof(Four));
    std::memcpy(&block.d, from + 3 * stride, sizeof(Four));
    return block;
  }
  void store(double* to, std::ptrdiff_t stride) const {
    std::memcpy(to, &a, sizeof(Four));
    std::memcpy(to + stride, &b, sizeof(Four));
    std::memcpy(to + 2 * stride, &c, sizeof(Four));
    std::memcpy(to + 3 * stride, &d, sizeof(Four));
  }
  void transpose() {
    const Four ab_even = __builtin_shufflevector(a, b, 0, 4, 2, 6), ab_odd = __builtin_shufflevector(a, b, 1, 5, 3, 7);
    const Four cd_even = __builtin_shufflevector(c, d, 0, 4, 2, 6), cd_odd = __builtin_shufflevector(c, d, 1, 5, 3, 7);
    a = __builtin_shufflevector(ab_even, cd_even, 0, 1, 4, 5);
    b = __builtin_shufflevector(ab_odd, cd_odd, 0, 1, 4, 5);
    c = __builtin_shufflevector(ab_even, cd_even, 2, 3, 6, 7);
    d = __builtin_shufflevector(ab_odd, cd_odd, 2, 3, 6, 7);
  }
};

// f(0), f(1) ... with indices known when compiling.
template <class F, std::size_t... index>
inline void for_each_index(std::index_sequence<index...>, F&& f) {
  (f(std::integral_constant<std::size_t, index>{}), ...);
}

}  // namespace

void LineOperator::factorise(int n, double r, bool periodic, bool held_low, double value_low, bool held_high,
                             double value_high, double scale) {
  n_ = n;
  r_ = r;
  twice_r_ = 2 * r;
  periodic_ = periodic;
  held_low_ = held_low && !periodic;
  held_high_ = held_high && !periodic;
  value_low_ = value_low;
  value_high_ = value_high;
  scale_ = scale;
  const int unknowns = periodic ? n - 1 : n;
  unknowns_ = unknowns;
  inverse_.resize(static_cast<std::size_t>(n));
  carry_.resize(static_cast<std::size_t>(n));
  double carry = 0;
  for (int i = 0; i < unknowns; ++i) {
    double diagonal = 1;
    diagonal += i > 0 || periodic ? r : (held_low_ ? twice_r_ : 0.0);
    diagonal += i < n - 1 || periodic ? r : (held_high_ ? twice_r_ : 0.0);
    const auto at = static_cast<std::size_t>(i);
    inverse_[at] = 1 / (diagonal - (i > 0 ? r * carry : 0.0));
    carry_[at] = carry = r * inverse_[at];
  }
  if (periodic && n > 1) {
    // Columns of the last unknown: it feeds the first and the last of the others (both the same one when n = 2).
    corner_.assign(static_cast<std::size_t>(unknowns), 0.0);
    corner_.front() += r;
    corner_.back() += r;
    corner_.front() *= inverse_.front();
    for (std::size_t i = 1; i < corner_.size(); ++i) corner_[i] = (corner_[i] + r * corner_[i - 1]) * inverse_[i];
    for (std::size_t i = corner_.size() - 1; i-- > 0;) corner_[i] += carry_[i] * corner_[i + 1];
    last_inverse_ = 1 / (1 + twice_r_ - r * (corner_.front() + corner_.back()));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(unknowns); ++i) inverse_[i] *= scale;
}

void LineOperator::eliminate(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines, std::ptrdiff_t from,
                             std::ptrdiff_t to) const {
  const std::ptrdiff_t end = to < unknowns_ ? to : unknowns_;
  const auto enter = [&](std::ptrdiff_t i, double in) {
    for (std::ptrdiff_t l = 0; l < lines; ++l) c[i * stride + l] += in;
  };
  if (held_low_ && from == 0 && to > 0) enter(0, twice_r_ * value_low_ / scale_);
  if (held_high_ && from < n_ && to >= n_) enter(n_ - 1, twice_r_ * value_high_ / scale_);
  std::ptrdiff_t i = from;
  if (i == 0 && end > 0) {
    const double inverse = inverse_[0];
#pragma omp simd
    for (std::ptrdiff_t l = 0; l < lines; ++l) c[l] *= inverse;
    ++i;
  }
  // Four points at once, so that what one leaves for the next need not go through memory.
  for (; i + 4 <= end; i += 4) {
    double* const here = c + i * stride;
    const double* const inverse = inverse_.data() + i;
    const double* const carry = carry_.data() + i;
    const double inverse_0 = inverse[0], inverse_1 = inverse[1], inverse_2 = inverse[2], inverse_3 = inverse[3];
    const double carry_0 = carry[0], carry_1 = carry[1], carry_2 = carry[2], carry_3 = carry[3];
#pragma omp simd
    for (std::ptrdiff_t l = 0; l < lines; ++l) {
      const double first = here[l] * inverse_0 + carry_0 * here[l - stride];
      const double second = here[stride + l] * inverse_1 + carry_1 * first;
      const double third = here[2 * stride + l] * inverse_2 + carry_2 * second;
      const double fourth = here[3 * stride + l] * inverse_3 + carry_3 * third;
      here[l] = first;
      here[stride + l] = second;
      here[2 * stride + l] = third;
      here[3 * stride + l] = fourth;
    }
  }
  for (; i < end; ++i) {
    double* const here = c + i * stride;
    const double inverse = inverse_[static_cast<std::size_t>(i)], carry = carry_[static_cast<std::size_t>(i)];
#pragma omp simd
    for (std::ptrdiff_t l = 0; l < lines; ++l) here[l] = here[l] * inverse + carry * here[l - stride];
  }
}

void LineOperator::substitute(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines) const {
  std::ptrdiff_t i = unknowns_ - 1;  // the point behind the next one
  for (; i >= 4; i -= 4) {
    double* const here = c + (i - 4) * stride;
    const double* const carry = carry_.data() + (i - 4);
    const double carry_0 = carry[0], carry_1 = carry[1], carry_2 = carry[2], carry_3 = carry[3];
#pragma omp simd
    for (std::ptrdiff_t l = 0; l < lines; ++l) {
      const double fourth = here[3 * stride + l] + carry_3 * here[4 * stride + l];
      const double third = here[2 * stride + l] + carry_2 * fourth;
      const double second = here[stride + l] + carry_1 * third;
      const double first = here[l] + carry_0 * second;
      here[3 * stride + l] = fourth;
      here[2 * stride + l] = third;
      here[stride + l] = second;
      here[l] = first;
    }
  }
  for (; i >= 1; --i) {
    double* const here = c + (i - 1) * stride;
    const double carry = carry_[static_cast<std::size_t>(i - 1)];
#pragma omp simd
    for (std::ptrdiff_t l = 0; l < lines; ++l) here[l] += carry * here[stride + l];
  }
  if (!periodic_ || unknowns_ == 0) return;
  double* const last = c + unknowns_ * stride;
  const double* const neighbour = last - stride;
#pragma omp simd
  for (std::ptrdiff_t l = 0; l < lines; ++l) last[l] = (scale_ * last[l] + r_ * (c[l] + neighbour[l])) * last_inverse_;
  for (i = 0; i < unknowns_; ++i) {
    double* const here = c + i * stride;
    const double corner = corner_[static_cast<std::size_t>(i)];
#pragma omp simd
    for (std::ptrdiff_t l = 0; l < lines; ++l) here[l] += corner * last[l];
  }
}

// Four lines per block are transposed on the way in and out; several blocks at once, because each addition waits for the one
// before it.
template <int blocks>
void LineOperator::solve_group(double* c, std::ptrdiff_t stride, double* scratch) const {
  constexpr std::ptrdiff_t width = 4 * blocks;
  constexpr std::make_index_sequence<blocks> all;
  const std::ptrdiff_t whole = unknowns_ - unknowns_ % 4;
  std::array<Four, blocks> carried{};
  for (std::ptrdiff_t i = 0; i < whole; i += 4) {
    const double* const inverse = inverse_.data() + i;
    const double* const carry = carry_.data() + i;
    for_each_index(all, [&](auto b) {
      Block block = Block::load(c + 4 * b.value * stride + i, stride);
      block.transpose();
      block.a = block.a * inverse[0] + carry[0] * carried[b];
      block.b = block.b * inverse[1] + carry[1] * block.a;
      block.c = block.c * inverse[2] + carry[2] * block.b;
      block.d = block.d * inverse[3] + carry[3] * block.c;
      carried[b] = block.d;
      block.store(scratch + i * width + 4 * b.value, width);
    });
  }
  // Up to three points at the end, and back.
  std::array<double, width> ends{};
  if (whole < unknowns_) {
    std::memcpy(ends.data(), carried.data(), sizeof ends);
    for (std::ptrdiff_t l = 0; l < width; ++l) {
      double& here = ends[static_cast<std::size_t>(l)];
      double* const line = c + l * stride;
      for (std::ptrdiff_t i = whole; i < unknowns_; ++i)
        line[i] = here = line[i] * inverse_[static_cast<std::size_t>(i)] + carry_[static_cast<std::size_t>(i)] * here;
      for (std::ptrdiff_t i = unknowns_ - 2; i >= whole; --i)
        line[i] = here = line[i] + carry_[static_cast<std::size_t>(i)] * here;
    }
  }
  std::memcpy(carried.data(), ends.data(), sizeof ends);
  for (std::ptrdiff_t i = whole - 4; i >= 0; i -= 4) {
    const double* const carry = carry_.data() + i;
    for_each_index(all, [&](auto b) {
      Block block = Block::load(scratch + i * width + 4 * b.value, width);
      block.d += carry[3] * carried[b];
      block.c += carry[2] * block.d;
      block.b += carry[1] * block.c;
      block.a += carry[0] * block.b;
      carried[b] = block.a;
      block.transpose();
      block.store(c + 4 * b.value * stride + i, stride);
    });
  }
}

void LineOperator::solve_behind(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines) const {
  if (held_low_)
    for (std::ptrdiff_t l = 0; l < lines; ++l) c[l * stride] += twice_r_ * value_low_ / scale_;
  if (held_high_)
    for (std::ptrdiff_t l = 0; l < lines; ++l) c[l * stride + n_ - 1] += twice_r_ * value_high_ / scale_;

  constexpr int most = 4;
  thread_local std::vector<double> scratch;
  const auto room = static_cast<std::size_t>(n_) * 4 * most;
  if (scratch.size() < room + static_cast<std::size_t>(n_) * 4) scratch.resize(room + static_cast<std::size_t>(n_) * 4);
  std::ptrdiff_t l = 0;
  for (; l + 4 * most <= lines; l += 4 * most) solve_group<most>(c + l * stride, stride, scratch.data());
  if (l + 12 <= lines) {
    solve_group<3>(c + l * stride, stride, scratch.data());
    l += 12;
  } else if (l + 8 <= lines) {
    solve_group<2>(c + l * stride, stride, scratch.data());
    l += 8;
  } else if (l + 4 <= lines) {
    solve_group<1>(c + l * stride, stride, scratch.data());
    l += 4;
  }
  if (l < lines) {  // the last up to three, among lines of zeros
    double* const padded = scratch.data() + room;
    std::fill_n(padded, 4 * n_, 0.0);
    for (std::ptrdiff_t p = 0; l + p < lines; ++p) std::copy_n(c + (l + p) * stride, n_, padded + p * n_);
    solve_group<1>(padded, n_, scratch.data());
    for (std::ptrdiff_t p = 0; l + p < lines; ++p) std::copy_n(padded + p * n_, n_, c + (l + p) * stride);
  }

  if (!periodic_ || unknowns_ == 0) return;
  for (l = 0; l < lines; ++l) {
    double* const line = c + l * stride;
    const double last = (scale_ * line[unknowns_] + r_ * (line[0] + line[unknowns_ - 1])) * last_inverse_;
    line[unknowns_] = last;
#pragma omp simd
    for (std::ptrdiff_t i = 0; i < unknowns_; ++i) line[i] += corner_[static_cast<std::size_t>(i)] * last;
  }
}

double LineOperator::inflow(const double* c, std::ptrdiff_t point_stride, std::ptrdiff_t line_stride,
                            std::ptrdiff_t lines) const {
  double sum = 0;
  if (held_low_)
    for (std::ptrdiff_t l = 0; l < lines; ++l) sum += value_low_ - c[l * line_stride];
  if (held_high_)
    for (std::ptrdiff_t l = 0; l < lines; ++l) sum += value_high_ - c[(n_ - 1) * point_stride + l * line_stride];
  return twice_r_ * sum;
}

}  // namespace invado
