// Round numbers for scale bars and ends of colour bars.
#pragma once

#include <cmath>

namespace invado {

// The longest of 1, 2 and 5 times a power of 10 that is at most `limit`; 0 when that is not positive or not finite.
[[nodiscard]] inline double round_length(double limit) {
  double length = 0;
  if (!std::isfinite(limit)) return length;
  for (double power = 1e-12; power <= limit; power *= 10)
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power <= limit * (1 + 1e-9)) length = factor * power;
  return length;
}

}  // namespace invado
