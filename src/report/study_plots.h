// Drawings of studies: maps of two axes, and values with intervals, one per row.
#pragma once

#include <string>
#include <vector>

#include "statistics/estimate.h"

namespace invado {

// A value for every pair of levels; NaN is shown as missing.
struct HeatMap {
  std::string title, x_label, y_label;
  std::vector<std::string> x, y;            // names of the levels; the first of y is at the bottom
  std::vector<std::vector<double>> values;  // [y][x]
  bool about_zero = false;                  // colours apart for both signs, instead of dark to light
  bool divided = false;                     // a line where values pass the middle between the least and the greatest
};
[[nodiscard]] std::string svg(const HeatMap& map);

// Rows of dots with whiskers; several rows may share a label.
struct IntervalRow {
  std::string label, series;
  Estimate estimate;
};
struct IntervalChart {
  std::string title, x_label;
  std::vector<std::string> series;  // in the order of their colours; one: no legend
  std::vector<IntervalRow> rows;
  bool bars = false;  // bars from zero instead of dots
};
[[nodiscard]] std::string svg(const IntervalChart& chart);

}  // namespace invado
