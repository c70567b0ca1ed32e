// Axes of plots: where round numbers are, and which part of an axis a value is at.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace invado {

// An axis from `low` to `high`, low < high; logarithmic ones have 0 < low.
struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;

  // 0 at low, 1 at high.
  [[nodiscard]] double fraction(double value) const;
};

// The least of 1, 2, 2.5 and 5 times a power of 10 that is not below `step` (2.5 itself left out: counts are whole).
[[nodiscard]] double round_step(double step);

// Multiples of a round step within [low, high], about `wanted` of them (Heckbert 1990, Graphics Gems).
[[nodiscard]] std::vector<double> round_ticks(double low, double high, int wanted);
// Powers of ten within; with fewer than three of them also 2 and 5 times these.
[[nodiscard]] std::vector<double> log_ticks(double low, double high);
[[nodiscard]] std::vector<double> ticks(const Axis& axis, int wanted);

// The axis that shows all values (NaN and infinities, and for logarithms what is not positive, left out); ends on ticks
// when `round`. `from_zero`: shows 0 too. Something that can be drawn even when there are no values or all are equal.
[[nodiscard]] Axis axis_for(std::span<const double> values, bool from_zero, bool round = true, bool logarithmic = false);

}  // namespace invado
