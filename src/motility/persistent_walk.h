// Persistent random walk: velocity = S u with u an Ornstein-Uhlenbeck vector of unit root mean square,
//
//     du = -u/P dt + sqrt(2/(n P)) dW        per axis, n = 3 (space) or 2 (plane);  <u_i^2> = 1/n,
//
// or run and tumble: a unit vector that is redrawn at rate 1/P. Both have the mean square displacement of Fuerth,
// MSD = 2 S^2 P [t - P (1 - exp(-t/P))], at any step, because each step is drawn from the exact law.
//
// Uhlenbeck & Ornstein 1930, Phys. Rev. 36, 823; joint law of velocity and position: Chandrasekhar 1943,
// Rev. Mod. Phys. 15, 1, and Gillespie 1996, Phys. Rev. E 54, 2084.   Limit: isotropic; guidance.h makes it anisotropic.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/maths.h"
#include "base/random.h"
#include "base/random_eight.h"
#include "base/vec3.h"

namespace invado {

enum class Space { Volume, Plane };  // Plane: the walk has the axes x and y, z stays 0

inline double walk_axes(Space space) { return space == Space::Plane ? 2.0 : 3.0; }

// Walk vector after a step, and its integral over the step: the displacement at unit speed [min].
struct WalkStep {
  Vec3 u;
  Vec3 travel;
};

// 2x - 3 + 4 exp(-x) - exp(-2x) = (2/3) x^3 - (1/2) x^4 + ...: the terms cancel to third order, so that the series is
// summed where they do: x^3 times the sum over k >= 3 of (-1)^(k+1) (2^k - 4) x^(k-3) / k!, truncated below 1e-17 at x =
// 0.35.
inline constexpr std::array<double, 16> travel_series = [] {
  std::array<double, 16> c{};
  double factorial = 2, two = 4, sign = 1;
  for (int k = 3; k <= 18; ++k) {
    factorial *= k;
    two *= 2;
    c[static_cast<std::size_t>(k - 3)] = sign * (two - 4) / factorial;
    sign = -sign;
  }
  return c;
}();

// Exact law of one step of length h per axis of unit variance, with x = h/P, a = exp(-x):
//     <u'> = a u                        Var u'      = 1 - a^2
//     <d>  = P (1 - a) u                Var d       = P^2 (2x - 3 + 4a - a^2)
//                                       Cov(u', d)  = P (1 - a)^2
// as a Cholesky factor: u' = u - (1 - a) u + kick z1,  d = mean_travel u + travel_1 z1 + travel_2 z2.
// Without branches, so that loops over cells vectorise.
struct WalkLaw {
  double lost = 0;         // 1 - a
  double kick = 0;         // [1]
  double mean_travel = 0;  // [min]
  double travel_1 = 0;     // [min]
  double travel_2 = 0;     // [min]

