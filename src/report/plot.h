// Plots as SVG: lines with bands and error bars, histograms; every line is labelled where it ends.
#pragma once

#include <string>
#include <vector>

#include "report/histogram.h"

namespace invado {

// Points in the order of x; NaN interrupts the line.
struct PlotLine {
  std::string label;
  std::vector<double> x, y;
  std::vector<double> low{}, high{};  // a band around the line; empty: none
  std::vector<double> error{};        // bars of +- this; empty: none
  std::size_t style = 0;              // which colour and dash pattern
  bool points = false;                // circles, not a line
};

struct PlotHistogram {
  std::string label;
  Histogram histogram;
  bool outline = false;  // dashed, not filled: something to compare with
};

// A place on the x axis that means something.
struct PlotMark {
  double x;
  std::string label;
};

struct Plot {
  std::string title;
  std::string x_label, y_label;
  std::vector<PlotLine> lines{};
  std::vector<PlotHistogram> histograms{};
  std::vector<PlotMark> marks{};
  std::vector<double> x_ticks{};  // values that the x axis names, all on it; empty: round ones
  bool log_x = false, log_y = false;
  bool y_from_zero = true;
  double y_reaches = 0;  // the axis shows at least this too
  double width = 560, height = 300;
};

// A complete <svg> element; what a screen reader says is its title.
[[nodiscard]] std::string svg(const Plot& plot);

}  // namespace invado
