#include "render/hidden.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

namespace invado {
namespace {

constexpr double tiles_per_radius = 4;
constexpr double most_tiles = 1 << 20;
constexpr double opaque = 0.995;  // of a radius: at its limb a drawn sphere is what rounding in single precision makes of it
constexpr double infinity = std::numeric_limits<double>::infinity();

// A sphere as it is seen: its disc, and its depth towards who looks, in units of tiles.
struct Disc {
  double x, y, depth, radius;
};

// What is covered so far, tile by tile, and down to which depth.
class Tiles {
 public:
  Tiles(std::size_t columns, std::size_t rows) : columns_(columns), covered_(columns * rows, -infinity) {}

  [[nodiscard]] bool hide(const Disc& disc) const {
    const auto [first_row, last_row] = met(disc.y, disc.radius);
    for (std::int64_t j = first_row; j <= last_row; ++j) {
      const double dy = nearest(j, disc.y), rest = std::max(disc.radius * disc.radius - dy * dy, 0.0);
      const auto [first, last] = met(disc.x, std::sqrt(rest));
      for (std::int64_t i = first; i <= last; ++i) {
        const double behind = covered_[at(i, j)] - disc.depth, dx = nearest(i, disc.x);
        if (behind < 0 || behind * behind < rest - dx * dx) return false;
      }
    }
    return true;
  }

  void cover(const Disc& disc) {
    const double radius = opaque * disc.radius;
    const auto [first_row, last_row] = met(disc.y, radius);
    for (std::int64_t j = first_row; j <= last_row; ++j) {
      const double dy = farthest(j, disc.y), rest = radius * radius - dy * dy;
      if (rest < 0) continue;
      const auto [first, last] = met(disc.x, std::sqrt(rest));
      for (std::int64_t i = first; i <= last; ++i)
        if (const double dx = farthest(i, disc.x); dx * dx <= rest)
          covered_[at(i, j)] = std::max(covered_[at(i, j)], disc.depth + std::sqrt(rest - dx * dx));
    }
  }

 private:
  static std::pair<std::int64_t, std::int64_t> met(double centre, double reach) {
    return {static_cast<std::int64_t>(std::floor(centre - reach)), static_cast<std::int64_t>(std::floor(centre + reach))};
  }
  // Distances along an axis from a point to a tile.
  static double nearest(std::int64_t tile, double x) {
    const auto low = static_cast<double>(tile);
    return std::max({low - x, x - (low + 1), 0.0});
  }
  static double farthest(std::int64_t tile, double x) {
    const auto low = static_cast<double>(tile);
    return std::max(x - low, low + 1 - x);
  }
  [[nodiscard]] std::size_t at(std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>(j) * columns_ + static_cast<std::size_t>(i);
  }

  std::size_t columns_;
  std::vector<double> covered_;
};

}  // namespace

std::vector<bool> hidden_among(std::span<const Sphere> spheres, const Axes& axes) {
  std::vector<bool> hidden(spheres.size(), false);
  std::vector<Disc> discs;
  double left = infinity, right = -infinity, low = infinity, high = -infinity, mean_radius = 0;
  for (const auto& [centre, radius] : spheres) {
    discs.push_back({dot(centre, axes.right), dot(centre, axes.up), dot(centre, axes.back), radius});
    left = std::min(left, discs.back().x - radius);
    right = std::max(right, discs.back().x + radius);
    low = std::min(low, discs.back().y - radius);
    high = std::max(high, discs.back().y + radius);
    mean_radius += radius / static_cast<double>(spheres.size());
  }
  if (!(mean_radius > 0)) return hidden;
  const double tile = std::max(mean_radius / tiles_per_radius, std::sqrt((right - left) * (high - low) / most_tiles));
  for (Disc& disc : discs)  // the first tile is left free, and the last one: rounding leads nowhere
    disc = {(disc.x - left) / tile + 1, (disc.y - low) / tile + 1, disc.depth / tile, disc.radius / tile};
  Tiles tiles(static_cast<std::size_t>((right - left) / tile) + 3, static_cast<std::size_t>((high - low) / tile) + 3);
  std::vector<std::size_t> from_front(discs.size());
  std::iota(from_front.begin(), from_front.end(), std::size_t{0});
  std::ranges::sort(from_front, std::ranges::greater{}, [&](std::size_t i) { return discs[i].depth + discs[i].radius; });
  for (const std::size_t i : from_front)
    if (tiles.hide(discs[i]))
      hidden[i] = true;
    else
      tiles.cover(discs[i]);
  return hidden;
}

}  // namespace invado
