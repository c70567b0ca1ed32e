// What is analysed: points with a level on each axis, outputs with a value per replicate. The same for the runs of a sweep
// and for a table that somebody else has made.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "statistics/estimate.h"

namespace invado {

struct StudyAxis {
  std::string name, unit;
  std::vector<std::string> levels;  // as they were written, in order
  std::vector<double> numbers;      // of the levels; empty: they are words
  std::vector<double> places;       // of the levels on the axis, 0 to 1
  bool logarithmic = false;
};

struct StudyOutput {
  std::string name;
  std::vector<std::vector<double>> values;  // [point][replicate]; NaN: no value
  [[nodiscard]] std::vector<Mean> means() const;
};

struct Study {
  std::vector<StudyAxis> axes;                   // those that move by themselves
  std::vector<std::vector<std::size_t>> points;  // [point][axis] = level
  std::vector<std::string> names;                // of points; empty: they have none
  std::vector<std::size_t> rows;                 // points in the order of the design
  std::vector<StudyOutput> outputs;

  // Coordinate of a row of the design on an axis.
  [[nodiscard]] double place(std::size_t row, std::size_t axis) const { return axes[axis].places[points[rows[row]][axis]]; }
  // Levels to point.
  [[nodiscard]] std::map<std::vector<std::size_t>, std::size_t> by_levels() const;
};

enum class StudyDesign {
  Grid,           // every combination of levels, once
  Trajectories,   // Morris: steps of one axis at a time, each axis once
  Saltelli,       // blocks A, A with one axis of B, ..., B
  SaltelliPairs,  // also B with one axis of A
  Scattered,      // none of these
};

[[nodiscard]] std::string_view words(StudyDesign design);

// Seen from the points themselves, so that tables of other programs are understood too. Trajectories and blocks need two
// axes.
[[nodiscard]] StudyDesign design_of(const Study& study);

}  // namespace invado
