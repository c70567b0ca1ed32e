#include "statistics/estimate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/maths.h"

namespace invado {
namespace {

constexpr std::uint32_t block = 2;  // of addresses: 0 and 1 are those of sweep/designs.cpp

}  // namespace

Mean mean_of(std::span<const double> values) {
  Mean mean;
  double sum = 0;
  for (const double v : values)
    if (!std::isnan(v)) sum += v, ++mean.count;
  if (mean.count == 0) return mean;
  mean.value = sum / static_cast<double>(mean.count);
  if (mean.count < 2) return mean;
  double squares = 0;
  for (const double v : values)
    if (!std::isnan(v)) squares += (v - mean.value) * (v - mean.value);
  mean.variance = squares / static_cast<double>(mean.count - 1) / static_cast<double>(mean.count);
  return mean;
}

double student_95(double nu) {
  if (!(nu > 0)) return unknown;
  if (nu <= 1) return 12.7062;
  if (nu < 2) return 4.30265 * invado::exp(1.0828 * (2 / nu - 1));
  if (nu < 3) return 4.30265 * invado::exp(0.905 * (2 / nu - 1));
  constexpr double z = 1.959963985, z2 = z * z;
  const double g1 = z * (z2 + 1) / 4, g2 = z * ((5 * z2 + 16) * z2 + 3) / 96,
               g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
               g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
  return z + (g1 + (g2 + (g3 + g4 / nu) / nu) / nu) / nu;
}

Estimate propagate(std::span<const Mean> means, const std::function<double(std::span<const double>)>& formula) {
  std::vector<double> at;
  for (const Mean& mean : means) at.push_back(mean.value);
  Estimate out;
  out.value = formula(at);
  double variance = 0, fourth = 0;
  bool repeated = false;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (means[i].count < 2) continue;
    repeated = true;
    const double step = std::sqrt(means[i].variance);
    at[i] = means[i].value + step;
    const double above = formula(at);
    at[i] = means[i].value - step;
    const double change = (above - formula(at)) / 2;
    at[i] = means[i].value;
    variance += change * change;
    fourth += change * change * change * change / static_cast<double>(means[i].count - 1);
  }
  if (!repeated || std::isnan(out.value)) return out;
  const double half = variance > 0 ? student_95(variance * variance / fourth) * std::sqrt(variance) : 0;
  out.low = out.value - half;
  out.high = out.value + half;
  return out;
}

double quantile_of(std::span<const double> ascending, double p) {
  if (ascending.empty()) return unknown;
  const double at = p * static_cast<double>(ascending.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), ascending.size() - 1);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (at - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

std::vector<Estimate> bootstrap(std::size_t count, Seed seed,
                                const std::function<std::vector<double>(std::span<const std::size_t>)>& statistics) {
  std::vector<std::size_t> chosen(count);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  std::vector<Estimate> out;
  for (const double value : statistics(chosen)) out.push_back({value, unknown, unknown});
  if (count < 2) return out;
  std::vector<std::vector<double>> resampled(out.size());
  for (std::uint32_t resample = 0; resample < bootstrap_resamples; ++resample) {
    for (std::size_t i = 0; i < count; i += 4) {
      const auto u = uniform4(seed, resample, Purpose::SweepDesign, static_cast<std::int64_t>(i), block);
      for (std::size_t k = 0; k < 4 && i + k < count; ++k)
        chosen[i + k] = static_cast<std::size_t>(u[k] * static_cast<double>(count));
    }
    const std::vector<double> values = statistics(chosen);
    for (std::size_t s = 0; s < out.size(); ++s)
      if (!std::isnan(values[s])) resampled[s].push_back(values[s]);
  }
  for (std::size_t s = 0; s < out.size(); ++s) {
    std::ranges::sort(resampled[s]);
    out[s].low = quantile_of(resampled[s], 0.025);
    out[s].high = quantile_of(resampled[s], 0.975);
  }
  return out;
}

}  // namespace invado
