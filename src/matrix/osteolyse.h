// Osteolysis: tumour cells make osteoclasts resorb bone, which frees TGFbeta from it (biology.md 6, organ bias).
#pragma once

#include "base/maths.h"

namespace invado {

//   d rho/dt = -k W rho       W: sum over the cells in reach of weight x bone programme (PTHrP, IL-8: review L424-434)
//
// exact over the interval; k [1/h]. Limit: osteoclasts are where the cells are, at once.
inline double resorbed_density(double rho, double k_1_h, double programme, double hours) {
  return rho * invado::exp(-k_1_h * programme * hours);
}

}  // namespace invado
