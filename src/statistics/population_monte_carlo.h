// Approximate Bayesian computation by adaptive population Monte Carlo (Lenormand, Jabot & Deffuant 2013, Comput. Stat.
// 28:2777): every generation proposes the same number of new particles around the kept ones, then keeps the nearest; the
// tolerance follows from what is kept. What a particle is simulated with is not known here: places go out, distances come
// in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "statistics/estimate.h"

namespace invado {

struct Prior {
  enum class Law { Uniform, LogUniform, Normal };  // Normal: cut off at the ends of the range
  Law law = Law::Uniform;
  double from = 0, to = 1;
  double mean = 0, sd = 1;

  // The coordinate in which kernels are Gaussian: the value, or its logarithm.
  [[nodiscard]] double coordinate(double value) const;
  [[nodiscard]] double value(double coordinate) const;
  [[nodiscard]] bool holds(double coordinate) const;
  // Density of the coordinate, 0 outside the range; its integral is 1.
  [[nodiscard]] double density(double coordinate) const;
};

struct Particle {
  std::vector<double> values;  // one per prior
  double distance = 0;         // infinite: its run failed
  double weight = 1;
  std::size_t generation = 0, number = 0;  // when it was proposed, and as which of its generation
};

// Values of the first generation: independent draws from the priors.
[[nodiscard]] std::vector<std::vector<double>> draw_from_priors(const std::vector<Prior>& priors, std::size_t count,
                                                                Seed seed);

// Proposals around a population: a particle, chosen by weight, moved by a Gaussian of twice the weighted covariance; what
// leaves the range is drawn again.
struct Proposals {
  std::vector<std::vector<double>> values;
  std::vector<double> weights;  // prior over proposal density
};
[[nodiscard]] Proposals propose(const std::vector<Prior>& priors, const std::vector<Particle>& population, std::size_t count,
                                std::uint32_t generation, Seed seed);

// The `keep` nearest particles, nearest first (ties by age and number); those without distance never.
[[nodiscard]] std::vector<Particle> nearest(std::vector<Particle> particles, std::size_t keep);

// (sum w)^2 / sum w^2: as many equal particles tell as much.
[[nodiscard]] double effective_size(const std::vector<Particle>& population);

// Quantile of weighted values: the least value at which half of its own weight and all before reach p of the total, linear
// between (mid-point rule).
[[nodiscard]] double weighted_quantile(std::vector<std::pair<double, double>> values_and_weights, double p);

}  // namespace invado
