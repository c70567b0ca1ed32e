// Loops over rows and sums over rows whose result ignores the thread count.
#pragma once

#include <omp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

// How OpenMP deals the turns of every loop to the threads. The release says `static`: contiguous chunks, no bookkeeping.
// No result may depend on it: builds for tests say `runtime` (cmake -DINVADO_SCHEDULE=runtime) and set OMP_SCHEDULE.
#ifndef INVADO_SCHEDULE
#define INVADO_SCHEDULE static
#endif

namespace invado {

// This thread has a job to itself (side_by_side): loops within it are plain. OpenMP would make a team of one for each, which
// costs more than many of them.
inline constinit thread_local bool has_job = false;

// f(i) for i = 0 .. n - 1, in any order: by all threads where it is worth a team.
template <class Body>
void share_out(std::size_t n, bool worth_a_team, Body&& body) {
  if (worth_a_team && !has_job) {
    const auto turns = static_cast<std::ptrdiff_t>(n);
#pragma omp parallel for schedule(INVADO_SCHEDULE)
    for (std::ptrdiff_t i = 0; i < turns; ++i) body(static_cast<std::size_t>(i));
  } else {
    for (std::size_t i = 0; i < n; ++i) body(i);
  }
}

// How many threads share_out would share work with.
[[nodiscard]] inline std::size_t threads_to_share() {
  return has_job ? 1 : static_cast<std::size_t>(std::max(1, omp_get_max_threads()));
}

// So many rows one thread deals with as soon as a team.
inline constexpr std::size_t rows_for_one = 256;

// f(i) for every row; the body writes row i only.
template <class Body>
void for_rows(std::size_t n, Body&& body) {
  share_out(n, n > rows_for_one, body);
}

// f(b) for every block of work: each so long that a few are worth several threads.
template <class Body>
void for_blocks(std::size_t n, Body&& body) {
  share_out(n, n > 1, body);
}

// f(j) for jobs that know nothing of each other, each with loops of its own that are too short for several threads: a thread
// takes a whole job, then the next. All are done; of what they throw, the first in the order of jobs is thrown on. Within
// a job they come one after the other, up to the first that throws; a single one has all threads.
template <class Body>
void side_by_side(std::size_t n, Body&& body) {
  if (has_job || n <= 1) {
    for (std::size_t j = 0; j < n; ++j) body(j);
    return;
  }
  thread_local std::vector<std::exception_ptr> thrown_scratch;  // grows once: no allocation in the step
  std::vector<std::exception_ptr>& thrown = thrown_scratch;
  thrown.assign(n, nullptr);
  const auto jobs = static_cast<std::ptrdiff_t>(n);
#pragma omp parallel for schedule(dynamic, 1)
  for (std::ptrdiff_t j = 0; j < jobs; ++j) {
    has_job = true;
    try {
      body(static_cast<std::size_t>(j));
    } catch (...) {
      thrown[static_cast<std::size_t>(j)] = std::current_exception();
    }
    has_job = false;
  }
  for (const std::exception_ptr& what : thrown)
    if (what) std::rethrow_exception(what);
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
// fixed by n alone, so 1 and 64 threads give the same bits. An addition waits for the one before it: four blocks are summed
// abreast, which know nothing of each other.
template <class Term>
double ordered_sum(std::size_t n, Term&& term) {
  constexpr std::size_t block = 4096, abreast = 4, stride = abreast * block;
  const auto sum_block = [&](std::size_t begin) {
    double sum = 0;
    const std::size_t end = begin + block < n ? begin + block : n;
    for (std::size_t i = begin; i < end; ++i) sum += term(i);
    return sum;
  };
  if (n <= block) return sum_block(0);
  const std::size_t blocks = (n + block - 1) / block;
  thread_local std::vector<double> partial;  // grows once, then is reused: no allocation in the step
  partial.assign(blocks, 0.0);
  double* const out = partial.data();
  for_blocks((n + stride - 1) / stride, [&](std::size_t s) {
    const std::size_t begin = s * stride, first = s * abreast;
    if (begin + stride > n) {
      for (std::size_t b = first; b < blocks; ++b) out[b] = sum_block(b * block);
      return;
    }
    double a = 0, b = 0, c = 0, d = 0;
    for (std::size_t i = begin; i < begin + block; ++i) {
      a += term(i);
      b += term(i + block);
      c += term(i + 2 * block);
      d += term(i + 3 * block);
    }
    out[first] = a, out[first + 1] = b, out[first + 2] = c, out[first + 3] = d;
  });
  double sum = 0;
  for (std::size_t b = 0; b < blocks; ++b) sum += out[b];
  return sum;
}

// Ties to even, without a call to the mathematics library. |x| < 2^51: the caller sees to it, NaN and larger values have no
// integer.
[[nodiscard]] inline std::int64_t nearest_integer(double x) {
  constexpr double shift = 6755399441055744.0;  // 1.5 * 2^52: the integer is left in the low bits of the sum
  return std::bit_cast<std::int64_t>(x + shift) - std::bit_cast<std::int64_t>(shift);
}

// A sum in fixed point: integer addition has no order, so neither threads nor list order can change a bit.
// Resolution 2^-20 of the unit; range +-8.8e12.
struct FixedSum {
  static constexpr double scale = 1048576.0;
  std::int64_t value = 0;

  // Nearest multiple of the resolution. |x| < 2^31.
  static std::int64_t quantise(double x) { return nearest_integer(x * scale); }
  void add(double x) { value += quantise(x); }
  [[nodiscard]] double get() const { return static_cast<double>(value) / scale; }
};

}  // namespace invado
