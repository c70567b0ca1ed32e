// One overdamped move and what the faces of the box do to it, per axis.
#pragma once

#include <cmath>

#include "base/vec3.h"

namespace invado {

// Mirror image of x in [0, length]; `mirrored`: the direction of motion along this axis is reversed. A walker whose
// position and walk vector are both mirrored is the image of a free walker, hence spreads uniformly, without build-up.
struct Mirrored {
  double x;
  bool mirrored;
};
inline Mirrored mirror(double x, double length) {
  if (x >= 0 && x <= length) return {x, false};
  const double period = 2 * length;
  const double in_period = x - period * std::floor(x / period);
  const bool back = in_period > length;
  const double at = back ? period - in_period : in_period;
  return {at < 0 ? 0 : (at > length ? length : at), back};
}

// v shortened to at most `longest`.
inline Vec3 bounded(Vec3 v, double longest) {
  const double length = norm(v);
  return length > longest ? (longest / length) * v : v;
}

}  // namespace invado
