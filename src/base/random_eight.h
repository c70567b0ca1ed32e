// Addressed chance of eight cells at once: the words and normals of random.h, bit for bit.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "base/eight.h"
#include "base/random.h"

namespace invado {
namespace detail {
template <>
struct WordMaths<Words8> {
  using Ints = Ints8;
  using Floats = Floats8;
  struct Product {
    Words8 high, low;
  };
  static Product product(std::uint32_t a, Words8 b) {
#if defined(__AVX2__)
    const auto factor = _mm256_set1_epi64x(a);
    const auto numbers = std::bit_cast<__m256i>(b);
    const auto even = _mm256_mul_epu32(numbers, factor), odd = _mm256_mul_epu32(_mm256_srli_epi64(numbers, 32), factor);
    constexpr int odd_lanes = 0b10101010;
    return {std::bit_cast<Words8>(_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, odd_lanes)),
            std::bit_cast<Words8>(_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), odd_lanes))};
#else
    Product p{};
    for (int lane = 0; lane < 8; ++lane) {
      const auto one = WordMaths<std::uint32_t>::product(a, b[lane]);
      p.high[lane] = one.high;
      p.low[lane] = one.low;
    }
    return p;
#endif
  }
  static Floats8 to_floats(Ints8 x) { return invado::to_floats(x); }
  static Floats8 root(Floats8 x) { return invado::root(x); }
};
}  // namespace detail

// words4 for each of these ids.
inline detail::Philox<Words8> words4(Seed seed, std::uint32_t step, Purpose purpose, std::span<const std::int64_t, 8> id,
                                     std::uint32_t block = 0) {
  static_assert(std::endian::native == std::endian::little);  // low word of an id first
  const auto first = load8<Words8>(reinterpret_cast<const std::uint32_t*>(id.data()));
  const auto last = load8<Words8>(reinterpret_cast<const std::uint32_t*>(id.data()) + 8);
  return detail::philox4x32_10<Words8>({__builtin_shufflevector(first, last, 0, 2, 4, 6, 8, 10, 12, 14),
                                        __builtin_shufflevector(first, last, 1, 3, 5, 7, 9, 11, 13, 15), Words8{} + step,
                                        Words8{} + ((static_cast<std::uint32_t>(purpose) << 16) | block)},
                                       static_cast<std::uint32_t>(seed.value), static_cast<std::uint32_t>(seed.value >> 32));
}

// gauss4 for each of these ids.
inline std::array<Floats8, 4> gauss4(Seed seed, std::uint32_t step, Purpose purpose, std::span<const std::int64_t, 8> id,
                                     std::uint32_t block = 0) {
  return detail::gauss4(words4(seed, step, purpose, id, block));
}

}  // namespace invado
