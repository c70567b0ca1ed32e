// Depth outside known shapes, the front of made-up populations, groups in contact.
// Planted mistakes seen to fail: the bin or the sector of a NaN cast to a whole number, a NaN within reach of everybody;
// images on one side, along one axis or of another axis' length, sectors without them, of all parts the same, from a corner
// or an end of a part, sides of a slab by the middle of the box, one side of a slab at a periodic face; a lower face or a
// direction towards it left out, all cells near a face; z counted in a plane.
#include "analysis/front.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/clusters.h"
#include "base/random.h"
#include "model/columns.h"

using namespace invado;

namespace {

Region make(Region::Kind kind) {
  Region region;
  region.kind = kind;
  return region;
}

Domain closed_box(Vec3 size) {
  Domain domain;
  domain.size = size;
  return domain;
}

Site site_with(Vec3 size, const std::vector<Vec3>& positions, double radius = 5) {
  Site site;
  site.domain.size = size;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::size_t row = append_row(site.cells);
    site.cells.id[row] = static_cast<std::int64_t>(10 + i);
    site.cells.x[row] = positions[i].x, site.cells.y[row] = positions[i].y, site.cells.z[row] = positions[i].z;
    site.cells.radius[row] = radius;
  }
  return site;
}

Front front_of(const Site& site, const StartRegion& region, std::span<const std::size_t> rows) {
  return measure_front(site, region, rows, find_mass(site, region, rows));
}

