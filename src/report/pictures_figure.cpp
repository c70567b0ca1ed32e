// Figures of the cells: from above and from the side, at start and end, and in the organs.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/colour_range.h"
#include "base/named_colours.h"
#include "model/headline_signals.h"
#include "report/document.h"
#include "report/figures.h"
#include "report/markup.h"
#include "report/picture.h"
#include "report/projection.h"

namespace invado {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

// One range for pictures that are to be compared; types have colours of their own, in the order of the scenario.
struct ColourScale {
  std::array<double, 2> range;
  Beyond beyond;
  bool all_alike = false;  // the values: nothing to colour by
  Rgb (*colour)(double) = viridis;

  // Where a value lies between the ends.
  [[nodiscard]] double place(double value) const {
    if (all_alike) return no_value;
    return colour == type_colour_at ? std::fmod(value, clone_colours) : value;
  }
};
ColourScale scale_of(const std::string& column, const std::vector<double>& values) {
  const HeadlineSignal* const headline = find_headline(column);
  ColourScale scale;
  if (column == "type") {
    scale.range = {0, clone_colours - 1};
    scale.colour = type_colour_at;
    return scale;
  }
  scale.range = range_of(values, headline != nullptr ? least_shown * (headline->high - headline->low) : 0);
  for (const double value : values) scale.beyond.note(value, scale.range);
  const auto [least, most] = std::ranges::minmax(values);
  scale.all_alike = headline == nullptr && least == most;
  return scale;
}

std::array<std::string, 3> legend_ticks(const ColourScale& scale) {
  const auto [low, high] = scale.range;
  return {(scale.beyond.below ? "≤ " : "") + number_text(low, 3), number_text((low + high) / 2, 3),
          (scale.beyond.above ? "≥ " : "") + number_text(high, 3)};
}

// What the colours of these cells stand for.
std::string legend_of(const CellsAt& cells, const std::string& colour_by, const ColourScale& scale) {
  if (scale.colour == type_colour_at) {
    std::vector<Rgb> colours;
    for (std::size_t type = 0; type < cells.type_names.size(); ++type) colours.push_back(type_colour(type));
    return names_legend("Type of cells", cells.type_names, colours);
  }
  const std::string unit = unit_text(cells.find(colour_by)->unit);
  return colour_legend(signal_title(colour_by) + (unit.empty() ? "" : " (" + unit + ")"), scale.colour, legend_ticks(scale));
}

}  // namespace

std::string pictures_figure(const RunData& run) {
  const std::string& colour_by = run.colour_by;
  const CellsAt* const end = end_of(run);
  if (end == nullptr || run.column("front_um_q90").empty()) return {};  // wells have no places
  std::vector<const CellsAt*> moments;
  if (run.first) moments.push_back(&*run.first);
  if (run.last) moments.push_back(&*run.last);

  constexpr double infinity = std::numeric_limits<double>::infinity();
  View view{{infinity, infinity, infinity}, {-infinity, -infinity, -infinity}, 0, 1};
  std::vector<double> values;
  for (const CellsAt* cells : moments) {
    const CellsAt::Column& column = *cells->find(colour_by);
    for (std::size_t i = 0; i < cells->size(); ++i) {
      for (int axis = 0; axis < 3; ++axis) {
        view.from[axis] = std::min(view.from[axis], cells->position[i][axis] - 1.5 * cells->radius[i]);
        view.to[axis] = std::max(view.to[axis], cells->position[i][axis] + 1.5 * cells->radius[i]);
      }
      if (std::isfinite(column.values[i])) values.push_back(column.values[i]);
    }
  }
  if (values.empty() || !std::isfinite(norm(view.to - view.from)) || !(view.to.x > view.from.x)) return {};
  const ColourScale scale = scale_of(colour_by, values);
  view.low = scale.range[0];
  view.high = scale.range[1];

  const std::vector<Rgb> colours = palette(scale.colour);
  std::string drawings;
  for (const Side side : {Side::Top, Side::Front}) {
    drawings += "<div class=\"pair\">";
    for (const CellsAt* cells : moments) {
      const CellsAt::Column& column = *cells->find(colour_by);
      std::vector<DrawnCell> drawn;
      for (std::size_t i = 0; i < cells->size(); ++i)
        drawn.push_back({cells->position[i], cells->radius[i], scale.place(column.values[i])});
      drawings += picture_svg(
          fmt::format("{}, {}", time_text(cells->time_h), side == Side::Top ? "from above (x, y)" : "from the side (x, z)"),
          project(drawn, view, side), colours, view.to.x - view.from.x);
    }
    drawings += "</div>";
  }
  const std::string view_text = "Every cell as a disc of its radius, nearer ones over farther ones, cut to where cells are.";
  if (scale.all_alike)
    return figure(drawings, fmt::format("{} Grey: {} is {} in all of them.", view_text, escaped(signal_title(colour_by)),
                                        number_text(values.front())));
  const CellsAt::Column& column = *end->find(colour_by);
  const std::string legend = legend_of(*end, colour_by, scale);
  if (scale.colour == type_colour_at) return figure(drawings, legend + view_text);
  const std::string meaning = column.long_name.empty() ? "" : fmt::format(" ({})", escaped(column.long_name));
  return figure(drawings,
                fmt::format("{}{} Colour: {}{}, the same range in these pictures (from the cells that they show; pages of "
                            "other runs may have another). Grey: no value.",
                            legend, view_text, escaped(signal_title(colour_by)), meaning));
}

std::string organs_figure(const RunData& run) {
  const std::string& colour_by = run.colour_by;
  std::vector<double> values;
  for (const RunData::Organ& organ : run.organs)
    for (const double value : organ.cells.find(colour_by)->values)
      if (std::isfinite(value)) values.push_back(value);
  if (values.empty()) return {};
  const ColourScale scale = scale_of(colour_by, values);
  const auto [low, high] = scale.range;
  std::string drawings, nobody;
  for (const auto& [cells, from, to, foci] : run.organs) {
    if (cells.size() == 0) {
      nobody += fmt::format(" No cell is in {}.", escaped(cells.site));
      continue;
    }
    const std::vector<double>& column = cells.find(colour_by)->values;
    std::vector<DrawnCell> drawn;
    for (std::size_t i = 0; i < cells.size(); ++i)
      drawn.push_back({cells.position[i], cells.radius[i], scale.place(column[i])});
    drawings += "<div class=\"pair\">";
    for (const Side side : {Side::Top, Side::Front})
      drawings += picture_svg(
          fmt::format("{}, {}, {}", cells.site, time_text(cells.time_h), side == Side::Top ? "from above" : "from the side"),
          project(drawn, {from, to, low, high}, side), palette(scale.colour), to.x - from.x);
    drawings += "</div>";
  }
  return figure(drawings, legend_of(run.organs.front().cells, colour_by, scale) +
                              "The organs at the end, in their whole boxes: every cell as a disc of its radius." + nobody);
}

}  // namespace invado
