// The page about a fit: what is known of each parameter now, how well the kept runs follow what was measured, and how the
// generations went.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "statistics/population_monte_carlo.h"

namespace invado {

struct FitPage {
  struct Parameter {
    std::string name, unit;
    Prior prior;
  };
  struct Curve {
    std::string name, column;
    std::vector<double> time_h, value, error;
    std::vector<std::vector<double>> simulated;  // [particle][time]
  };
  struct Generation {
    double tolerance = 0, acceptance = 1, effective_size = 0;
    std::size_t runs = 0;
  };
  std::string name, about, state, reason;  // reason: why it ended; empty: it goes on
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> warnings;
  std::vector<Parameter> parameters;
  std::vector<Particle> population;
  std::vector<Curve> curves;
  std::vector<Generation> generations;
};

[[nodiscard]] std::string fit_page(const FitPage& page);

}  // namespace invado
