// How large the foci of each organ are: classes that double, with the error over entries into the blood.
#include <fmt/core.h>

#include <cmath>

#include "analysis/colony.h"
#include "report/document.h"
#include "report/figures.h"
#include "report/markup.h"

namespace invado {
namespace {

std::string plot_of(const FocusSizes& sizes, const std::string& title) {
  Plot plot{.title = title, .x_label = "cells of a focus", .y_label = "foci, by weight", .log_x = true};
  PlotLine outline{.label = "foci", .x = {}, .y = {}}, error{.label = "± standard error", .x = {}, .y = {}, .points = true};
  for (const FocusSizes::Class& size : sizes.classes) {
    const auto from = static_cast<double>(size.from), next = static_cast<double>(size.to + 1);
    for (const auto& [x, y] : {std::pair(from, size.count.weight), std::pair(next, size.count.weight)}) {
      outline.x.push_back(x);
      outline.y.push_back(y);
    }
    error.x.push_back(std::sqrt(from * next));
    error.y.push_back(size.count.weight);
    error.error.push_back(size.count.error);
    plot.x_ticks.push_back(from);
  }
  plot.x_ticks.push_back(outline.x.back());
  outline.low.assign(outline.y.size(), 0);
  outline.high = outline.y;
  if (sizes.largest >= static_cast<double>(colony_from)) plot.marks.push_back({colony_from, "colonies from here"});
  plot.lines = {outline, error};
  return svg(plot);
}

}  // namespace

std::string foci_figure(const RunData& run) {
  std::string drawings, text;
  for (const RunData::Organ& organ : run.organs) {
    const FocusSizes sizes = sizes_of(organ.foci, run.cascade);
    const std::string name = organ.cells.site;
    if (sizes.foci == 0) {
      text += fmt::format(" No focus is in {}.", escaped(name));
      continue;
    }
    drawings += plot_of(sizes, fmt::format("{}: foci by size, {}", name, time_text(organ.cells.time_h)));
    text += fmt::format(
        " In {}: {} foci that count {}; mean {} cells, median {}, largest {}; beside them, waiting or dormant, {}.",
        escaped(name), sizes.foci, number_text(sizes.weight, 3), number_text(sizes.mean, 3), number_text(sizes.median),
        number_text(sizes.largest), number_text(sizes.idle, 3));
  }
  if (drawings.empty()) return {};
  return figure(drawings,
                fmt::format("How many foci have how many cells: 1, 2 to 3, 4 to 7, 8 to 15 and so on. A focus is what one "
                            "arrival has become, a cell or a clump (or a cell that was put there) with its offspring, once "
                            "one of its cells has begun to grow; from {} cells on it is a colony. Foci count their weight, "
                            "cells are heads; ± as in the "
                            "table above.{}",
                            colony_from, text));
}

}  // namespace invado
