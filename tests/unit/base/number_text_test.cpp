// Numbers as people read them.
#include <doctest/doctest.h>

#include <cmath>

#include "base/number_text.h"

using namespace invado;

TEST_CASE("numbers as people read them") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(-0.0) == "0");
  CHECK(number_text(3.14159) == "3.142");
  CHECK(number_text(0.0071583) == "0.007158");
  CHECK(number_text(-12.5) == "−12.5");
  CHECK(number_text(1500) == "1500");
  CHECK(number_text(100000) == "100\u202F000");
  CHECK(number_text(12345.678) == "12\u202F346");
  CHECK(number_text(9.99996) == "10");
  CHECK(number_text(2.5e-7) == "2.5·10⁻⁷");
  CHECK(number_text(std::nan("")) == "–");
  CHECK(number_text(INFINITY) == "∞");
  CHECK(number_text(1340.0625, 3) == "1340");
  CHECK(number_text(61.75, 3) == "61.8");
  CHECK(number_text(0.0625, 3) == "0.0625");
}
