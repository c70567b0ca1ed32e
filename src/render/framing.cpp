#include "render/framing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace invado {
namespace {

constexpr double margin = 1.05;  // what is seen over what there is

struct Span {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double x, double radius) {
    low = std::min(low, x - radius);
    high = std::max(high, x + radius);
  }
  [[nodiscard]] double middle() const { return 0.5 * (low + high); }
  [[nodiscard]] double half() const { return 0.5 * (high - low); }
};

}  // namespace

Axes axes_of(double azimuth_degrees, double elevation_degrees) {
  const double a = azimuth_degrees * std::numbers::pi / 180, e = elevation_degrees * std::numbers::pi / 180;
  return {{std::cos(a), std::sin(a), 0},
          {-std::sin(e) * std::sin(a), std::sin(e) * std::cos(a), std::cos(e)},
          {std::cos(e) * std::sin(a), -std::cos(e) * std::cos(a), std::sin(e)}};
}

Camera framed(std::span<const Sphere> spheres, const Axes& axes, double aspect) {
  Camera camera;
  camera.axes = axes;
  Span across, upward, depth;
  for (const Sphere& sphere : spheres) {
    across.add(dot(sphere.centre, axes.right), sphere.radius);
    upward.add(dot(sphere.centre, axes.up), sphere.radius);
    depth.add(dot(sphere.centre, axes.back), sphere.radius);
  }
  if (spheres.empty()) {
    camera.half_height = camera.depth = 50;
    return camera;
  }
  camera.focus = across.middle() * axes.right + upward.middle() * axes.up + depth.middle() * axes.back;
  camera.half_height = margin * std::max({upward.half(), across.half() / aspect, 1.0});
  camera.depth = std::max(depth.half(), 1.0);
  return camera;
}

int section_axis(Vec3 extent) {
  for (const int axis : {2, 1, 0})
    if (2 * extent[axis] <= std::min(extent[(axis + 1) % 3], extent[(axis + 2) % 3])) return axis;
  return 1;
}

double width_of(std::span<const Sphere> spheres, const Axes& axes) {
  Span across;
  for (const Sphere& sphere : spheres) across.add(dot(sphere.centre, axes.right), sphere.radius);
  return spheres.empty() ? 0 : 2 * across.half();
}

double aspect_of(std::span<const Sphere> spheres, const Axes& axes) {
  Span across, upward;
  for (const Sphere& sphere : spheres) {
    across.add(dot(sphere.centre, axes.right), sphere.radius);
    upward.add(dot(sphere.centre, axes.up), sphere.radius);
  }
  return spheres.empty() ? 1 : std::max(across.half(), 1.0) / std::max(upward.half(), 1.0);
}

}  // namespace invado
