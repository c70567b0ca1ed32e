// Speed in place: S = free speed * lineage factor * psi * phi. The steric factor phi is in model/matrix.h; here are
// the adhesion factor psi and the spread of speeds over lineages.
#pragma once

#include <cmath>

#include "base/maths.h"

namespace invado {

// Grip on the matrix: psi = floor + (1 - floor) 4x/(1 + x)^2,  x = J ligand / l_opt. Biphasic: too little is slippery,
// too much is sticky; maximum 1 at x = 1 (shape after Zaman 2006; numbers assumed, biology.md 4b).
inline double adhesion_factor(double adhesion, double ligand, double optimum, double floor) {
  const double x = adhesion * ligand / optimum;
  return floor + (1 - floor) * 4 * x / ((1 + x) * (1 + x));
}

// Lognormal factor of a lineage with mean 1 and coefficient of variation cv, from a standard normal z:
// sigma^2 = ln(1 + cv^2), factor = exp(sigma z - sigma^2/2).
inline double speed_factor(double cv, double z) {
  const double variance = invado::log(1 + cv * cv);
  return invado::exp(std::sqrt(variance) * z - variance / 2);
}

}  // namespace invado
