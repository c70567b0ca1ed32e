#include "analysis/front.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "analysis/statistics.h"
#include "base/parallel.h"

namespace invado {
namespace {

struct Simplex {
  std::array<Vec3, 4> corner;
  int count = 0;
};

// Point of the simplex nearest to the origin, by trying every face of it (at most 15); keeps the corners of that face.
// A face is a candidate when the foot of the perpendicular onto its affine hull has no negative weight.
Vec3 nearest_to_origin(Simplex& simplex) {
  double best = std::numeric_limits<double>::infinity();
  Vec3 nearest;
  Simplex kept;
  for (int mask = 1; mask < (1 << simplex.count); ++mask) {
    Simplex face;
    for (int i = 0; i < simplex.count; ++i)
      if ((mask >> i) & 1) face.corner[static_cast<std::size_t>(face.count++)] = simplex.corner[static_cast<std::size_t>(i)];
    const Vec3 a = face.corner[0];
    const int edges = face.count - 1;
    std::array<Vec3, 3> e{};
    for (int i = 0; i < edges; ++i) e[static_cast<std::size_t>(i)] = face.corner[static_cast<std::size_t>(i) + 1] - a;
    // Normal equations G w = -E^T a, solved by Cramer's rule.
    const double g00 = dot(e[0], e[0]), g01 = dot(e[0], e[1]), g02 = dot(e[0], e[2]), g11 = dot(e[1], e[1]),
                 g12 = dot(e[1], e[2]), g22 = dot(e[2], e[2]);
    const double b0 = -dot(e[0], a), b1 = -dot(e[1], a), b2 = -dot(e[2], a);
    std::array<double, 3> w{};
    if (edges == 1) {
      if (!(g00 > 0)) continue;
      w[0] = b0 / g00;
    } else if (edges == 2) {
      const double det = g00 * g11 - g01 * g01;
      if (!(det > 1e-14 * g00 * g11)) continue;
      w = {(b0 * g11 - b1 * g01) / det, (b1 * g00 - b0 * g01) / det, 0};
    } else if (edges == 3) {
      const double c00 = g11 * g22 - g12 * g12, c01 = g02 * g12 - g01 * g22, c02 = g01 * g12 - g02 * g11;
      const double det = g00 * c00 + g01 * c01 + g02 * c02;
      if (!(det > 1e-14 * g00 * g11 * g22)) continue;
      const double c11 = g00 * g22 - g02 * g02, c12 = g01 * g02 - g00 * g12, c22 = g00 * g11 - g01 * g01;
      w = {(c00 * b0 + c01 * b1 + c02 * b2) / det, (c01 * b0 + c11 * b1 + c12 * b2) / det,
           (c02 * b0 + c12 * b1 + c22 * b2) / det};
    }
    double first = 1;
    bool inside = true;
    Vec3 foot = a;
    for (int i = 0; i < edges; ++i) {
      const double weight = w[static_cast<std::size_t>(i)];
      first -= weight;
      inside = inside && weight >= 0;
      foot += weight * e[static_cast<std::size_t>(i)];
    }
    const double square = dot(foot, foot);
    if (!inside || first < 0 || !(square < best)) continue;
    best = square;
    nearest = foot;
    kept = face;
  }
  simplex = kept;
  return nearest;
}

}  // namespace

double distance_to_hull(std::span<const Vec3> points, Vec3 x) {
  if (points.empty()) return std::numeric_limits<double>::infinity();
  Simplex simplex;
  simplex.corner[0] = points[0] - x;
  simplex.count = 1;
  Vec3 nearest = simplex.corner[0];
  for (int iteration = 0; iteration < 100; ++iteration) {
    const double square = dot(nearest, nearest);
    // The point farthest towards the origin.
    Vec3 support = points[0] - x;
    double lowest = dot(support, nearest);
    for (const Vec3& point : points) {
      const Vec3 p = point - x;
      const double along = dot(p, nearest);
      if (along < lowest) lowest = along, support = p;
    }
    // The hull lies beyond the plane at `lowest`: nothing can be nearer than square - lowest allows.
    if (square - lowest <= 1e-9 * square || square == 0) break;
    simplex.corner[static_cast<std::size_t>(simplex.count++)] = support;
    const Vec3 next = nearest_to_origin(simplex);
    if (!(dot(next, next) < square)) break;  // no progress beyond round-off
    nearest = next;
    if (simplex.count == 4) return 0;  // the origin is inside a tetrahedron of the hull
  }
  const double distance = norm(nearest);
  return distance < 1e-6 ? 0 : distance;  // on the surface, but for round-off
}

namespace {

// floor(x) as one of 0, 1, 2, 3; 0 also for a NaN, which has no whole number.
std::size_t one_of_four(double x) { return x >= 1 ? static_cast<std::size_t>(std::min(std::floor(x), 3.0)) : 0; }

// Only points that can be corners of the hull: those outside the hull of the extreme points in 400 directions, and
// these. Exact, since a point inside the hull of others never matters.
std::vector<Vec3> possible_corners(const std::vector<Vec3>& points) {
  if (points.size() <= 64) return points;
  std::vector<std::size_t> extreme;
  constexpr int directions = 400;
  for (int k = 0; k < directions; ++k) {
    // Golden spiral on the sphere.
    const double z = 1 - (2 * k + 1) / static_cast<double>(directions);
    const double turn = 0.38196601125010515 * k;
    const SinCos a = sincos_turn(turn - std::floor(turn));
    const double rho = std::sqrt((1 - z) * (1 + z));
    const Vec3 n{rho * a.cos, rho * a.sin, z};
    std::size_t best = 0;
    for (std::size_t i = 1; i < points.size(); ++i)
      if (dot(points[i], n) > dot(points[best], n)) best = i;
    extreme.push_back(best);
  }
  std::ranges::sort(extreme);
  extreme.erase(std::unique(extreme.begin(), extreme.end()), extreme.end());
  std::vector<Vec3> core;
  for (const std::size_t i : extreme) core.push_back(points[i]);
  std::vector<char> outside(points.size());
  for_rows(points.size(), [&](std::size_t i) { outside[i] = distance_to_hull(core, points[i]) > 0; });
  std::vector<Vec3> corners = core;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (outside[i] != 0 && !std::ranges::binary_search(extreme, i)) corners.push_back(points[i]);
  return corners;
}

double excess(double x, double from, double to) { return std::max({from - x, x - to, 0.0}); }

// As it is seen in a plane, where z does not count (scenario/shapes.h).
Region in_plane(Region region, const Domain& domain) {
  const double z = 0.5 * domain.size.z;
  region.centre.z = region.low.z = region.high.z = z;
  for (Vec3& point : region.points) point.z = z;
  if (region.axis == 2) region.from = 0, region.to = domain.size.z;
  return region;
}

}  // namespace

StartRegion::StartRegion(const std::vector<Region>& parts, const Domain& domain) : domain_(domain) {
  for (const Region& given : parts) {
    const Region region = domain.planar ? in_plane(given, domain) : given;
    Part part{region, {}, region.centre};
    switch (region.kind) {
      case Region::Kind::Box: part.middle = 0.5 * (region.low + region.high); break;
      case Region::Kind::Slab: part.middle = 0.5 * domain.size; break;
      case Region::Kind::Cylinder: part.middle[region.axis] = 0.5 * (region.from + region.to); break;
      case Region::Kind::Points: {
        part.hull = possible_corners(region.points);
        Vec3 low = region.low, high = region.high;
        if (region.points.empty())
          for (int c = 0; c < 8; ++c)
            part.hull.push_back({(c & 1 ? high : low).x, (c & 2 ? high : low).y, (c & 4 ? high : low).z});
        part.middle = 0.5 * (low + high);
        break;
      }
      default: break;
    }
    parts_.push_back(std::move(part));
  }
}

double StartRegion::depth_outside(const Part& part, Vec3 x) {
  const Region& r = part.region;
  switch (r.kind) {
    case Region::Kind::Sphere:
    case Region::Kind::Shell: return std::max(norm(x - r.centre) - r.radius, 0.0);
    case Region::Kind::Cylinder: {
      Vec3 radial = x - r.centre;
      radial[r.axis] = 0;
      return std::max({norm(radial) - r.radius, excess(x[r.axis], r.from, r.to), 0.0});
    }
    case Region::Kind::Box:
      return std::max({excess(x.x, r.low.x, r.high.x), excess(x.y, r.low.y, r.high.y), excess(x.z, r.low.z, r.high.z)});
    case Region::Kind::Slab: return excess(x[r.axis], r.from, r.to);
    case Region::Kind::Points: return distance_to_hull(part.hull, x);
  }
  return 0;
}

StartRegion::Nearest StartRegion::nearest(Vec3 x) const {
  if (domain_.planar) x.z = 0.5 * domain_.size.z;
  Nearest best{std::numeric_limits<double>::infinity(), 0, x};
  std::array<int, 3> reach{};
  for (int axis = 0; axis < 3; ++axis)
    reach[static_cast<std::size_t>(axis)] = domain_.periodic()[static_cast<std::size_t>(axis)] ? 1 : 0;
  for (std::size_t p = 0; p < parts_.size(); ++p)
    for (int k = -reach[2]; k <= reach[2]; ++k)
      for (int j = -reach[1]; j <= reach[1]; ++j)
        for (int i = -reach[0]; i <= reach[0]; ++i) {
          const Vec3 image{x.x + i * domain_.size.x, x.y + j * domain_.size.y, x.z + k * domain_.size.z};
          const double depth = depth_outside(parts_[p], image);
          if (depth < best.depth) best = {depth, p, image};
        }
  return parts_.empty() ? Nearest{0, 0, x} : best;
}

bool StartRegion::outward(Vec3 x, int axis, int side) const {
  Vec3 ahead = x;
  ahead[axis] += side == 0 ? -0.1 : 0.1;
  return depth(ahead) > depth(x) + 0.01;
}

bool StartRegion::side_exists(const Part& part, int side) const {
  const Region& r = part.region;
  return domain_.periodic()[static_cast<std::size_t>(r.axis)] || (side == 0 ? r.from > 0 : r.to < domain_.size[r.axis]);
}

std::size_t StartRegion::sector(Vec3 x) const {
  const Nearest near = nearest(x);
  const Part& part = parts_[near.part];
  const Vec3 d = near.image - part.middle;
  std::size_t sector = 0;
  if (part.region.kind == Region::Kind::Slab) {
    const int a = part.region.axis, b = (a + 1) % 3, c = (a + 2) % 3;
    const std::size_t side = d[a] > 0.5 * (part.region.from + part.region.to) - part.middle[a] ? 16 : 0;
    if (domain_.planar && a != 2) {
      const double strip = 16 * x[1 - a] / domain_.size[1 - a];
      sector = side + (strip >= 1 ? static_cast<std::size_t>(std::min(std::floor(strip), 15.0)) : 0);
    } else {
      const auto square = [&](int axis) { return one_of_four(4 * x[axis] / domain_.size[axis]); };
      sector = side + 4 * square(b) + square(c);
    }
  } else {
    // Azimuth by comparisons: quadrant, then halves at 45 degrees, in the plane also at 22.5 and 67.5.
    const double ax = std::fabs(d.x), ay = std::fabs(d.y);
    const std::size_t quadrant = (d.x < 0 ? 1u : 0u) + (d.y < 0 ? 2u : 0u);
    if (domain_.planar) {
      constexpr double tan_22_5 = 0.41421356237309503;
      const std::size_t part_of_quadrant = ay > ax ? (ax > tan_22_5 * ay ? 2u : 3u) : (ay > tan_22_5 * ax ? 1u : 0u);
      sector = 4 * quadrant + part_of_quadrant;
    } else {
      // Bands of equal height have equal area (Archimedes).
      const double length = norm(d);
      const double height = length > 0 ? d.z / length : 0;
      sector = 8 * one_of_four(2 * (height + 1)) + 2 * quadrant + (ay > ax ? 1u : 0u);
    }
  }
  return 32 * near.part + sector;
}

std::size_t StartRegion::reachable_sectors() const {
  std::size_t count = 0;
  for (const Part& part : parts_) {
    if (part.region.kind == Region::Kind::Slab)
      count += 16u * ((side_exists(part, 0) ? 1u : 0u) + (side_exists(part, 1) ? 1u : 0u));
    else
      count += domain_.planar ? 16 : 32;
  }
  return count;
}

Mass find_mass(const Site& site, const StartRegion& region, std::span<const std::size_t> rows) {
  Mass mass;
  const std::size_t n = rows.size();
  mass.groups = find_clusters(site, rows);
  mass.depth.resize(n);
  for_rows(n, [&](std::size_t i) { mass.depth[i] = region.depth(site.cells.position(rows[i])); });
  // Of each group, at its first entry.
  const std::vector<std::uint32_t>& first = mass.groups.first;
  std::vector<std::int64_t> count(n, 0);
  std::vector<char> inside(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    ++count[first[i]];
    if (!(mass.depth[i] > 0) || first[i] == mass.groups.largest_first) inside[first[i]] = 1;
  }
  mass.member.resize(n);
  for (std::size_t i = 0; i < n; ++i) mass.member[i] = inside[first[i]];
  for (std::size_t i = 0; i < n; ++i) {
    if (first[i] != i || inside[i] != 0) continue;
    mass.detached += count[i];
    if (count[i] > 1) ++mass.islands, mass.island_cells += count[i];
  }
  return mass;
}

Front measure_front(const Site& site, const StartRegion& region, std::span<const std::size_t> rows, const Mass& mass) {
  Front front;
  if (region.empty()) return front;
  const Population& cells = site.cells;
  const std::vector<double>& depth = mass.depth;
  std::vector<double> outside;
  std::vector<double> deepest(region.sectors(), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!(depth[i] > 0)) continue;
    outside.push_back(depth[i]);
    if (depth[i] > 2 * cells.radius[rows[i]]) ++front.invaded;
    if (mass.member[i] == 0) continue;
    double& here = deepest[region.sector(cells.position(rows[i]))];
    here = std::max(here, depth[i]);
  }
  front.outside = static_cast<std::int64_t>(outside.size());
  if (outside.empty()) return front;
  front.max = std::ranges::max(outside);
  const std::vector<double> q = quantiles(std::move(outside), {0.5, 0.9, 0.95, 0.99});
  front.q50 = q[0], front.q90 = q[1], front.q95 = q[2], front.q99 = q[3];

