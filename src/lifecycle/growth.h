// Growth of the body between divisions, and how a division shares it.
//
// Linear in volume: a cell adds volume at rate r m V, with V the volume at the type's radius, r = ln2/T the rate at which
// the population doubles and m what slows the cycle (signals, oxygen, crowding). A population then gains r V per cell and
// r cells per cell, so its mean volume stays V whatever the kind of cycle: with a fixed cycle a newborn has ln2 V
// (radius 0.885 R) and divides at 2 ln2 V (1.115 R).
// Linear in area (the convention of monolayer benchmarks): the type's radius is that of a newborn, its disc grows from A to
// 2 A during one cycle.
// Growth ends at a ceiling (in units of V or A), and while the cycle stands still. Division shares volume, or area, exactly.
#pragma once

#include <cmath>

#include "base/maths.h"

namespace invado {

enum class Growth { LinearVolume, LinearArea, None };

// Radius after the cycle has advanced by `cycles` (a fraction of the doubling time). [um]
inline double grown_radius(Growth growth, double radius, double type_radius, double cycles, double ceiling) {
  if (growth == Growth::None || cycles <= 0) return radius;
  const double s = radius / type_radius;
  const bool volume = growth == Growth::LinearVolume;
  const double measure = volume ? s * s * s : s * s;
  if (measure >= ceiling) return radius;
  const double gain = volume ? ln2 * cycles : cycles;
  const double grown = measure + gain < ceiling ? measure + gain : ceiling;
  return type_radius * (volume ? pow(grown, 1.0 / 3) : std::sqrt(grown));
}

// Radius of both daughters of a mother. [um]
inline double daughter_radius(Growth growth, double radius) {
  switch (growth) {
    case Growth::LinearVolume: return 0.79370052598409973738 * radius;  // 2^(-1/3)
    case Growth::LinearArea: return std::sqrt(0.5) * radius;
    case Growth::None: return radius;
  }
  return radius;
}

}  // namespace invado
