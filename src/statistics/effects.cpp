#include "statistics/effects.h"

#include <algorithm>
#include <cmath>

namespace invado {
namespace {

std::size_t zero_level(const StudyAxis& axis) {
  return static_cast<std::size_t>(std::ranges::find(axis.numbers, 0.0) - axis.numbers.begin());
}

// Solves a x = b by elimination with pivoting; nothing when a is singular.
std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r)
      if (std::fabs(a[r][c]) > std::fabs(a[pivot][c])) pivot = r;
    if (!(std::fabs(a[pivot][c]) > 1e-12)) return {};
    std::swap(a[c], a[pivot]);
    std::swap(b[c], b[pivot]);
    for (std::size_t r = c + 1; r < n; ++r) {
      const double factor = a[r][c] / a[c][c];
      for (std::size_t k = c; k < n; ++k) a[r][k] -= factor * a[c][k];
      b[r] -= factor * b[c];
    }
  }
  for (std::size_t c = n; c-- > 0;) {
    for (std::size_t k = c + 1; k < n; ++k) b[c] -= a[c][k] * b[k];
    b[c] /= a[c][c];
  }
  return b;
}

// Standardized coefficients, then the explained share, of the chosen rows of x and y.
std::vector<double> standardized(const std::vector<std::vector<double>>& x, const std::vector<double>& y,
                                 std::span<const std::size_t> chosen) {
  const std::size_t k = x.front().size();
  const auto n = static_cast<double>(chosen.size());
  std::vector<double> mean(k + 1), nothing(k + 1, unknown);
  const auto value = [&](std::size_t row, std::size_t c) { return c < k ? x[row][c] : y[row]; };
  for (const std::size_t row : chosen)
    for (std::size_t c = 0; c <= k; ++c) mean[c] += value(row, c) / n;
  std::vector<std::vector<double>> product(k + 1, std::vector<double>(k + 1));
  for (const std::size_t row : chosen)
    for (std::size_t c = 0; c <= k; ++c)
      for (std::size_t d = 0; d <= k; ++d) product[c][d] += (value(row, c) - mean[c]) * (value(row, d) - mean[d]);
  std::vector<std::vector<double>> correlation(k, std::vector<double>(k));
  std::vector<double> with_y(k);
  for (std::size_t c = 0; c < k; ++c) {
    if (!(product[c][c] > 0) || !(product[k][k] > 0)) return nothing;
    for (std::size_t d = 0; d < k; ++d) correlation[c][d] = product[c][d] / std::sqrt(product[c][c] * product[d][d]);
    with_y[c] = product[c][k] / std::sqrt(product[c][c] * product[k][k]);
  }
  std::vector<double> out = solve(correlation, with_y);
  if (out.empty()) return nothing;
  double explained = 0;
  for (std::size_t c = 0; c < k; ++c) explained += out[c] * with_y[c];
  out.push_back(explained);
  return out;
}

}  // namespace

std::vector<LevelMean> level_means(const Study& study, const StudyOutput& output, std::size_t axis) {
  std::vector<LevelMean> out;
  for (std::size_t level = 0; level < study.axes[axis].levels.size(); ++level) {
    LevelMean& row = out.emplace_back(LevelMean{level, {}, 0, 0});
    std::vector<Mean> means;
    for (std::size_t point = 0; point < study.points.size(); ++point) {
      if (study.points[point][axis] != level) continue;
      const Mean mean = mean_of(output.values[point]);
      if (mean.count == 0) continue;
      means.push_back(mean);
      row.runs += mean.count;
    }
    row.points = means.size();
    row.mean = propagate(means, [](std::span<const double> values) { return mean_of(values).value; });
  }
  return out;
}

GridShares grid_shares(const Study& study, const StudyOutput& output) {
  const std::size_t k = study.axes.size();
  const std::vector<Mean> means = output.means();
  std::vector<double> values;
  std::vector<double> noise;
  for (const Mean& mean : means) {
    values.push_back(mean.value);
    if (mean.count > 1) noise.push_back(mean.variance);
  }
  GridShares out;
  out.axes.assign(k, unknown);
  out.pairs.assign(k, std::vector<double>(k, unknown));
  const auto n = static_cast<double>(values.size());
  // Variance of the means over groups of points: those with the same key.
  const auto between = [&](const auto& key_of, std::size_t keys) {
    std::vector<std::vector<double>> groups(keys);
    for (std::size_t point = 0; point < values.size(); ++point) groups[key_of(study.points[point])].push_back(values[point]);
    const double middle = mean_of(values).value;
    double sum = 0;
    for (const std::vector<double>& group : groups) {
      const double away = mean_of(group).value - middle;
      sum += static_cast<double>(group.size()) * away * away;
    }
    return sum / n;
  };
  for (const double v : values)
    if (std::isnan(v)) return out;  // not a whole grid
  const double mean = mean_of(values).value;
  double all = 0;
  for (const double v : values) all += (v - mean) * (v - mean) / n;
  if (!(all > 0)) return out;
  out.rest = 1;
  if (!noise.empty()) out.noise = mean_of(noise).value / all;
  for (std::size_t i = 0; i < k; ++i) {
    out.axes[i] = between([i](const auto& p) { return p[i]; }, study.axes[i].levels.size()) / all;
    out.rest -= out.axes[i];
  }
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = i + 1; j < k; ++j) {
      const std::size_t width = study.axes[j].levels.size();
      out.pairs[i][j] =
          between([&](const auto& p) { return p[i] * width + p[j]; }, study.axes[i].levels.size() * width) / all -
          out.axes[i] - out.axes[j];
      out.rest -= out.pairs[i][j];
    }
  return out;
}