  // A sector that nobody has reached is a front at depth 0.
  const auto sectors = static_cast<double>(std::max(region.reachable_sectors(), std::size_t{1}));
  double sum = 0, squares = 0;
  for (const double d : deepest) sum += d;
  const double mean = sum / sectors;
  std::size_t reached = 0;
  for (const double d : deepest)
    if (d > 0) ++reached, squares += (d - mean) * (d - mean);
  squares += std::max(sectors - static_cast<double>(reached), 0.0) * mean * mean;
  front.roughness = std::sqrt(squares / sectors);

  for (std::size_t i = 0; i < rows.size() && !front.near_boundary; ++i) {
    if (!(depth[i] > 0) || depth[i] < front.q90) continue;
    const Vec3 x = cells.position(rows[i]);
    const double margin = 2 * cells.radius[rows[i]];
    for (int axis = 0; axis < 3; ++axis) {
      if (site.domain.periodic()[static_cast<std::size_t>(axis)] || (axis == 2 && site.domain.planar)) continue;
      if (x[axis] < margin && region.outward(x, axis, 0)) front.near_boundary = true;
      if (x[axis] > site.domain.size[axis] - margin && region.outward(x, axis, 1)) front.near_boundary = true;
    }
  }
  return front;
}

}  // namespace invado
