// Round numbers for scale bars and ends of colour bars.
#pragma once

#include <cstdlib>
#include <initializer_list>

namespace invado {

// The longest of 1, 2 and 5 times a power of 10, from 1e-12 to 1e15, that is at most `limit`; 0 when there is none.
[[nodiscard]] inline double round_length(double limit) {
  double length = 0;
  for (int exponent = -12; exponent <= 15; ++exponent) {
    double power = 1;  // powers up to 1e22 are exact, and so is 1 over them, rounded once
    for (int i = 0; i < std::abs(exponent); ++i) power *= 10;
    if (exponent < 0) power = 1 / power;
    for (const double factor : {1.0, 2.0, 5.0})
      if (factor * power <= limit * (1 + 1e-9)) length = factor * power;
  }
  return length;
}

}  // namespace invado
