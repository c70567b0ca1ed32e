// Blood vessels of a site: straight pieces of tube. Some are there from the start, others are laid by sprouts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/vec3.h"
#include "model/matrix.h"

namespace invado {

// Numbers of 8 bytes only: checkpoints keep it byte by byte.
struct VesselSegment {
  Vec3 from, to;        // ends of the axis [um]
  double radius;        // of the tube, lumen and endothelium [um]
  double laid_min;      // when it was laid [min]; 0: at the start
  std::int64_t vessel;  // index into Vessels::names; a sprout: that of the vessel that it comes from
  friend bool operator==(const VesselSegment&, const VesselSegment&) = default;
};
static_assert(sizeof(VesselSegment) == 9 * 8);

// The growing end of a sprout.
struct VesselTip {
  Vec3 at;        // [um]
  Vec3 heading;   // unit vector
  double radius;  // of what it lays [um]
  std::int64_t vessel;
  std::int64_t number;  // of the sprout, never reused: addresses its chance
};
static_assert(sizeof(VesselTip) == 9 * 8);

struct Vessels {
  std::vector<std::string> names;  // of the scenario's vessels
  double wall = 0;                 // thickness of the basement membrane around those of the start [um]; 0: none
  double oxygen = 0;               // partial pressure of the blood in them [mmHg]
  double perfusion = 0;            // exchange of oxygen with the tissue, per volume of vessel [1/min]
  std::vector<VesselSegment> segments;
  std::vector<VesselTip> tips;
  std::int64_t sprouts = 0;  // so far

  [[nodiscard]] bool none() const { return segments.empty(); }
};

// Where a vessel is, seen from a point.
struct NearestVessel {
  double distance;  // from the point to the surface of the tube [um]; negative inside
  Vec3 axis;        // the nearest point of the axis [um]
  Vec3 outward;     // unit vector from the axis to the point; any one across the axis for a point on it
  Vec3 surface;     // the nearest point of the surface [um]
};
[[nodiscard]] NearestVessel nearest_vessel(const VesselSegment& segment, Vec3 x);

// The vessel whose surface is nearest, the first of equally near ones; `vessels` must not be empty. Limit: images across
// periodic faces are not seen.
[[nodiscard]] NearestVessel nearest_vessel(const Vessels& vessels, Vec3 x);

// Make vessel wall of the voxels whose centre lies in the tube or within half a voxel of it (vessels.cpp says why), and
// basement membrane of those within `wall` [um] farther out. Densities stay, as do membranes and walls of plastic.
void lay_into_matrix(Matrix& matrix, const VesselSegment& segment, double wall);

// The share of a voxel of size `spacing` [um] around `centre` that lies in the tube, by 4^3 points. [0, 1]
[[nodiscard]] double share_in_vessel(const VesselSegment& segment, Vec3 centre, Vec3 spacing);

}  // namespace invado
