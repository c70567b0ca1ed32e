// Angiogenesis: vessels sprout where there is VEGF, and tip cells climb it.
#pragma once

#include <cmath>

#include "base/vec3.h"

namespace invado {

struct Sprouting {
  double rate_1_h = 0.005;   // sprouts per 100 um of vessel at much VEGF
  double vegf_half = 0.5;    // VEGF of half the rate
  double vegf_least = 0.02;  // below it a tip stands still for ever
  double speed_um_h = 10;    // of a tip
  double persistence = 0.5;  // share of the old heading in the new one, 0..1
  double wander = 0.3;       // random part of the heading
  double radius_um = 5;      // of a new capillary

  [[nodiscard]] double rate(double vegf, double length_um) const {
    return vegf > 0 ? rate_1_h * length_um / 100 * vegf / (vegf_half + vegf) : 0;
  }
  // The new heading of a tip: persistence, the gradient of VEGF and chance. Unit vectors; `gradient` may be zero.
  [[nodiscard]] Vec3 turn(Vec3 heading, Vec3 gradient, Vec3 random) const {
    const Vec3 next = persistence * heading + (1 - persistence) * gradient + wander * random;
    return norm(next) > 1e-9 ? unit(next) : heading;
  }
};

}  // namespace invado
