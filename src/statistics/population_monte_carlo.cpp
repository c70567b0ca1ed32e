#include "statistics/population_monte_carlo.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/error.h"

namespace invado {
namespace {

constexpr double widest = 8;                // standard deviations: a normal prior has 1e-15 beyond
constexpr std::uint32_t most_draws = 4096;  // of one particle; as many again tell how much of the kernel lies inside
// Blocks of addresses that nothing else of a sweep's design has: 16384 + 4096, 32768 + 4096 * 8.
constexpr std::uint32_t prior_blocks = 16384, move_blocks = 32768;
constexpr std::uint32_t blocks_per_draw = 8;  // up to 4 normals each, the first for the choice

struct Ends {
  double low, high;
};
Ends ends_of(const Prior& p) {
  if (p.law == Prior::Law::LogUniform) return {invado::log(p.from), invado::log(p.to)};
  if (p.law == Prior::Law::Normal) return {std::max(p.from, p.mean - widest * p.sd), std::min(p.to, p.mean + widest * p.sd)};
  return {p.from, p.to};
}

double bell(const Prior& p, double x) {
  const double z = (x - p.mean) / p.sd;
  return invado::exp(-z * z / 2);
}

// Integral of the bell over the range, by Simpson's rule on 2000 intervals of at most 8/1000 sd: 1e-10.
double bell_area(const Prior& p) {
  const auto [low, high] = ends_of(p);
  constexpr int n = 2000;
  const double h = (high - low) / n;
  double sum = bell(p, low) + bell(p, high);
  for (int i = 1; i < n; ++i) sum += (i % 2 == 1 ? 4 : 2) * bell(p, low + i * h);
  return sum * h / 3;
}

// Lower triangle L with L L^T = 2 covariance of the weighted coordinates.
using Matrix = std::vector<std::vector<double>>;
Matrix kernel_of(const std::vector<std::vector<double>>& at, const std::vector<double>& weights,
                 const std::vector<Prior>& priors) {
  const std::size_t d = priors.size();
  std::vector<double> mean(d);
  for (std::size_t i = 0; i < at.size(); ++i)
    for (std::size_t k = 0; k < d; ++k) mean[k] += weights[i] * at[i][k];
  Matrix c(d, std::vector<double>(d));
  for (std::size_t i = 0; i < at.size(); ++i)
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t l = 0; l <= k; ++l) c[k][l] += 2 * weights[i] * (at[i][k] - mean[k]) * (at[i][l] - mean[l]);
  // A population on one line, or on one place, still moves a little in every direction: 1e-6 of the range.
  for (std::size_t k = 0; k < d; ++k) {
    const auto [low, high] = ends_of(priors[k]);
    c[k][k] += 1e-12 * (high - low) * (high - low);
  }
  for (std::size_t k = 0; k < d; ++k)
    for (std::size_t l = 0; l <= k; ++l) {
      double sum = c[k][l];
      for (std::size_t m = 0; m < l; ++m) sum -= c[k][m] * c[l][m];
      if (k == l)
        c[k][k] = std::sqrt(std::max(sum, 1e-300));
      else
        c[k][l] = sum / c[l][l];
    }
  return c;
}

// Density of the Gaussian of kernel L around 0.
double gaussian(const Matrix& l, std::vector<double> x) {
  double square = 0, scale = 1;
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t m = 0; m < k; ++m) x[k] -= l[k][m] * x[m];
    x[k] /= l[k][k];
    square += x[k] * x[k];
    scale *= l[k][k] * 2.50662827463100050;
  }
  return invado::exp(-square / 2) / scale;
}

}  // namespace

double Prior::coordinate(double v) const { return law == Law::LogUniform ? invado::log(v) : v; }

double Prior::value(double c) const { return std::clamp(law == Law::LogUniform ? invado::exp(c) : c, from, to); }

bool Prior::holds(double c) const {
  const auto [low, high] = ends_of(*this);
  return c >= low && c <= high;
}

double Prior::density(double c) const {
  const auto [low, high] = ends_of(*this);
  if (!holds(c)) return 0;
  return law == Law::Normal ? bell(*this, c) / bell_area(*this) : 1 / (high - low);
}

std::vector<std::vector<double>> draw_from_priors(const std::vector<Prior>& priors, std::size_t count, Seed seed) {
  std::vector<std::vector<double>> out(count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < priors.size(); ++k) {
      const Prior& p = priors[k];
      const auto [low, high] = ends_of(p);
      double c = low;
      for (std::uint32_t draw = 0; draw < most_draws; ++draw) {
        const auto u = uniform4(seed, static_cast<std::uint32_t>(k), Purpose::SweepDesign, static_cast<std::int64_t>(i),
                                prior_blocks + draw);
        c = low + u[0] * (high - low);
        if (p.law != Prior::Law::Normal || u[1] < bell(p, c)) break;  // at least one of six is taken
      }
      out[i].push_back(p.value(c));
    }
  return out;
}

