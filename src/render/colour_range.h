// What the colours of a picture stand for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/colours.h"

namespace invado {

// From the values of a whole series: all but the lowest and highest hundredth, outwards to round numbers; NaN and infinities
// do not count. Something that can be drawn even when there are no values or all are equal.
[[nodiscard]] std::array<double, 2> range_of(std::vector<double> values);

// Multiples of a round step from low to high, at most seven.
[[nodiscard]] std::vector<double> bar_ticks(double low, double high);
// A tick as it is written: as many decimals as tell it from its neighbours.
[[nodiscard]] std::string tick_text(double value, double low, double high);

// A colour per clone. There are more clones than colours that people can tell apart, so clones share them, as in
// confetti mice: neighbours of one colour are likely, not surely, of one founder.
[[nodiscard]] Rgb clone_colour(std::int64_t founder);
inline constexpr std::size_t clone_colours = 8;
// A colour per type of cells, in the order of the scenario.
[[nodiscard]] Rgb type_colour(std::size_t type);

}  // namespace invado
