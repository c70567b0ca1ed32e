// Round numbers for scale bars and ends of colour bars.
#pragma once

#include <cmath>
#include <initializer_list>

namespace invado {

// 10^k; for |k| <= 22 the nearest number to it.
[[nodiscard]] inline double power_of_ten(int k) {
  double power = 1;
  for (int i = 0; i < (k < 0 ? -k : k); ++i) power *= 10;
  return k < 0 ? 1 / power : power;
}

// The longest of 1, 2 and 5 times a power of 10 that is at most `limit`; 0 when that is not positive or not finite.
[[nodiscard]] inline double round_length(double limit) {
  double length = 0;
  if (!std::isfinite(limit)) return length;
  for (int k = -12; power_of_ten(k) <= limit; ++k)
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power_of_ten(k) <= limit * (1 + 1e-9)) length = factor * power_of_ten(k);
  return length;
}

}  // namespace invado
