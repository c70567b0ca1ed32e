// The cell cycle: how long it lasts, where founders stand in it, and what slows it down.
//
// `doubling` is always the doubling time T of a population that grows undisturbed, r = ln2/T, whatever the cycle:
//   exponential  constant hazard r
//   fixed        length T
//   erlang k     k equal stages of rate b; the Euler-Lotka equation 2 (b/(b+r))^k = 1 gives b = r/(2^(1/k) - 1)
// (k = 1 is exponential, k -> infinity is fixed; Yates et al. 2017, Bull. Math. Biol. 79:2905).
#pragma once

#include <cstdint>

#include "base/maths.h"
#include "base/random.h"

namespace invado {

// Rate of one stage of an Erlang cycle with k stages. [1/min for a doubling time in min]
inline double stage_rate(int stages, double doubling_min) { return ln2 / doubling_min / expm1(ln2 / stages); }

// Sum of `stages` exponential waiting times of mean 1, from addressed uniforms.
inline double erlang(Seed seed, std::uint32_t step, Purpose purpose, std::int64_t id, int stages,
                     std::uint32_t first_block = 0) {
  double sum = 0;
  for (int stage = 0; stage < stages; stage += 4) {
    const auto u = uniform4(seed, step, purpose, id, first_block + static_cast<std::uint32_t>(stage / 4));
    for (int i = 0; i < 4 && stage + i < stages; ++i) sum -= log(u[static_cast<std::size_t>(i)]);
  }
  return sum;
}

struct CycleState {
  double progress_min;
  double length_min;
};

// A founder's place in a fixed cycle when the population has been growing for long: age density 2 r e^(-r a) on [0, T].
inline CycleState asynchronous_fixed(double doubling_min, double u) {
  return {-doubling_min / ln2 * log(1 - 0.5 * u), doubling_min};
}

// The same for an Erlang cycle. Stage i = 0..k-1 is held by a share proportional to 2^(-i/k); time already spent given the
// stage is Gamma(i + 1, b + r), time to come Gamma(k - i, b).
inline CycleState asynchronous_erlang(Seed seed, std::int64_t id, int stages, double doubling_min) {
  const double u = uniform4(seed, 0, Purpose::CycleStart, id)[0];
  const double b = stage_rate(stages, doubling_min);
  const double r = ln2 / doubling_min;
  // Cumulative share of stages 0..i: 2 (1 - 2^(-(i+1)/k)); inverted.
  int stage = static_cast<int>(-stages / ln2 * log(1 - 0.5 * u));
  if (stage > stages - 1) stage = stages - 1;
  const double spent = erlang(seed, 0, Purpose::CycleStart, id, stage + 1, 1) / (b + r);
  const double to_come = erlang(seed, 0, Purpose::FounderCycle, id, stages - stage) / b;
  return {spent, spent + to_come};
}

// Oxygen: the cycle runs at the fraction c/(c + K) of its speed, K = 8 mmHg unless set (biology.md 4).
inline double oxygen_factor(double oxygen, double half) { return oxygen > 0 ? oxygen / (oxygen + half) : 0; }

// Limited capacity of a bin that holds `cells`: logistic, 1 - n/K, never negative (biology.md 5.1, D6).
inline double capacity_factor(double cells, double capacity) { return cells < capacity ? 1 - cells / capacity : 0; }

}  // namespace invado
