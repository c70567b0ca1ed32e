// Accuracy of our own elementary functions against long double, on addressed random arguments.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/maths.h"
#include "base/random.h"

using namespace invado;

namespace {

double ulps(double got, long double want) {
  const double rounded = static_cast<double>(want);
  const double unit = std::nextafter(std::fabs(rounded), std::numeric_limits<double>::infinity()) - std::fabs(rounded);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) / static_cast<long double>(unit));
}

double uniform(std::int64_t i) { return uniform4(Seed{7}, 0, Purpose::Placement, i)[0]; }

}  // namespace

TEST_CASE("exp is within 2 ulp, flushes below -708 and keeps NaN") {
  double worst = 0;
  for (std::int64_t i = 0; i < 400000; ++i) {
    const double x = -700 + 1400 * uniform(i);
    worst = std::max(worst, ulps(invado::exp(x), std::exp(static_cast<long double>(x))));
  }
  CHECK(worst < 2.0);
  CHECK(invado::exp(0.0) == 1.0);
  CHECK(invado::exp(-1000.0) == 0.0);
  CHECK(invado::exp(-std::numeric_limits<double>::infinity()) == 0.0);
  CHECK(invado::exp(1000.0) == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(invado::exp(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("expm1 keeps its relative accuracy for small arguments") {
  double worst = 0;
  for (std::int64_t i = 0; i < 200000; ++i) {
    const double x = (i % 2 == 0 ? 1.0 : -1.0) * invado::exp(-30 + 31 * uniform(i));
    worst = std::max(worst, ulps(invado::expm1(x), std::expm1(static_cast<long double>(x))));
  }
  CHECK(worst < 4.0);
}

TEST_CASE("log is within 2 ulp, also next to 1") {
  double worst = 0;
  for (std::int64_t i = 0; i < 400000; ++i) {
    const double x = i % 2 == 0 ? invado::exp(-700 + 1400 * uniform(i)) : 1 + (uniform(i) - 0.5) * 0x1p-8;
    worst = std::max(worst, ulps(invado::log(x), std::log(static_cast<long double>(x))));
  }
  CHECK(worst < 2.0);
  CHECK(invado::log(1.0) == 0.0);
  CHECK(std::isnan(invado::log(-1.0)));
  CHECK(std::isnan(invado::log(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("sine and cosine of a turn are within 2.5e-16") {
  double worst = 0;
  const long double turn = 6.283185307179586476925286766559L;
  for (std::int64_t i = 0; i < 400000; ++i) {
    const double u = 4 * uniform(i) - 2;
    const SinCos got = sincos_turn(u);
    worst = std::max(worst, static_cast<double>(std::fabs(got.sin - std::sin(turn * u))));
    worst = std::max(worst, static_cast<double>(std::fabs(got.cos - std::cos(turn * u))));
  }
  CHECK(worst < 2.5e-16);
  CHECK(sincos_turn(0.25).sin == 1.0);
  CHECK(sincos_turn(0.5).cos == -1.0);
  CHECK(sincos_turn(0.75).sin == -1.0);
}

TEST_CASE("pow agrees with repeated multiplication") {
  for (double x : {0.01, 0.4, 1.0, 3.7}) CHECK(invado::pow(x, 3.0) == doctest::Approx(pow_integer(x, 3)).epsilon(1e-14));
  CHECK(invado::pow(0.0, 2.5) == 0.0);
  CHECK(invado::pow(0.0, 0.0) == 1.0);
}
