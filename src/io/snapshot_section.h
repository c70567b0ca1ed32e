// A plane through what a snapshot holds of the matrix.
#pragma once

#include <cstddef>
#include <vector>

#include "base/vec3.h"
#include "io/snapshot_read.h"

namespace invado {

// The density in a plane across one axis, between the two layers of voxels beside it.
struct LatticeSection {
  int axis = 0, u = 1, v = 2;        // across the plane, and along its rows and columns
  double at = 0;                     // [um]
  std::size_t across = 0, down = 0;  // voxels; 0: there is nothing
  Vec3 origin, spacing;              // centre of its first voxel [um]
  std::vector<float> values;         // u fastest
  std::vector<bool> vessel;          // of each: belongs to a vessel, and its density is nobody's food; empty: unknown
  std::vector<bool> membrane;        // of each: plastic of a transwell; empty: unknown
};
// `tissue` may be empty.
[[nodiscard]] LatticeSection section_of(const LatticeAt& density, const LatticeAt& tissue, int axis, double at);

}  // namespace invado
