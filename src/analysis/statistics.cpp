#include "analysis/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "base/eight.h"
#include "base/grid.h"
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

struct Range {
  double low, high;
};
Range range_of(std::span<const double> values) {
  constexpr double least = -std::numeric_limits<double>::infinity();
  Doubles8 highest{Doubles8::Half{} + least, Doubles8::Half{} + least}, lowest = highest;  // lowest: its negative
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    const auto v = load8<Doubles8>(values.data() + i);
    highest = larger(highest, v);
    lowest = larger(lowest, -1.0 * v);
  }
  Range range{-largest(lowest), largest(highest)};
  for (; i < values.size(); ++i) range = {std::min(range.low, values[i]), std::max(range.high, values[i])};
  return range;
}

// The numbers of these ranks (ascending; 0: the smallest). Values are counted into bins of equal width, and each bin with a
// wanted rank is looked into in the same way. Rounding may put a value into the next bin, but never past a larger one.
std::vector<double> of_ranks(std::vector<double> values, std::span<const std::size_t> ranks) {
  constexpr std::size_t bins = 2048, few = 64;
  std::vector<double> found;
  const Range range = range_of(values);
  if (range.low == range.high) {
    found.assign(ranks.size(), range.low);
    return found;
  }
  const auto sorted = [&] {
    std::ranges::sort(values);
    for (const std::size_t rank : ranks) found.push_back(values[rank]);
    return found;
  };
  if (values.size() <= few) return sorted();
  const double per_width = static_cast<double>(bins) / (range.high - range.low);
  std::vector<std::uint16_t> bin(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    bin[i] = static_cast<std::uint16_t>(static_cast<int>(held_between((values[i] - range.low) * per_width, 0, bins - 1)));
  std::array<std::size_t, bins> count{};
  for (const std::uint16_t b : bin) ++count[b];
  if (std::ranges::max(count) == values.size()) return sorted();  // one of them is infinite

  struct Wanted {
    std::vector<std::size_t> ranks;  // among its own
    std::vector<double> values;
  };
  std::vector<Wanted> wanted;
  std::array<std::uint16_t, bins> number{};  // of those wanted, from 1; 0: not wanted
  std::size_t below = 0, next = 0;
  for (std::size_t b = 0; b < bins; below += count[b++]) {
    if (next == ranks.size() || ranks[next] >= below + count[b]) continue;
    Wanted& here = wanted.emplace_back();
    for (; next < ranks.size() && ranks[next] < below + count[b]; ++next) here.ranks.push_back(ranks[next] - below);
    number[b] = static_cast<std::uint16_t>(wanted.size());
  }
  for (std::size_t i = 0; i < values.size(); ++i)
    if (const std::size_t n = number[bin[i]]; n > 0) wanted[n - 1].values.push_back(values[i]);
  for (Wanted& w : wanted) std::ranges::copy(of_ranks(std::move(w.values), w.ranks), std::back_inserter(found));
  return found;
}
}  // namespace

std::vector<double> quantiles(std::vector<double> values, std::initializer_list<double> p) {
  if (values.empty()) return std::vector<double>(p.size(), no_value);
  struct Place {
    std::size_t low, high;
    double share;  // of the way from one to the other
  };
  std::vector<Place> places;
  std::vector<std::size_t> ranks;
  for (const double share : p) {
    const double at = share * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at), high = std::min(low + 1, values.size() - 1);
    places.push_back({low, high, at - static_cast<double>(low)});
    ranks.insert(ranks.end(), {low, high});
  }
  std::ranges::sort(ranks);
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  const std::vector<double> ordered = of_ranks(std::move(values), ranks);
  const auto of_rank = [&](std::size_t rank) {
    return ordered[static_cast<std::size_t>(std::ranges::lower_bound(ranks, rank) - ranks.begin())];
  };
  std::vector<double> found;
  for (const Place& at : places) found.push_back(of_rank(at.low) + at.share * (of_rank(at.high) - of_rank(at.low)));
  return found;
}

Summary summarise(std::vector<double> values) {
  const double mean = values.empty() ? no_value : mean_of(values);
  if (std::isnan(mean)) return {no_value, no_value, no_value, no_value, no_value};
  const double sd = sd_of(values, mean);
  const std::vector<double> q = quantiles(std::move(values), {0.05, 0.5, 0.95});
  return {mean, sd, q[0], q[1], q[2]};
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
