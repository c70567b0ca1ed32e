// Figure of the matrix: the collagen in a plane through the middle of the cells, and the cells that the plane meets.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "report/document.h"
#include "report/figures.h"
#include "report/markup.h"
#include "report/picture.h"

namespace invado {
namespace {

// Places in the palette: shades of collagen, then a cell, a vessel.
constexpr int shades_of_collagen = 240;
constexpr std::uint8_t cell_place = shades_of_collagen, vessel_place = shades_of_collagen + 1;
constexpr Rgb cell_colour{0x00, 0x72, 0xB2};

std::vector<Rgb> collagen_palette() {
  std::vector<Rgb> colours;
  for (int i = 0; i < shades_of_collagen; ++i) colours.push_back(collagen(i / (shades_of_collagen - 1.0)));
  colours.push_back(cell_colour);
  colours.push_back(vessel_colour);
  return colours;
}

// Between the four voxels around a pixel, those of vessels left out; rows from the top, where y is largest.
Picture picture_of(const LatticeSection& section, const CellsAt& cells, double densest) {
  const double across = static_cast<double>(section.across) * section.spacing.x;
  const Vec3 corner = section.origin - 0.5 * section.spacing;
  const double high = corner.y + static_cast<double>(section.down) * section.spacing.y;
  Picture picture = empty_picture(across, high - corner.y, 600);
  const double per_um = picture.width / across;
  const auto beside = [](double place, std::size_t count) {
    const double x = std::clamp(place, 0.0, static_cast<double>(count - 1));
    const auto below = static_cast<std::size_t>(x);
    return std::tuple(below, std::min(below + 1, count - 1), x - static_cast<double>(below));
  };
  for (std::uint32_t row = 0; row < picture.height; ++row)
    for (std::uint32_t column = 0; column < picture.width; ++column) {
      const Vec3 at{corner.x + (column + 0.5) / per_um, high - (row + 0.5) / per_um, 0};
      const auto [left, right, x] = beside((at.x - section.origin.x) / section.spacing.x, section.across);
      const auto [low, up, y] = beside((at.y - section.origin.y) / section.spacing.y, section.down);
      const auto is_vessel = [&](std::size_t u, std::size_t v) {
        return !section.vessel.empty() && section.vessel[v * section.across + u];
      };
      if (is_vessel(x < 0.5 ? left : right, y < 0.5 ? low : up)) {
        picture.at(row, column) = vessel_place;
        continue;
      }
      double sum = 0, weights = 0;
      for (const auto& [u, v, weight] : {std::tuple(left, low, (1 - x) * (1 - y)), std::tuple(right, low, x * (1 - y)),
                                         std::tuple(left, up, (1 - x) * y), std::tuple(right, up, x * y)}) {
        if (is_vessel(u, v)) continue;
        sum += weight * double{section.values[v * section.across + u]};
        weights += weight;
      }
      const double share = std::clamp(sum / weights / densest, 0.0, 1.0);
      picture.at(row, column) =
          static_cast<std::uint8_t>(std::isnan(share) ? 0 : std::lround(share * (shades_of_collagen - 1)));
    }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double away = cells.position[i].z - section.at, r = cells.radius[i];
    if (!(std::abs(away) < r)) continue;
    const double radius = std::max(std::sqrt(r * r - away * away) * per_um, 0.6);
    const double x = (cells.position[i].x - corner.x) * per_um, y = (high - cells.position[i].y) * per_um;
    const auto from = [](double pixel) { return std::max(0, static_cast<int>(std::ceil(pixel - 0.5))); };
    for (int row = from(y - radius); row < static_cast<int>(picture.height) && row + 0.5 <= y + radius; ++row)
      for (int column = from(x - radius); column < static_cast<int>(picture.width) && column + 0.5 <= x + radius; ++column)
        if ((column + 0.5 - x) * (column + 0.5 - x) + (row + 0.5 - y) * (row + 0.5 - y) <= radius * radius)
          picture.at(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) = cell_place;
  }
  return picture;
}

}  // namespace

std::string matrix_figure(const RunData& run) {
  const LatticeSection& start = run.first_matrix;
  if (start.values.empty()) return {};
  double densest = 0;
  for (const float density : start.values) densest = std::max(densest, double{density});
  for (const float density : run.last_matrix.values) densest = std::max(densest, double{density});
  if (!(densest > 0) || !std::isfinite(densest)) return {};
  const std::vector<Rgb> palette = collagen_palette();
  const double across = static_cast<double>(start.across) * start.spacing.x;
  std::string drawings = "<div class=\"pair\">";
  const auto draw = [&](const LatticeSection& section, const CellsAt& cells) {
    drawings += picture_svg(fmt::format("{}, plane at z = {} µm", time_text(cells.time_h), number_text(section.at, 3)),
                            picture_of(section, cells, densest), palette, across);
  };
  draw(start, *run.first);
  if (!run.last_matrix.values.empty()) draw(run.last_matrix, *run.last);
  drawings += "</div>";
  const bool vessels = std::ranges::count(start.vessel, true) + std::ranges::count(run.last_matrix.vessel, true) > 0;
  const std::string legend =
      colour_legend("collagen (mg/ml)", collagen, {"0", number_text(densest / 2, 3), number_text(densest, 3)});
  return figure(drawings,
                legend +
                    "The whole box at the height where half of the cells were above and half below at the start. "
                    "Brown: collagen, white where it has been eaten or never was; blue: cells where the plane cuts "
                    "them" +
                    (vessels ? "; red: voxels of vessels and their sprouts." : "."));
}

}  // namespace invado
