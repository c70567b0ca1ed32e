// The surface around the cells, strands and islands of shapes whose answer is known.
// Planted mistakes seen to fail: no images of cells across periodic faces, none behind walls, strands without a least
// length, single cells counted as islands, detached cells counted in the roughness, the largest group alone as the mass; one
// radius for all, whoever touches nobody a sphere, one image of a cell between two walls; strands from one cell or from
// three on, by another cell's radius, from the surrounded themselves, in a plane surrounded as in space, not across
// periodic faces; a single cell that is no mass; lengths along the path; the search ended with the first find.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/cell_surface.h"
#include "analysis/strands.h"
#include "base/random.h"
#include "model/columns.h"

using namespace invado;

namespace {

constexpr double pi = 3.14159265358979324, radius = 8;
constexpr double level = 0.60653065971263342;  // e^(-1/2)

Site site_with(Vec3 size, const std::vector<Vec3>& positions) {
  Site site;
  site.domain.size = size;
  for (const Vec3& x : positions) {
    const std::size_t row = append_row(site.cells);
    site.cells.id[row] = static_cast<std::int64_t>(row);
    site.cells.x[row] = x.x, site.cells.y[row] = x.y, site.cells.z[row] = x.z;
    site.cells.radius[row] = radius;
  }
  return site;
}

std::vector<std::size_t> all_rows(const Site& site) {
  std::vector<std::size_t> rows(site.cells.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

CellSurface surface_of(const Site& site) {
  const auto rows = all_rows(site);
  return cell_surface(site, rows, find_clusters(site, rows).contacts);
}

StartRegion sphere_at(Vec3 centre, double r, const Site& site) {
  Region sphere;
  sphere.centre = centre;
  sphere.radius = r;
  return StartRegion({sphere}, site.domain);
}

// Cubic lattice through `middle` of the points that `inside` accepts (offsets from the middle).
template <class Inside>
std::vector<Vec3> lattice(Vec3 middle, double spacing, int reach, Inside&& inside) {
  std::vector<Vec3> points;
  for (int k = -reach; k <= reach; ++k)
    for (int j = -reach; j <= reach; ++j)
      for (int i = -reach; i <= reach; ++i) {
        const Vec3 d{spacing * i, spacing * j, spacing * k};
        if (inside(d)) points.push_back(middle + d);
      }
  return points;
}

// Where a falling function meets the level.
template <class F>
double meets_level(F&& f, double low, double high) {
  for (int i = 0; i < 60; ++i) (f(0.5 * (low + high)) > level ? low : high) = 0.5 * (low + high);
  return low;
}

// Cells on a line along x are enclosed by a surface of revolution: rho(x) from F = level, volume and area from cones.
CellSurface around_line(const std::vector<std::pair<double, double>>& place_and_radius, double from, double to) {
  constexpr int pieces = 2000;
  const double h = (to - from) / pieces;
  const auto rho = [&](double x) {
    const auto f = [&](double r) {
      double sum = 0;
      for (const auto& [at, size] : place_and_radius) sum += std::exp(-((x - at) * (x - at) + r * r) / (2 * size * size));
      return sum;
    };
    return f(0) > level ? meets_level(f, 0.0, 300.0) : 0.0;
  };
  CellSurface sum;
  for (int i = 0; i < pieces; ++i) {
    const double p = rho(from + h * i), q = rho(from + h * (i + 1));
    sum.area_um2 += pi * (p + q) * std::hypot(h, q - p);
    sum.volume_um3 += pi / 3 * h * (p * p + p * q + q * q);
  }
  return sum;
}

}  // namespace

TEST_CASE("cells alone are spheres; nobody has no surface") {
  Site two = site_with({300, 300, 300}, {{50, 60, 70}, {150, 250, 100}});
  CHECK(surface_of(two).area_um2 == doctest::Approx(2 * 4 * pi * radius * radius));
  CHECK(surface_of(two).volume_um3 == doctest::Approx(2 * 4 * pi / 3 * radius * radius * radius));
  CHECK(surface_of(site_with({300, 300, 300}, {})).area_um2 == 0);
  two.domain.size.z = 20;
  two.domain.planar = true;
  two.cells.z[0] = two.cells.z[1] = 10;
  CHECK(surface_of(two).area_um2 == doctest::Approx(2 * 2 * pi * radius * 20));
  CHECK(surface_of(two).volume_um3 == doctest::Approx(2 * pi * radius * radius * 20));
}

TEST_CASE("a ball of cells") {
  // Density n in a ball of radius a, spread with standard deviation s = R:
  // F(r) = n (2 pi)^(3/2) s^3 [ (erf((a-r)/(s sqrt2)) + erf((a+r)/(s sqrt2)))/2
  //                             - s/(r sqrt(2 pi)) (exp(-(r-a)^2/2s^2) - exp(-(r+a)^2/2s^2)) ].
  constexpr double spacing = 1.5 * radius, a = 80, s = radius;
  const double dense = std::pow(2 * pi, 1.5) * s * s * s / (spacing * spacing * spacing);
  const double expected = meets_level(
      [&](double r) {
        return dense * (0.5 * (std::erf((a - r) / (s * std::sqrt(2.0))) + std::erf((a + r) / (s * std::sqrt(2.0)))) -
                        s / (r * std::sqrt(2 * pi)) *
                            (std::exp(-(r - a) * (r - a) / (2 * s * s)) - std::exp(-(r + a) * (r + a) / (2 * s * s))));
      },
      1.0, 200.0);
  Site site = site_with({400, 400, 400}, lattice({203, 201, 202}, spacing, 8, [](Vec3 d) { return norm(d) < a; }));
  const CellSurface ball = surface_of(site);
  // Linear interpolation along an edge of length l puts the surface off by up to l^2/8 |F''/F'|, and F''/F' = 1.1/s where
  // F is 0.13 of the inside; edges are h to h sqrt 3, h = 0.75 R: 0.6 to 1.9 um. The lattice's steps make bumps.
  CHECK(std::fabs(std::cbrt(ball.volume_um3 * 3 / (4 * pi)) - expected) < 1.2);
  CHECK(ball.area_um2 / (4 * pi * expected * expected) == doctest::Approx(1.02).epsilon(0.03));

  // The same ball across the corner of a periodic box, moved by whole cubes of the grid (400 um in 67).
  site.domain.boundary = {Boundary::Periodic, Boundary::Periodic, Boundary::Periodic};
  for (std::size_t row = 0; row < site.cells.size(); ++row)
    for (std::vector<double>* x : {&site.cells.x, &site.cells.y, &site.cells.z})
      (*x)[row] = std::fmod((*x)[row] + 33 * 400 / 67.0, 400);
  const CellSurface across = surface_of(site);
  CHECK(across.area_um2 == doctest::Approx(ball.area_um2).epsilon(1e-5));  // single precision
  CHECK(across.volume_um3 == doctest::Approx(ball.volume_um3).epsilon(1e-5));
}

TEST_CASE("a slab has the area of its free faces, walls do not count") {
  // Planes of cells one spacing apart: F(z) = 2 pi R^2/spacing^2 sum over planes of exp(-(z - z_k)^2/2R^2); between cells of
  // a plane F varies by 4 exp(-2 pi^2 R^2/spacing^2) = 6e-4.
  constexpr double spacing = 1.5 * radius, side = 20 * spacing;
  const auto slab = [&](double from) {
    std::vector<Vec3> points;
    for (int k = 0; k < 8; ++k)
      for (int j = 0; j < 20; ++j)
        for (int i = 0; i < 20; ++i) points.push_back({spacing * (i + 0.5), spacing * (j + 0.5), from + spacing * k});
    return points;
  };
  const double beyond = meets_level(
      [&](double z) {
        double f = 0;
        for (int k = 0; k < 8; ++k) f += std::exp(-(z + spacing * k) * (z + spacing * k) / (2 * radius * radius));
        return f * 2 * pi * radius * radius / (spacing * spacing);
      },
      0.0, 50.0);
  for (const Boundary sides : {Boundary::Closed, Boundary::Periodic}) {
    Site free = site_with({side, side, 300}, slab(100));
    free.domain.boundary = {sides, sides, Boundary::Closed};
    CHECK(surface_of(free).area_um2 == doctest::Approx(2 * side * side).epsilon(0.002));
    // h^2/8 |F''/F'| = 0.6 um on either side, edges along z have length h.
    CHECK(std::fabs(surface_of(free).volume_um3 / (side * side) - (7 * spacing + 2 * beyond)) < 1.3);
    Site at_wall = site_with({side, side, 300}, slab(0.5 * spacing));
    at_wall.domain.boundary = free.domain.boundary;
    CHECK(surface_of(at_wall).area_um2 == doctest::Approx(side * side).epsilon(0.002));
    CHECK(std::fabs(surface_of(at_wall).volume_um3 / (side * side) - (7.5 * spacing + beyond)) < 0.7);
  }
}

TEST_CASE("a pair of unequal cells, in contact or just not, has a surface of revolution") {
  // Many small cells, alone along edges of the box, make the grid fine: 0.75 of a mean radius of 4.8 um, h/R = 0.09 to 0.12.
  // A row of cells has 8 % of volume too little at h/R = 0.75; second order in h makes that 0.2 %. That a cell is felt to
  // 2.5 R only, where it has 0.044 of its height, takes away 0.7 and 1.5 % of volume (the integral below with that cut).
  for (const double gap : {60.0, 95.0}) {  // contact within 1.25 (40 + 30) = 87.5, alone beyond 3.25 x 40 = 130
    std::vector<Vec3> points{{150, 200, 200}, {150 + gap, 200, 200}};
    for (int i = 1; i <= 24; ++i)
      for (const auto& [y, z] : {std::pair{15, 15}, std::pair{385, 15}, std::pair{15, 385}})
        points.push_back({20.0 * i, 1.0 * y, 1.0 * z});
    Site site = site_with({500, 400, 400}, points);
    std::ranges::fill(site.cells.radius, 4.0);
    site.cells.radius[0] = 40, site.cells.radius[1] = 30;
    const CellSurface pair = around_line({{150, 40}, {150 + gap, 30}}, 0, 400);
    const CellSurface all = surface_of(site);
    CHECK(all.area_um2 - 72 * 4 * pi * 16 == doctest::Approx(pair.area_um2).epsilon(0.01));
    CHECK(all.volume_um3 - 72 * 4 * pi / 3 * 64 == doctest::Approx(pair.volume_um3).epsilon(0.02));
  }
}

TEST_CASE("a row of cells two radii apart, whole, from wall to wall or periodic, has the errors that the header tells") {
  std::vector<std::pair<double, double>> row;
  for (int i = -4; i < 14; ++i) row.emplace_back(16 * i + 8, radius);
  const CellSurface per_cell = around_line(row, 64, 80);
  const auto check = [&](const CellSurface& found, double cells) {
    CHECK(found.area_um2 / (cells * per_cell.area_um2) == doctest::Approx(0.98).epsilon(0.015));
    CHECK(found.volume_um3 / (cells * per_cell.volume_um3) == doctest::Approx(0.92).epsilon(0.02));
  };
  std::vector<Vec3> points;
  for (int i = 0; i < 10; ++i) points.push_back({8.0 + 16 * i, 50, 50});
  for (const Boundary ends : {Boundary::Closed, Boundary::Periodic}) {
    Site site = site_with({160, 100, 100}, points);
    site.domain.boundary[0] = ends;
    check(surface_of(site), 10);
    // One cell between two faces, both within its reach: the same row.
    for (int axis = 0; axis < 3; ++axis) {
      Vec3 size{100, 100, 100}, place{50, 50, 50};
      size[axis] = 16, place[axis] = 8;
      Site thin = site_with(size, {place});
      thin.domain.boundary[static_cast<std::size_t>(axis)] = ends;
      check(surface_of(thin), 1);
    }
  }
}

TEST_CASE("in a thin domain a disc has its rim times the thickness") {
  std::vector<Vec3> points = lattice({200, 200, 10}, 12, 8, [](Vec3 d) { return d.z == 0 && norm(d) < 90; });
  Site site = site_with({400, 400, 20}, points);
  site.domain.planar = true;
  const CellSurface disc = surface_of(site);
  const double from_area = disc.area_um2 / (2 * pi * 20), from_volume = std::sqrt(disc.volume_um3 / (20 * pi));
  CHECK(from_volume == doctest::Approx(97).epsilon(0.03));  // beyond the outermost centres by some 0.9 R
  CHECK(from_area == doctest::Approx(from_volume).epsilon(0.05));
}

TEST_CASE("k radial fingers are k strands of their lengths, islands are none") {
  const Vec3 middle{400, 400, 400};
  for (const int k : {1, 5, 12}) {
    std::vector<Vec3> points{middle};
    std::vector<double> lengths;
    for (int finger = 0; finger < k; ++finger) {
      // Golden spiral on the sphere; 15 um from cell to cell, the sixth is inside the region, the seventh outside.
      const double z = 1 - (2 * finger + 1) / static_cast<double>(k), turn = 2.39996322972865332 * finger;
      const Vec3 along{std::sqrt(1 - z * z) * std::cos(turn), std::sqrt(1 - z * z) * std::sin(turn), z};
      const int outside = 4 + finger % 7;
      for (int i = 1; i <= 6 + outside; ++i) points.push_back(middle + 15.0 * i * along);
      lengths.push_back(15.0 * outside);
    }
    // An island of three and a single cell.
    for (const double x : {20.0, 35.0, 50.0, 780.0}) points.push_back({x, 20, 20});
    const Site site = site_with({800, 800, 800}, points);
    const StartRegion region = sphere_at(middle, 100, site);
    auto rows = all_rows(site);
    const Mass mass = find_mass(site, region, rows);
    CHECK(mass.islands == 1);
    CHECK(mass.island_cells == 3);
    CHECK(mass.detached == 4);
    const auto strands = find_strands(site, rows, mass);
    REQUIRE(strands.size() == static_cast<std::size_t>(k));
    std::ranges::sort(lengths, std::greater<>());
    for (std::size_t i = 0; i < lengths.size(); ++i) CHECK(strands[i].length_um == doctest::Approx(lengths[i]));
    // The front of the mass: one finger of 4 cells is 90 + 60 - 100 deep in its sector, detached cells do not matter.
    if (k == 1) {
      CHECK(measure_front(site, region, rows, mass).max > 500);
      CHECK(measure_front(site, region, rows, mass).roughness == doctest::Approx(50 * std::sqrt(31.0) / 32));
    }
    // Any order of rows.
    std::ranges::reverse(rows);
    const auto again = find_strands(site, rows, find_mass(site, region, rows));
    REQUIRE(again.size() == strands.size());
    for (std::size_t i = 0; i < lengths.size(); ++i) CHECK(again[i].tip == strands[i].tip);
  }
}

TEST_CASE("a fork has two tips, a bud of one cell is no strand, a smooth ball has none") {
  const Vec3 middle{200, 200, 200};
  std::vector<Vec3> fork{middle};
  for (int i = 1; i <= 5; ++i) fork.push_back(middle + Vec3{0, 0, 15.0 * i});
  for (int i = 1; i <= 4; ++i) fork.push_back(middle + Vec3{12.0 * i, 0, 75 + 9.0 * i});  // 15 um apart
  for (int i = 1; i <= 4; ++i) fork.push_back(middle + Vec3{-12.0 * i, 0, 75 + 9.0 * i});
  fork.push_back(middle + Vec3{0, 15, 45});  // a bud
  Site site = site_with({400, 400, 400}, fork);
  auto rows = all_rows(site);
  const auto tips = find_strands(site, rows, find_mass(site, sphere_at(middle, 10, site), rows));
  REQUIRE(tips.size() == 2);
  const double straight = std::sqrt(48.0 * 48.0 + 111.0 * 111.0);  // to the only cell of the body
  CHECK(tips[0].length_um == doctest::Approx(straight));
  CHECK(tips[1].length_um == doctest::Approx(straight));

  // Twice as large as at the start, 18 contacts inside.
  site = site_with({400, 400, 400}, lattice(middle, 13, 10, [](Vec3 d) { return norm(d) < 120; }));
  rows = all_rows(site);
  CHECK(find_strands(site, rows, find_mass(site, sphere_at(middle, 60, site), rows)).empty());
}

TEST_CASE("a strand begins behind what touches the surrounded, sticks out by two cells or more, and goes on across a face") {
  // Cubic lattice of 13 um, reach 20: cells touch along edges and across faces (18.4 um). In the topmost layer 13 contacts,
  // in the plane 5: surrounded. Of a column on it the first cell touches them: k cells are (k - 1) x 13 um long.
  for (const bool plane : {false, true}) {
    const int up = plane ? 1 : 2;  // the axis along which the column stands
    const auto grow = [&](int column, const std::vector<Vec3>& more) {
      std::vector<Vec3> points;
      for (int k = 0; k < 3; ++k)
        for (int j = 0; j < (plane ? 1 : 12); ++j)
          for (int i = 0; i < 12; ++i) {
            Vec3 x{6.5 + 13 * i, 6.5 + 13 * j, 10};
            x[up] = 6.5 + 13 * k;
            points.push_back(x);
          }
      for (int k = 0; k < column; ++k) {
        Vec3 x{6.5, 6.5, 10};
        x[up] = 6.5 + 13 * (3 + k);
        points.push_back(x);
      }
      points.insert(points.end(), more.begin(), more.end());
      Site site = site_with(plane ? Vec3{156, 200, 20} : Vec3{156, 156, 200}, points);
      site.domain.planar = plane;
      site.domain.boundary[0] = Boundary::Periodic;
      if (!plane) site.domain.boundary[1] = Boundary::Periodic;
      return site;
    };
    const auto strands_of = [&](const Site& site) {
      Region slab;
      slab.kind = Region::Kind::Slab;
      slab.axis = up;
      slab.from = 0, slab.to = 10;
      const auto rows = all_rows(site);
      return find_strands(site, rows, find_mass(site, StartRegion({slab}, site.domain), rows));
    };
    for (int column = 0; column <= 3; ++column) CHECK(strands_of(grow(column, {})).empty());  // 26 um, four radii are 32
    for (int column = 4; column <= 6; ++column) {
      const auto strands = strands_of(grow(column, {}));
      REQUIRE(strands.size() == 1);
      CHECK(strands[0].length_um == doctest::Approx(13 * (column - 1)));
    }
    Site thin_tip = grow(3, {});  // four radii of the cell at the tip: 24 um
    thin_tip.cells.radius.back() = 6;
    CHECK(strands_of(thin_tip).size() == 1);
    // Up to the third cell, 26 um, from there across an edge of the lattice and on along x: behind the periodic face.
    Vec3 next{156 - 6.5, 6.5, 10}, last{156 - 19.5, 6.5, 10};
    next[up] = last[up] = 6.5 + 13 * 6;
    const auto bent = strands_of(grow(3, {next, last}));
    REQUIRE(bent.size() == 1);
    // From the first cell of the column, which belongs to the body, it is three cells up and two cells along x.
    CHECK(bent[0].length_um == doctest::Approx(13 * std::sqrt(9.0 + 4.0)));
  }
}

TEST_CASE("a strand is as long as it sticks out, however its cells wind; what runs along the mass is none") {
  const Vec3 middle{300, 300, 300};
  // A ball of cells with more than nine contacts; a zigzag away from it, and a chain once around its side, two cells off.
  std::vector<Vec3> points = lattice(middle, 13, 10, [](Vec3 d) { return norm(d) < 60; });
  const auto strands_with = [&](const std::vector<Vec3>& more) {
    std::vector<Vec3> all = points;
    all.insert(all.end(), more.begin(), more.end());
    const Site site = site_with({600, 600, 600}, all);
    const auto rows = all_rows(site);
    return find_strands(site, rows, find_mass(site, sphere_at(middle, 60, site), rows));
  };
  REQUIRE(strands_with({}).empty());
  std::vector<Vec3> zigzag;
  for (int i = 1; i <= 12; ++i) zigzag.push_back(middle + Vec3{50 + 9.0 * i, i % 2 == 0 ? 8.0 : -8.0, 0});  // 18.4 um apart
  const auto winding = strands_with(zigzag);
  REQUIRE(winding.size() == 1);
  // Its third cell is the last one that touches the ball; along the path it would be nine times 18.4 um.
  CHECK(winding[0].length_um == doctest::Approx(std::sqrt(81.0 * 81.0 + 16.0 * 16.0)));
  std::vector<Vec3> around;
  for (int i = 0; i < 24; ++i)  // from the side, 24 um off the ball: reached by a cell between
    around.push_back(middle + 78.0 * Vec3{std::cos(0.18 * i), std::sin(0.18 * i), 0});
  around.push_back(middle + Vec3{65, 0, 0});
  CHECK(strands_with(around).empty());
}

TEST_CASE("the nearest cell of the body is found in whatever direction it lies") {
  // On a cubic lattice of 15 um, reach 20, nobody has more than six contacts: the body is what lies in the region.
  const Vec3 middle{300, 300, 300};
  const std::vector<Vec3> body = lattice(middle, 15, 10, [](Vec3 d) { return norm(d) < 50; });
  for (int direction = 0; direction < 60; ++direction) {
    const double z = 1 - (2 * direction + 1) / 60.0, turn = 2.39996322972865332 * direction;
    const Vec3 along{std::sqrt(1 - z * z) * std::cos(turn), std::sqrt(1 - z * z) * std::sin(turn), z};
    std::vector<Vec3> points = body;
    for (int i = 0; i <= 4; ++i) points.push_back(middle + (52 + 14.0 * i) * along);
    const Site site = site_with({600, 600, 600}, points);
    const auto rows = all_rows(site);
    const auto strands = find_strands(site, rows, find_mass(site, sphere_at(middle, 51, site), rows));
    REQUIRE(strands.size() == 1);
    double nearest = 1e9;
    for (const Vec3& x : body) nearest = std::min(nearest, norm(points.back() - x));
    CHECK(strands[0].length_um == doctest::Approx(nearest));
  }
  // Bins are 20 um wide. Diagonally, two bins off, a cell of the body is 61 um away; the nearest, three bins off, 56 um.
  std::vector<Vec3> points{{275, 275, 275}};
  std::vector<Region> parts(2);
  for (int i = 0; i <= 4; ++i) points.push_back({366 - 14.0 * i, 310, 310});
  for (std::size_t p = 0; p < 2; ++p) {
    parts[p].kind = Region::Kind::Sphere;
    parts[p].centre = points[p];
    parts[p].radius = 1;
  }
  const Site site = site_with({600, 600, 600}, points);
  const auto rows = all_rows(site);
  const auto strands = find_strands(site, rows, find_mass(site, StartRegion(parts, site.domain), rows));
  REQUIRE(strands.size() == 1);
  CHECK(strands[0].length_um == doctest::Approx(56));
}

TEST_CASE("nobody, and a single cell that has left, are in order") {
  for (const std::size_t cells : {0, 1}) {
    const Site site = site_with({400, 400, 400}, std::vector<Vec3>(cells, {300, 200, 200}));
    const StartRegion region = sphere_at({200, 200, 200}, 60, site);
    const auto rows = all_rows(site);
    const Mass mass = find_mass(site, region, rows);
    CHECK(mass.detached == 0);  // the largest group is the mass
    CHECK(mass.islands == 0);
    CHECK(find_strands(site, rows, mass).empty());
    const Front front = measure_front(site, region, rows, mass);
    CHECK(front.q50 == 40.0 * static_cast<double>(cells));
    CHECK(front.q99 == front.q50);
    CHECK(front.roughness == doctest::Approx(front.max * std::sqrt(31.0) / 32));
  }
}

TEST_CASE("two spheroids are no islands, a piece that has left both is one; a group that has left as a whole is the mass") {
  std::vector<Vec3> points = lattice({100, 100, 100}, 13, 3, [](Vec3 d) { return norm(d) < 35; });
  const std::vector<Vec3> second = lattice({300, 100, 100}, 13, 3, [](Vec3 d) { return norm(d) < 30; });
  points.insert(points.end(), second.begin(), second.end());
  const std::vector<Vec3> left = lattice({200, 300, 100}, 13, 2, [](Vec3 d) { return norm(d) < 20; });
  points.insert(points.end(), left.begin(), left.end());
  const Site site = site_with({400, 400, 200}, points);
  Region a, b;
  a.centre = {100, 100, 100}, b.centre = {300, 100, 100};
  a.radius = b.radius = 40;
  const auto rows = all_rows(site);
  const Mass mass = find_mass(site, StartRegion({a, b}, site.domain), rows);
  CHECK(mass.islands == 1);
  CHECK(mass.island_cells == static_cast<std::int64_t>(left.size()));
  CHECK(mass.detached == mass.island_cells);
  const Mass gone = find_mass(site, sphere_at({390, 390, 190}, 5, site), rows);
  CHECK(gone.islands == 2);
  CHECK(gone.member[0] == 1);
}

TEST_CASE("the same surface on any number of threads, cells without a place break nothing") {
  std::vector<Vec3> crowd;
  for (std::int64_t i = 0; i < 3000; ++i) {
    const auto u = uniform4(Seed{5}, 0, Purpose::Placement, i);
    crowd.push_back({300 * u[0], 300 * u[1], 300 * u[2]});
  }
  Site site = site_with({300, 300, 300}, crowd);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const CellSurface one = surface_of(site);
  omp_set_num_threads(3);
  const CellSurface three = surface_of(site);
  omp_set_num_threads(threads);
  CHECK(one.area_um2 == three.area_um2);
  CHECK(one.volume_um3 == three.volume_um3);
  site.cells.x[7] = std::nan("");
  CHECK(std::isfinite(surface_of(site).area_um2));
}
