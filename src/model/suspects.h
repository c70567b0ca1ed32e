// Looking through arrays for values that must not be: fast passes that say where to look closer, sums in a fixed order, and
// the words for what is wrong.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/parallel.h"
#include "base/param.h"

namespace invado::suspects {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

// Unsigned integer of the width of a floating type; exponent bits, and what carries them into the sign bit when all are set.
template <class T>
struct Bits;
template <>
struct Bits<double> {
  using Word = std::uint64_t;
  static constexpr Word exponent = 0x7ff0000000000000u, carry = 0x0010000000000000u, sign = 0x8000000000000000u;
};
template <>
struct Bits<float> {
  using Word = std::uint32_t;
  static constexpr Word exponent = 0x7f800000u, carry = 0x00800000u, sign = 0x80000000u;
};

// Word whose sign bit is set when x is not finite: by integers, which no compiler option for fast arithmetic takes away.
template <class T>
[[gnu::always_inline]] inline typename Bits<T>::Word not_finite(T x) {
  using B = Bits<T>;
  return (std::bit_cast<typename B::Word>(x) & B::exponent) + B::carry;
}

// Word whose sign bit is set when x is negative (minus zero is not).
template <class T>
[[gnu::always_inline]] inline typename Bits<T>::Word negative(T x) {
  return std::bit_cast<typename Bits<T>::Word>(x + T{0});
}

template <class T>
bool finite(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return (not_finite(x) & Bits<T>::sign) == 0;
  else
    return true;
}

// A number for a message: 0.1F is 0.1 there, not 0.10000000149, and 50 * (1 + 1e-6) is 50.00005; a NaN has no sign.
template <class T>
std::string number(T x) {
  if constexpr (!std::is_floating_point_v<T>) return fmt::format("{}", static_cast<std::int64_t>(x));
  if (!finite(x)) return std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if constexpr (std::is_same_v<T, float>) return fmt::format("{}", x);
  return fmt::format("{:.15g}", static_cast<double>(x));
}

inline std::string with_unit(std::string text, std::string_view unit) {
  return unit == "1" ? text : fmt::format("{} {}", text, unit);
}

// What must be of a value that is not: "must be finite", "must lie in [0, 1200) um".
template <class T>
std::string requirement(T value, const Range& range, std::string_view unit) {
  if (!finite(value)) return "must be finite";
  if (range.low == range.high) return "must be " + with_unit(number(range.low), unit);
  if (range.high == infinity && range.low == 0) return range.low_open ? "must be positive" : "must not be negative";
  if (range.low == -infinity) return "must be at most " + with_unit(number(range.high), unit);
  return "must " + with_unit(fmt::format("lie in {}{}, {}{}", range.low_open ? '(' : '[', number(range.low),
                                         number(range.high), range.high_open ? ')' : ']'),
                             unit);
}

template <class T>
bool wrong(T value, const Range& range) {
  return !finite(value) || !range.holds(static_cast<double>(value));
}

// Whether any of the values is wrong. Floating values without a branch, so that the loop becomes vector instructions: an
// open end counts as closed here, the caller looks again.
template <class T>
bool any_suspect(const T* values, std::size_t count, const Range& range) {
  if constexpr (std::is_floating_point_v<T>) {
    const T low = static_cast<T>(range.low), high = static_cast<T>(range.high);
    typename Bits<T>::Word seen = 0;
    for (std::size_t i = 0; i < count; ++i)
      seen |= not_finite(values[i]) | negative(values[i] - low) | negative(high - values[i]);
    bool at_end = false;
    if (range.low_open || range.high_open)
      for (std::size_t i = 0; i < count; ++i) at_end |= values[i] == low || values[i] == high;
    return (seen & Bits<T>::sign) != 0 || at_end;
  } else {
    bool seen = false;
    for (std::size_t i = 0; i < count; ++i) seen |= wrong(values[i], range);
    return seen;
  }
}

inline constexpr std::size_t block = 4096;

// Sum in eight lanes: an order that the length alone decides. Of a block, at most 512 additions follow each other, so that
// rounding stays below 1e-13 of the sum of the magnitudes.
inline double lane_sum(const double* values, std::size_t count) {
  std::array<double, 8> lane{};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (std::size_t l = 0; l < 8; ++l) lane[l] += values[i + l];
  for (std::size_t l = 0; i < count; ++i, ++l) lane[l] += values[i];
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

// What one pass over voxels shows.
struct Sight {
  bool suspect = false;  // something may be wrong
  double sum = 0;
};
struct Sights {
  std::size_t suspect;  // first voxel of the first suspect block; the end when there is none
  double sum = 0;
};
struct Part {
  std::size_t from, to;
};

// look(first, count) for the blocks of a part; the sums are added in the order of the blocks.
template <class Look>
Sights over_blocks(Part part, Look&& look) {
  const std::size_t blocks = (part.to - part.from + block - 1) / block;
  std::vector<Sight> sights(blocks);
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (blocks > 4)
  for (std::ptrdiff_t b = 0; b < static_cast<std::ptrdiff_t>(blocks); ++b) {
    const std::size_t first = part.from + static_cast<std::size_t>(b) * block;
    sights[static_cast<std::size_t>(b)] = look(first, std::min(block, part.to - first));
  }
  Sights all{part.to, 0};
  for (std::size_t b = 0; b < blocks; ++b) {
    if (sights[b].suspect && all.suspect == part.to) all.suspect = part.from + b * block;
    all.sum += sights[b].sum;
  }
  return all;
}

inline double sum_of(const std::vector<double>& values) {
  return over_blocks({0, values.size()},
                     [&](std::size_t first, std::size_t count) {
                       return Sight{false, lane_sum(values.data() + first, count)};
                     })
      .sum;
}

}  // namespace invado::suspects
