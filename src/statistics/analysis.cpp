#include "statistics/analysis.h"

namespace invado {

StudyAnalysis analyse(const Study& study, Seed seed) {
  StudyAnalysis out;
  out.design = design_of(study);
  for (const StudyOutput& output : study.outputs) {
    OutputAnalysis& a = out.outputs.emplace_back();
    a.name = output.name;
    for (const std::vector<double>& replicates : output.values) {
      const std::vector<Mean> one{mean_of(replicates)};
      a.points.push_back(propagate(one, [](std::span<const double> mean) { return mean[0]; }));
    }
    switch (out.design) {
      case StudyDesign::Grid:
        for (std::size_t axis = 0; axis < study.axes.size(); ++axis) a.levels.push_back(level_means(study, output, axis));
        a.shares = grid_shares(study, output);
        a.excess = excess_over_independence(study, output);
        break;
      case StudyDesign::Trajectories: a.morris = morris_effects(study, output, seed); break;
      case StudyDesign::Saltelli:
      case StudyDesign::SaltelliPairs:
        a.sobol = sobol_indices(study, output, out.design == StudyDesign::SaltelliPairs, seed);
        break;
      case StudyDesign::Scattered: a.regression = regression(study, output, seed); break;
    }
  }
  return out;
}

}  // namespace invado
