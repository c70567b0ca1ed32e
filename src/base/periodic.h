// Coming back into a periodic box, per axis.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace invado {

// x in [0, length) and how many periods were crossed; NaN beyond 2e9 periods.
struct Wrapped {
  double x;
  std::int32_t crossed;
};
inline Wrapped wrap(double x, double length) {
  if (x >= 0 && x < length) return {x, 0};
  if (!(std::fabs(x) < 2e9 * length)) return {std::numeric_limits<double>::quiet_NaN(), 0};  // for the caller to refuse
  const double periods = std::floor(x / length);
  const double at = x - length * periods;
  if (!(at < length)) return {0, static_cast<std::int32_t>(periods) + 1};  // rounding of a tiny negative x
  return {at < 0 ? 0 : at, static_cast<std::int32_t>(periods)};
}

// A difference of coordinates to the nearest image. Adding and subtracting 1.5 * 2^52 rounds to the nearest integer.
// period and per_period = 1/period; both 0 on an axis that is not periodic.
inline double nearest_image(double difference, double period, double per_period) {
  constexpr double shift = 6755399441055744.0;
  return difference - period * ((difference * per_period + shift) - shift);
}

}  // namespace invado
