// Adaptive population Monte Carlo against posteriors that are known.
#include "statistics/population_monte_carlo.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace invado;

namespace {

using Distance = std::function<double(const std::vector<double>& values, std::size_t generation, std::size_t number)>;

// As `invado sweep fit` does it, with a function instead of runs.
std::vector<Particle> fit(const std::vector<Prior>& priors, std::size_t size, std::size_t generations, Seed seed,
                          const Distance& distance) {
  const std::size_t keep = size / 2;
  std::vector<Particle> population;
  for (std::size_t g = 0; g < generations; ++g) {
    std::vector<Particle> all = population;
    Proposals p;
    if (g == 0) {
      p.values = draw_from_priors(priors, size, seed);
      p.weights.assign(size, 1);
    } else {
      p = propose(priors, population, size - keep, static_cast<std::uint32_t>(g), seed);
    }
    for (std::size_t i = 0; i < p.values.size(); ++i)
      all.push_back({p.values[i], distance(p.values[i], g, i), p.weights[i], g, i});
    population = nearest(all, keep);
  }
  return population;
}

double normal(Seed seed, std::size_t generation, std::size_t number) {
  return gauss4(seed, static_cast<std::uint32_t>(generation), Purpose::SweepDesign, static_cast<std::int64_t>(number),
                11)[0];
}

struct Moments {
  double mean = 0, variance = 0;
};
Moments moments(const std::vector<Particle>& population, std::size_t k) {
  double sum = 0;
  Moments m;
  for (const Particle& p : population) sum += p.weight, m.mean += p.weight * p.values[k];
  m.mean /= sum;
  for (const Particle& p : population) m.variance += p.weight / sum * (p.values[k] - m.mean) * (p.values[k] - m.mean);
  return m;
}

}  // namespace

TEST_CASE("mean of a Gaussian with a conjugate prior") {
  // theta ~ N(1, 2^2), ten data of sd 1 with mean 2.5: posterior precision 1/4 + 10 = 10.25, mean (0.25 + 25)/10.25
  // = 2.4634, sd 0.3123. The simulated mean of ten is N(theta, 0.1), and it is sufficient. A tolerance e adds e^2/3 to its
  // variance.
  const std::vector<Prior> priors{{.law = Prior::Law::Normal, .from = -20, .to = 20, .mean = 1, .sd = 2}};
  double square = 0, mean = 0, variance = 0, size = 0;
  const int trials = 6;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const auto population = fit(priors, 1000, 9, {trial}, [&](const auto& v, std::size_t g, std::size_t i) {
      return std::fabs(v[0] + std::sqrt(0.1) * normal({1000 + trial}, g, i) - 2.5);
    });
    square += population.back().distance * population.back().distance / trials;
    mean += moments(population, 0).mean / trials;
    variance += moments(population, 0).variance / trials;
    size += effective_size(population);
  }
  CAPTURE(square);
  CAPTURE(size);
  CHECK(square < 0.15 * 0.15);
  CHECK(size > 6 * 250);
  // Errors: sd/sqrt(size) of the mean, sqrt(2/size) of the variance; 4.5 of them. The tolerance moves the mean by less than
  // 0.01.
  const double precision = 0.25 + 1 / (0.1 + square / 3);
  CHECK(std::abs(mean - 2.4634) < 4.5 * 0.3123 / std::sqrt(size) + 0.01);
  CHECK(std::abs(variance * precision - 1) < 4.5 * std::sqrt(2 / size));
}

TEST_CASE("without data the population stays the prior, however often it is moved") {
  // Distances that know nothing of the particle: weights alone must undo the proposals. A prior at the edge of its range, so
  // that much of the kernel lies outside; the other one on a logarithmic axis.
  const std::vector<Prior> priors{{.law = Prior::Law::Normal, .from = 0, .to = 4, .mean = 0, .sd = 1},
                                  {.law = Prior::Law::LogUniform, .from = 1, .to = 100}};
  double first = 0, square = 0, second = 0, size = 0;
  const int trials = 6;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const auto population = fit(priors, 1000, 5, {77 + trial}, [&](const auto&, std::size_t g, std::size_t i) {
      return std::fabs(normal({2000 + trial}, g, i));
    });
    first += moments(population, 0).mean / trials;
    square += moments(population, 0).variance / trials;
    double sum = 0, logs = 0;
    for (const Particle& p : population) sum += p.weight, logs += p.weight * std::log10(p.values[1]);
    second += logs / sum / trials;
    size += effective_size(population);
  }
  CAPTURE(size);
  CHECK(size > 6 * 200);
  // Half a normal: mean sqrt(2/pi) = 0.7979, variance 1 - 2/pi = 0.3634; log10 uniform on 0..2: mean 1, sd 0.577.
  CHECK(std::abs(first - 0.7979) < 4.5 * 0.603 / std::sqrt(size));
  CHECK(std::abs(square - 0.3634) < 4.5 * 0.4 / std::sqrt(size));
  CHECK(std::abs(second - 1) < 4.5 * 0.577 / std::sqrt(size));
}

TEST_CASE("densities of priors integrate to one; draws lie in the range and are the seed's") {
  const std::vector<Prior> priors{{.law = Prior::Law::Uniform, .from = -3, .to = 5},
                                  {.law = Prior::Law::LogUniform, .from = 0.1, .to = 1000},
                                  {.law = Prior::Law::Normal, .from = -1, .to = 0.5, .mean = 0.3, .sd = 2},
                                  {.law = Prior::Law::Normal, .from = -1e6, .to = 1e6, .mean = 0.3, .sd = 2}};
  for (const Prior& p : priors) {
    const double low = std::max(p.coordinate(p.from), -60.0), high = std::min(p.coordinate(p.to), 60.0);
    const int n = 40000;
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += p.density(low + (i + 0.5) * (high - low) / n) * (high - low) / n;
    CHECK(sum == doctest::Approx(1).epsilon(1e-5));
    CHECK(p.density(high + 1e-6) < 1e-6);
  }
  const auto draws = draw_from_priors(priors, 500, {3});
  CHECK(draws == draw_from_priors(priors, 500, {3}));
  CHECK(draws != draw_from_priors(priors, 500, {4}));
  for (const auto& d : draws)
    for (std::size_t k = 0; k < priors.size(); ++k) CHECK((d[k] >= priors[k].from && d[k] <= priors[k].to));
}

TEST_CASE("the nearest are kept, failed runs never; weighted quantiles") {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto kept = nearest({{{1}, 3, 1, 0, 0}, {{2}, 1, 1, 1, 0}, {{3}, infinity, 1, 0, 1}, {{4}, 1, 1, 0, 2}}, 3);
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].values[0] == 4);  // older first
  CHECK(kept[1].values[0] == 2);
  CHECK(kept[2].values[0] == 1);
  CHECK(effective_size({{{1}, 0, 2, 0, 0}, {{1}, 0, 2, 0, 0}}) == 2);
  CHECK(weighted_quantile({{3, 1}, {1, 1}, {2, 1}}, 0.5) == 2);
  CHECK(weighted_quantile({{1, 1}, {2, 3}}, 0.5) == doctest::Approx(1.75));  // mid-points at 1/8 and 5/8
}
