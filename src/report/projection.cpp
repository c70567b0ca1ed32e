#include "report/projection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace invado {
namespace {

constexpr std::array<double, shades> brightness{0.55, 0.78, 0.92, 1.0};

// Shading by the height of a sphere over the point: 0 at its rim, the last shade in its middle.
int shade_at(double square_distance, double square_radius) {
  const double height = 1 - square_distance / square_radius;  // square of the cosine of its tilt
  return height < 0.12 ? 0 : height < 0.35 ? 1 : height < 0.7 ? 2 : 3;
}

}  // namespace

std::vector<Rgb> palette(Rgb (*colour)(double)) {
  std::vector<Rgb> colours{{255, 255, 255}, {150, 150, 150}};
  for (int step = 0; step < colour_steps; ++step) {
    const Rgb full = colour(step / (colour_steps - 1.0));
    for (const double bright : brightness)
      colours.push_back({static_cast<std::uint8_t>(full.red * bright), static_cast<std::uint8_t>(full.green * bright),
                         static_cast<std::uint8_t>(full.blue * bright)});
  }
  return colours;
}

Picture project(std::span<const DrawnCell> cells, const View& view, Side side) {
  const auto up = [&](const Vec3& p) { return side == Side::Top ? p.y : p.z; };
  const auto nearness = [&](const DrawnCell& c) { return side == Side::Top ? c.position.z : -c.position.y; };
  Picture picture = empty_picture(view.to.x - view.from.x, up(view.to) - up(view.from), view.across);
  const double per_um = picture.width / (view.to.x - view.from.x);

  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return nearness(cells[i]); });
  for (const std::size_t i : order) {
    const DrawnCell& cell = cells[i];
    const double x = (cell.position.x - view.from.x) * per_um, y = (up(view.to) - up(cell.position)) * per_um;
    const double radius = std::max(cell.radius * per_um, 0.6);
    if (!std::isfinite(x) || !std::isfinite(y) || !std::isfinite(radius)) continue;
    const double share = (cell.value - view.low) / (view.high - view.low);
    const int step = std::isnan(share) ? -1 : static_cast<int>(std::clamp(share, 0.0, 1.0) * (colour_steps - 1) + 0.5);
    const auto within = [](double pixel, std::uint32_t end) { return static_cast<int>(std::clamp(pixel, 0.0, end - 1.0)); };
    if (x + radius < 0 || y + radius < 0 || x - radius > picture.width || y - radius > picture.height) continue;
    for (int row = within(y - radius, picture.height); row <= within(y + radius, picture.height); ++row)
      for (int column = within(x - radius, picture.width); column <= within(x + radius, picture.width); ++column) {
        const double dx = column + 0.5 - x, dy = row + 0.5 - y;
        const double square = dx * dx + dy * dy;
        if (square > radius * radius) continue;
        const int place = step < 0 ? 1 : first_colour + shades * step + shade_at(square, radius * radius);
        picture.at(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) = static_cast<std::uint8_t>(place);
      }
  }
  return picture;
}

}  // namespace invado
