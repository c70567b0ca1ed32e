// Shapes in space: membership, bounding box, volume, and points drawn uniformly from them.
#pragma once

#include <array>

#include "base/random.h"
#include "model/world.h"

namespace invado {

// Axis-aligned box around a region [um].
struct Bounds {
  Vec3 low, high;
};

[[nodiscard]] Bounds bounds_of(const Region& region, const Domain& domain);

// Whether a point lies in the region (its surface included). `planar`: z does not count.
[[nodiscard]] bool contains(const Region& region, Vec3 point, bool planar = false);

// Volume in [um^3]; in a planar domain the area of the cross-section in [um^2].
[[nodiscard]] double volume_of(const Region& region, const Domain& domain);

// A point uniform in the region from three numbers uniform on (0, 1): cube root for the radius of spheres, square root for
// discs. In a planar domain spheres and shells are discs and rings, and z is the middle of the domain.
[[nodiscard]] Vec3 point_in(const Region& region, const Domain& domain, const std::array<double, 4>& u);

}  // namespace invado
