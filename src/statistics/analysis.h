// Everything that a study's design allows to say about its outputs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "statistics/effects.h"
#include "statistics/sensitivity.h"

namespace invado {

struct OutputAnalysis {
  std::string name;
  std::vector<Estimate> points;                // means with the intervals of their replicates
  std::vector<std::vector<LevelMean>> levels;  // grids: [axis]
  std::optional<GridShares> shares;            // grids
  std::vector<MorrisEffects> morris;           // trajectories: [axis]
  std::optional<SobolIndices> sobol;           // blocks
  std::optional<Regression> regression;        // scattered points
  std::vector<Excess> excess;                  // grids of doses
};

struct StudyAnalysis {
  StudyDesign design = StudyDesign::Scattered;
  std::vector<OutputAnalysis> outputs;
};

[[nodiscard]] StudyAnalysis analyse(const Study& study, Seed seed);

}  // namespace invado
