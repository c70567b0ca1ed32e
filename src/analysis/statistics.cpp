#include "analysis/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"

namespace invado {
namespace {
constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

double mean_of(std::span<const double> values) {
  return ordered_sum(values.size(), [&](std::size_t i) { return values[i]; }) / static_cast<double>(values.size());
}

double sd_of(std::span<const double> values, double mean) {
  if (values.size() < 2) return 0;
  const double squares = ordered_sum(values.size(), [&](std::size_t i) { return (values[i] - mean) * (values[i] - mean); });
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

struct Place {
  std::size_t low;
  double share;  // of the way to the next one
};
Place place_of_quantile(std::size_t count, double p) {
  const double at = p * static_cast<double>(count - 1);
  const auto low = static_cast<std::size_t>(at);
  return {low, at - static_cast<double>(low)};
}

// Quantile p, after which values before its place are no larger than those behind it; `from`: a place of which that is so
// already.
double select_quantile(std::vector<double>& values, double p, std::size_t& from) {
  const auto [low, part] = place_of_quantile(values.size(), p);
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  std::nth_element(at(from), at(low), values.end());
  from = low;
  const double next = low + 1 < values.size() ? *std::min_element(at(low + 1), values.end()) : values[low];
  return values[low] + part * (next - values[low]);
}
}  // namespace

double quantile(std::span<const double> ascending, double p) {
  if (ascending.empty()) return no_value;
  const auto [low, part] = place_of_quantile(ascending.size(), p);
  const std::size_t high = std::min(low + 1, ascending.size() - 1);
  return ascending[low] + part * (ascending[high] - ascending[low]);
}

Summary summarise(std::vector<double>& values) {
  if (values.empty()) return {no_value, no_value, no_value, no_value, no_value};
  const double mean = mean_of(values), sd = sd_of(values, mean);
  std::size_t from = 0;
  const double q05 = select_quantile(values, 0.05, from);
  const double q50 = select_quantile(values, 0.5, from);
  return {mean, sd, q05, q50, select_quantile(values, 0.95, from)};
}

MeanWithError mean_with_error(std::span<const double> values) {
  if (values.empty()) return {no_value, no_value};
  const double mean = mean_of(values);
  if (values.size() < 2) return {mean, no_value};
  return {mean, sd_of(values, mean) / std::sqrt(static_cast<double>(values.size()))};
}

Line fit_line(std::span<const double> x, std::span<const double> y) {
  const std::size_t n = x.size();
  if (n < 2) return {no_value, no_value, no_value};
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < n; ++i) mean_x += x[i], mean_y += y[i];
  mean_x /= static_cast<double>(n), mean_y /= static_cast<double>(n);
  double xx = 0, xy = 0;
  for (std::size_t i = 0; i < n; ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  if (!(xx > 0)) return {no_value, no_value, no_value};
  const double slope = xy / xx, intercept = mean_y - slope * mean_x;
  if (n < 3) return {intercept, slope, no_value};
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = y[i] - intercept - slope * x[i];
    squares += residual * residual;
  }
  return {intercept, slope, std::sqrt(squares / static_cast<double>(n - 2) / xx)};
}

Line fit_series(std::span<const double> x, std::span<const double> y) {
  Line line = fit_line(x, y);
  const std::size_t n = x.size();
  if (n < 3 || !(line.slope_error > 1e-12 * std::fabs(line.slope))) return line;  // NaN, or points on a line
  double squares = 0, products = 0, before = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = y[i] - line.intercept - line.slope * x[i];
    squares += residual * residual;
    products += i > 0 ? residual * before : 0;
    before = residual;
  }
  const auto count = static_cast<double>(n);
  const double alike = products / squares;
  const double r = std::max(alike + (1 + 4 * alike) / count, 0.0);
  const double worth = count * (1 - r) / (1 + r);
  if (worth > 4) {
    line.slope_error *= std::sqrt((count - 2) / (worth - 2));  // fit_line divided by n - 2
    return line;
  }
  const std::size_t pieces = std::min<std::size_t>(8, (n - 1) / 2);
  std::vector<double> speeds;
  for (std::size_t p = 0; p < pieces; ++p) {
    const std::size_t from = p * (n - 1) / pieces, to = (p + 1) * (n - 1) / pieces;
    speeds.push_back((y[to] - y[from]) / (x[to] - x[from]));
  }
  line.slope_error = mean_with_error(speeds).error;
  return line;
}

}  // namespace invado
