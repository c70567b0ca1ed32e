#include "model/vessels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace invado {
namespace {

// The point of the axis that is nearest to x.
Vec3 on_axis(const VesselSegment& segment, Vec3 x) {
  const Vec3 along = segment.to - segment.from;
  const double length2 = dot(along, along);
  const double at = length2 > 0 ? dot(x - segment.from, along) / length2 : 0;
  return segment.from + std::clamp(at, 0.0, 1.0) * along;
}

double distance_to_axis(const VesselSegment& segment, Vec3 x) { return norm(x - on_axis(segment, x)); }

// How far x lies outside the box around the axis, along the axis of the box where it does most: at most the distance to it.
double distance_to_box(const VesselSegment& segment, Vec3 x) {
  double farthest = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const double from = segment.from[axis], to = segment.to[axis];
    farthest = std::max({farthest, std::min(from, to) - x[axis], x[axis] - std::max(from, to)});
  }
  return farthest;
}

// Some unit vector at right angles to `axis`.
Vec3 across(Vec3 axis) {
  const Vec3 least = std::fabs(axis.x) <= std::fabs(axis.y) && std::fabs(axis.x) <= std::fabs(axis.z) ? Vec3{1, 0, 0}
                     : std::fabs(axis.y) <= std::fabs(axis.z)                                         ? Vec3{0, 1, 0}
                                                                                                      : Vec3{0, 0, 1};
  const Vec3 n = unit(cross(axis, least));
  return norm(n) > 0 ? n : Vec3{1, 0, 0};
}

// Indices of the voxels along `axis` whose centre may lie within [low, high].
struct Span {
  int from, to;  // [from, to)
};
Span voxels_between(const Grid3& grid, int axis, double low, double high) {
  const double h = grid.spacing[axis];
  const int n = grid.shape[static_cast<std::size_t>(axis)];
  const auto held = [&](double i) { return static_cast<int>(std::clamp(i, 0.0, static_cast<double>(n))); };
  return {held(std::floor(low / h)), held(std::floor(high / h) + 1)};
}

}  // namespace

NearestVessel nearest_vessel(const VesselSegment& segment, Vec3 x) {
  NearestVessel nearest;
  nearest.axis = on_axis(segment, x);
  nearest.distance = norm(x - nearest.axis) - segment.radius;
  nearest.outward = unit(x - nearest.axis);
  if (!(norm(nearest.outward) > 0)) nearest.outward = across(segment.to - segment.from);
  nearest.surface = nearest.axis + segment.radius * nearest.outward;
  return nearest;
}

NearestVessel nearest_vessel(const Vessels& vessels, Vec3 x) {
  INVADO_ENSURE(!vessels.none());
  std::size_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t s = 0; s < vessels.segments.size(); ++s) {
    const VesselSegment& segment = vessels.segments[s];
    // Sprouts are hundreds of short pieces. A rounding more than the least decides nothing.
    if (distance_to_box(segment, x) - segment.radius > least + 1e-6) continue;
    const double distance = distance_to_axis(segment, x) - segment.radius;
    if (distance < least) nearest = s, least = distance;
  }
  return nearest_vessel(vessels.segments[nearest], x);
}

void lay_into_matrix(Matrix& matrix, const VesselSegment& segment, double wall) {
  if (matrix.none()) return;
  // What hinders cells is interpolated between voxels. With the voxels whose centre lies in the tube alone, its surface
  // would leave half of each move, and a capillary thinner than a voxel would hinder nobody.
  const double tube = segment.radius + 0.5 * std::min({matrix.grid.spacing.x, matrix.grid.spacing.y, matrix.grid.spacing.z});
  const double reach = tube + wall;
  std::array<Span, 3> box{};
  for (int axis = 0; axis < 3; ++axis)
    box[static_cast<std::size_t>(axis)] =
        voxels_between(matrix.grid, axis, std::min(segment.from[axis], segment.to[axis]) - reach,
                       std::max(segment.from[axis], segment.to[axis]) + reach);
  matrix.tissues |= only(Tissue::VesselWall) | only(Tissue::BasementMembrane);
  for (int k = box[2].from; k < box[2].to; ++k)
    for (int j = box[1].from; j < box[1].to; ++j)
      for (int i = box[0].from; i < box[0].to; ++i) {
        const std::size_t voxel = matrix.grid.index(i, j, k);
        const Tissue there = matrix.tissue_at(voxel);
        if (inert(there)) continue;
        const double distance = distance_to_axis(segment, matrix.grid.centre(i, j, k));
        if (distance <= tube) {
          matrix.tissue[voxel] = static_cast<std::uint8_t>(Tissue::VesselWall);
        } else if (distance <= reach) {
          matrix.tissue[voxel] = static_cast<std::uint8_t>(Tissue::BasementMembrane);
        }
      }
}

double share_in_vessel(const VesselSegment& segment, Vec3 centre, Vec3 spacing) {
  constexpr int points = 4;
  int inside = 0;
  for (int k = 0; k < points; ++k)
    for (int j = 0; j < points; ++j)
      for (int i = 0; i < points; ++i) {
        const Vec3 x{centre.x + ((i + 0.5) / points - 0.5) * spacing.x, centre.y + ((j + 0.5) / points - 0.5) * spacing.y,
                     centre.z + ((k + 0.5) / points - 0.5) * spacing.z};
        inside += distance_to_axis(segment, x) <= segment.radius ? 1 : 0;
      }
  return static_cast<double>(inside) / (points * points * points);
}

}  // namespace invado
