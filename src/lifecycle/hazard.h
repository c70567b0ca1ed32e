// From a rate to a chance: the only way in which a hazard becomes a probability.
#pragma once

#include "base/maths.h"

namespace invado {

// Probability that something with hazard `rate` [1/min] happens within `exposure_min` [min]: 1 - exp(-rate exposure).
// Exact for any length of step, so that results do not drift with it.
inline double chance(double rate, double exposure_min) { return -expm1(-rate * exposure_min); }

// When it happened, given that it did: the time since the beginning of the exposure [min], from the uniform u < chance
// that decided it.
inline double waiting_time(double rate, double u) { return -log(1 - u) / rate; }

// Part of a step of `dt_min` that ends `elapsed_min` after something began and that lies beyond `delay_min`. [min]
inline double time_beyond(double delay_min, double elapsed_min, double dt_min) {
  const double beyond = elapsed_min - delay_min;
  return beyond <= 0 ? 0 : (beyond < dt_min ? beyond : dt_min);
}

// Necrosis: hazard [1/h] of a cell at `oxygen` [mmHg]; nothing above the threshold.
// Limits: a step, where real cells fail gradually; a dead cell leaves no debris.
inline double necrosis_hazard(double oxygen, double threshold, double hazard) { return oxygen < threshold ? hazard : 0; }

// Nuclear rupture: hazard [1/h] where the pore [um^2] is below twice the size that arrests the cell.
inline double rupture_hazard(double pore, double pore_limit, double hazard) { return pore < 2 * pore_limit ? hazard : 0; }

}  // namespace invado
