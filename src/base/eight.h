// Eight numbers side by side, in one vector register where the machine has one (GNU vector types: g++ and clang++, any
// machine). Each lane computes what a single number would, so results have the same bits however wide the registers are.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace invado {

using Floats8 = float __attribute__((vector_size(32)));
using Ints8 = std::int32_t __attribute__((vector_size(32)));  // also masks: -1 true, 0 false
using Words8 = std::uint32_t __attribute__((vector_size(32)));

inline Floats8 floats8(float x) { return Floats8{} + x; }
inline Ints8 ints8(std::int32_t x) { return Ints8{} + x; }
inline Floats8 to_floats(Ints8 x) { return __builtin_convertvector(x, Floats8); }
// Towards zero; |x| < 2^31.
inline Ints8 to_ints(Floats8 x) { return __builtin_convertvector(x, Ints8); }

// max(0, x), and 0 for what is not a number
inline Floats8 positive_part(Floats8 x) {
#if defined(__AVX__)
  return _mm256_max_ps(x, Floats8{});
#else
  return std::bit_cast<Floats8>((x > Floats8{}) & std::bit_cast<Ints8>(x));
#endif
}
inline float positive_part(float x) { return x > 0 ? x : 0.0F; }
inline double positive_part(double x) { return x > 0 ? x : 0.0; }

// Correctly rounded, as IEEE 754 asks of every square root.
inline Floats8 root(Floats8 x) {
#if defined(__AVX__)
  return _mm256_sqrt_ps(x);
#else
  for (int lane = 0; lane < 8; ++lane) x[lane] = std::sqrt(x[lane]);
  return x;
#endif
}

inline bool any(Ints8 mask) {
#if defined(__AVX__)
  return _mm256_movemask_ps(std::bit_cast<Floats8>(mask)) != 0;
#else
  std::int32_t some = 0;
  for (int lane = 0; lane < 8; ++lane) some |= mask[lane];
  return some != 0;
#endif
}

inline std::int32_t sum(Ints8 x) { return x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7]; }

// a - b without overflow: differences wrap around.
inline Ints8 wrapping_difference(Ints8 a, Ints8 b) {
  return std::bit_cast<Ints8>(std::bit_cast<Words8>(a) - std::bit_cast<Words8>(b));
}
// For one as well.
inline std::int32_t wrapping_difference(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}

// Eight doubles are two registers.
struct Doubles8 {
  using Half = double __attribute__((vector_size(32)));
  Half low, high;

  double operator[](int lane) const {
    const Half& half = lane < 4 ? low : high;
    const int at = lane & 3;
    return half[at];
  }
  void set(int lane, double x) {
    Half& half = lane < 4 ? low : high;
    const int at = lane & 3;
    half[at] = x;
  }
};
inline Doubles8 operator+(Doubles8 a, Doubles8 b) { return {a.low + b.low, a.high + b.high}; }
inline Doubles8 operator+(Doubles8 a, double b) { return {a.low + b, a.high + b}; }
inline Doubles8 operator*(Doubles8 a, Doubles8 b) { return {a.low * b.low, a.high * b.high}; }
inline Doubles8 operator/(Doubles8 a, Doubles8 b) { return {a.low / b.low, a.high / b.high}; }
inline Doubles8 operator*(double a, Doubles8 b) { return {a * b.low, a * b.high}; }
inline Doubles8 operator/(double a, Doubles8 b) { return {a / b.low, a / b.high}; }
inline Doubles8 operator/(Doubles8 a, double b) { return {a.low / b, a.high / b}; }

inline Doubles8 to_doubles(Ints8 x) {
  return {__builtin_convertvector(__builtin_shufflevector(x, x, 0, 1, 2, 3), Doubles8::Half),
          __builtin_convertvector(__builtin_shufflevector(x, x, 4, 5, 6, 7), Doubles8::Half)};
}
inline Doubles8 to_doubles(Floats8 x) {
  return {__builtin_convertvector(__builtin_shufflevector(x, x, 0, 1, 2, 3), Doubles8::Half),
          __builtin_convertvector(__builtin_shufflevector(x, x, 4, 5, 6, 7), Doubles8::Half)};
}
// The lanes in which x > limit, as a set of bits.
inline unsigned lanes_above(Doubles8 x, double limit) {
#if defined(__AVX__)
  const auto set = [](auto mask) { return static_cast<unsigned>(_mm256_movemask_pd(std::bit_cast<Doubles8::Half>(mask))); };
  return set(x.low > limit) | set(x.high > limit) << 4;
#else
  unsigned set = 0;
  for (int lane = 0; lane < 8; ++lane) set |= (x[lane] > limit ? 1U : 0U) << lane;
  return set;
#endif
}
// The larger of two numbers, lane by lane; a where they cannot be compared.
inline Doubles8 larger(Doubles8 a, Doubles8 b) { return {b.low > a.low ? b.low : a.low, b.high > a.high ? b.high : a.high}; }
inline double largest(Doubles8 x) {
  double most = x[0];
  for (int lane = 1; lane < 8; ++lane) most = x[lane] > most ? x[lane] : most;
  return most;
}
inline double sum(Doubles8 x) { return x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7]; }
inline Floats8 to_floats(Doubles8 x) {
  using Floats4 = float __attribute__((vector_size(16)));
  return __builtin_shufflevector(__builtin_convertvector(x.low, Floats4), __builtin_convertvector(x.high, Floats4), 0, 1, 2,
                                 3, 4, 5, 6, 7);
}
inline Doubles8 root(Doubles8 x) {
#if defined(__AVX__)
  return {_mm256_sqrt_pd(x.low), _mm256_sqrt_pd(x.high)};
#else
  for (int lane = 0; lane < 8; ++lane) x.set(lane, std::sqrt(x[lane]));
  return x;
#endif
}

