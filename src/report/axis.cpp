#include "report/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/maths.h"

namespace invado {

double Axis::fraction(double value) const {
  if (!logarithmic) return (value - low) / (high - low);
  return (invado::log(value) - invado::log(low)) / (invado::log(high) - invado::log(low));
}

namespace {

// The power of ten at or below x > 0, in steps: nothing here is longer than the range of double.
double power_of_ten_below(double x) {
  double power = 1;
  while (power > x) power /= 10;
  while (power * 10 <= x) power *= 10;
  return power;
}

}  // namespace

double round_step(double step) {
  const double power = power_of_ten_below(step);
  for (const double factor : {1.0, 2.0, 2.5, 5.0})
    if (factor * power >= step * (1 - 1e-12) && !(factor == 2.5 && power == 1)) return factor * power;
  return 10 * power;
}

std::vector<double> round_ticks(double low, double high, int wanted) {
  if (!(high > low) || !std::isfinite(high - low)) return {};
  const double step = round_step((high - low) / std::max(wanted, 1));
  std::vector<double> at;
  const double slack = 1e-9 * (high - low);
  for (double k = std::ceil((low - slack) / step); k * step <= high + slack; k += 1) {
    at.push_back(k * step);
    if (at.size() > 100) break;  // steps that rounding swallows: far from zero, hardly apart
  }
  return at;
}

std::vector<double> log_ticks(double low, double high) {
  if (!(low > 0) || !(high > low) || std::isinf(high)) return {};
  std::vector<double> tens, all;
  for (double power = power_of_ten_below(low); power <= high * (1 + 1e-9); power *= 10) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * power;
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      all.push_back(value);
      if (factor == 1) tens.push_back(value);
    }
  }
  return tens.size() >= 3 ? tens : all;
}

std::vector<double> ticks(const Axis& axis, int wanted) {
  return axis.logarithmic ? log_ticks(axis.low, axis.high) : round_ticks(axis.low, axis.high, wanted);
}

Axis axis_for(std::span<const double> values, bool from_zero, bool round, bool logarithmic) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  if (from_zero && !logarithmic) low = high = 0;
  for (const double value : values) {
    if (!std::isfinite(value) || (logarithmic && !(value > 0))) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (logarithmic) {
    if (!(low <= high)) return {1, 10, true};
    return {low / 1.15, high * 1.15, true};
  }
  if (!(low <= high)) return {0, 1};
  if (low == high) {
    const double room = low == 0 ? 1 : 0.1 * std::abs(low);
    if (!(from_zero && low >= 0)) low -= room;
    high += room;
  }
  if (round) {
    const double step = round_step((high - low) / 5);
    low = std::floor(low / step + 1e-9) * step;
    high = std::ceil(high / step - 1e-9) * step;
  }
  return {low, high};
}

}  // namespace invado
