#include "scenario/quantity.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>

#include "scenario/text.h"

namespace invado {
namespace {

// Value in the declared unit. The larger factor is divided by the smaller, so that 30 um/h is 0.5 um/min to the last bit.
double convert(double value, const NamedUnit& from, const NamedUnit& to) {
  if (from.symbol == to.symbol) return value;
  return from.factor >= to.factor ? value * (from.factor / to.factor) : value / (to.factor / from.factor);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Split {
  double value = 0;
  std::string_view unit;
};

// The number at the beginning and what follows it.
Parsed<Split> split_number(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const bool number =
      !digits.empty() && (is_digit(digits[0]) || (digits[0] == '.' && digits.size() > 1 && is_digit(digits[1])));
  if (!number) return {{}, "is not a number"};
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) return {{}, "a number must not begin with a zero"};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return {{}, "is too large or too small for a number"};
  if (error != std::errc() || !std::isfinite(value)) return {{}, "is not a finite number"};
  std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (!rest.empty() && (rest[0] == '_' || rest[0] == ',' || rest[0] == ':' || rest[0] == '.' || rest[0] == '\''))
    return {{}, "is not a number: digits must not be separated, and the decimal sign is a point"};
  if (rest.starts_with('x') || rest.starts_with('X')) return {{}, "is not a decimal number"};
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  while (!rest.empty() && rest.back() == ' ') rest.remove_suffix(1);
  return {Split{value == 0 ? 0.0 : value, rest}, {}};
}

std::string example(Unit unit) { return fmt::format("{} {}", unit == Unit::MmHg ? "38" : "20", symbol(unit)); }

std::string_view dimension_name(const Dimension& d) {
  struct Name {
    Dimension dimension;
    std::string_view name;
  };
  constexpr std::array names{
      Name{{}, "a dimensionless number"},
      Name{{1, 0, 0, 0}, "a length"},
      Name{{2, 0, 0, 0}, "an area"},
      Name{{3, 0, 0, 0}, "a volume"},
      Name{{0, 1, 0, 0}, "a time"},
      Name{{0, -1, 0, 0}, "a rate"},
      Name{{1, -1, 0, 0}, "a speed"},
      Name{{3, -1, 0, 0}, "a volume per time"},
      Name{{2, -1, 0, 0}, "a diffusion coefficient"},
      Name{{0, 0, 1, 0}, "a concentration"},
      Name{{0, 0, 0, 1}, "a pressure"},
  };
  for (const Name& known : names)
    if (known.dimension == d) return known.name;
  return "another quantity";
}

}  // namespace

std::string_view dimension_name(Unit unit) { return dimension_name(named(unit).dimension); }

std::string unit_choices(Unit unit) {
  std::string choices(symbol(unit));
  for (const NamedUnit& other : named_units)
    if (other.dimension == named(unit).dimension && other.symbol != symbol(unit))
      choices += fmt::format(", {}", other.symbol);
  return choices;
}

std::string to_text(double value, Unit unit) {
  return unit == Unit::One ? shortest(value) : fmt::format("{} {}", shortest(value), symbol(unit));
}

std::string to_text(Range range, Unit unit) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  const std::string suffix = unit == Unit::One ? "" : fmt::format(" {}", symbol(unit));
  if (low && high)
    return fmt::format("{}{}, {}{}{}", range.low_open ? '(' : '[', shortest(range.low), shortest(range.high),
                       range.high_open ? ')' : ']', suffix);
  if (low) return fmt::format("{} {}{}", range.low_open ? ">" : ">=", shortest(range.low), suffix);
  if (high) return fmt::format("{} {}{}", range.high_open ? "<" : "<=", shortest(range.high), suffix);
  return "any number" + suffix;
}

