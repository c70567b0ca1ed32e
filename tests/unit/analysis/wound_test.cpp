// Width of a wound: the area outside the initial region that no cell covers, over its length. A box of 200 x 100 um,
// periodic in the plane, a sheet from x = 60 to 140: a wound of 120 um across the x faces.
// Tolerance: pixels of 2 um, a part of them along the circumference of a disc: 0.4 %.
// Planted mistakes seen to fail: discs that go on behind a wall, 2 um for the size of a pixel.
#include "analysis/wound.h"

#include <doctest/doctest.h>

#include "../../small_world.h"
#include "analysis/observables.h"

using namespace invado;

namespace {

World sheet(std::vector<Vec3> places, double radius) {
  World world = small_world(places.size(), 1, 6);
  world.read_out = ReadOut::Monolayer;
  Site& site = world.sites[0];
  site.domain.size = {200, 100, 20};
  site.domain.boundary = {Boundary::Periodic, Boundary::Periodic, Boundary::Closed};
  site.domain.planar = true;
  Region slab;
  slab.kind = Region::Kind::Slab;
  slab.axis = 0;
  slab.from = 60, slab.to = 140;
  site.start_region = {slab};
  for (std::size_t i = 0; i < places.size(); ++i) {
    site.cells.x[i] = places[i].x, site.cells.y[i] = places[i].y, site.cells.z[i] = 10;
    site.cells.radius[i] = radius;
  }
  return world;
}

double width(const World& world) {
  Observables observables(world);
  return observables.value(observables.sample(world), "wound_um");
}

}  // namespace

TEST_CASE("a wound is what no cell covers") {
  CHECK(width(sheet({}, 10)) == 120);
  CHECK(width(sheet({{100, 50, 10}}, 10)) == 120);  // in the sheet
  const double disc = 3.14159265 * 100 / 100;       // of radius 10, over 100 um
  for (const Vec3 place : {Vec3{30, 50, 10}, Vec3{1, 50, 10}, Vec3{199.5, 99.5, 10}, Vec3{30, 0.5, 10}})
    CHECK(width(sheet({place}, 10)) == doctest::Approx(120 - disc).epsilon(0.004));
  CHECK(width(sheet({{30, 50, 10}, {30, 50, 10}}, 10)) == width(sheet({{30, 50, 10}}, 10)));
  CHECK(width(sheet({{60, 50, 10}}, 10)) == doctest::Approx(120 - disc / 2).epsilon(0.004));  // half over the edge
  std::vector<Vec3> everywhere;
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < 10; ++j) everywhere.push_back({10.0 * i, 10.0 * j, 10});
  CHECK(width(sheet(everywhere, 10)) == 0);
}

TEST_CASE("at a wall half a cell covers half a disc; a box need not be of whole pixels") {
  World world = sheet({{0, 50, 10}}, 10);
  world.sites[0].domain.boundary = {Boundary::Closed, Boundary::Closed, Boundary::Closed};
  CHECK(width(world) == doctest::Approx(120 - 3.14159265 * 50 / 100).epsilon(0.004));
  world.sites[0].cells.x[0] = 30, world.sites[0].cells.y[0] = 100;
  CHECK(width(world) == doctest::Approx(120 - 3.14159265 * 50 / 100).epsilon(0.004));
  // Pixels of 1.99 x 1.98 um, 60 and 63 um of wound: either edge is off by half a pixel at most.
  World odd = sheet({}, 10);
  odd.sites[0].domain.size = {203, 93, 20};
  CHECK(std::fabs(width(odd) - 123) < 2.0);
}

TEST_CASE("in a transwell those are invaded whose centre is below the membrane") {
  World world = small_world(4, 1, 6);
  world.read_out = ReadOut::Transwell;
  Site& site = world.sites[0];
  Matrix& m = site.matrix;
  m.grid = {{2, 2, 8}, {10, 10, 10}};
  m.density.assign(m.grid.size(), 1.7);
  m.density_start = m.density;
  m.crosslinking.assign(m.grid.size(), 1);
  m.tissue.assign(m.grid.size(), static_cast<std::uint8_t>(Tissue::Stroma));
  for (std::size_t v = m.grid.index(0, 0, 2); v < m.grid.index(0, 0, 3); ++v)
    m.tissue[v] = static_cast<std::uint8_t>(Tissue::Membrane);
  m.fibre.assign(m.grid.size(), {});
  site.cells.z = {19.9, 20.1, 5, 70};
  Observables observables(world);
  CHECK(observables.value(observables.sample(world), "invaded") == 2);
}
