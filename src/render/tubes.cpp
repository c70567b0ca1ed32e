#include "render/tubes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

#include "io/hdf5.h"

namespace invado {

std::vector<Tube> read_tubes(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place) {
  std::vector<Tube> tubes;
  const std::uint64_t count = info.places.at(place).vessels;
  if (count == 0) return tubes;
  const hdf5::Reader reader(file);
  const std::string group = info.places[place].group + "/vessels/";
  const auto column = [&](const char* name, std::size_t numbers) {
    if (!reader.has(group + name)) throw IoError(fmt::format("{}: has no vessels/{}", file.string(), name), Exit::BadData);
    std::vector<double> values = reader.read<double>(group + name);
    if (values.size() != numbers)
      throw IoError(fmt::format("{}: vessels/{} is not as long as there are vessels", file.string(), name), Exit::BadData);
    return values;
  };
  const std::vector<double> ends = column("position", 6 * count), radius = column("radius", 2 * count),
                            laid = column("laid_h", 2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const double* x = &ends[6 * i];
    tubes.push_back({{x[0], x[1], x[2]}, {x[3], x[4], x[5]}, radius[2 * i], laid[2 * i] > 0});
  }
  return tubes;
}

std::vector<Sphere> balls_along(std::span<const Tube> tubes, bool sprouts) {
  std::vector<Sphere> balls;
  for (const Tube& tube : tubes) {
    if (tube.sprout != sprouts) continue;
    const double pieces = std::ceil(norm(tube.to - tube.from) / std::max(tube.radius, 1.0));
    for (double piece = 0; piece < pieces; ++piece)
      balls.push_back({tube.from + ((piece + 0.5) / pieces) * (tube.to - tube.from), tube.radius});
  }
  return balls;
}

bool lie_inside(std::span<const Tube> tubes, std::span<const Sphere> cells, Vec3 back) {
  for (const bool sprouts : {false, true})
    for (const Sphere& place : balls_along(tubes, sprouts)) {
      bool before = false, behind = false;
      for (const auto& [centre, reach] : cells) {
        const Vec3 away = centre - place.centre;
        const double depth = dot(away, back);
        if (dot(away, away) - depth * depth < reach * reach) (depth > 0 ? before : behind) = true;
      }
      if (before && behind) return true;
    }
  return false;
}

std::vector<Sphere> joints_of(std::span<const Tube> tubes, bool sprouts) {
  std::map<std::tuple<double, double, double>, std::pair<double, int>> ends;  // largest radius, and how many end there
  for (const Tube& tube : tubes)
    if (tube.sprout == sprouts)
      for (const Vec3& x : {tube.from, tube.to}) {
        auto& [radius, count] = ends[{x.x, x.y, x.z}];
        radius = std::max(radius, tube.radius);
        ++count;
      }
  std::vector<Sphere> joints;
  for (const auto& [place, end] : ends)
    if (sprouts || end.second > 1) {
      const auto& [x, y, z] = place;
      joints.push_back({{x, y, z}, end.first});
    }
  return joints;
}

namespace {

using Point = std::pair<double, double>;

// Corners against the clock (Andrew 1979, monotone chain).
std::vector<Point> convex_hull(std::vector<Point> points) {
  std::ranges::sort(points);
  const auto turns_left = [](const Point& a, const Point& b, const Point& c) {
    return (b.first - a.first) * (c.second - a.second) - (b.second - a.second) * (c.first - a.first) > 0;
  };
  std::vector<Point> hull;
  for (int way = 0; way < 2; ++way) {
    const std::size_t start = hull.size();
    for (const Point& point : points) {
      while (hull.size() >= start + 2 && !turns_left(hull[hull.size() - 2], hull.back(), point)) hull.pop_back();
      hull.push_back(point);
    }
    hull.pop_back();  // it begins the other half
    std::ranges::reverse(points);
  }
  return hull;
}

// What lies on the side of `normal` of a plane through a point (Sutherland & Hodgman 1974).
std::vector<Vec3> clipped(const std::vector<Vec3>& polygon, Vec3 point, Vec3 normal) {
  std::vector<Vec3> left;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Vec3 &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    const double at_a = dot(a - point, normal), at_b = dot(b - point, normal);
    if (at_a >= 0) left.push_back(a);
    if ((at_a < 0) != (at_b < 0)) left.push_back(a + (at_a / (at_a - at_b)) * (b - a));
  }
  return left;
}

}  // namespace

std::vector<Vec3> tube_section(const Tube& tube, int axis, double at) {
  // The tube is all balls along its axis; a plane meets each in a disc, and what it meets of all of them is convex.
  constexpr int balls = 48, corners = 24;
  const int u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
  // Only where the plane is within reach: a tube across it would else be met by few balls.
  double low = 0, high = 1;
  const double begin = tube.from[axis] - at, slope = tube.to[axis] - tube.from[axis];
  if (slope != 0) {
    const double one = (-tube.radius - begin) / slope, other = (tube.radius - begin) / slope;
    low = std::max(low, std::min(one, other));
    high = std::min(high, std::max(one, other));
  } else if (std::abs(begin) >= tube.radius) {
    return {};
  }
  if (!(low < high)) return {};
  std::vector<Point> points;
  for (int i = 0; i <= balls; ++i) {
    const Vec3 centre = tube.from + (low + (high - low) * i / balls) * (tube.to - tube.from);
    const double away = centre[axis] - at, square = tube.radius * tube.radius - away * away;
    if (!(square > 0)) continue;
    for (int k = 0; k < corners; ++k) {
      const double angle = 2 * std::numbers::pi * k / corners;
      points.emplace_back(centre[u] + std::sqrt(square) * std::cos(angle), centre[v] + std::sqrt(square) * std::sin(angle));
    }
  }
  if (points.size() < 3) return {};
  std::vector<Vec3> section;
  for (const Point& point : convex_hull(std::move(points))) {
    Vec3 x;
    x[axis] = at;
    x[u] = point.first;
    x[v] = point.second;
    section.push_back(x);
  }
  if (!tube.sprout) {
    const Vec3 along = tube.to - tube.from;
    section = clipped(clipped(section, tube.from, along), tube.to, -along);
  }
  return section;
}

}  // namespace invado
