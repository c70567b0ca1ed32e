// Hazards of cells that hold on, and what part of a step counts for one.
#pragma once

#include "base/hazard.h"

namespace invado {

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
