// What a fit file says: which scenario, which values are unknown and what is believed of them, and what was measured. Read
// by the reader of sweeps, and as strictly.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "statistics/population_monte_carlo.h"
#include "sweep/plan.h"
#include "sweep/specification.h"

namespace invado {

// One measured curve.
struct FitData {
  std::string name, column;  // column: of series.csv
  std::vector<double> time_h, value, error;
  double if_empty = unknown;  // what an empty field of series.csv counts as
  Origin origin;
};

struct FitSpecification {
  SweepSpecification
      runs;  // axes: the parameters, in the order of the priors; observables: one per measured value; no points
  std::vector<Prior> priors;
  std::vector<std::string> units;  // of the priors
  std::vector<FitData> data;
  std::int64_t population = 200;  // proposed in the first generation
  double keep = 0.5;              // share of them that is kept
  std::int64_t generations = 10;  // the most
  double tolerance = 0;           // stop when the farthest kept particle is nearer
  double acceptance = 0.05;       // stop when fewer new particles than this are nearer than the last tolerance
};

[[nodiscard]] FitSpecification read_fit(const std::filesystem::path& file,
                                        const std::vector<std::filesystem::path>& allow_dirs = {});

// A value as a scenario wants it.
[[nodiscard]] std::string fit_value(const FitSpecification& fit, std::size_t parameter, double value);

// Root mean square of (simulated - measured)/error, first over the values of a curve, then over curves. Infinite when a
// value is missing. `simulated`: one per observable of `runs`; missing ones are filled in where the fit says with what.
[[nodiscard]] double fit_distance(const FitSpecification& fit, std::vector<double>& simulated);

}  // namespace invado
