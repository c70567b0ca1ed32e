// Osteolysis: tumour cells make osteoclasts resorb bone, which frees TGFbeta from it (biology.md 6, organ bias).
#pragma once

#include "base/maths.h"

namespace invado {

//   d rho/dt = -k Q/(1 + k Q/k_max) rho      Q: sum over the cells in reach of weight x q(W)
//   q(W) = W^2/(K^2 + W^2)                   W: bone programme (PTHrP, IL-8: review L424-434)
//
// exact over the interval; k, k_max [1/h]. What a cell sends recruits osteoclasts with a threshold, since they form by
// fusion (assumed: the exponent). Few cells have bone resorbed as fast as they ask for; many no faster than the osteoclasts
// of a surface can. Limit: osteoclasts are where the cells are, at once.
struct Resorption {
  double rate_1_h = 0.02;
  double programme_half = 0.5;
  double fastest_1_h = 0.1;

  [[nodiscard]] double recruitment(double programme) const {
    const double w2 = programme > 0 ? programme * programme : 0;
    return w2 / (programme_half * programme_half + w2);
  }
  [[nodiscard]] double density(double rho, double recruited, double hours) const {
    const double asked = rate_1_h * recruited;
    return rho * invado::exp(-asked / (1 + asked / fastest_1_h) * hours);
  }
};

}  // namespace invado
