// How much each axis decides about an output: elementary effects and shares of the variance.
#pragma once

#include <vector>

#include "statistics/study.h"

namespace invado {

// Elementary effects (Morris 1991, Technometrics 33:161; mu_star: Campolongo et al. 2007, Environ. Model. Softw. 22:1509):
// change of the output over change of the coordinate, one per trajectory. Intervals by bootstrap over trajectories.
struct MorrisEffects {
  Estimate mu, mu_star;  // mean of the effects, of their sizes
  double sigma;          // their standard deviation: nonlinearity, interactions, and noise
  std::size_t effects;
};
[[nodiscard]] std::vector<MorrisEffects> morris_effects(const Study& study, const StudyOutput& output, Seed seed);

// Shares of the variance (Sobol 1993). First order: V_i = mean of f(B) (f(A with B's axis i) - f(A)) (Saltelli et al. 2010,
// table 2b); total: mean of (f(A) - f(A with B's axis i))^2 / 2 (Jansen 1999); pairs: mean of f(B with A's j) f(A with B's
// i) - f(A) f(B), less both first orders (Saltelli 2002). All over the variance of A and B together, the mean taken off
// before. Intervals by bootstrap over blocks; blocks that are not complete are left out.
struct SobolIndices {
  std::vector<Estimate> first, total;
  std::vector<std::vector<Estimate>> pairs;  // [i][j], i < j; empty without blocks for them
  std::size_t blocks = 0;
};
[[nodiscard]] SobolIndices sobol_indices(const Study& study, const StudyOutput& output, bool pairs, Seed seed);

}  // namespace invado
