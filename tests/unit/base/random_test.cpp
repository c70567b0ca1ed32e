// Addressed chance: known answers, agreement with Random123, and the laws of what is drawn.
#include <Random123/philox.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/random.h"
#include "base/random_eight.h"

using namespace invado;

// The three vectors that Random123 publishes for philox4x32-10 (its file kat_vectors): zeros, ones, digits of pi. Words are
// integers, never bytes: the machine's byte order does not enter. Which word of the counter is what is tested below.
TEST_CASE("Philox gives the three published known answers") {
  struct Known {
    std::array<std::uint32_t, 4> counter;
    std::array<std::uint32_t, 2> key;
    std::array<std::uint32_t, 4> answer;
  };
  const std::array<Known, 3> known{{{{0, 0, 0, 0}, {0, 0}, {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}},
                                    {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}},
                                    {{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
                                     {0xa4093822u, 0x299f31d0u},
                                     {0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}}}};
  for (const Known& k : known) {
    const auto w =
        detail::philox4x32_10<std::uint32_t>({k.counter[0], k.counter[1], k.counter[2], k.counter[3]}, k.key[0], k.key[1]);
    CHECK(std::array{w.w0, w.w1, w.w2, w.w3} == k.answer);
  }
}

TEST_CASE("our Philox is Random123's on the addresses that we use") {
  r123::Philox4x32 oracle;
  for (std::int64_t id : {std::int64_t{0}, std::int64_t{5}, std::int64_t{1} << 40}) {
    for (std::uint32_t step : {0u, 8640u}) {
      const Seed seed{0x123456789abcdefULL};
      const auto ours = words4(seed, step, Purpose::WalkKick, id, 2);
      const auto who = static_cast<std::uint64_t>(id);
      const auto theirs =
          oracle({{static_cast<std::uint32_t>(who), static_cast<std::uint32_t>(who >> 32), step, (1u << 16) | 2u}},
                 {{static_cast<std::uint32_t>(seed.value), static_cast<std::uint32_t>(seed.value >> 32)}});
      CHECK(ours.w0 == theirs[0]);
      CHECK(ours.w1 == theirs[1]);
      CHECK(ours.w2 == theirs[2]);
      CHECK(ours.w3 == theirs[3]);
    }
  }
}

// Moments of n independent standard normals: mean has sd 1/sqrt n, second moment sqrt(2/n), fourth moment sqrt(96/n).
// Planted mistakes seen to fail: cosine used for both of a pair (correlation z = 732), uniforms 1 % beyond 1 (NaN).
TEST_CASE("gauss4 has the moments of four independent normals") {
  constexpr std::int64_t n = 400000;
  std::array<double, 4> sum{}, square{}, fourth{};
  double cross = 0, largest = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::array<float, 4> g = gauss4(Seed{11}, 3, Purpose::WalkKick, i);
    for (std::size_t k = 0; k < 4; ++k) {
      const double squared = static_cast<double>(g[k]) * static_cast<double>(g[k]);
      sum[k] += g[k];
      square[k] += squared;
      fourth[k] += squared * squared;
      largest = std::max(largest, static_cast<double>(std::fabs(g[k])));
    }
    cross += static_cast<double>(g[0] * g[1] + g[1] * g[2] + g[2] * g[3]);
  }
  const double root = std::sqrt(static_cast<double>(n));
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(std::fabs(sum[k] / root) < 4.5);
    CHECK(std::fabs((square[k] / n - 1) * root / std::sqrt(2.0)) < 4.5);
    CHECK(std::fabs((fourth[k] / n - 3) * root / std::sqrt(96.0)) < 4.5);
  }
  CHECK(std::fabs(cross / (root * std::sqrt(3.0))) < 4.5);
  CHECK(largest < 6.7);
}

