#include "statistics/study.h"

#include <algorithm>
#include <set>

namespace invado {
namespace {

const std::vector<std::size_t>& at_row(const Study& study, std::size_t row) { return study.points[study.rows[row]]; }

// Whether row `row` is row `most` with only axis `axis` of row `one`.
bool is_crossed(const Study& study, std::size_t row, std::size_t most, std::size_t one, std::size_t axis) {
  std::vector<std::size_t> wanted = at_row(study, most);
  wanted[axis] = at_row(study, one)[axis];
  return at_row(study, row) == wanted;
}

bool is_saltelli(const Study& study, bool pairs) {
  const std::size_t k = study.axes.size(), block = (pairs ? 2 * k : k) + 2;
  if (k < 2 || study.rows.empty() || study.rows.size() % block != 0) return false;
  std::set<std::size_t> varied;
  for (std::size_t a = 0; a < study.rows.size(); a += block) {
    const std::size_t b = a + block - 1;
    for (std::size_t axis = 0; axis < k; ++axis) {
      if (at_row(study, a)[axis] != at_row(study, b)[axis]) varied.insert(axis);
      if (!is_crossed(study, a + 1 + axis, a, b, axis)) return false;
      if (pairs && !is_crossed(study, a + 1 + k + axis, b, a, axis)) return false;
    }
  }
  return varied.size() == k;
}

bool is_trajectories(const Study& study) {
  const std::size_t k = study.axes.size();
  if (k < 2 || study.rows.empty() || study.rows.size() % (k + 1) != 0) return false;
  for (std::size_t row = 0; row < study.rows.size(); row += k + 1) {
    std::set<std::size_t> moved;
    for (std::size_t step = row; step < row + k; ++step) {
      std::size_t changes = 0;
      for (std::size_t axis = 0; axis < k; ++axis)
        if (at_row(study, step)[axis] != at_row(study, step + 1)[axis]) ++changes, moved.insert(axis);
      if (changes != 1) return false;
    }
    if (moved.size() != k) return false;
  }
  return true;
}

bool is_grid(const Study& study) {
  std::size_t all = 1;
  for (const StudyAxis& axis : study.axes) {
    if (axis.levels.size() > study.points.size()) return false;
    all *= axis.levels.size();
    if (all > study.points.size()) return false;
  }
  const std::set<std::vector<std::size_t>> different(study.points.begin(), study.points.end());
  return all == study.points.size() && different.size() == all && study.rows.size() == all;
}

}  // namespace

std::vector<Mean> StudyOutput::means() const {
  std::vector<Mean> out;
  for (const std::vector<double>& replicates : values) out.push_back(mean_of(replicates));
  return out;
}

std::map<std::vector<std::size_t>, std::size_t> Study::by_levels() const {
  std::map<std::vector<std::size_t>, std::size_t> out;
  for (std::size_t point = 0; point < points.size(); ++point) out.emplace(points[point], point);
  return out;
}

std::string_view words(StudyDesign design) {
  switch (design) {
    case StudyDesign::Grid: return "grid: every combination of levels";
    case StudyDesign::Trajectories: return "trajectories of steps along one axis at a time (Morris)";
    case StudyDesign::Saltelli: return "blocks for shares of the variance (Saltelli)";
    case StudyDesign::SaltelliPairs: return "blocks for shares of the variance, pairs too (Saltelli)";
    case StudyDesign::Scattered: break;
  }
  return "scattered points";
}

StudyDesign design_of(const Study& study) {
  if (is_grid(study)) return StudyDesign::Grid;
  if (is_saltelli(study, false)) return StudyDesign::Saltelli;
  if (is_saltelli(study, true)) return StudyDesign::SaltelliPairs;
  if (is_trajectories(study)) return StudyDesign::Trajectories;
  return StudyDesign::Scattered;
}

}  // namespace invado
