// Of what nothing is seen, because spheres lie before it: nobody needs to draw it.
#pragma once

#include <span>
#include <vector>

#include "render/framing.h"

namespace invado {

// In parallel projection, for pictures of any resolution. Of those that are called hidden nothing is seen; not all of which
// nothing is seen are found. Occlusion culling from front to back (Greene, Kass & Miller 1993, a pyramid of one level): a
// sphere covers the tiles that lie wholly in its disc, down to its surface above their farthest corners.
[[nodiscard]] std::vector<bool> hidden_among(std::span<const Sphere> spheres, const Axes& axes);
// Likewise of other things, each of them within a sphere, behind the opaque ones.
[[nodiscard]] std::vector<bool> hidden_behind(std::span<const Sphere> opaque, std::span<const Sphere> things,
                                              const Axes& axes);

}  // namespace invado