// Single precision against Box & Muller in long double on the same words. u is rounded to 24 bits, 6e-8 of itself, which
// moves r = sqrt(-2 ln u) by 6e-8/r, at most 4e-4; logarithm, root, sine and product add a few units of 6e-8 each.
TEST_CASE("gauss4 is Box and Muller to single precision") {
  constexpr long double turn = 6.283185307179586476925L;
  const auto words_near = [](std::uint32_t i) { return i < 64 ? i : (i < 128 ? ~(i - 64) : i * 2654435761u); };
  for (std::uint32_t i = 0; i < 200000; ++i) {
    const std::uint32_t word = words_near(i);
    const long double u = (static_cast<long double>(word >> 1) + 0.5L) * 0x1p-31L, r = std::sqrt(-2 * std::log(u));
    REQUIRE(std::fabs(detail::gauss_radius(word) - r) < 4e-7L * r + std::min(7e-8L / r, 4e-4L));
    const long double angle = turn * static_cast<long double>(word) * 0x1p-32L;
    const detail::Turn<float> at = detail::gauss_turn(word);
    REQUIRE(std::fabs(at.sin - std::sin(angle)) < 1.5e-7L);
    REQUIRE(std::fabs(at.cos - std::cos(angle)) < 1.5e-7L);
  }
  CHECK(detail::gauss_radius(0u) == doctest::Approx(6.6603).epsilon(1e-4));
  CHECK(detail::gauss_radius(~0u) < 4e-4);  // u rounds to 1: the mean of what it stands for is not told from 0
  const auto z = gauss4(Seed{4}, 2, Purpose::WalkStart, 9, 1);
  const auto w = words4(Seed{4}, 2, Purpose::WalkStart, 9, 1);
  CHECK(z[0] == detail::gauss_radius(w.w0) * detail::gauss_turn(w.w1).cos);
  CHECK(z[3] == detail::gauss_radius(w.w2) * detail::gauss_turn(w.w3).sin);
}

// Words and normals of eight ids are those of each id alone, bit for bit. Planted mistake seen to fail: high words of ids
// taken for low ones.
TEST_CASE("eight ids at once have the numbers of one after the other") {
  std::array<std::int64_t, 8> ids;
  for (std::uint32_t n = 0; n < 2000; ++n) {
    for (std::size_t lane = 0; lane < 8; ++lane)
      ids[lane] = static_cast<std::int64_t>(words4(Seed{8}, n, Purpose::Placement, static_cast<std::int64_t>(lane)).w0)
                  << (n % 31);
    const Seed seed{0x123456789abcdefULL * (n + 1)};
    const auto words = words4(seed, n, Purpose::WalkKick, ids, n % 3);
    const auto normals = gauss4(seed, n, Purpose::WalkKick, ids, n % 3);
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const auto l = static_cast<int>(lane);
      const auto one = words4(seed, n, Purpose::WalkKick, ids[lane], n % 3);
      REQUIRE(std::array{words.w0[l], words.w1[l], words.w2[l], words.w3[l]} == std::array{one.w0, one.w1, one.w2, one.w3});
      const auto normal = gauss4(seed, n, Purpose::WalkKick, ids[lane], n % 3);
      for (std::size_t k = 0; k < 4; ++k)
        REQUIRE(std::bit_cast<std::uint32_t>(normals[k][l]) == std::bit_cast<std::uint32_t>(normal[k]));
    }
  }
}

TEST_CASE("directions are uniform on the sphere") {
  constexpr std::int64_t n = 200000;
  double z = 0, zz = 0, xy = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto u = uniform4(Seed{5}, 0, Purpose::Placement, i);
    const auto d = direction(u[0], u[1]);
    z += d[2];
    zz += d[2] * d[2];
    xy += d[0] * d[1];
    REQUIRE(d[0] * d[0] + d[1] * d[1] + d[2] * d[2] == doctest::Approx(1).epsilon(1e-12));
  }
  // var z = 1/3; var z^2 = 1/5 - 1/9 = 4/45; var xy = 1/15.
  CHECK(std::fabs(z / std::sqrt(n / 3.0)) < 4.5);
  CHECK(std::fabs((zz - n / 3.0) / std::sqrt(n * 4.0 / 45.0)) < 4.5);
  CHECK(std::fabs(xy / std::sqrt(n / 15.0)) < 4.5);
}
