#include "base/colour_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/round_length.h"

namespace invado {
namespace {

// The least of 1, 2 and 5 times a power of 10 that fits at most six and a half times.
double step_of(double low, double high) {
  const double below = round_length((high - low) / 6.5);
  for (const double factor : {1.0, 2.0, 2.5})
    if ((high - low) / (factor * below) <= 6.5 * (1 + 1e-9) && round_length(factor * below) >= factor * below * (1 - 1e-9))
      return factor * below;
  return below;
}

std::string end_text(double value) { return fmt::format("{}{:.4g}", value < 0 ? "\u2212" : "", std::abs(value)); }

}  // namespace

std::array<double, 2> range_of(std::vector<double> values, double least_width) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return {0, 1};
  std::ranges::sort(values);
  double low = values[values.size() / 100], high = values[values.size() - 1 - values.size() / 100];
  if (high - low < least_width) {
    low = 0.5 * (low + high - least_width);
    if (low < 0 && values.front() >= 0) low = 0;
    high = low + least_width;
  }
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
  int decimals = 0;
  for (double shown = step; shown < 1 - 1e-9; shown *= 10) ++decimals;
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  return (value < 0 ? "\u2212" : "") + text;
}

std::vector<BarLabel> bar_labels(const std::array<double, 2>& range, Beyond beyond) {
  const auto [low, high] = range;
  const double room = 0.7 * step_of(low, high);
  std::vector<BarLabel> labels;
  if (beyond.below) labels.push_back({low, "≤ " + end_text(low)});
  for (const double tick : bar_ticks(low, high))
    if (!(beyond.below && tick < low + room) && !(beyond.above && tick > high - room))
      labels.push_back({tick, tick_text(tick, low, high)});
  if (beyond.above) labels.push_back({high, "≥ " + end_text(high)});
  return labels;
}

}  // namespace invado