std::vector<std::size_t> all_rows(const Site& site) {
  std::vector<std::size_t> rows(site.cells.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

}  // namespace

TEST_CASE("depth outside sphere, shell, cylinder, box and slab") {
  const Domain box = closed_box({200, 200, 200});
  Region sphere = make(Region::Kind::Sphere);
  sphere.centre = {100, 100, 100};
  sphere.radius = 30;
  CHECK(StartRegion({sphere}, box).depth({100, 100, 125}) == 0);
  CHECK(StartRegion({sphere}, box).depth({140, 130, 100}) == doctest::Approx(20));
  Region shell = sphere;
  shell.kind = Region::Kind::Shell;
  shell.inner_radius = 20;
  CHECK(StartRegion({shell}, box).depth({100, 100, 100}) == 0);  // outward is the natural direction
  CHECK(StartRegion({shell}, box).depth({100, 100, 160}) == doctest::Approx(30));
  Region cylinder = make(Region::Kind::Cylinder);
  cylinder.centre = {100, 100, 0};
  cylinder.radius = 10;
  cylinder.axis = 2;
  cylinder.from = 0, cylinder.to = 50;
  CHECK(StartRegion({cylinder}, box).depth({103, 104, 20}) == 0);
  CHECK(StartRegion({cylinder}, box).depth({103 + 6, 104 + 8, 20}) == doctest::Approx(5));
  CHECK(StartRegion({cylinder}, box).depth({100, 100, 57}) == doctest::Approx(7));
  Region block = make(Region::Kind::Box);
  block.low = {10, 10, 10};
  block.high = {20, 30, 40};
  CHECK(StartRegion({block}, box).depth({15, 15, 15}) == 0);
  CHECK(StartRegion({block}, box).depth({7, 35, 41}) == doctest::Approx(5));
  Region slab = make(Region::Kind::Slab);
  slab.axis = 1;
  slab.from = 0, slab.to = 60;
  CHECK(StartRegion({slab}, box).depth({500, 59, -3}) == 0);
  CHECK(StartRegion({slab}, box).depth({0, 72, 0}) == doctest::Approx(12));

  // Of a union the nearest part counts.
  CHECK(StartRegion({sphere, block}, box).depth({15, 15, 45}) == doctest::Approx(5));
  CHECK(StartRegion({}, box).depth({1, 2, 3}) == 0);
}

TEST_CASE("on a periodic axis the nearest image counts") {
  Domain box = closed_box({100, 100, 100});
  Region sphere = make(Region::Kind::Sphere);
  sphere.centre = {5, 50, 50};
  sphere.radius = 10;
  CHECK(StartRegion({sphere}, box).depth({95, 50, 50}) == doctest::Approx(80));
  box.boundary[0] = Boundary::Periodic;
  CHECK(StartRegion({sphere}, box).depth({95, 50, 50}) == 0);
  CHECK(StartRegion({sphere}, box).depth({85, 50, 50}) == doctest::Approx(10));
}

TEST_CASE("a region moved across periodic faces has the same depths and sectors") {
  // Every point is moved with it; as nothing else is in the box, the box without faces around its middle is the answer.
  const Vec3 size{200, 240, 300}, middle{100, 120, 150};
  Region sphere = make(Region::Kind::Sphere);
  sphere.radius = 30;
  sphere.centre = middle;
  const StartRegion whole({sphere}, closed_box(size));
  Domain box = closed_box(size);
  box.boundary = {Boundary::Periodic, Boundary::Periodic, Boundary::Periodic};
  for (const Vec3 at : {Vec3{10, 20, 10}, Vec3{190, 230, 285}, Vec3{100, 10, 290}}) {
    sphere.centre = at;
    const StartRegion across({sphere}, box);
    for (std::int64_t i = 0; i < 200; ++i) {
      const auto u = uniform4(Seed{4}, 0, Purpose::Placement, i);
      const auto n = direction(u[0], u[1]);
      const Vec3 d = 95 * u[2] * Vec3{n[0], n[1], n[2]};
      Vec3 x = at + d;
      for (int axis = 0; axis < 3; ++axis) x[axis] -= size[axis] * std::floor(x[axis] / size[axis]);
      CHECK(across.depth(x) == doctest::Approx(whole.depth(middle + d)).epsilon(1e-9));
      CHECK(across.sector(x) == whole.sector(middle + d));
    }
  }
  // A slab at a periodic face has two sides.
  Region slab = make(Region::Kind::Slab);
  slab.axis = 0;
  slab.from = 0, slab.to = 40;
  const StartRegion sheet({slab}, box);
  CHECK(sheet.reachable_sectors() == 32);
  CHECK(sheet.depth({190, 20, 20}) == doctest::Approx(10));
  CHECK(sheet.sector({190, 20, 20}) == 0);
  CHECK(sheet.sector({50, 20, 20}) == 16);
}

TEST_CASE("sectors are seen from the middle of each part") {
  const Domain box = closed_box({200, 200, 200});
  const Vec3 middle{60, 90, 140};
  Region sphere = make(Region::Kind::Sphere), block = make(Region::Kind::Box), cylinder = make(Region::Kind::Cylinder),
         bounds = make(Region::Kind::Points);
  sphere.centre = middle, sphere.radius = 10;
  block.low = {40, 60, 80}, block.high = {80, 120, 200};
  bounds.low = block.low, bounds.high = block.high;
  cylinder.axis = 0, cylinder.radius = 10;
  cylinder.centre = {0, 90, 140}, cylinder.from = 40, cylinder.to = 80;
  const StartRegion round({sphere}, box);
  for (const Region& region : {block, cylinder, bounds}) {
    const StartRegion start({region}, box), second({sphere, region}, box);
    for (std::int64_t i = 0; i < 100; ++i) {
      const auto u = uniform4(Seed{6}, 0, Purpose::Placement, i);
      const auto n = direction(u[0], u[1]);
      const Vec3 x = middle + 90.0 * Vec3{n[0], n[1], n[2]};
      CHECK(start.sector(x) == round.sector(x));
      CHECK(second.sector(x) == round.sector(x) + 32);  // nearer to the larger part
    }
  }
}

TEST_CASE("in a plane z does not count, wherever the region says that it lies") {
  Domain plane = closed_box({200, 200, 20});
  plane.planar = true;
  Region sphere = make(Region::Kind::Sphere), block = make(Region::Kind::Box), disc = make(Region::Kind::Cylinder),
         points = make(Region::Kind::Points);
  sphere.centre = disc.centre = {100, 100, 0};
  sphere.radius = disc.radius = 50;
  disc.from = 0, disc.to = 4;
  block.low = {50, 50, 0}, block.high = {150, 150, 4};
  points.points = {{50, 50, 3}, {150, 50, 3}, {150, 150, 3}, {50, 150, 3}};
  for (const Region& region : {sphere, block, disc, points}) {
    const StartRegion start({region}, plane);
    CHECK(start.depth({100, 100, 10}) == 0);
    CHECK(start.depth({149.9, 100, 10}) == 0);
    CHECK(start.depth({170, 100, 10}) == doctest::Approx(20));
    CHECK(start.depth({100, 10, 10}) == doctest::Approx(40));
  }
}

TEST_CASE("distance to a convex hull") {
  const std::vector<Vec3> cube{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0},      {0, 0, 1},
                               {1, 0, 1}, {0, 1, 1}, {1, 1, 1}, {0.5, 0.5, 0.5}};
  CHECK(distance_to_hull(cube, {0.3, 0.6, 0.9}) == 0);
  CHECK(distance_to_hull(cube, {0.5, 0.5, 3}) == doctest::Approx(2));  // face
  CHECK(distance_to_hull(cube, {0.25, 4, 5}) == doctest::Approx(5));   // edge: (3, 4)
  CHECK(distance_to_hull(cube, {-1, -2, -2}) == doctest::Approx(3));   // corner
  CHECK(distance_to_hull(cube, {1, 1, 0.5}) == 0);                     // on the surface
  for (const Vec3& corner : cube) CHECK(distance_to_hull(cube, corner) == 0);
  const std::vector<Vec3> flat{{0, 0, 2}, {4, 0, 2}, {0, 4, 2}};  // fewer dimensions
  CHECK(distance_to_hull(flat, {1, 1, 5}) == doctest::Approx(3));
  CHECK(distance_to_hull(flat, {3, 3, 2}) == doctest::Approx(std::sqrt(2.0)));
  CHECK(distance_to_hull(std::vector<Vec3>{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}}, {3, 3, 7}) == doctest::Approx(4));
  CHECK(distance_to_hull(std::vector<Vec3>{{1, 1, 1}}, {1, 4, 5}) == doctest::Approx(5));

  // Many points in a ball: the hull approaches it from inside. The region keeps only possible corners and must agree.
  Region cloud = make(Region::Kind::Points);
  for (std::int64_t i = 0; i < 3000; ++i) {
    const auto u = uniform4(Seed{7}, 0, Purpose::Placement, i);
    const auto d = direction(u[0], u[1]);
    const double r = 50 * std::cbrt(u[2]);
    cloud.points.push_back({100 + r * d[0], 100 + r * d[1], 100 + r * d[2]});
  }
  const StartRegion region({cloud}, closed_box({200, 200, 200}));
  for (std::int64_t i = 0; i < 200; ++i) {
    const auto u = uniform4(Seed{8}, 0, Purpose::Placement, i);
    const auto d = direction(u[0], u[1]);
    const double r = 100 * u[2];
    const Vec3 x{100 + r * d[0], 100 + r * d[1], 100 + r * d[2]};
    const double depth = region.depth(x);
    CHECK(depth == doctest::Approx(distance_to_hull(cloud.points, x)).epsilon(1e-6));
    CHECK(depth >= r - 50 - 1e-6);
    CHECK(depth <= std::max(r - 45, 0.0));
  }
  // Without the points themselves their bounding box stands for them.
  Region bounds = make(Region::Kind::Points);
  bounds.low = {0, 0, 0}, bounds.high = {10, 10, 10};
  CHECK(StartRegion({bounds}, closed_box({200, 200, 200})).depth({5, 13, 14}) == doctest::Approx(5));
}

