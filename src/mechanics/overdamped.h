// One overdamped move and what the faces of the box do to it, per axis. Without branches: loops over cells vectorise.
#pragma once

#include <cmath>

#include "base/vec3.h"

namespace invado {

// Mirror image of x in [0, length], at most one length outside; `mirrored`: the direction of motion along this axis is
// reversed. A walker whose position and walk vector are both mirrored is the image of a free walker, hence spreads
// uniformly, without build-up.
struct Mirrored {
  double x;
  bool mirrored;
};
inline Mirrored mirror(double x, double length) {
  return {x < 0 ? -x : (x > length ? 2 * length - x : x), x < 0 || x > length};
}

// x moved into [0, length].
inline double held_inside(double x, double length) { return x < 0 ? 0 : (x > length ? length : x); }

// v shortened to at most `longest`.
inline Vec3 bounded(Vec3 v, double longest) {
  const double length = norm(v);
  return length > longest ? (longest / length) * v : v;
}

}  // namespace invado
