// exp, log, pow, sin and cos as plain + - * / in a fixed order, so that every compiler, optimisation level and
// processor gives the same bits (libm picks its variant by the processor at run time and differs in the last bit).
// Branch-free, so that loops over cells vectorise. Errors are tested in tests/unit/base/maths_test.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace invado {

inline constexpr double ln2 = 0.69314718055994530942;

namespace detail {
// Adding and subtracting 1.5 * 2^52 rounds a double of magnitude < 2^51 to the nearest integer; the integer is
// then also in the low bits of the sum.
inline constexpr double round_shift = 6755399441055744.0;
inline constexpr double ln2_high = 0x1.62e42fefa0000p-1;  // 33 bits: k * ln2_high is exact for |k| < 2^20
inline constexpr double ln2_low = 0x1.cf79abc9e3b3ap-40;
}  // namespace detail

// e^x. Relative error below 2 ulp for -708 <= x <= 709.7; 0 below (no subnormal results), +inf above; NaN stays NaN.
inline double exp(double x) {
  const double bounded = x < -708.0 ? -708.0 : (x > 709.7 ? 709.7 : x);
  const double shifted = bounded * 1.4426950408889634074 + detail::round_shift;
  const double k = shifted - detail::round_shift;
  const double r = (bounded - k * detail::ln2_high) - k * detail::ln2_low;  // |r| <= ln2/2
  // Taylor series, degree 13: truncation (ln2/2)^14/14! = 4e-18.
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  const double e = 1.0 + (r + (r * r) * p);
  const auto exponent =
      static_cast<std::uint64_t>(std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(detail::round_shift));
  // Scale by 2^k in two halves, so that k = 1024 does not leave the exponent's range.
  const std::uint64_t half = static_cast<std::uint64_t>(static_cast<std::int64_t>(exponent) >> 1);
  const double scale_a = std::bit_cast<double>((half + 1023u) << 52);
  const double scale_b = std::bit_cast<double>((exponent - half + 1023u) << 52);
  const double value = e * scale_a * scale_b;
  return x < -708.0 ? 0.0 : (x > 709.7 ? std::numeric_limits<double>::infinity() : value);
}

// e^x - 1 without cancellation for small |x|; relative error below 4 ulp for |x| < 700.
inline double expm1(double x) {
  // For |x| < 0.35 the series; beyond it the subtraction loses at most two bits.
  double p = 1.0 / 87178291200.0;
  p = p * x + 1.0 / 6227020800.0;
  p = p * x + 1.0 / 479001600.0;
  p = p * x + 1.0 / 39916800.0;
  p = p * x + 1.0 / 3628800.0;
  p = p * x + 1.0 / 362880.0;
  p = p * x + 1.0 / 40320.0;
  p = p * x + 1.0 / 5040.0;
  p = p * x + 1.0 / 720.0;
  p = p * x + 1.0 / 120.0;
  p = p * x + 1.0 / 24.0;
  p = p * x + 1.0 / 6.0;
  p = p * x + 0.5;
  const double series = x + (x * x) * p;
  return (x > -0.35 && x < 0.35) ? series : invado::exp(x) - 1.0;
}

// Natural logarithm of a positive normal number; relative error below 2 ulp. log(0) is a large negative number
// (about -709), negative arguments and NaN give NaN.
inline double log(double x) {
  const double normal = x < std::numeric_limits<double>::min() ? std::numeric_limits<double>::min() : x;
  const auto bits = std::bit_cast<std::uint64_t>(normal);
  // m in [sqrt(1/2), sqrt(2)) and x = m 2^k: subtract the bit pattern of sqrt(1/2), keep the exponent part.
  const std::uint64_t offset = bits - 0x3fe6a09e667f3bcdULL;
  const std::int64_t exponent = static_cast<std::int64_t>(offset) >> 52;
  const double m = std::bit_cast<double>(bits - (offset & 0xfff0000000000000ULL));
  // int64 -> double by the shift trick, which vectorises under AVX2 where the conversion instruction does not exist.
  const double k = std::bit_cast<double>(exponent + std::bit_cast<std::int64_t>(detail::round_shift)) - detail::round_shift;
  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;  // <= 0.0295; log m = 2 s (1 + z/3 + z^2/5 + ...), truncated after z^11/23: 1e-18
  double p = 1.0 / 23.0;
  p = p * z + 1.0 / 21.0;
  p = p * z + 1.0 / 19.0;
  p = p * z + 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  // 2 s = f - s f exactly in real numbers: keeps the leading term free of rounding.
  const double tail = s * (2.0 * (z * p) - f);
  const double value = k * detail::ln2_high + (f + (tail + k * detail::ln2_low));
  return x >= 0 ? value : std::numeric_limits<double>::quiet_NaN();
}

// x^n for x >= 0 and any real n by exp(n log x); relative error below (|n log x| + 2) ulp. pow(0, n > 0) = 0.
inline double pow(double x, double n) { return x > 0 ? invado::exp(n * invado::log(x)) : (n == 0 ? 1.0 : 0.0); }

// x^n for a small non-negative integer n by repeated multiplication.
inline double pow_integer(double x, int n) {
  double product = 1;
  for (int i = 0; i < n; ++i) product *= x;
  return product;
}

struct SinCos {
  double sin, cos;
};

// sine and cosine of a full turn's fraction: sin(2 pi u), cos(2 pi u) for |u| < 2^40. Absolute error below 2e-16.
inline SinCos sincos_turn(double u) {
  const double quarters = 4.0 * u;
  const double shifted = quarters + detail::round_shift;
  const double q = shifted - detail::round_shift;
  const double r = (quarters - q) * 1.57079632679489661923;  // |r| <= pi/4
  const double z = r * r;
  double s = -1.0 / 1307674368000.0;  // Taylor to r^17: (pi/4)^19/19! = 1e-19
  s = 1.0 / 355687428096000.0 * z + s;
  s = s * z + 1.0 / 6227020800.0;
  s = s * z - 1.0 / 39916800.0;
  s = s * z + 1.0 / 362880.0;
  s = s * z - 1.0 / 5040.0;
  s = s * z + 1.0 / 120.0;
  s = s * z - 1.0 / 6.0;
  const double sine = r + r * (z * s);
  double c = 1.0 / 20922789888000.0;  // to r^16: (pi/4)^18/18! = 2e-18
  c = c * z - 1.0 / 87178291200.0;
  c = c * z + 1.0 / 479001600.0;
  c = c * z - 1.0 / 3628800.0;
  c = c * z + 1.0 / 40320.0;
  c = c * z - 1.0 / 720.0;
  c = c * z + 1.0 / 24.0;
  const double cosine = (1.0 - 0.5 * z) + (z * z) * c;
  const auto quadrant = std::bit_cast<std::uint64_t>(shifted);
  const bool swap = (quadrant & 1u) != 0;
  const double a = swap ? cosine : sine;
  const double b = swap ? sine : cosine;
  return {(quadrant & 2u) != 0 ? -a : a, ((quadrant + 1u) & 2u) != 0 ? -b : b};
}

}  // namespace invado