  WalkLaw() = default;
  // A persistence below 1e-6 steps counts as 1e-6 steps (the walk then does not move in any measurable way).
  WalkLaw(double persistence_min, double dt_min) {
    const double p = std::max(persistence_min, 1e-6 * dt_min);
    const double x = dt_min / p;
    lost = -invado::expm1(-x);                      // without cancellation
    const double lost_twice = lost * (2.0 - lost);  // 1 - a^2
    kick = std::sqrt(lost_twice);
    mean_travel = p * lost;
    travel_1 = kick > 0 ? p * lost * (lost / kick) : 0.0;
    double series = travel_series.back();
    for (std::size_t k = travel_series.size() - 1; k-- > 0;) series = series * x + travel_series[k];
    const double near = x * x * x * series, far = 2 * (x - lost) - lost * lost;
    const double variance = p * p * (x > 0.35 ? far : near);
    travel_2 = std::sqrt(std::max(0.0, variance - travel_1 * travel_1));
  }
};

// Up to 64 cells that take an Ornstein-Uhlenbeck step together: who they are and their walk vectors, which the step renews,
// and how far it takes them at unit speed [min]. What a cell does depends on its own entries only; there is one at least.
struct Walkers {
  static constexpr std::size_t most = 64;
  std::span<const std::int64_t> id;
  std::array<float*, 3> u;
  double persistence_min[most];
  float travel[3][most];
};

inline void continuous_walk(Walkers& cells, double dt_min, Space space, Seed seed, std::uint32_t step) {
  // Two normals per axis; of the second block only the first two are made.
  static_assert(Walkers::most % 8 == 0);
  alignas(32) float z[6][Walkers::most];
  const std::size_t count = cells.id.size();
  std::array<std::int64_t, 8> last;  // eight, of which the missing ones are the last one
  for (std::size_t k = 0; k < 8; ++k) last[k] = cells.id[std::min(count - 1, count / 8 * 8 + k)];
  for (std::size_t i = 0; i < count; i += 8) {
    const std::span<const std::int64_t, 8> id(i + 8 <= count ? &cells.id[i] : last.data(), 8);
    const auto first = gauss4(seed, step, Purpose::WalkKick, id, 0);
    for (std::size_t n = 0; n < 4; ++n) store8(first[n], &z[n][i], 8);
    if (space == Space::Plane) continue;
    const auto second = gauss4(seed, step, Purpose::WalkKick, id, 1);
    for (std::size_t n = 0; n < 2; ++n) store8(second[n], &z[4 + n][i], 8);
  }
  const auto axes = static_cast<std::size_t>(walk_axes(space));
  // In single precision: what a step changes is added, so that rounding does not touch the law however small the step is.
  struct OfAxis {
    float lost, kick, mean_travel, travel_1, travel_2;
  };
  const auto of_axis = [sd = std::sqrt(1 / walk_axes(space))](const WalkLaw& law) {
    return OfAxis{static_cast<float>(law.lost), static_cast<float>(sd * law.kick), static_cast<float>(law.mean_travel),
                  static_cast<float>(sd * law.travel_1), static_cast<float>(sd * law.travel_2)};
  };
  const auto walk = [&](const auto& law_of) {
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const float *const z1 = z[2 * axis], *const z2 = z[2 * axis + 1];
      float *const u_of = cells.u[axis], *const travel = cells.travel[axis];
#pragma omp simd
      for (std::size_t i = 0; i < count; ++i) {
        const OfAxis law = law_of(i);
        const float u = u_of[i];
        u_of[i] = u + (law.kick * z1[i] - law.lost * u);
        travel[i] = law.mean_travel * u + (law.travel_1 * z1[i] + law.travel_2 * z2[i]);
      }
    }
  };
  int differ = 0;
  for (std::size_t i = 1; i < count; ++i) differ |= cells.persistence_min[i] != cells.persistence_min[0] ? 1 : 0;
  if (differ == 0) {  // one law serves all
    walk([law = of_axis(WalkLaw(cells.persistence_min[0], dt_min))](std::size_t) { return law; });
  } else {
    float lost[Walkers::most], kick[Walkers::most], mean_travel[Walkers::most], travel_1[Walkers::most],
        travel_2[Walkers::most];
    for (std::size_t i = 0; i < count; ++i) {
      const OfAxis law = of_axis(WalkLaw(cells.persistence_min[i], dt_min));
      lost[i] = law.lost;
      kick[i] = law.kick;
      mean_travel[i] = law.mean_travel;
      travel_1[i] = law.travel_1;
      travel_2[i] = law.travel_2;
    }
    walk([&](std::size_t i) { return OfAxis{lost[i], kick[i], mean_travel[i], travel_1[i], travel_2[i]}; });
  }
  for (std::size_t axis = axes; axis < 3; ++axis)
    for (std::size_t i = 0; i < count; ++i) cells.u[axis][i] = cells.travel[axis][i] = 0;
}

// A stationary walk vector: what a founder or a daughter starts with.
inline Vec3 stationary_walk(Space space, Seed seed, std::uint32_t step, std::int64_t id) {
  const double sd = std::sqrt(1 / walk_axes(space));
  const auto z = gauss4(seed, step, Purpose::WalkStart, id);
  return {sd * z[0], sd * z[1], space == Space::Plane ? 0.0 : sd * z[2]};
}

// New direction of a tumble with bias b towards e: norm((1 - b) xi + b e), xi uniform on the sphere or the circle.
// `bias` = b e. b = 0: isotropic, b = 1: always e. (Run and tumble of the open benchmarks: PhysiCell's biased walk.)
inline Vec3 tumble_direction(Vec3 bias, Space space, double uniform_1, double uniform_2) {
  Vec3 xi;
  if (space == Space::Plane) {
    const SinCos turn = sincos_turn(uniform_1);
    xi = {turn.cos, turn.sin, 0};
  } else {
    const auto d = direction(uniform_1, uniform_2);
    xi = {d[0], d[1], d[2]};
  }
  const Vec3 mixed = (1 - norm(bias)) * xi + bias;
  return norm(mixed) > 1e-12 ? unit(mixed) : xi;
}

// A run-and-tumble start: one tumble.
inline Vec3 tumble_start(Vec3 bias, Space space, Seed seed, std::uint32_t step, std::int64_t id) {
  const auto r = uniform4(seed, step, Purpose::WalkStart, id);
  return tumble_direction(bias, space, r[0], r[1]);
}

// One step of run and tumble: waiting times are exponential with mean P, drawn within the step, hence exact at any
// step. A persistence below 1/32 of the step counts as that (at most a few dozen tumbles in a step).
inline WalkStep tumble_walk(Vec3 u, double persistence_min, double dt_min, Vec3 bias, Space space, Seed seed,
                            std::uint32_t step, std::int64_t id) {
  const double mean_run = std::max(persistence_min, dt_min / 32);
  WalkStep out{u, {}};
  double left = dt_min;
  for (std::uint32_t block = 0;; ++block) {
    const auto r = uniform4(seed, step, Purpose::Tumble, id, block);
    const double run = -mean_run * invado::log(r[0]);
    if (!(run < left)) break;
    out.travel += run * out.u;
    left -= run;
    out.u = tumble_direction(bias, space, r[1], r[2]);
  }
  out.travel += left * out.u;
  return out;
}

}  // namespace invado
