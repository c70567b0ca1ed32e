// Proteolysis of a voxel: d rho/dt = -k (rho - rho_floor)+ solved exactly over an interval.
#pragma once

#include "base/maths.h"

namespace invado {

// Density after an interval in which the rates of all proteases at work add up to rate_dt = sum k dt (dimensionless).
// The floor stays: without it a crowd eats all that it could hold on to and freezes.  [mg/ml]
inline double degraded_density(double rho, double rho_floor, double rate_dt) {
  return rho > rho_floor ? rho_floor + (rho - rho_floor) * invado::exp(-rate_dt) : rho;
}

}  // namespace invado
