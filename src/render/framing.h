// Where one looks from and how much is seen. Parallel projection: lengths are true everywhere in a picture.
#pragma once

#include <span>

#include "base/vec3.h"

namespace invado {

struct Sphere {
  Vec3 centre;
  double radius = 0;
};

// Unit vectors of the picture: to the right, up, and towards who looks. Azimuth turns about z from looking along +y,
// elevation rises from the horizon; at 90 degrees x points right and y up.
struct Axes {
  Vec3 right, up, back;
};
[[nodiscard]] Axes axes_of(double azimuth_degrees, double elevation_degrees);

struct Camera {
  Axes axes;
  Vec3 focus;              // what is in the middle of the picture
  double half_height = 1;  // seen above and below it [um]
  double depth = 1;        // everything lies within so much before and behind the focus [um]
};
// The camera that sees all spheres, in a picture of `aspect` = width / height, with a margin. Nothing to see: 100 um.
[[nodiscard]] Camera framed(std::span<const Sphere> spheres, const Axes& axes, double aspect);

// Across which axis a plane shows the most of a box: the thin one of a slab, at most half as wide as the others, else y.
[[nodiscard]] int section_axis(Vec3 extent);

// Width of what there is, and width over height.
[[nodiscard]] double width_of(std::span<const Sphere> spheres, const Axes& axes);
[[nodiscard]] double aspect_of(std::span<const Sphere> spheres, const Axes& axes);

}  // namespace invado