TEST_CASE("quantiles of the front run over the cells outside, and invaded counts two radii") {
  Region slab = make(Region::Kind::Slab);
  slab.axis = 2;
  slab.from = 0, slab.to = 100;
  std::vector<Vec3> at{{50, 50, 20}, {50, 50, 99}};
  for (int d = 1; d <= 11; ++d) at.push_back({50, 50, 100.0 + 2 * d});  // depths 2, 4, ..., 22; 2 R = 10
  const Site site = site_with({100, 100, 1000}, at);
  const StartRegion region({slab}, site.domain);
  auto rows = all_rows(site);
  const Front front = front_of(site, region, rows);
  CHECK(front.outside == 11);
  CHECK(front.q50 == doctest::Approx(12));
  CHECK(front.q90 == doctest::Approx(20));
  CHECK(front.q95 == doctest::Approx(21));
  CHECK(front.q99 == doctest::Approx(21.8));
  CHECK(front.max == doctest::Approx(22));
  CHECK(front.invaded == 6);  // 12, ..., 22
  CHECK(!front.near_boundary);
  // One of the 16 squares of the one side that exists is reached: sd of (22, 0 x 15).
  CHECK(region.reachable_sectors() == 16);
  CHECK(front.roughness == doctest::Approx(22 * std::sqrt(15.0) / 16));
  std::ranges::reverse(rows);
  CHECK(front_of(site, region, rows).roughness == front.roughness);
  const Front none = front_of(site, region, std::span(rows).last(2));
  CHECK(none.max == 0);
  CHECK(none.outside == 0);
}

