// How far cells have come out of the place where they started.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/clusters.h"
#include "model/world.h"

namespace invado {

// Depth of points outside the initial region of a site, the union of its parts: 0 inside, else the distance along the
// region's natural direction, to the nearest part.
//   sphere, shell   distance to the centre minus the (outer) radius
//   cylinder        the larger of the radial excess and the excess along the axis
//   box, slab       the largest excess beyond a face
//   points          distance to their convex hull
// On periodic axes the nearest image counts; in a planar domain z does not count.
class StartRegion {
 public:
  StartRegion(const std::vector<Region>& parts, const Domain& domain);

  [[nodiscard]] bool empty() const { return parts_.empty(); }
  [[nodiscard]] double depth(Vec3 x) const { return nearest(x).depth; }
  // Depth grows when the point moves towards the face `side` (0 low, 1 high) of `axis`.
  [[nodiscard]] bool outward(Vec3 x, int axis, int side) const;

  // Which of the sectors of equal size, seen from the middle of the nearest part, a point lies in: 16 azimuths in a
  // planar domain, 4 bands x 8 azimuths in space; 16 squares on either side of a slab, in a planar domain 16 strips.
  [[nodiscard]] std::size_t sector(Vec3 x) const;
  [[nodiscard]] std::size_t sectors() const { return 32 * parts_.size(); }
  // Sectors that a cell could be in: a slab at the wall has one side, a planar domain 16 azimuths.
  [[nodiscard]] std::size_t reachable_sectors() const;

 private:
  struct Part {
    Region region;
    std::vector<Vec3> hull;  // points: those that can be corners of the convex hull
    Vec3 middle;
  };
  struct Nearest {
    double depth;
    std::size_t part;
    Vec3 image;  // periodic image of the point that is nearest to that part
  };
  [[nodiscard]] Nearest nearest(Vec3 x) const;
  [[nodiscard]] static double depth_outside(const Part& part, Vec3 x);
  [[nodiscard]] bool side_exists(const Part& part, int side) const;

  std::vector<Part> parts_;
  Domain domain_;
};

// Distance of x to the convex hull of points, 0 inside (Gilbert, Johnson & Keerthi 1988; relative error 1e-9).
[[nodiscard]] double distance_to_hull(std::span<const Vec3> points, Vec3 x);

// Who belongs together. The mass: groups in contact that reach into the initial region, and the largest group, which may
// have left it. What is in no contact with it is detached.
struct Mass {
  std::vector<double> depth;  // per entry of `rows`, as the others: depth outside the region [um]
  std::vector<char> member;   // 1: of the mass
  Clusters groups;
  std::int64_t detached = 0;      // cells without contact, direct or through others, to the mass
  std::int64_t islands = 0;       // groups of two or more detached cells
  std::int64_t island_cells = 0;  // cells in them; the other detached cells are single
};

// Rows to look at; the order of rows does not matter, here and below.
[[nodiscard]] Mass find_mass(const Site& site, const StartRegion& region, std::span<const std::size_t> rows);

// The invasion front: quantiles of depth over the cells that are outside the initial region; 0 when none is.
struct Front {
  double q50 = 0, q90 = 0, q95 = 0, q99 = 0, max = 0;  // [um]
  // Root mean square, over the sectors of the region, of the height of the front about its mean; the height is the depth of
  // the deepest cell of the mass there, 0 where none is outside. Detached cells are no part of the front.  [um]
  double roughness = 0;
  bool near_boundary = false;  // a cell of the deepest tenth is within two of its radii of a face that lies ahead of it
  std::int64_t outside = 0;
  std::int64_t invaded = 0;  // deeper than two of its radii
};

[[nodiscard]] Front measure_front(const Site& site, const StartRegion& region, std::span<const std::size_t> rows,
                                  const Mass& mass);

}  // namespace invado
