// |a - b| <= relative |b|: what doctest's Approx is not (it adds 1 to the scale).
#pragma once

#include <cmath>

namespace invado::test {

inline bool close(double a, double b, double relative) { return std::fabs(a - b) <= relative * std::fabs(b); }

}  // namespace invado::test
