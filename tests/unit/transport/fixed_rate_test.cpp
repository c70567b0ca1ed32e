// Rates in fixed point: as fine as the integer allows, and never more than it holds.
// Seen to fail: a finer unit than many cells leave room for, than the rounding of numbers allows, a coarser one, integers
// cut off, a unit for what is nothing.
#include "transport/fixed_rate.h"

#include <doctest/doctest.h>

#include <limits>

using namespace invado;

// The unit is below 2^(bits of n - 62) of twice the largest rate, and a rate is wrong by half of it at most. n of the
// largest rate are less than 2^62.
TEST_CASE("the sum over all cells fits, and a rate is known to half a unit") {
  for (const double most : {1e-12, 0.3, 1.0, 7e5, 1e200})
    for (const std::size_t cells : {std::size_t{1}, std::size_t{1000}, std::size_t{100000}, std::size_t{1} << 28}) {
      const FixedRate rate(most, cells);
      CHECK(static_cast<double>(rate(most)) * static_cast<double>(cells) <= 0x1p62);
      CHECK(rate(most) <= std::int64_t{1} << 50);
      CHECK(static_cast<double>(rate(most)) >= 0x1p32);
      for (const double part : {1.0, 0.7, 1e-3, 0.0})
        CHECK(std::fabs(rate.unit * static_cast<double>(rate(part * most)) - part * most) <= 0.5 * rate.unit);
    }
}

TEST_CASE("rates that are nothing, and rates that are no numbers") {
  CHECK(FixedRate(0, 10).unit == 0);
  CHECK(FixedRate(0, 10)(0) == 0);
  CHECK(FixedRate(1e-300, 10)(1e-300) == 0);
  for (const double wrong : {1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(FixedRate(wrong, 10), ModelFault);
}