TEST_CASE("an even front is smooth, also in sectors") {
  Region sphere = make(Region::Kind::Sphere);
  sphere.centre = {500, 500, 500};
  sphere.radius = 100;
  std::vector<Vec3> even;
  for (std::int64_t i = 0; i < 3000; ++i) {
    const auto u = uniform4(Seed{9}, 0, Purpose::Placement, i);
    const auto d = direction(u[0], u[1]);
    even.push_back({500 + 150 * d[0], 500 + 150 * d[1], 500 + 150 * d[2]});
  }
  const Site site = site_with({1000, 1000, 1000}, even);
  const StartRegion region({sphere}, site.domain);
  CHECK(front_of(site, region, all_rows(site)).roughness == doctest::Approx(0).epsilon(1e-9));
  std::vector<int> count(region.sectors(), 0);
  for (const Vec3& x : even) ++count[region.sector(x)];
  for (const int c : count) CHECK(std::abs(c - 94) < 5 * std::sqrt(94.0));  // equal areas: 3000 / 32

  Domain plane = closed_box({1000, 1000, 20});
  plane.planar = true;
  Region disc = make(Region::Kind::Cylinder);
  disc.centre = {500, 500, 10};
  disc.radius = 50;
  disc.to = 20;
  const StartRegion flat({disc}, plane);
  CHECK(flat.reachable_sectors() == 16);
  std::vector<int> turns(32, 0);
  for (int i = 0; i < 1600; ++i) {
    const SinCos a = sincos_turn((i + 0.5) / 1600);
    ++turns[flat.sector({500 + 100 * a.cos, 500 + 100 * a.sin, 10})];
  }
  for (std::size_t s = 0; s < 16; ++s) CHECK(turns[s] == 100);
}

TEST_CASE("the even front of a slab in a plane is smooth, and one strip of sixteen ahead is as rough as it should be") {
  Domain plane = closed_box({400, 320, 10});
  plane.planar = true;
  Region slab = make(Region::Kind::Slab);
  slab.axis = 0;
  slab.from = 0, slab.to = 100;
  std::vector<Vec3> cells;
  for (int i = 0; i < 40; ++i) cells.push_back({150, 8.0 * i + 4, 5});  // in contact: one mass
  Site even = site_with(plane.size, cells);
  even.domain.planar = true;
  CHECK(front_of(even, StartRegion({slab}, plane), all_rows(even)).roughness == doctest::Approx(0));
  // Heights 50, one of them 114: mean 54, root of (15 x 4^2 + 60^2)/16.
  for (int i = 1; i <= 8; ++i) cells.push_back({150 + 8.0 * i, 148, 5});
  Site one_ahead = site_with(plane.size, cells);
  one_ahead.domain.planar = true;
  CHECK(front_of(one_ahead, StartRegion({slab}, plane), all_rows(one_ahead)).roughness == doctest::Approx(std::sqrt(240)));
}

TEST_CASE("a front near a face ahead of it is flagged, cells along the sides are not") {
  Region slab = make(Region::Kind::Slab);
  slab.axis = 2;
  slab.from = 0, slab.to = 100;
  const auto flagged = [&](Vec3 x) {
    const Site site = site_with({100, 100, 200}, {x});
    return front_of(site, StartRegion({slab}, site.domain), all_rows(site)).near_boundary;
  };
  CHECK(!flagged({1, 1, 150}));   // at the side walls
  CHECK(flagged({50, 50, 195}));  // 2 R = 10 from the lid
  CHECK(!flagged({50, 50, 189}));
  slab.from = 90;
  CHECK(flagged({50, 50, 5}));  // below the slab
  CHECK(!flagged({50, 50, 11}));
  CHECK(!flagged({50, 50, 95}));
  // The deepest tenth counts: 20 cells 320 um from the centre, in the open, and one at 295 um with a wall ahead of it.
  Region sphere = make(Region::Kind::Sphere);
  sphere.centre = {700, 500, 500};
  sphere.radius = 10;
  std::vector<Vec3> many(20, {500, 500, 250});
  many.push_back({995, 500, 500});
  const Site most = site_with({1000, 1000, 1000}, many);
  CHECK(!front_of(most, StartRegion({sphere}, most.domain), all_rows(most)).near_boundary);
  const Site alone = site_with({1000, 1000, 1000}, {many.back()});
  CHECK(front_of(alone, StartRegion({sphere}, alone.domain), all_rows(alone)).near_boundary);
  Site open = site_with({100, 100, 200}, {{50, 50, 195}});
  open.domain.boundary[2] = Boundary::Periodic;
  CHECK(!front_of(open, StartRegion({slab}, open.domain), all_rows(open)).near_boundary);
}

