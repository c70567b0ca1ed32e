// Numbers with units as a scenario writes them: `20 um`, `1e5 um^2/min`, `0.3`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/param.h"

namespace invado {

// A number, or the reason why the text is none.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string problem;  // "what is wrong (got X, allowed Y)"
};

// The whole text as a finite number in `unit` and inside `range`. A bare number only where the unit is dimensionless;
// leading zeros, hexadecimal, digit separators, nan, inf and non-zero numbers too small for a double are refused.
[[nodiscard]] Parsed<double> parse_quantity(std::string_view text, Unit unit, Range range);

// `x3`: the factor behind the x.
[[nodiscard]] Parsed<double> parse_factor(std::string_view text, Range range);

[[nodiscard]] Parsed<std::int64_t> parse_integer(std::string_view text, std::int64_t low, std::int64_t high);

// "[0, 5] um/min", "> 0 um", "any number"...
[[nodiscard]] std::string to_text(Range range, Unit unit);

// "a length", "a rate"...
[[nodiscard]] std::string_view dimension_name(Unit unit);

// Symbols of all units of the same dimension, the declared one first: "um, nm, mm".
[[nodiscard]] std::string unit_choices(Unit unit);

// Number and unit as the resolved scenario writes them; reads back as the same double.
[[nodiscard]] std::string to_text(double value, Unit unit);

// A duration in whole microseconds, or nothing when it is none (within a rounding error of the decimal).
[[nodiscard]] std::optional<std::int64_t> whole_microseconds(double minutes);

// "0.5 min", "90 s", "2 h" of a duration in microseconds.
[[nodiscard]] std::string duration_text(std::int64_t microseconds);

}  // namespace invado
