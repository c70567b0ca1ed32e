// Exchange of the cells of one voxel with the factor in it, implicit:
//   dc/dt = source + sum_T secretion_T (T - c)+ - uptake c
// solved at the new value, so that uptake takes at most what is there and secretion stops at its target. The balance
// value = c + secreted - taken_up holds to rounding.
#pragma once

#include <cstddef>
#include <span>

namespace invado {

struct Exchanged {
  double value;     // after the step
  double secreted;  // source and secretion, in units of c
  double taken_up;
};

// `secretion` [1/min] is per target, `targets` in descending order; source [c/min]; uptake [1/min]. Adding the targets from
// the highest down as long as they lie above the value gives the one consistent set of secretions that are at work.
inline Exchanged exchanged(double c, double dt_min, double source, double uptake, std::span<const double> secretion,
                           std::span<const double> targets) {
  double numerator = c + dt_min * source;
  double denominator = 1 + dt_min * uptake;
  double value = numerator / denominator;
  std::size_t active = 0;
  for (; active < targets.size() && targets[active] > value; ++active) {
    numerator += dt_min * secretion[active] * targets[active];
    denominator += dt_min * secretion[active];
    value = numerator / denominator;
  }
  // (T - value) would lose digits where secretion is fast: what was given is what came and what was taken.
  if (source == 0 && active == 0) return {value, 0.0, c - value};
  const double taken_up = dt_min * uptake * value;
  return {value, (value - c) + taken_up, taken_up};
}

}  // namespace invado
