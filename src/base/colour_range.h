// What the ends of a colour bar stand for, and what is written along it.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace invado {

// From the values of a whole series: all but the lowest and highest hundredth, outwards to round numbers; NaN and infinities
// do not count. At least so wide: spread that means little must not look like much. Something that can be drawn even when
// there are no values or all are equal.
[[nodiscard]] std::array<double, 2> range_of(std::vector<double> values, double least_width = 0);

// Multiples of a round step from low to high, at most seven.
[[nodiscard]] std::vector<double> bar_ticks(double low, double high);
// A tick as it is written: as many decimals as tell it from its neighbours.
[[nodiscard]] std::string tick_text(double value, double low, double high);

// Which ends of a bar stand for more than their value.
struct Beyond {
  bool below = false, above = false;
  void note(double value, const std::array<double, 2>& range) {
    below = below || value < range[0];
    above = above || value > range[1];
  }
};
struct BarLabel {
  double at;
  std::string text;
};
// The ticks; an end that stands for more has a label of its own, "≥ 1.2", and none close to it.
[[nodiscard]] std::vector<BarLabel> bar_labels(const std::array<double, 2>& range, Beyond beyond);

}  // namespace invado
