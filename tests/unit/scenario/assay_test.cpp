// Assays as ready-made settings: where things are, that own keys override, that a resolved copy is the same again.
#include <doctest/doctest.h>

#include <cmath>

#include "made_up_processes.h"
#include "scenario/shapes.h"

using namespace made_up;

namespace {

Loaded assay(const std::string& what, int count = 200, const std::string& more = "") {
  return load_text(head + "assay: " + what + "\n" + one_type +
                   "population: {p: {type: cell, count: " + std::to_string(count) + "}}\n" + more);
}

Tissue tissue_at(const Matrix& m, Vec3 x) { return m.tissue_at(m.grid.voxel_of(x)); }

}  // namespace

TEST_CASE("transwell: medium, plug, membrane with pores, medium") {
  const Loaded s = assay("{kind: transwell, pore_diameter: 8 um, membrane: 10 um, plug: 40 um, attractant: egf}");
  const Site& site = s.scenario.world.sites[0];
  CHECK(site.domain.size == Vec3{400, 400, 80});  // 800 um^2 a cell
  const std::vector<Tissue> layers{Tissue::None,   Tissue::None,   Tissue::Membrane, Tissue::Stroma,
                                   Tissue::Stroma, Tissue::Stroma, Tissue::Stroma,   Tissue::None};
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const Vec3 x{200, 200, 10 * static_cast<double>(k) + 5};
    CHECK(tissue_at(site.matrix, x) == layers[k]);
    CHECK(site.matrix.density[site.matrix.grid.voxel_of(x)] == (layers[k] == Tissue::Stroma ? 1.7 : 0));
  }
  CHECK(site.matrix.law.membrane_pore == doctest::Approx(50.265482).epsilon(1e-7));
  CHECK(site.matrix.pore(site.matrix.grid.voxel_of({0, 0, 25})) == site.matrix.law.membrane_pore);
  CHECK(lower_face(site.matrix, Tissue::Membrane) == 20);
  CHECK(s.scenario.world.read_out == ReadOut::Transwell);
  CHECK(bounds_of(s.scenario.founders[0].place.region, site.domain).low.z == 70);
  REQUIRE(site.fields.size() == 1);
  CHECK(site.fields[0].name == "egf");
  CHECK(site.fields[0].gradient_low == 2);
  CHECK_FALSE(s.scenario.schedule.entries[5].on);  // division
  CHECK(s.scenario.warnings.empty());
  // Bare membrane; twice as thick; a box of one's own.
  CHECK(assay("{kind: transwell, plug: 0 um}").scenario.world.sites[0].domain.size.z == 40);
  CHECK(assay("{kind: transwell, membrane: 20 um}").scenario.world.sites[0].domain.size.z == 100);
  const Loaded own = assay("{kind: transwell}", 9, "domain: {size: [200 um, 300 um, 120 um]}\nmatrix: {voxel: 5 um}\n");
  CHECK(own.scenario.world.sites[0].domain.size == Vec3{200, 300, 120});
  CHECK(lower_face(own.scenario.world.sites[0].matrix, Tissue::Membrane) == 60);
}

TEST_CASE("monolayer: a sheet as large as its cells, edge to edge across the gap") {
  const Loaded s = assay("{kind: monolayer, gap: 400 um}", 600);
  const Site& site = s.scenario.world.sites[0];
  CHECK(site.domain.planar);
  CHECK(site.matrix.none());
  CHECK(s.scenario.world.read_out == ReadOut::Monolayer);
  // 600 discs of radius 8.4 um at 80 % on a height of 400 um: 415.6 um.
  CHECK(site.domain.size == Vec3{820, 400, 20});
  const Region& place = s.scenario.founders[0].place.region;
  CHECK(place.from == doctest::Approx(208.4));
  CHECK(place.to == doctest::Approx(820 - 208.4));
  CHECK(s.scenario.schedule.entries[5].on);  // division
}

TEST_CASE("microtracks: parallel tracks between walls, founders in the tracks") {
  const Loaded s = assay("{kind: microtracks, width: 20 um}", 300);
  const Site& site = s.scenario.world.sites[0];
  CHECK(site.domain.size == Vec3{1000, 640, 20});
  CHECK(site.domain.planar);
  const Matrix& m = site.matrix;
  for (int j = 0; j < 64; ++j) {
    const bool track = j % 4 == 1 || j % 4 == 2;
    CHECK(tissue_at(m, {500, 10.0 * j + 5, 10}) == (track ? Tissue::None : Tissue::Wall));
    CHECK(m.pore(m.grid.voxel_of({500, 10.0 * j + 5, 10})) == (track ? 400 : 0));
    CHECK(m.density[m.grid.voxel_of({500, 10.0 * j + 5, 10})] == (track ? 0 : 1.7));
  }
  World world = s.scenario.world;
  place_founders(s.scenario, world);
  const Population& cells = world.sites[0].cells;
  for (std::size_t i = 0; i < cells.size(); ++i) CHECK(tissue_at(m, cells.position(i)) == Tissue::None);
  // A place that is all wall is no trap.
  const Loaded walled =
      load_text(head + "assay: {kind: microtracks}\n" + one_type +
                "population: {p: {type: cell, count: 3, place: {box: {from: [0 um, 0 um, 0 um], to: [9 um, "
                "9 um, 20 um]}}}}\n");
  World stuck = walled.scenario.world;
  place_founders(walled.scenario, stuck);
  CHECK(tissue_at(stuck.sites[0].matrix, stuck.sites[0].cells.position(0)) == Tissue::Wall);
}
