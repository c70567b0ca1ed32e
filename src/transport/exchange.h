// Exchange of the cells of one voxel with the factor in it, implicit:
//   dc/dt = source + sum_T secretion_T (T - c)+ - uptake c
// solved at the new value, so that uptake takes at most what is there and secretion stops at its target:
//   value = (c + dt (source + sum_active secretion_T T)) / (1 + dt (uptake + sum_active secretion_T))
// Adding the targets from the highest down as long as they lie above the value gives the one consistent set of secretions
// that are at work. Nothing in the quotient but c changes from step to step, so gain and reciprocal are kept for each set.
#pragma once

#include <cstddef>

namespace invado {

// With the k highest of the targets at work: value = (c + gain[k]) keep[k], k = 0 .. targets.
struct ExchangeTerm {
  double gain;
  double keep;
};

// One more target at work: its secretion [1/min] adds to what is gained and lost in a step. Start from nothing at work:
// gain = dt source, loss = dt uptake.
struct ExchangeSum {
  double gain;
  double loss;

  void add(double secretion_dt, double target) {
    gain += secretion_dt * target;
    loss += secretion_dt;
  }
  [[nodiscard]] ExchangeTerm term() const { return {gain, 1 / (1 + loss)}; }
};

// The value after the step. term(k), and target(k) in descending order.
template <class Term, class Target>
inline double exchanged(double c, std::size_t targets, Term&& term, Target&& target) {
  const ExchangeTerm none = term(0);
  double value = (c + none.gain) * none.keep;
  for (std::size_t k = 0; k < targets; ++k) {
    const ExchangeTerm more = term(k + 1);
    const double with_it = (c + more.gain) * more.keep;
    value = target(k) > value ? with_it : value;  // once not at work, lower targets are not either
  }
  return value;
}

}  // namespace invado