Regression regression(const Study& study, const StudyOutput& output, Seed seed) {
  std::vector<std::vector<double>> x;
  std::vector<double> y;
  const std::vector<Mean> means = output.means();
  for (std::size_t point = 0; point < study.points.size(); ++point) {
    if (std::isnan(means[point].value)) continue;
    std::vector<double>& row = x.emplace_back();
    for (std::size_t axis = 0; axis < study.axes.size(); ++axis) {
      const StudyAxis& a = study.axes[axis];
      row.push_back(a.places[study.points[point][axis]]);
    }
    y.push_back(means[point].value);
  }
  Regression out;
  if (x.size() < study.axes.size() + 2) return out;
  out.coefficients =
      bootstrap(x.size(), seed, [&](std::span<const std::size_t> chosen) { return standardized(x, y, chosen); });
  out.explained = out.coefficients.back().value;
  out.coefficients.pop_back();
  return out;
}

std::vector<std::size_t> dose_axes(const Study& study) {
  std::vector<std::size_t> out;
  if (study.axes.size() < 2 || design_of(study) != StudyDesign::Grid) return out;
  for (std::size_t axis = 0; axis < study.axes.size(); ++axis) {
    const std::vector<double>& numbers = study.axes[axis].numbers;
    if (numbers.size() < 2 || std::ranges::find(numbers, 0.0) == numbers.end()) return {};
    out.push_back(axis);
  }
  return out;
}

std::vector<Excess> excess_over_independence(const Study& study, const StudyOutput& output) {
  const std::vector<std::size_t> doses = dose_axes(study);
  std::vector<Excess> out;
  if (doses.empty()) return out;
  std::vector<std::size_t> control;
  for (const std::size_t axis : doses) control.push_back(zero_level(study.axes[axis]));
  const std::vector<Mean> means = output.means();
  const std::map<std::vector<std::size_t>, std::size_t> point_at = study.by_levels();
  // `given`: which doses, as bits of the chosen axes; bit i of the combination stands for axes[i] at levels[i].
  const auto mean_at = [&](const Excess& e, std::size_t given) {
    std::vector<std::size_t> levels = control;
    for (std::size_t i = 0; i < e.axes.size(); ++i)
      if (given >> i & 1) levels[e.axes[i]] = e.levels[i];
    return means[point_at.at(levels)];
  };
  const auto add = [&](std::vector<std::size_t> axes, std::vector<std::size_t> levels) {
    Excess e{std::move(axes), std::move(levels), unknown, unknown, {}, {}, {}};
    const std::size_t all = (std::size_t{1} << e.axes.size()) - 1;
    std::vector<Mean> used;  // [combination]
    for (std::size_t given = 0; given <= all; ++given) used.push_back(mean_at(e, given));
    e.fraction = used[all].value / used[0].value;
    const auto independent = [&](std::span<const double> m) {
      double product = 1;
      for (std::size_t i = 0; i < e.axes.size(); ++i) product *= m[std::size_t{1} << i] / m[0];
      return product;
    };
    std::vector<double> values;
    for (const Mean& mean : used) values.push_back(mean.value);
    e.expected = independent(values);
    e.excess = propagate(used, [&](std::span<const double> m) { return independent(m) - m[all] / m[0]; });
    for (std::size_t i = 0; i < e.axes.size(); ++i) {
      const std::vector<Mean> two{used[0], used[std::size_t{1} << i]};
      e.alone.push_back(propagate(two, [](std::span<const double> m) { return m[1] / m[0]; }));
    }
    if (e.axes.size() == 3)
      e.beyond_pairs = propagate(used, [](std::span<const double> m) {
        const auto f = [&](std::size_t given) { return m[given] / m[0]; };
        return f(1) * f(6) + f(2) * f(5) + f(4) * f(3) - 2 * f(1) * f(2) * f(4) - f(7);
      });
    out.push_back(std::move(e));
  };
  const auto levels_of = [&](std::size_t axis) {
    std::vector<std::size_t> levels;
    for (std::size_t level = 0; level < study.axes[axis].levels.size(); ++level)
      if (level != control[axis]) levels.push_back(level);
    return levels;
  };
  const std::size_t k = doses.size();
  for (std::size_t a = 0; a < k; ++a)
    for (std::size_t b = a + 1; b < k; ++b)
      for (const std::size_t i : levels_of(a))
        for (const std::size_t j : levels_of(b)) add({a, b}, {i, j});
  for (std::size_t a = 0; a < k; ++a)
    for (std::size_t b = a + 1; b < k; ++b)
      for (std::size_t c = b + 1; c < k; ++c)
        for (const std::size_t i : levels_of(a))
          for (const std::size_t j : levels_of(b))
            for (const std::size_t l : levels_of(c)) add({a, b, c}, {i, j, l});
  return out;
}

}  // namespace invado