Parsed<double> parse_quantity(std::string_view text, Unit unit, Range range) {
  const std::string wanted =
      unit == Unit::One ? "a bare number" : fmt::format("{} such as '{}'", dimension_name(unit), example(unit));
  const Parsed<Split> split = split_number(text);
  if (!split.value) {
    std::string pointed(text);
    if (const std::size_t comma = pointed.find(','); comma < text.size()) pointed[comma] = '.';
    const bool meant = pointed != text && split_number(pointed).value;
    return {{}, explain(split.problem, text, wanted, meant ? pointed : std::string())};
  }
  const std::string_view suffix = split.value->unit;
  const NamedUnit* from = find_unit(suffix);
  const NamedUnit& to = named(unit);
  if (from == nullptr) {
    std::vector<std::string> symbols;
    for (const NamedUnit& known : named_units)
      if (known.dimension == to.dimension && !known.symbol.empty()) symbols.emplace_back(known.symbol);
    const bool micro = suffix.starts_with("\u00b5") || suffix.starts_with("\u03bc");  // its sign or the Greek letter
    const std::string plain = micro ? fmt::format("u{}", suffix.substr(2)) : std::string(suffix);
    std::string suggestion = nearest_word(plain, symbols);
    if (!suggestion.empty()) suggestion = fmt::format("{} {}", shortest(split.value->value), suggestion);
    return {{},
            explain("unknown unit", text, unit == Unit::One ? "a bare number" : fmt::format("units {}", unit_choices(unit)),
                    suggestion)};
  }
  if (from->dimension != to.dimension) {
    if (suffix.empty())
      return {{}, explain("the unit is missing", text, fmt::format("{} in {}", dimension_name(unit), unit_choices(unit)))};
    return {{},
            explain(fmt::format("is {}, must be {}", dimension_name(from->dimension), dimension_name(unit)), text,
                    unit == Unit::One ? "a bare number" : fmt::format("units {}", unit_choices(unit)))};
  }
  const double value = convert(split.value->value, *from, to);
  if (!std::isfinite(value) || (value == 0) != (split.value->value == 0))
    return {{}, explain("is too large or too small for a number", text)};
  if (!range.holds(value)) return {{}, explain("is out of range", text, to_text(range, unit))};
  return {value, {}};
}

Parsed<double> parse_factor(std::string_view text, Range range) {
  if (!text.starts_with('x')) return {{}, explain("is not a factor", text, "a factor such as 'x3'")};
  const Parsed<Split> split = split_number(text.substr(1));
  if (!split.value || !split.value->unit.empty()) return {{}, explain("is not a factor", text, "a factor such as 'x3'")};
  if (!range.holds(split.value->value))
    return {{}, explain("is out of range", text, "x times " + to_text(range, Unit::One))};
  return {split.value->value, {}};
}

Parsed<std::int64_t> parse_integer(std::string_view text, std::int64_t low, std::int64_t high) {
  const std::string allowed = low == high ? fmt::format("{}", low) : fmt::format("a whole number from {} to {}", low, high);
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]))
    return {{}, explain("a number must not begin with a zero", text, allowed)};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return {{}, explain("is out of range", text, allowed)};
  if (error != std::errc() || end != text.data() + text.size()) return {{}, explain("is not a whole number", text, allowed)};
  if (value < low || value > high) return {{}, explain("is out of range", text, allowed)};
  return {value, {}};
}

std::optional<std::int64_t> whole_microseconds(double minutes) {
  const double exact = minutes * 60e6;
  if (!(std::fabs(exact) < 9e18)) return {};
  const double nearest = std::nearbyint(exact);
  // A decimal of minutes or hours is off by its last bits; anything larger is a fraction of a microsecond.
  if (std::fabs(exact - nearest) > 1e-3 + 1e-14 * std::fabs(exact)) return {};
  return static_cast<std::int64_t>(nearest);
}

std::string duration_text(std::int64_t microseconds) {
  const auto us = static_cast<double>(microseconds);
  if (microseconds % 3600000000 == 0) return fmt::format("{} h", microseconds / 3600000000);
  if (microseconds % 600000 == 0) return fmt::format("{} min", shortest(us / 60e6));
  return fmt::format("{} s", shortest(us / 1e6));
}

}  // namespace invado
