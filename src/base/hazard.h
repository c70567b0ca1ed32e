// From a rate to a chance: the only way in which a hazard becomes a probability or a time.
#pragma once

#include <limits>

#include "base/maths.h"

namespace invado {

// Probability that something with hazard `rate` [1/min] happens within `exposure_min` [min]: 1 - exp(-rate exposure).
// Exact for any length of step, so that results do not drift with it.
inline double chance(double rate, double exposure_min) { return -expm1(-rate * exposure_min); }

// When it happens: the time since the beginning of the exposure [min], from a uniform u on (0, 1); within the exposure just
// where u < chance(rate, exposure). Never where the rate is 0.
inline double waiting_time(double rate, double u) {
  return rate > 0 ? -log(1 - u) / rate : std::numeric_limits<double>::infinity();
}

}  // namespace invado
