// Addressed chance: a random number is a pure function of (seed, step, purpose, who, which). Nothing to store,
// nothing to order: any thread count and any restart give the same run.
//
// Philox4x32-10 (Salmon et al. 2011, SC'11, doi:10.1145/2063384.2063405), written out so that loops over cells
// vectorise; checked against the published known answers below and against Random123 in tests/unit/base/random_test.cpp.
// Counter = (id low, id high, step, purpose << 16 | block), key = seed.
#pragma once

#include <array>
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
};

struct Seed {
  std::uint64_t value = 0;
};

namespace detail {
struct PhiloxWords {
  std::uint32_t w0, w1, w2, w3;
};

constexpr PhiloxWords philox4x32_10(PhiloxWords c, std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c.w0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c.w2;
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c.w1 ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c.w3 ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// Known answers of the Random123 distribution for the zero and the all-ones counter and key.
static_assert(philox4x32_10({0, 0, 0, 0}, 0, 0).w0 == 0x6627e8d5u);
static_assert(philox4x32_10({0, 0, 0, 0}, 0, 0).w3 == 0x9b00dbd8u);
static_assert(philox4x32_10({~0u, ~0u, ~0u, ~0u}, ~0u, ~0u).w0 == 0x408f276du);

// Uniform on (0, 1): the centre of one of 2^32 equal cells, never 0 or 1.
inline double to_uniform(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }
}  // namespace detail

// Four independent 32-bit words for this address; block numbers further draws of the same purpose and step.
inline detail::PhiloxWords words4(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id, std::uint32_t block = 0) {
  const auto who = static_cast<std::uint64_t>(id);
  return detail::philox4x32_10({static_cast<std::uint32_t>(who), static_cast<std::uint32_t>(who >> 32), step,
                                (static_cast<std::uint32_t>(purpose) << 16) | block},
                               static_cast<std::uint32_t>(seed.value), static_cast<std::uint32_t>(seed.value >> 32));
}

// Four independent uniforms on (0, 1), never 0 or 1, resolution 2^-32.
inline std::array<double, 4> uniform4(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id,
                                      std::uint32_t block = 0) {
  const auto w = words4(seed, step, purpose, id, block);
  return {detail::to_uniform(w.w0), detail::to_uniform(w.w1), detail::to_uniform(w.w2), detail::to_uniform(w.w3)};
}

// Four independent standard normals (Box & Muller 1958); |z| <= 6.7 by the resolution of the uniforms.
inline std::array<double, 4> gauss4(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id,
                                    std::uint32_t block = 0) {
  const auto u = uniform4(seed, step, purpose, id, block);
  const double r0 = std::sqrt(-2.0 * invado::log(u[0]));
  const double r1 = std::sqrt(-2.0 * invado::log(u[2]));
  const SinCos a = sincos_turn(u[1]);
  const SinCos b = sincos_turn(u[3]);
  return {r0 * a.cos, r0 * a.sin, r1 * b.cos, r1 * b.sin};
}

// A direction uniform on the sphere (Archimedes: z uniform, azimuth uniform) from two uniforms.
inline std::array<double, 3> direction(double u0, double u1) {
  const double z = 2 * u0 - 1;
  const double rho = std::sqrt((1 - z) * (1 + z));
  const SinCos a = sincos_turn(u1);
  return {rho * a.cos, rho * a.sin, z};
}

}  // namespace invado