Proposals propose(const std::vector<Prior>& priors, const std::vector<Particle>& population, std::size_t count,
                  std::uint32_t generation, Seed seed) {
  const std::size_t d = priors.size();
  INVADO_ENSURE(!population.empty() && d <= 4 * (blocks_per_draw - 1));
  double total = 0;
  for (const Particle& p : population) total += p.weight;
  std::vector<std::vector<double>> at;
  std::vector<double> weights, cumulated;
  double sum = 0;
  for (const Particle& p : population) {
    std::vector<double>& c = at.emplace_back();
    for (std::size_t k = 0; k < d; ++k) c.push_back(priors[k].coordinate(p.values[k]));
    weights.push_back(p.weight / total);
    cumulated.push_back(sum += weights.back());
  }
  const Matrix l = kernel_of(at, weights, priors);

  // One draw; whether it lies inside.
  const auto draw = [&](std::int64_t who, std::uint32_t number, std::vector<double>& c) {
    const std::uint32_t block = move_blocks + number * blocks_per_draw;
    const double u = uniform4(seed, generation, Purpose::SweepDesign, who, block)[0];
    const auto chosen = static_cast<std::size_t>(std::ranges::upper_bound(cumulated, u * sum) - cumulated.begin());
    c = at[std::min(chosen, at.size() - 1)];
    std::vector<double> z;
    for (std::uint32_t b = 1; z.size() < d; ++b)
      for (const float g : gauss4(seed, generation, Purpose::SweepDesign, who, block + b)) z.push_back(g);
    bool inside = true;
    for (std::size_t k = 0; k < d; ++k) {
      for (std::size_t m = 0; m <= k; ++m) c[k] += l[k][m] * z[m];
      inside = inside && priors[k].holds(c[k]);
    }
    return inside;
  };
  // How much of the kernel lies inside: weights of different generations must be on one scale.
  std::vector<double> c;
  std::size_t inside = 0;
  for (std::uint32_t i = 0; i < most_draws; ++i) inside += draw(-1 - static_cast<std::int64_t>(i), 0, c) ? 1 : 0;
  const double share = static_cast<double>(std::max<std::size_t>(inside, 1)) / most_draws;

  Proposals out;
  for (std::size_t i = 0; i < count; ++i) {
    bool found = false;
    for (std::uint32_t number = 0; number < most_draws && !found; ++number)
      found = draw(static_cast<std::int64_t>(i), number, c);
    if (!found) c = at[i % at.size()];
    double prior = 1, density = 0;
    std::vector<double> away(d);
    for (std::size_t k = 0; k < d; ++k) prior *= priors[k].density(c[k]);
    for (std::size_t j = 0; j < at.size(); ++j) {
      for (std::size_t k = 0; k < d; ++k) away[k] = c[k] - at[j][k];
      density += weights[j] * gaussian(l, away);
    }
    out.weights.push_back(prior / (density / share));
    std::vector<double>& values = out.values.emplace_back();
    for (std::size_t k = 0; k < d; ++k) values.push_back(priors[k].value(c[k]));
  }
  return out;
}

std::vector<Particle> nearest(std::vector<Particle> particles, std::size_t keep) {
  std::erase_if(particles, [](const Particle& p) { return !std::isfinite(p.distance); });
  std::ranges::sort(particles, {}, [](const Particle& p) { return std::tuple(p.distance, p.generation, p.number); });
  if (particles.size() > keep) particles.resize(keep);
  return particles;
}

double effective_size(const std::vector<Particle>& population) {
  double sum = 0, squares = 0;
  for (const Particle& p : population) sum += p.weight, squares += p.weight * p.weight;
  return squares > 0 ? sum * sum / squares : 0;
}

double weighted_quantile(std::vector<std::pair<double, double>> values, double p) {
  if (values.empty()) return unknown;
  std::ranges::sort(values);
  double total = 0, before = 0;
  for (const auto& [value, weight] : values) total += weight;
  double last_value = values.front().first, last_share = 0;
  for (const auto& [value, weight] : values) {
    const double share = (before + weight / 2) / total;
    if (share >= p)
      return share > last_share ? last_value + (p - last_share) / (share - last_share) * (value - last_value) : value;
    last_value = value;
    last_share = share;
    before += weight;
  }
  return values.back().first;
}

}  // namespace invado
