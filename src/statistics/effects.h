// Means per level, standardized regression, and what doses do together beyond what each does alone.
#pragma once

#include <vector>

#include "statistics/study.h"

namespace invado {

// Mean of an output over all points with a level, every point counted alike; the interval is that of the replicates.
struct LevelMean {
  std::size_t level;
  Estimate mean;
  std::size_t points, runs;
};
[[nodiscard]] std::vector<LevelMean> level_means(const Study& study, const StudyOutput& output, std::size_t axis);

// Shares of a grid's variance between points: of each axis alone, of each pair beyond its two axes, of what remains, and how
// large the variance is that chance leaves in the mean of a point, over that between points.
struct GridShares {
  std::vector<double> axes;
  std::vector<std::vector<double>> pairs;  // [i][j], i < j
  double rest = unknown, noise = unknown;
};
[[nodiscard]] GridShares grid_shares(const Study& study, const StudyOutput& output);

// Least squares on all axes together, both sides in units of their standard deviation, with the share of the variance that
// it explains. Intervals by bootstrap over points. Nothing for fewer than axes + 2 points with values.
struct Regression {
  std::vector<Estimate> coefficients;
  double explained = unknown;
};
[[nodiscard]] Regression regression(const Study& study, const StudyOutput& output, Seed seed);

// Excess over independence (Bliss 1939, Ann. Appl. Biol. 26:585) of doses on axes that have a level 0. f is the output over
// its value without any dose; independent doses multiply. Positive: together they take away more than independent ones.
//   two:   f_a f_b - f_ab                three: f_a f_b f_c - f_abc
//   beyond pairs: f_a f_bc + f_b f_ac + f_c f_ab - 2 f_a f_b f_c - f_abc (Beppler et al. 2016, J. R. Soc. Interface
//   13:20160800)
// Intervals from the replicates of the points.
struct Excess {
  std::vector<std::size_t> axes, levels;  // the doses that are given; all others are 0
  double fraction = unknown;              // f of all together
  double expected = unknown;              // of independent ones
  Estimate excess, beyond_pairs;          // beyond_pairs: of three
  std::vector<Estimate> alone;            // f of each dose by itself
};
// Axes of a grid with numbers, one of which is 0. Fewer than two, or others beside them: nothing is computed.
[[nodiscard]] std::vector<std::size_t> dose_axes(const Study& study);
[[nodiscard]] std::vector<Excess> excess_over_independence(const Study& study, const StudyOutput& output);

}  // namespace invado
