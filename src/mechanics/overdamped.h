// One overdamped move and what the faces of the box do to it, per axis. Without branches: loops over cells vectorise.
#pragma once

#include <cmath>

#include "base/vec3.h"

namespace invado {

// Mirror image of x in [0, length], at most one length outside; `sign`: -1 where the direction of motion along this axis is
// reversed, else 1. A walker whose position and walk vector are both mirrored is the image of a free walker, hence spreads
// uniformly, without build-up.
struct Mirrored {
  double x;
  double sign;
};
inline Mirrored mirror(double x, double length) {
  const bool below = x<0, above = x> length;
  const double low = below ? -x : x;
  return {above ? 2 * length - x : low, below != above ? -1.0 : 1.0};
}

// x moved into [0, length].
inline double held_inside(double x, double length) {
  const double low = x < 0 ? 0 : x;
  return low > length ? length : low;
}

// v shortened to at most `longest`.
inline Vec3 bounded(Vec3 v, double longest) {
  const double length = norm(v);
  return length > longest ? (longest / length) * v : v;
}

}  // namespace invado
