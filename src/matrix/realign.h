// Realignment of fibres by traction: dQ/dt = sum_cells r (v v^T - Q), v the unit velocities, solved exactly.
#pragma once

#include <algorithm>
#include <array>

#include "base/maths.h"
#include "base/sym3.h"

namespace invado {

// Q relaxes with the total rate towards the mean of v v^T weighted with the rates. `pull_dt` = sum r dt v v^T; its trace is
// the total rate times dt, because the v are unit vectors. The trace of the result is 1 to the resolution of a float:
// the last diagonal element is what the others leave, and where they leave less than nothing (fibres in the plane) the
// larger of them is what the other leaves, so that rounding cannot add up over many calls.
inline std::array<float, 6> realigned(const Sym3& q, const Sym3& pull_dt) {
  const double rate_dt = pull_dt.trace();
  const double moved = -invado::expm1(-rate_dt);  // 1 - exp(-r dt)
  const double per_rate = rate_dt > 0 ? moved / rate_dt : 0.0;
  const auto next = [&](double old, double pull) { return static_cast<float>(old + (per_rate * pull - moved * old)); };
  float xx = next(q.xx, pull_dt.xx), yy = next(q.yy, pull_dt.yy);
  const bool flat = static_cast<double>(xx) + static_cast<double>(yy) > 1;
  const bool flat_x = flat && xx > yy, flat_y = flat && !(xx > yy);
  xx = flat_x ? 1.0F - yy : xx;
  yy = flat_y ? 1.0F - xx : yy;
  const double rest = 1.0 - static_cast<double>(xx) - static_cast<double>(yy);
  return {xx,
          yy,
          static_cast<float>(std::max(rest, 0.0)),
          next(q.xy, pull_dt.xy),
          next(q.xz, pull_dt.xz),
          next(q.yz, pull_dt.yz)};
}

}  // namespace invado
