// Addressed chance: a random number is a pure function of (seed, step, purpose, who, which). Nothing to store,
// nothing to order: any thread count and any restart give the same run.
//
// Philox4x32-10 (Salmon et al. 2011, SC'11, doi:10.1145/2063384.2063405), written out for one cell and for
// eight at a time; checked against the published known answers below and against Random123 in
// tests/unit/base/random_test.cpp. Counter = (id low, id high, step, purpose << 16 | block), key = seed.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/maths.h"

namespace invado {

// What a random number is for. Part of the meaning of a seed: append, never renumber.
enum class Purpose : std::uint16_t {
  WalkKick = 1,        // joint Gaussian of walk vector and displacement
  WalkStart = 2,       // stationary start of the walk vector
  Tumble = 3,          // run-and-tumble turning
  Heterogeneity = 4,   // lognormal speed factor of a founder
  Placement = 5,       // where founders are put
  SignalNoise = 6,     // chemical Langevin noise of the network
  ExtrinsicNoise = 7,  // slow factors on input, RUNX2 competence, vimentin synthesis
  ExtrinsicStart = 8,
  BranchChoice = 9,  // which stable branch a founder starts on
  Treatment = 10,    // whether a cell belongs to the treated fraction
  Division = 11,
  DivisionAxis = 12,
  Partition = 13,  // binomial partition of RNA copies at division
  Death = 14,
  Anoikis = 15,
  PairDirection = 16,  // direction of a pair at distance zero
  CycleStart = 17,     // age of a founder in its cell cycle
  CycleLength = 18,    // of a cell that has just divided
  FounderCycle = 19,   // what a founder has before it of its first cycle
  SweepSeed = 20,      // seed of one run of a sweep
  SweepDesign = 21,    // where the points of a sweep lie
  Intravasation = 22,  // entry of a cell into a vessel, and who goes with it
  Circulation = 23,    // death and lodging in the blood
  Extravasation = 24,  // leaving the blood, and where
  Colonisation = 25,   // when and whether a cell begins in an organ, and when it wakes
  Sprouting = 26,      // of vessels, and their way
  Fibres = 27,         // direction of the fibres of a voxel, where it is random
};

struct Seed {
  std::uint64_t value = 0;
};

namespace detail {
// What the formulas below need of a 32-bit word. They are for one word, and for eight at once (base/random_eight.h).
template <class Word>
struct WordMaths;
template <>
struct WordMaths<std::uint32_t> {
  using Ints = std::int32_t;
  using Floats = float;
  struct Product {
    std::uint32_t high, low;
  };
  static constexpr Product product(std::uint32_t a, std::uint32_t b) {
    const std::uint64_t p = std::uint64_t{a} * b;
    return {static_cast<std::uint32_t>(p >> 32), static_cast<std::uint32_t>(p)};
  }
  static float to_floats(std::int32_t x) { return static_cast<float>(x); }
  static float root(float x) { return std::sqrt(x); }
};

template <class Word>
struct Philox {
  Word w0, w1, w2, w3;
};
using PhiloxWords = Philox<std::uint32_t>;

template <class Word>
constexpr Philox<Word> philox4x32_10(Philox<Word> c, std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const auto p0 = WordMaths<Word>::product(0xD2511F53u, c.w0);
    const auto p1 = WordMaths<Word>::product(0xCD9E8D57u, c.w2);
    c = {p1.high ^ c.w1 ^ k0, p1.low, p0.high ^ c.w3 ^ k1, p0.low};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// Known answers of the Random123 distribution for the zero and the all-ones counter and key.
static_assert(philox4x32_10<std::uint32_t>({0, 0, 0, 0}, 0, 0).w0 == 0x6627e8d5u);
static_assert(philox4x32_10<std::uint32_t>({0, 0, 0, 0}, 0, 0).w3 == 0x9b00dbd8u);
static_assert(philox4x32_10<std::uint32_t>({~0u, ~0u, ~0u, ~0u}, ~0u, ~0u).w0 == 0x408f276du);

// Uniform on (0, 1): the centre of one of 2^32 equal cells, never 0 or 1.
inline double to_uniform(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }
}  // namespace detail

// Four independent 32-bit words for this address; block numbers further draws of the same purpose and step.
inline detail::PhiloxWords words4(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id, std::uint32_t block = 0) {
  const auto who = static_cast<std::uint64_t>(id);
  return detail::philox4x32_10<std::uint32_t>({static_cast<std::uint32_t>(who), static_cast<std::uint32_t>(who >> 32), step,
                                               (static_cast<std::uint32_t>(purpose) << 16) | block},
                                              static_cast<std::uint32_t>(seed.value),
                                              static_cast<std::uint32_t>(seed.value >> 32));
}

// Four independent uniforms on (0, 1), never 0 or 1, resolution 2^-32.
inline std::array<double, 4> uniform4(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id,
                                      std::uint32_t block = 0) {
  const auto w = words4(seed, step, purpose, id, block);
  return {detail::to_uniform(w.w0), detail::to_uniform(w.w1), detail::to_uniform(w.w2), detail::to_uniform(w.w3)};
}

namespace detail {
// The two halves of Box & Muller (1958) for a pair of words, in single precision: what it leaves out lies far below
// anything that a statistic of 10^12 draws can see, and four normals cost half. Errors: tests/unit/base/random_test.cpp.
//
// sqrt(-2 ln u) with u = (v + 1/2) / 2^31, v the upper 31 bits of the word: at most 6.66.
template <class Word>
[[gnu::always_inline]] inline typename WordMaths<Word>::Floats gauss_radius(Word word) {
  using Floats = typename WordMaths<Word>::Floats;
  using Ints = typename WordMaths<Word>::Ints;
  const Floats x = WordMaths<Word>::to_floats(std::bit_cast<Ints>(word >> 1)) + 0.5f;
  const Ints bits = std::bit_cast<Ints>(x);
  // x = m 2^k with m in [sqrt(1/2), sqrt(2)); as log in maths.h, truncated after z^4/9: 2e-9.
  const Ints k = (bits - 0x3f3504f3) >> 23;
  const Floats m = std::bit_cast<Floats>(bits - (k << 23));
  const Floats f = m - 1.0f;
  const Floats s = f / (2.0f + f);
  const Floats z = s * s;
  Floats p = (1.0f / 9.0f) * z + 1.0f / 7.0f;
  p = p * z + 1.0f / 5.0f;
  p = p * z + 1.0f / 3.0f;
  const Floats log_m = f + s * (2.0f * (z * p) - f);
  const Floats log_u = WordMaths<Word>::to_floats(k - 31) * static_cast<float>(ln2) + log_m;
  return WordMaths<Word>::root(-2.0f * log_u);
}

// Sine and cosine of word / 2^32 turns. The integer gives the quadrant and the rest, -2^29..2^29, exactly.
template <class Floats>
struct Turn {
  Floats sin, cos;
};
template <class Word>
[[gnu::always_inline]] inline Turn<typename WordMaths<Word>::Floats> gauss_turn(Word word) {
  using Floats = typename WordMaths<Word>::Floats;
  using Ints = typename WordMaths<Word>::Ints;
  const Word quadrant = (word + 0x20000000u) >> 30;
  const Floats r =
      WordMaths<Word>::to_floats(std::bit_cast<Ints>(word - (quadrant << 30))) * (1.57079632679489662f * 0x1p-30f);
  const Floats z = r * r;  // |r| <= pi/4: Taylor to r^9 and r^10, (pi/4)^11/11! = 2e-9
  Floats s = (1.0f / 362880.0f) * z - 1.0f / 5040.0f;
  s = s * z + 1.0f / 120.0f;
  s = s * z - 1.0f / 6.0f;
  const Floats sine = r + r * (z * s);
  Floats c = (-1.0f / 3628800.0f) * z + 1.0f / 40320.0f;
  c = c * z - 1.0f / 720.0f;
  c = c * z + 1.0f / 24.0f;
  const Floats cosine = (1.0f - 0.5f * z) + (z * z) * c;
  const auto swap = (quadrant & 1u) != 0u;
  const auto signed_by = [](Floats x, Word minus) {  // minus: 0 or 2
    return std::bit_cast<Floats>(std::bit_cast<Word>(x) ^ (minus << 30));
  };
  return {signed_by(swap ? cosine : sine, quadrant & 2u), signed_by(swap ? sine : cosine, (quadrant + 1u) & 2u)};
}

template <class Word>
[[gnu::always_inline]] inline std::array<typename WordMaths<Word>::Floats, 4> gauss4(const Philox<Word>& w) {
  const auto r0 = gauss_radius(w.w0), r1 = gauss_radius(w.w2);
  const auto a = gauss_turn(w.w1), b = gauss_turn(w.w3);
  return {r0 * a.cos, r0 * a.sin, r1 * b.cos, r1 * b.sin};
}
}  // namespace detail

// Four independent standard normals; |z| <= 6.7 by the resolution of the words.
inline std::array<float, 4> gauss4(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id,
                                   std::uint32_t block = 0) {
  return detail::gauss4(words4(seed, step, purpose, id, block));
}

// A direction uniform on the sphere (Archimedes: z uniform, azimuth uniform) from two uniforms.
inline std::array<double, 3> direction(double u0, double u1) {
  const double z = 2 * u0 - 1;
  const double rho = std::sqrt((1 - z) * (1 + z));
  const SinCos a = sincos_turn(u1);
  return {rho * a.cos, rho * a.sin, z};
}

}  // namespace invado
