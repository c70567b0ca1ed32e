// What nobody needs to draw: against rays through the same spheres, one by one.
//
// Seen to fail with: tiles that a disc only touches taken for covered; what covers less than what covered before; from back
// to front; looked at from behind; half of each radius opaque; tiles without a bound on their number; things beside all
// opaque spheres taken for covered, or without tiles; their own radius ignored; hidden by each other.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "render/hidden.h"

using namespace invado;

namespace {

// Which spheres rays meet first that come from who looks.
std::vector<bool> met_by_rays(const std::vector<Sphere>& spheres, const Axes& axes, double half_width, double step) {
  struct Seen {
    double x, y, depth, radius;
  };
  std::vector<Seen> seen;
  for (const Sphere& s : spheres)
    seen.push_back({dot(s.centre, axes.right), dot(s.centre, axes.up), dot(s.centre, axes.back), s.radius});
  std::vector<bool> met(spheres.size(), false);
  for (double x = -half_width; x < half_width; x += step) {
    std::vector<std::size_t> column;  // spheres that rays at this x may meet
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (std::fabs(seen[i].x - x) < seen[i].radius) column.push_back(i);
    for (double y = -half_width; y < half_width; y += step) {
      std::size_t first = seen.size();
      double depth = -std::numeric_limits<double>::infinity();
      for (const std::size_t i : column) {
        const Seen& s = seen[i];
        const double rest = s.radius * s.radius - (s.x - x) * (s.x - x) - (s.y - y) * (s.y - y);
        if (rest < 0) continue;
        if (const double here = s.depth + std::sqrt(rest); here > depth) {
          depth = here;
          first = i;
        }
      }
      if (first < seen.size()) met[first] = true;
    }
  }
  return met;
}

// In a ball about the origin, of radii from 0.5 to 1.5, overlapping.
std::vector<Sphere> ball_of(std::size_t count, double radius) {
  std::vector<Sphere> cells;
  for (std::int64_t i = 0; cells.size() < count; ++i) {
    const auto u = uniform4(Seed{20}, 0, Purpose::Placement, i);
    const Vec3 at{2 * u[0] - 1, 2 * u[1] - 1, 2 * u[2] - 1};
    if (norm(at) < 1) cells.push_back({radius * at, 0.5 + u[3]});
  }
  return cells;
}

}  // namespace

TEST_CASE("no ray meets a sphere that is called hidden, and of those that none meets most are found") {
  for (const auto& [azimuth, elevation] : {std::array{0.0, 0.0}, std::array{30.0, 20.0}, std::array{-70.0, -90.0}}) {
    const Axes axes = axes_of(azimuth, elevation);
    const std::vector<Sphere> cells = ball_of(1200, 11);
    const std::vector<bool> met = met_by_rays(cells, axes, 13, 0.04), hidden = hidden_among(cells, axes);
    int wrong = 0, unseen = 0, found = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      wrong += met[i] && hidden[i];
      unseen += !met[i];
      found += hidden[i];
    }
    CHECK(wrong == 0);
    CHECK(unseen > 700);
    CHECK(found > 0.75 * unseen);
  }
}

TEST_CASE("things are hidden behind opaque spheres, never by each other, and none that a ray meets") {
  const std::vector<Sphere> opaque = ball_of(1200, 11);
  std::vector<Sphere> things;
  for (const auto& [centre, radius] : ball_of(300, 15))
    things.push_back({Vec3{-centre.y, centre.z, centre.x}, 0.2 * radius});
  const Axes axes = axes_of(30, 20);
  std::vector<Sphere> all = opaque;
  all.insert(all.end(), things.begin(), things.end());
  const std::vector<bool> met = met_by_rays(all, axes, 16, 0.02), hidden = hidden_behind(opaque, things, axes);
  int wrong = 0, unseen = 0, found = 0;
  for (std::size_t i = 0; i < things.size(); ++i) {
    wrong += met[opaque.size() + i] && hidden[i];
    unseen += !met[opaque.size() + i];
    found += hidden[i];
  }
  CHECK(wrong == 0);
  CHECK(unseen > 80);
  CHECK(unseen < 220);
  CHECK(found > 0.9 * unseen);
  CHECK(hidden_behind({}, things, axes) == std::vector<bool>(things.size(), false));
  const std::vector<Sphere> before_opaque{{{0, 0, 0}, 4}, {{0, 20, 0}, 1}};
  CHECK(hidden_behind(std::vector<Sphere>{{{0, 90, 0}, 1}}, before_opaque, axes_of(0, 0)) ==
        std::vector<bool>{false, false});
}

TEST_CASE("a larger sphere hides a smaller one behind it, not before it, beside it or across its limb") {
  const Axes ahead = axes_of(0, 0);  // along +y: smaller y is nearer
  const auto second_is_hidden = [&](Sphere second) {
    const std::vector<bool> hidden = hidden_among(std::vector<Sphere>{{{0, 0, 0}, 10}, second}, ahead);
    CHECK(!hidden[0]);
    return hidden[1];
  };
  CHECK(second_is_hidden({{0, 20, 0}, 5}));
  CHECK(second_is_hidden({{3, 0, 0}, 4}));  // within it
  CHECK(!second_is_hidden({{0, -20, 0}, 5}));
  CHECK(!second_is_hidden({{0, -6, 0}, 5}));  // looks out of it
  CHECK(!second_is_hidden({{14, 20, 0}, 5}));
  CHECK(!second_is_hidden({{0, 20, 5.2}, 5}));  // 0.2 of it looks over the edge
  CHECK(!second_is_hidden({{30, 20, 0}, 5}));
  CHECK(hidden_among({}, ahead).empty());
}

TEST_CASE("spheres far apart do not take tiles by the gigabyte, and are all seen") {
  const std::vector<bool> hidden =
      hidden_among(std::vector<Sphere>{{{0, 0, 0}, 1}, {{1e6, 0, 1e6}, 1}, {{-1e6, 5e5, 0}, 1}}, axes_of(0, 0));
  CHECK(std::ranges::count(hidden, true) == 0);
}
