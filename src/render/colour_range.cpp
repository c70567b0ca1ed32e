#include "render/colour_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/round_length.h"

namespace invado {
namespace {

// Okabe & Ito 2008, and a grey: eight that colour-blind people can tell apart.
constexpr std::array<Rgb, clone_colours> apart{{{0x00, 0x72, 0xB2},
                                                {0xE6, 0x9F, 0x00},
                                                {0x00, 0x9E, 0x73},
                                                {0xCC, 0x79, 0xA7},
                                                {0x56, 0xB4, 0xE9},
                                                {0xD5, 0x5E, 0x00},
                                                {0xF0, 0xE4, 0x42},
                                                {0x80, 0x80, 0x80}}};

// The least of 1, 2 and 5 times a power of 10 that fits at most six and a half times.
double step_of(double low, double high) {
  const double below = round_length((high - low) / 6.5);
  for (const double factor : {1.0, 2.0, 2.5})
    if ((high - low) / (factor * below) <= 6.5 * (1 + 1e-9) && round_length(factor * below) >= factor * below * (1 - 1e-9))
      return factor * below;
  return below;
}

}  // namespace

std::array<double, 2> range_of(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return {0, 1};
  std::ranges::sort(values);
  double low = values[values.size() / 100], high = values[values.size() - 1 - values.size() / 100];
  if (!(high - low > 1e-12 * std::abs(high))) {
    const double pad = high == 0 ? 1 : 0.1 * std::abs(high);
    return {low - pad, high + pad};
  }
  if (low > 0 && low < 0.3 * high) low = 0;
  const double step = step_of(low, high) / 2;
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step};
}

std::vector<double> bar_ticks(double low, double high) {
  std::vector<double> ticks;
  const double step = step_of(low, high);
  if (!(step > 0)) return ticks;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k) ticks.push_back(k * step);
  return ticks;
}

std::string tick_text(double value, double low, double high) {
  const double step = step_of(low, high);
  if (std::abs(value) < 1e-9 * step) return "0";
  if (std::max(std::abs(low), std::abs(high)) >= 1e6 || step < 1e-4) return fmt::format("{:.2g}", value);
  const int decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  return (value < 0 ? "\u2212" : "") + text;
}

Rgb clone_colour(std::int64_t founder) {
  // Ids of neighbours follow one another: a multiplication by a large odd number scatters them (Knuth, TAOCP 6.4).
  const std::uint64_t mixed = static_cast<std::uint64_t>(founder) * 0x9E3779B97F4A7C15u;
  return apart[(mixed >> 40) % clone_colours];
}

Rgb type_colour(std::size_t type) { return apart[type % clone_colours]; }

}  // namespace invado
