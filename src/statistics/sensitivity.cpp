#include "statistics/sensitivity.h"

#include <cmath>

namespace invado {
namespace {

std::vector<double> rows_of(const Study& study, const StudyOutput& output) {
  const std::vector<Mean> means = output.means();
  std::vector<double> y;
  for (const std::size_t point : study.rows) y.push_back(means[point].value);
  return y;
}

}  // namespace

std::vector<MorrisEffects> morris_effects(const Study& study, const StudyOutput& output, Seed seed) {
  const std::size_t k = study.axes.size();
  const std::vector<double> y = rows_of(study, output);
  std::vector<std::vector<double>> effects(k);  // [axis][trajectory]
  for (std::size_t row = 0; row + k < y.size(); row += k + 1)
    for (std::size_t step = row; step < row + k; ++step)
      for (std::size_t axis = 0; axis < k; ++axis) {
        const double change = study.place(step + 1, axis) - study.place(step, axis);
        if (change != 0 && !std::isnan(y[step] + y[step + 1])) effects[axis].push_back((y[step + 1] - y[step]) / change);
      }
  std::vector<MorrisEffects> out;
  for (std::size_t axis = 0; axis < k; ++axis) {
    const std::vector<double>& all = effects[axis];
    const std::vector<Estimate> both = bootstrap(all.size(), seed, [&](std::span<const std::size_t> chosen) {
      double sum = 0, sizes = 0;
      for (const std::size_t i : chosen) sum += all[i], sizes += std::fabs(all[i]);
      const auto n = static_cast<double>(chosen.size());
      return std::vector<double>{sum / n, sizes / n};
    });
    const Mean mean = mean_of(all);
    out.push_back({both[0], both[1], std::sqrt(mean.variance * static_cast<double>(mean.count)), all.size()});
  }
  return out;
}

SobolIndices sobol_indices(const Study& study, const StudyOutput& output, bool pairs, Seed seed) {
  const std::size_t k = study.axes.size(), block = (pairs ? 2 * k : k) + 2;
  const std::vector<double> y = rows_of(study, output);
  std::vector<std::vector<double>> blocks;
  double sum = 0;
  for (std::size_t row = 0; row < y.size(); row += block) {
    std::vector<double> b(y.begin() + static_cast<std::ptrdiff_t>(row),
                          y.begin() + static_cast<std::ptrdiff_t>(row + block));
    double all = 0;
    for (const double v : b) all += v;
    if (std::isnan(all)) continue;
    sum += b.front() + b.back();
    blocks.push_back(std::move(b));
  }
  const double middle = sum / static_cast<double>(2 * blocks.size());
  for (std::vector<double>& b : blocks)
    for (double& v : b) v -= middle;

  // first[k], total[k], then pairs.
  const auto indices = [&](std::span<const std::size_t> chosen) {
    double mean = 0, square = 0;
    std::vector<double> first(k), total(k), both(k * k);
    for (const std::size_t i : chosen) {
      const std::vector<double>& f = blocks[i];
      const double a = f.front(), b = f.back();
      mean += a + b;
      square += a * a + b * b;
      for (std::size_t axis = 0; axis < k; ++axis) {
        const double ab = f[1 + axis];
        first[axis] += b * (ab - a);
        total[axis] += (a - ab) * (a - ab) / 2;
        for (std::size_t j = axis + 1; pairs && j < k; ++j) both[axis * k + j] += f[1 + k + j] * ab - a * b;
      }
    }
    const auto n = static_cast<double>(chosen.size());
    const double variance = square / (2 * n) - mean / (2 * n) * (mean / (2 * n));
    std::vector<double> out;
    for (const double v : first) out.push_back(v / n / variance);
    for (const double v : total) out.push_back(v / n / variance);
    for (std::size_t i = 0; pairs && i < k; ++i)
      for (std::size_t j = i + 1; j < k; ++j) out.push_back(both[i * k + j] / n / variance - out[i] - out[j]);
    return out;
  };
  SobolIndices out;
  out.blocks = blocks.size();
  out.first.resize(k);
  out.total.resize(k);
  if (blocks.empty()) return out;
  const std::vector<Estimate> all = bootstrap(blocks.size(), seed, indices);
  for (std::size_t axis = 0; axis < k; ++axis) {
    out.first[axis] = all[axis];
    out.total[axis] = all[k + axis];
  }
  if (!pairs) return out;
  out.pairs.assign(k, std::vector<Estimate>(k));
  std::size_t at = 2 * k;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = i + 1; j < k; ++j) out.pairs[i][j] = all[at++];
  return out;
}

}  // namespace invado