template <class Eight, class Number>
Eight load8(const Number* from) {
  static_assert(sizeof(Eight) == 8 * sizeof(Number));
  Eight x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

// The first `count` of eight go into memory.
template <class Eight, class Number>
void store8(const Eight& x, Number* to, std::size_t count) {
  static_assert(sizeof(Eight) == 8 * sizeof(Number));
  if (count == 8)
    std::memcpy(to, &x, sizeof x);
  else
    for (std::size_t lane = 0; lane < count; ++lane) to[lane] = x[static_cast<int>(lane)];
}

// The first `count` of eight are read from memory, the others are 0.
inline Doubles8 load_first(const double* from, std::size_t count) {
#if defined(__AVX2__)
  const auto lanes_from = [count](int first) {
    const __m256i lane = _mm256_setr_epi64x(first, first + 1, first + 2, first + 3);
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<long long>(count)), lane);
  };
  return {_mm256_maskload_pd(from, lanes_from(0)), _mm256_maskload_pd(from + 4, lanes_from(4))};
#else
  std::array<double, 8> x{};
  for (std::size_t lane = 0; lane < count; ++lane) x[lane] = from[lane];
  return load8<Doubles8>(x.data());
#endif
}

// Where each of eight numbers goes whose set lanes are to stand side by side: eight bytes for each of the 256 sets.
inline constexpr std::array<std::uint64_t, 256> lanes_of_set = [] {
  std::array<std::uint64_t, 256> set_lanes{};
  for (unsigned set = 0; set < 256; ++set)
    for (unsigned lane = 0, count = 0; lane < 8; ++lane)
      if ((set >> lane & 1U) != 0) set_lanes[set] |= std::uint64_t{lane} << (8 * count++);
  return set_lanes;
}();

// The numbers whose mask is set go into memory, side by side and in order; what is behind them, up to eight in all, is
// overwritten. Returns how many they are.
inline std::size_t compress(Words8 x, Ints8 mask, std::uint32_t* to) {
#if defined(__AVX2__)
  const auto set = static_cast<unsigned>(_mm256_movemask_ps(std::bit_cast<Floats8>(mask)));
  const __m256i from = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&lanes_of_set[set])));
  const auto packed = std::bit_cast<Words8>(_mm256_permutevar8x32_epi32(std::bit_cast<__m256i>(x), from));
  std::memcpy(to, &packed, sizeof packed);
  return static_cast<std::size_t>(std::popcount(set));
#else
  std::size_t count = 0;
  for (int lane = 0; lane < 8; ++lane) {
    to[count] = x[lane];
    count += mask[lane] != 0 ? 1U : 0U;
  }
  return count;
#endif
}

// Eight rows of eight become eight columns.
inline void transpose(Words8 (&rows)[8]) {
  Words8 twos[8], fours[8];  // columns of two rows, of four
  for (int r = 0; r < 8; r += 2) {
    twos[r] = __builtin_shufflevector(rows[r], rows[r + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    twos[r + 1] = __builtin_shufflevector(rows[r], rows[r + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int r = 0; r < 8; r += 4)
    for (int k = 0; k < 2; ++k) {
      fours[r + 2 * k] = __builtin_shufflevector(twos[r + k], twos[r + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[r + 2 * k + 1] = __builtin_shufflevector(twos[r + k], twos[r + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int k = 0; k < 4; ++k) {
    rows[k] = __builtin_shufflevector(fours[k], fours[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[k + 4] = __builtin_shufflevector(fours[k], fours[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// Eight records of four 32-bit numbers each, from anywhere in a table: `at[lane]` bytes from its begin; parts[p] gets number
// p of each.
inline void gather_records(const void* table, const std::uint32_t* at, Ints8 (&parts)[4]) {
  using Record = std::int32_t __attribute__((vector_size(16)));
  const auto record = [&](int lane) {
    Record r;
    std::memcpy(&r, static_cast<const char*>(table) + at[lane], sizeof r);
    return r;
  };
  // Records 0-3 in the low halves, 4-7 in the high ones, then a transposition of 4 x 4 in both.
  const auto both = [&](int lane) {
    return __builtin_shufflevector(record(lane), record(lane + 4), 0, 1, 2, 3, 4, 5, 6, 7);
  };
  const Ints8 r0 = both(0), r1 = both(1), r2 = both(2), r3 = both(3);
  const Ints8 low01 = __builtin_shufflevector(r0, r1, 0, 8, 1, 9, 4, 12, 5, 13);
  const Ints8 low23 = __builtin_shufflevector(r2, r3, 0, 8, 1, 9, 4, 12, 5, 13);
  const Ints8 high01 = __builtin_shufflevector(r0, r1, 2, 10, 3, 11, 6, 14, 7, 15);
  const Ints8 high23 = __builtin_shufflevector(r2, r3, 2, 10, 3, 11, 6, 14, 7, 15);
  parts[0] = __builtin_shufflevector(low01, low23, 0, 1, 8, 9, 4, 5, 12, 13);
  parts[1] = __builtin_shufflevector(low01, low23, 2, 3, 10, 11, 6, 7, 14, 15);
  parts[2] = __builtin_shufflevector(high01, high23, 0, 1, 8, 9, 4, 5, 12, 13);
  parts[3] = __builtin_shufflevector(high01, high23, 2, 3, 10, 11, 6, 7, 14, 15);
}

}  // namespace invado
