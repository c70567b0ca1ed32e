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

// What a reader of the analysis has to know before believing it, a sentence each: replicates that are all equal, doses whose
// effects go opposite ways (a product of fractions then says nothing of synergy), axes of scattered points that go together.
[[nodiscard]] std::vector<std::string> cautions(const Study& study, const StudyAnalysis& analysis);

}  // namespace invado
