// Deposition and crosslinking of a voxel, solved exactly over an interval.
#pragma once

#include "base/maths.h"

namespace invado {

// d rho/dt = k (rho_target - rho)+ with rate_dt = sum k dt of the cells that hold the voxel.  [mg/ml]
inline double deposited_density(double rho, double rho_target, double rate_dt) {
  return rho < rho_target ? rho - (rho_target - rho) * invado::expm1(-rate_dt) : rho;
}

// d chi/dt = k_lox (chi_max - chi) with rate_dt = sum k_lox dt; a matrix beyond chi_max stays as it is.
inline double crosslinked(double chi, double chi_max, double rate_dt) {
  return chi < chi_max ? chi - (chi_max - chi) * invado::expm1(-rate_dt) : chi;
}

}  // namespace invado
