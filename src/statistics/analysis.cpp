#include "statistics/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace invado {
namespace {

// Least squares then triple the variance of both coefficients at most up to here: 1/(1 - r^2) (variance inflation; Belsley,
// Kuh & Welsch 1980).
constexpr double strong_correlation = 0.8;

// Whether points have been repeated and no repetition gave another value.
bool chance_is_absent(const StudyOutput& output) {
  bool repeated = false;
  for (const std::vector<double>& replicates : output.values) {
    double first = unknown;
    for (const double value : replicates) {
      if (std::isnan(value)) continue;
      if (!std::isnan(first) && value != first) return false;
      repeated = repeated || !std::isnan(first);
      first = value;
    }
  }
  return repeated;
}

// Intervals wholly on either side of 1.
bool go_opposite_ways(const Excess& e) {
  const bool up = std::ranges::any_of(e.alone, [](const Estimate& f) { return f.low > 1; });
  const bool down = std::ranges::any_of(e.alone, [](const Estimate& f) { return f.high < 1; });
  return up && down;
}

// Pearson's r of two axes over the points; 0 when one of them does not vary.
double correlation(const Study& study, std::size_t a, std::size_t b) {
  const auto place = [&](std::size_t point, std::size_t axis) { return study.axes[axis].places[study.points[point][axis]]; };
  const auto n = static_cast<double>(study.points.size());
  double mean_a = 0, mean_b = 0;
  for (std::size_t p = 0; p < study.points.size(); ++p) mean_a += place(p, a) / n, mean_b += place(p, b) / n;
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t p = 0; p < study.points.size(); ++p) {
    const double x = place(p, a) - mean_a, y = place(p, b) - mean_b;
    aa += x * x, bb += y * y, ab += x * y;
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace

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

std::vector<std::string> cautions(const Study& study, const StudyAnalysis& analysis) {
  std::vector<std::string> out;
  std::vector<std::string> certain;
  for (const StudyOutput& output : study.outputs)
    if (chance_is_absent(output)) certain.push_back(output.name);
  if (!certain.empty())
    out.push_back(
        fmt::format("All replicates of a point are equal in {}: nothing in it is left to chance, and its intervals "
                    "have no width.",
                    fmt::join(certain, ", ")));
  for (const OutputAnalysis& a : analysis.outputs) {
    const auto pair = [](const Excess& e) { return e.axes.size() == 2; };
    const auto opposite = std::ranges::count_if(a.excess, [&](const Excess& e) { return pair(e) && go_opposite_ways(e); });
    if (opposite > 0)
      out.push_back(
          fmt::format("{}: in {} of {} pairs one dose raises it and the other lowers it; an excess there is no "
                      "synergy and no antagonism.",
                      a.name, opposite, std::ranges::count_if(a.excess, pair)));
  }
  if (analysis.design != StudyDesign::Scattered) return out;
  for (std::size_t a = 0; a < study.axes.size(); ++a)
    for (std::size_t b = a + 1; b < study.axes.size(); ++b)
      if (const double r = correlation(study, a, b); std::fabs(r) > strong_correlation)
        out.push_back(
            fmt::format("Axes {} and {} go together in these points (correlation {:.2f}): what one of them does "
                        "cannot be told from what the other does.",
                        study.axes[a].name, study.axes[b].name, r));
  return out;
}

}  // namespace invado
