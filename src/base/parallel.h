// Loops over rows and sums over rows whose result ignores the thread count.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

// How OpenMP deals the turns of every loop to the threads. The release says `static`: contiguous chunks, no bookkeeping.
// No result may depend on it: builds for tests say `runtime` (cmake -DINVADO_SCHEDULE=runtime) and set OMP_SCHEDULE.
#ifndef INVADO_SCHEDULE
#define INVADO_SCHEDULE static
#endif

namespace invado {

// f(i) for every row; the body writes row i only.
template <class Body>
void for_rows(std::size_t n, Body&& body) {
  const auto rows = static_cast<std::ptrdiff_t>(n);
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (rows > 256)
  for (std::ptrdiff_t i = 0; i < rows; ++i) body(static_cast<std::size_t>(i));
}

// f(b) for every block of work: each so long that a few are worth several threads.
template <class Body>
void for_blocks(std::size_t n, Body&& body) {
  const auto blocks = static_cast<std::ptrdiff_t>(n);
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (blocks > 1)
  for (std::ptrdiff_t b = 0; b < blocks; ++b) body(static_cast<std::size_t>(b));
}

inline constexpr std::size_t rows_per_block = 512;

// Largest of what body(begin, end) returns for blocks of rows_per_block rows, at least 0: a maximum is the same in any
// order. Loops inside the body may be vectorised.
template <class Body>
double largest_of_blocks(std::size_t n, Body&& body) {
  constexpr std::size_t block = rows_per_block;
  const std::size_t blocks = (n + block - 1) / block;
  thread_local std::vector<double> of_block;  // grows once
  of_block.assign(blocks, 0.0);
  double* const out = of_block.data();
  for_blocks(blocks, [&](std::size_t b) {
    const std::size_t begin = b * block;
    out[b] = body(begin, begin + block < n ? begin + block : n);
  });
  double largest = 0;
  for (std::size_t b = 0; b < blocks; ++b) largest = out[b] > largest ? out[b] : largest;
  return largest;
}

// Sum of f(i): blocks of 4096 rows in index order, partial sums added in index order. The order of the additions is
// fixed by n alone, so 1 and 64 threads give the same bits.
template <class Term>
double ordered_sum(std::size_t n, Term&& term) {
  constexpr std::size_t block = 4096;
  const std::size_t blocks = (n + block - 1) / block;
  const auto sum_block = [&](std::size_t b) {
    double sum = 0;
    const std::size_t end = b * block + block < n ? b * block + block : n;
    for (std::size_t i = b * block; i < end; ++i) sum += term(i);
    return sum;
  };
  if (blocks <= 1) return sum_block(0);
  thread_local std::vector<double> partial;  // grows once, then is reused: no allocation in the step
  partial.assign(blocks, 0.0);
  double* const out = partial.data();
#pragma omp parallel for schedule(INVADO_SCHEDULE)
  for (std::ptrdiff_t b = 0; b < static_cast<std::ptrdiff_t>(blocks); ++b) out[b] = sum_block(static_cast<std::size_t>(b));
  double sum = 0;
  for (std::size_t b = 0; b < blocks; ++b) sum += out[b];
  return sum;
}

// A sum in fixed point: integer addition has no order, so neither threads nor list order can change a bit.
// Resolution 2^-20 of the unit; range +-8.8e12.
struct FixedSum {
  static constexpr double scale = 1048576.0;
  std::int64_t value = 0;

  // Nearest multiple of the resolution, ties to even, without a call to the mathematics library. |x| < 2^31: the
  // caller sees to it, NaN and larger values have no integer.
  static std::int64_t quantise(double x) {
    constexpr double shift = 6755399441055744.0;  // 1.5 * 2^52: the integer is left in the low bits of the sum
    return std::bit_cast<std::int64_t>(x * scale + shift) - std::bit_cast<std::int64_t>(shift);
  }
  void add(double x) { value += quantise(x); }
  [[nodiscard]] double get() const { return static_cast<double>(value) / scale; }
};

}  // namespace invado
