#include "render/hidden.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <utility>

namespace invado {
namespace {

constexpr double tiles_per_radius = 4;
constexpr double most_tiles = 1 << 20;
constexpr double solid = 0.995;  // of a radius: at its limb a drawn sphere is what rounding in single precision makes of it
constexpr double infinity = std::numeric_limits<double>::infinity();

// A sphere as it is seen: its disc, and its depth towards who looks.
struct Disc {
  double x, y, depth, radius;
};

Disc disc_of(const Sphere& sphere, const Axes& axes) {
  return {dot(sphere.centre, axes.right), dot(sphere.centre, axes.up), dot(sphere.centre, axes.back), sphere.radius};
}

double mean_radius_of(std::span<const Sphere> spheres) {
  double sum = 0;
  for (const Sphere& sphere : spheres) sum += sphere.radius;
  return sum / static_cast<double>(spheres.size());
}

// What is covered so far, tile by tile, and down to which depth. Tiles are a fraction of `radius` wide, and hold `spheres`.
class Tiles {
 public:
  Tiles(double radius, std::initializer_list<std::span<const Sphere>> spheres, const Axes& axes) : axes_(axes) {
    double left = infinity, right = -infinity, low = infinity, high = -infinity;
    for (const std::span<const Sphere> some : spheres)
      for (const Sphere& sphere : some) {
        const Disc disc = disc_of(sphere, axes);
        left = std::min(left, disc.x - disc.radius);
        right = std::max(right, disc.x + disc.radius);
        low = std::min(low, disc.y - disc.radius);
        high = std::max(high, disc.y + disc.radius);
      }
    tile_ = std::max(radius / tiles_per_radius, std::sqrt((right - left) * (high - low) / most_tiles));
    left_ = left - tile_, low_ = low - tile_;  // the first tile is left free, and the last one: rounding leads nowhere
    columns_ = static_cast<std::size_t>((right - left) / tile_) + 3;
    covered_.assign(columns_ * (static_cast<std::size_t>((high - low) / tile_) + 3), -infinity);
  }

  // In units of tiles.
  [[nodiscard]] Disc on(const Sphere& sphere) const {
    const auto [x, y, depth, radius] = disc_of(sphere, axes_);
    return {(x - left_) / tile_, (y - low_) / tile_, depth / tile_, radius / tile_};
  }

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
    const double radius = solid * disc.radius;
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

  Axes axes_;
  double tile_ = 0, left_ = 0, low_ = 0;
  std::size_t columns_ = 0;
  std::vector<double> covered_;
};

}  // namespace

std::vector<bool> hidden_among(std::span<const Sphere> spheres, const Axes& axes) {
  std::vector<bool> hidden(spheres.size(), false);
  const double radius = mean_radius_of(spheres);
  if (!(radius > 0)) return hidden;
  Tiles tiles(radius, {spheres}, axes);
  std::vector<Disc> discs;
  for (const Sphere& sphere : spheres) discs.push_back(tiles.on(sphere));
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

std::vector<bool> hidden_behind(std::span<const Sphere> opaque, std::span<const Sphere> things, const Axes& axes) {
  std::vector<bool> hidden(things.size(), false);
  const double radius = mean_radius_of(opaque);
  if (!(radius > 0)) return hidden;
  Tiles tiles(radius, {opaque, things}, axes);
  for (const Sphere& sphere : opaque) tiles.cover(tiles.on(sphere));
  for (std::size_t i = 0; i < things.size(); ++i) hidden[i] = tiles.hide(tiles.on(things[i]));
  return hidden;
}

}  // namespace invado