// Seen to fail without the columns of cells that come twice across a periodic face.
TEST_CASE("groups in contact: chains, pairs, singles, across a periodic face") {
  // Reach 1.25 (5 + 5) = 12.5.
  std::vector<Vec3> at;
  for (int i = 0; i < 10; ++i) at.push_back({20.0 + 12 * i, 50, 50});  // chain of 10
  at.push_back({20, 80, 50});
  at.push_back({20, 92.4, 50});  // pair
  at.push_back({60, 80, 50});
  at.push_back({60, 92.6, 50});  // two singles, just out of reach
  at.push_back({2, 20, 50});
  at.push_back({198, 20, 50});  // a pair only across the face
  Site site = site_with({200, 100, 100}, at);
  auto rows = all_rows(site);
  Clusters found = find_clusters(site, rows);
  CHECK(found.clusters == 2);
  CHECK(found.largest == 10);
  CHECK(found.largest_first == 0);
  CHECK(found.first[9] == 0);
  CHECK(found.first[11] == 10);
  CHECK(found.first[13] == 13);
  site.domain.boundary[0] = Boundary::Periodic;
  CHECK(find_clusters(site, rows).clusters == 3);
  std::ranges::reverse(rows);
  std::swap(rows[0], rows[7]);
  const Clusters again = find_clusters(site, rows);
  CHECK(again.clusters == 3);
  const auto chain = static_cast<std::size_t>(std::ranges::find(rows, std::size_t{4}) - rows.begin());
  CHECK(again.largest_first == again.first[chain]);
  CHECK(find_clusters(site, std::span(rows).first(0)).largest == 0);

  // Of two largest groups the one with the smallest id, in any order of rows.
  const Site pairs = site_with({200, 100, 100}, {{20, 50, 50}, {30, 50, 50}, {150, 50, 50}, {160, 50, 50}});
  CHECK(find_clusters(pairs, std::vector<std::size_t>{0, 1, 2, 3}).largest_first == 0);
  CHECK(find_clusters(pairs, std::vector<std::size_t>{3, 2, 1, 0}).largest_first == 2);

  // One, two and three bins across, periodic: nobody is met twice. Seen to fail where two bins are both left and right.
  for (const double width : {20.0, 30.0, 40.0})
    for (int axis = 0; axis < 3; ++axis) {
      Vec3 size{100, 100, 100}, second{50, 50, 50};
      size[axis] = width, second[axis] = 9;
      Vec3 first = second;
      first[axis] = 1;
      Site narrow = site_with(size, {first, second});
      narrow.domain.boundary[static_cast<std::size_t>(axis)] = Boundary::Periodic;
      CHECK(find_clusters(narrow, all_rows(narrow)).contacts == std::vector<std::uint32_t>{1, 1});
    }

  // Against all pairs, in a crowd of unequal cells.
  std::vector<Vec3> crowd;
  for (std::int64_t i = 0; i < 400; ++i) {
    const auto u = uniform4(Seed{3}, 0, Purpose::Placement, i);
    crowd.push_back({150 * u[0], 150 * u[1], 150 * u[2]});
  }
  Site many = site_with({150, 150, 150}, crowd);
  many.domain.boundary[1] = Boundary::Periodic;
  for (std::size_t i = 0; i < 400; ++i) many.cells.radius[i] = 3 + static_cast<double>(i % 5);
  std::vector<std::size_t> label(400);
  std::iota(label.begin(), label.end(), std::size_t{0});
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t a = 0; a < 400; ++a)
      for (std::size_t b = 0; b < a; ++b) {
        Vec3 d = crowd[a] - crowd[b];
        d.y = std::min(std::fabs(d.y), 150 - std::fabs(d.y));
        if (label[a] != label[b] && norm(d) <= 1.25 * (many.cells.radius[a] + many.cells.radius[b]))
          label[a] = label[b] = std::min(label[a], label[b]), changed = true;
      }
  }
  const Clusters all = find_clusters(many, all_rows(many));
  CHECK(all.clusters > 5);
  for (std::size_t i = 0; i < 400; ++i) CHECK(all.first[i] == label[i]);
}

TEST_CASE("a cell without a place is outside of nothing, touches nobody and breaks nothing") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Vec3 nowhere{nan, nan, nan};
  Site site = site_with({200, 200, 200}, {{20, 20, 20}, nowhere, {30, 20, 20}, {nan, 20, 20}});
  site.domain.boundary[1] = Boundary::Periodic;
  const Clusters found = find_clusters(site, all_rows(site));
  CHECK(found.first == std::vector<std::uint32_t>{0, 1, 0, 3});
  CHECK(found.clusters == 1);
  for (const Region::Kind kind : {Region::Kind::Sphere, Region::Kind::Slab}) {
    Region region = make(kind);
    region.centre = {100, 100, 100};
    region.radius = 50, region.from = 90, region.to = 110, region.axis = 2;
    const StartRegion start({region}, site.domain);
    CHECK(start.sector(nowhere) < start.sectors());
    CHECK(start.sector({100, nan, 190}) < start.sectors());
  }
}
