#include "scenario/shapes.h"

#include <algorithm>

#include "base/maths.h"

namespace invado {
namespace {

constexpr double pi = 3.14159265358979323846;

// The two axes across `axis`, in cyclic order.
std::array<int, 2> across(int axis) { return {(axis + 1) % 3, (axis + 2) % 3}; }

double distance_across(const Region& region, Vec3 point) {
  const auto [a, b] = across(region.axis);
  const double da = point[a] - region.centre[a], db = point[b] - region.centre[b];
  return std::sqrt(da * da + db * db);
}

bool inside_box(Vec3 point, Vec3 low, Vec3 high, bool planar) {
  for (int axis = 0; axis < (planar ? 2 : 3); ++axis)
    if (!(point[axis] >= low[axis] && point[axis] <= high[axis])) return false;
  return true;
}

double mix(double low, double high, double u) { return low + (high - low) * u; }

}  // namespace

Bounds bounds_of(const Region& region, const Domain& domain) {
  Bounds out{{0, 0, 0}, domain.size};
  switch (region.kind) {
    case Region::Kind::Sphere:
    case Region::Kind::Shell: {
      const Vec3 r{region.radius, region.radius, region.radius};
      out = {region.centre - r, region.centre + r};
      break;
    }
    case Region::Kind::Cylinder:
      for (int a : across(region.axis)) {
        out.low[a] = region.centre[a] - region.radius;
        out.high[a] = region.centre[a] + region.radius;
      }
      out.low[region.axis] = region.from;
      out.high[region.axis] = region.to;
      break;
    case Region::Kind::Slab:
      out.low[region.axis] = region.from;
      out.high[region.axis] = region.to;
      break;
    case Region::Kind::Box:
    case Region::Kind::Points: out = {region.low, region.high}; break;
  }
  if (domain.planar) out.low.z = out.high.z = 0.5 * domain.size.z;
  return out;
}

bool contains(const Region& region, Vec3 point, bool planar) {
  switch (region.kind) {
    case Region::Kind::Sphere:
    case Region::Kind::Shell: {
      Vec3 d = point - region.centre;
      if (planar) d.z = 0;
      const double r = norm(d);
      return r <= region.radius && (region.kind == Region::Kind::Sphere || r >= region.inner_radius);
    }
    case Region::Kind::Cylinder:
      return distance_across(region, point) <= region.radius &&
             ((planar && region.axis == 2) || (point[region.axis] >= region.from && point[region.axis] <= region.to));
    case Region::Kind::Slab:
      return (planar && region.axis == 2) || (point[region.axis] >= region.from && point[region.axis] <= region.to);
    case Region::Kind::Box:
    case Region::Kind::Points: return inside_box(point, region.low, region.high, planar);
  }
  return false;
}

double volume_of(const Region& region, const Domain& domain) {
  const double r = region.radius, q = region.kind == Region::Kind::Shell ? region.inner_radius : 0.0;
  switch (region.kind) {
    case Region::Kind::Sphere:
    case Region::Kind::Shell: return domain.planar ? pi * (r * r - q * q) : 4.0 / 3.0 * pi * (r * r * r - q * q * q);
    case Region::Kind::Cylinder:
      if (domain.planar) return region.axis == 2 ? pi * r * r : 2 * r * (region.to - region.from);
      return pi * r * r * (region.to - region.from);
    case Region::Kind::Slab:
    case Region::Kind::Box:
    case Region::Kind::Points: {
      const Bounds box = bounds_of(region, domain);
      const Vec3 d = box.high - box.low;
      return domain.planar ? d.x * d.y : d.x * d.y * d.z;
    }
  }
  return 0;
}

Vec3 point_in(const Region& region, const Domain& domain, const std::array<double, 4>& u) {
  Vec3 out;
  switch (region.kind) {
    case Region::Kind::Sphere:
    case Region::Kind::Shell: {
      const double r = region.radius, q = region.kind == Region::Kind::Shell ? region.inner_radius : 0.0;
      if (domain.planar) {
        const double rho = std::sqrt(mix(q * q, r * r, u[2]));
        const SinCos turn = sincos_turn(u[1]);
        out = region.centre + Vec3{rho * turn.cos, rho * turn.sin, 0};
      } else {
        const double rho = std::min(r, std::max(q, invado::pow(mix(q * q * q, r * r * r, u[2]), 1.0 / 3.0)));
        const std::array<double, 3> d = direction(u[0], u[1]);
        out = region.centre + rho * Vec3{d[0], d[1], d[2]};
      }
      break;
    }
    case Region::Kind::Cylinder: {
      const auto [a, b] = across(region.axis);
      if (domain.planar && region.axis != 2) {  // seen from the side: a rectangle
        const int wide = region.axis == 0 ? 1 : 0;
        out[wide] = region.centre[wide] + region.radius * (2 * u[0] - 1);
      } else {
        const double rho = region.radius * std::sqrt(u[0]);
        const SinCos turn = sincos_turn(u[1]);
        out[a] = region.centre[a] + rho * turn.cos;
        out[b] = region.centre[b] + rho * turn.sin;
      }
      out[region.axis] = mix(region.from, region.to, u[2]);
      break;
    }
    case Region::Kind::Slab:
    case Region::Kind::Box:
    case Region::Kind::Points: {
      const Bounds box = bounds_of(region, domain);
      for (int axis = 0; axis < 3; ++axis) out[axis] = mix(box.low[axis], box.high[axis], u[static_cast<std::size_t>(axis)]);
      break;
    }
  }
  if (domain.planar) out.z = 0.5 * domain.size.z;
  return out;
}

}  // namespace invado
