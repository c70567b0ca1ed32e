// The lattice: pores of the three collagens, what a cell senses, exact degradation, deposition and realignment, ledgers,
// threads and rows.
// Tolerances: exact solutions to 1e-13 (a few roundings of exp); columns are floats, 1e-7 relative; the trace of Q one
// rounding of a float (6e-8) after 3000 calls, because the last element is the rest.
// Seen to fail: degradation by (1 - rate dt) instead of exp; floor ignored; distance to a voxel's centre instead of its box;
// zz not taken as the rest (trace 8e-7); rates of two cells not added; ledger without the volume; surface protease all
// around; membrane degraded, or carrying ligand; cells of a neighbouring slab forgotten, or counted twice around a periodic
// boundary; factor and lattice voxels half a voxel off; velocity not normalised; inhibitor left out, or of the first site in
// all, in the medium and at the surface; own voxel not held.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "../../physics/field_world.h"
#include "matrix/degrade.h"
#include "matrix/deposit.h"
#include "matrix/realign.h"
#include "model/digest.h"

namespace invado {
std::unique_ptr<Process> make_sensing();
std::unique_ptr<Process> make_proteolysis();
std::unique_ptr<Process> make_deposition();
std::unique_ptr<Process> make_realignment();
}  // namespace invado
using namespace invado;

namespace {

World one_cell(Vec3 at, double density) {
  const Vec3 places[] = {at};
  World world = field_world("mmp", {10, 10, 10}, 20, 2.0, places);
  add_matrix(world, 10, density);
  return world;
}

double lost_mass(const Matrix& m) {
  double sum = 0;
  for (std::size_t v = 0; v < m.density.size(); ++v) sum += m.density_start[v] - m.density[v];
  return sum * m.grid.voxel_volume();
}

}  // namespace

TEST_CASE("pore cross-section of the three collagens, membrane and basement membrane") {
  World world = one_cell({100, 100, 100}, 1.7);
  Matrix& m = world.sites[0].matrix;
  const double expected[] = {68, 20, 34.0 / 6, 400};
  const double density[] = {0.5, 1.7, 6, 0.01};
  for (int i = 0; i < 4; ++i) {
    m.density[0] = density[i];
    CHECK(m.pore(0) == doctest::Approx(expected[i]).epsilon(1e-14));
  }
  m.tissue[0] = static_cast<std::uint8_t>(Tissue::Membrane);
  CHECK(m.pore(0) == 0);
  m.tissue[0] = static_cast<std::uint8_t>(Tissue::BasementMembrane);
  m.density_start[0] = 1.7;
  m.density[0] = 0.86;
  CHECK(m.pore(0) == 2);
  m.density[0] = 0.84;
  CHECK(m.pore(0) == doctest::Approx(34 / 0.84).epsilon(1e-14));
  CHECK(m.law.stiffness(3.4, 1.5) == doctest::Approx(0.1 * 4 * 3).epsilon(1e-14));
}

TEST_CASE("a cell senses the densest voxel within reach, and holds on to walls and plastic") {
  // Centre of a voxel; R + reach = 18.4: voxels whose nearest side is within it: two voxels on (15 um), not three (25 um).
  World world = one_cell({105, 105, 105}, 0.0);
  Matrix& m = world.sites[0].matrix;
  const Population& cells = world.sites[0].cells;
  const auto sensing = make_sensing();
  sensing->start(world);
  CHECK(cells.ligand[0] == 0);
  CHECK(cells.anchored[0] == 0);
  CHECK(cells.pore_um2[0] == 400);
  CHECK(cells.stiffness_kpa[0] == 0);

  m.density[m.grid.index(13, 10, 10)] = 3.4;
  sensing->start(world);
  CHECK(cells.ligand[0] == 0);
  m.density[m.grid.index(12, 10, 10)] = 0.85;
  sensing->start(world);
  CHECK(cells.ligand[0] == doctest::Approx(0.5).epsilon(1e-7));
  CHECK(cells.anchored[0] == 1);
  CHECK(cells.stiffness_kpa[0] == 0);
  m.density[m.grid.index(12, 10, 10)] = 0.049;
  sensing->start(world);
  CHECK(cells.anchored[0] == 0);
  m.tissue[m.grid.index(10, 8, 10)] = static_cast<std::uint8_t>(Tissue::Membrane);
  m.density[m.grid.index(10, 8, 10)] = 1.7;
  sensing->start(world);
  CHECK(cells.anchored[0] == 1);
  CHECK(cells.ligand[0] == doctest::Approx(0.049 / 1.7).epsilon(1e-7));  // plastic carries none

  // Around a periodic boundary.
  world = one_cell({2, 105, 105}, 0.0);
  world.sites[0].matrix.density[world.sites[0].matrix.grid.index(18, 10, 10)] = 1.7;
  sensing->start(world);
  CHECK(world.sites[0].cells.ligand[0] == 0);
  world.sites[0].domain.boundary[0] = Boundary::Periodic;
  sensing->start(world);
  CHECK(world.sites[0].cells.ligand[0] == doctest::Approx(1).epsilon(1e-7));

  // Trilinear half-way between the centres of two voxels, and no matrix at all.
  world = one_cell({110, 105, 105}, 0.5);
  Matrix& half = world.sites[0].matrix;
  half.density[half.grid.index(11, 10, 10)] = 1.7;
  sensing->start(world);
  CHECK(world.sites[0].cells.pore_um2[0] == doctest::Approx(44).epsilon(1e-7));
  CHECK(world.sites[0].cells.stiffness_kpa[0] == doctest::Approx(0.05 * (1 + 0.25 / 2.89)).epsilon(1e-6));
  world.sites[0].matrix = Matrix{};
  sensing->apply(world, Tick{});
  CHECK(world.sites[0].cells.anchored[0] == 0);
  CHECK(world.sites[0].cells.ligand[0] == 0);
  CHECK(world.sites[0].cells.pore_um2[0] == 400);
}

TEST_CASE("laws of one voxel") {
  CHECK(degraded_density(1.7, 0.25, 0.3) == doctest::Approx(0.25 + 1.45 * std::exp(-0.3)).epsilon(1e-14));
  CHECK(degraded_density(0.2, 0.25, 5) == 0.2);
  CHECK(degraded_density(1.7, 0.25, 1e4) == 0.25);
  CHECK(deposited_density(0.4, 1.7, 0.02) == doctest::Approx(1.7 - 1.3 * std::exp(-0.02)).epsilon(1e-14));
  CHECK(deposited_density(2.0, 1.7, 1) == 2.0);
  CHECK(crosslinked(1, 3, 0.5) == doctest::Approx(3 - 2 * std::exp(-0.5)).epsilon(1e-14));
  const auto q = realigned({1.0 / 3, 1.0 / 3, 1.0 / 3, 0, 0, 0}, {0.1, 0, 0.3, 0, 0.05, 0});
  const double e = std::exp(-0.4);
  CHECK(static_cast<double>(q[0]) == doctest::Approx(0.25 + (1.0 / 3 - 0.25) * e).epsilon(1e-6));
  CHECK(static_cast<double>(q[1]) == doctest::Approx(e / 3).epsilon(1e-6));
  CHECK(static_cast<double>(q[4]) == doctest::Approx(0.125 * (1 - e)).epsilon(1e-6));
}

TEST_CASE("fibres in the plane keep their trace over many realignments") {
  std::array<float, 6> q{1, 0, 0, 0, 0, 0};
  for (int n = 0; n < 20000; ++n) {
    const double turn = 0.1 * std::sin(0.7 * n), x = std::cos(turn), y = std::sin(turn), rate = 1e-4 * (1 + n % 7);
    const auto d = [](float v) { return static_cast<double>(v); };
    q = realigned({d(q[0]), d(q[1]), d(q[2]), d(q[3]), d(q[4]), d(q[5])},
                  {rate * x * x, rate * y * y, 0, rate * x * y, 0, 0});
    REQUIRE(std::fabs(d(q[0]) + d(q[1]) + d(q[2]) - 1) < 1e-7);
  }
}

TEST_CASE("soluble protease degrades exactly, where it is, and never below the floor") {
  World world = one_cell({100, 100, 100}, 1.7);
  Site& site = world.sites[0];
  site.fields[0].value.assign(site.factor_grid.size(), 0.0);
  site.fields[0].value[site.factor_grid.index(2, 3, 4)] = 5;
  site.fields[0].value[site.factor_grid.index(7, 3, 4)] = 5e-5;  // not worth it
  site.matrix.tissue[site.matrix.grid.index(4, 6, 8)] = static_cast<std::uint8_t>(Tissue::Membrane);
  site.matrix.density[site.matrix.grid.index(5, 6, 8)] = 0.2;  // below the floor from the start
  site.matrix.density_start = site.matrix.density;
  const auto proteolysis = make_proteolysis();
  for (int step = 0; step < 300; ++step) tick_once(world, {proteolysis.get()});  // 10 h
  int changed = 0;
  for (std::size_t v = 0; v < site.matrix.density.size(); ++v)
    changed += site.matrix.density[v] != site.matrix.density_start[v];
  CHECK(changed == 6);  // eight matrix voxels in a factor voxel, one plastic, one poor
  CHECK(site.matrix.density[site.matrix.grid.index(5, 7, 9)] ==
        doctest::Approx(0.25 + 1.45 * std::exp(-0.002 * 5 * 10)).epsilon(1e-13));
  CHECK(site.matrix.degraded_mg_um3 == doctest::Approx(lost_mass(site.matrix)).epsilon(1e-12));
  site.fields[0].value[site.factor_grid.index(2, 3, 4)] = 1e6;
  tick_once(world, {proteolysis.get()});
  CHECK(*std::ranges::min_element(site.matrix.density) == 0.2);
  CHECK(site.matrix.density[site.matrix.grid.index(5, 7, 9)] == doctest::Approx(0.25).epsilon(1e-14));
}

TEST_CASE("surface protease degrades the leading half; rates of cells add; an inhibitor scales them") {
  const Vec3 places[] = {{105, 105, 105}, {105, 105, 105}};
  World world = field_world("tgfb", {10, 10, 10}, 20, 2.0, places);
  add_matrix(world, 10, 1.7);
  Site& site = world.sites[0];
  site.matrix.tissue[site.matrix.grid.index(11, 11, 10)] = static_cast<std::uint8_t>(Tissue::Membrane);
  for (std::size_t row = 0; row < 2; ++row) {
    site.cells.phenotype[+Phenotype::MmpSecretion][row] = 0.5F;
    site.cells.ux[row] = 1;  // stands still: the walk vector points the way
  }
  site.cells.treated[1] = 1;
  Perturbation drug;
  drug.doses = {{Knob::MmpInhibitor, 0.9, false}};
  drug.fraction = 0.5;
  world.perturbations = {drug};
  const auto proteolysis = make_proteolysis();
  tick_once(world, {proteolysis.get()});
  const Matrix& m = site.matrix;
  // Reach 10.4 from the middle of a voxel: the next voxel along an axis (gap 5), over an edge (7.07), over a corner (8.66).
  int changed = 0;
  for (std::size_t v = 0; v < m.density.size(); ++v) changed += m.density[v] != 1.7;
  CHECK(changed == 8);  // 9 ahead, one of them plastic
  const double rate_dt = 4 * 0.3 * 0.5 * (1 + 0.1) * 2.0 / 60;
  CHECK(m.density[m.grid.index(11, 10, 10)] == doctest::Approx(0.25 + 1.45 * std::exp(-rate_dt)).epsilon(1e-8));
  CHECK(m.density[m.grid.index(9, 10, 10)] == 1.7);
  CHECK(m.degraded_mg_um3 == doctest::Approx(lost_mass(m)).epsilon(1e-12));

  site.cells.vx[0] = site.cells.vx[1] = -0.1F;  // moves: the velocity decides
  tick_once(world, {proteolysis.get()});
  CHECK(m.density[m.grid.index(9, 10, 10)] < 1.7);
}

TEST_CASE("an inhibitor in the medium stops soluble protease everywhere") {
  for (const bool everyone : {false, true}) {
    World world = one_cell({100, 100, 100}, 1.7);
    Site& site = world.sites[0];
    site.fields[0].value.assign(site.factor_grid.size(), 1.0);
    Perturbation drug;
    drug.doses = {{Knob::MmpInhibitor, 1.0, false}};
    if (!everyone) drug.fraction = 0.999;
    world.perturbations = {drug};
    tick_once(world, {make_proteolysis().get()});
    CHECK((site.matrix.degraded_mg_um3 == 0) == everyone);
  }
}

TEST_CASE("an inhibitor at one site leaves the others alone, in the medium and at the surface") {
  for (const bool soluble : {true, false})
    for (const std::uint64_t sites : {0b01U, 0b10U}) {
      World world = one_cell({105, 105, 105}, 1.7);
      Site& first = world.sites[0];
      if (soluble) {
        first.fields[0].value.assign(first.factor_grid.size(), 1.0);
      } else {
        first.cells.phenotype[+Phenotype::MmpSecretion][0] = 0.5F;
        first.cells.ux[0] = 1;
      }
      first.cells.treated[0] = 1;
      world.sites.push_back(first);
      Perturbation drug;
      drug.doses = {{Knob::MmpInhibitor, 1.0, false}};
      drug.sites = sites;
      world.perturbations = {drug};
      tick_once(world, {make_proteolysis().get()});
      CHECK((world.sites[0].matrix.degraded_mg_um3 == 0) == (sites == 0b01U));
      CHECK((world.sites[1].matrix.degraded_mg_um3 == 0) == (sites == 0b10U));
    }
}

TEST_CASE("deposition fills up to the target, crosslinks, and keeps its ledger") {
  World world = one_cell({105, 105, 105}, 0.4);
  Site& site = world.sites[0];
  const auto deposition = make_deposition();
  deposition->resize_types(1);
  tick_once(world, {deposition.get()});
  CHECK(site.matrix.deposited_mg_um3 == 0);  // nobody does by default
  describe_type_with(*deposition, 0, {{"remodelling.deposition", 0.01}, {"remodelling.crosslinking", 0.2}});
  for (int step = 0; step < 300; ++step) tick_once(world, {deposition.get()});  // 10 h
  const Matrix& m = site.matrix;
  int changed = 0;
  for (std::size_t v = 0; v < m.density.size(); ++v) changed += m.density[v] != 0.4;
  CHECK(changed == 1);  // the radius of 8.4 holds one centre
  CHECK(m.density[m.grid.index(10, 10, 10)] == doctest::Approx(1.7 - 1.3 * std::exp(-0.1)).epsilon(1e-8));
  CHECK(static_cast<double>(m.crosslinking[m.grid.index(10, 10, 10)]) ==
        doctest::Approx(3 - 2 * std::exp(-2.0)).epsilon(1e-5));
  CHECK(m.deposited_mg_um3 == doctest::Approx(-lost_mass(m)).epsilon(1e-12));
  // A small cell in the corner of its voxel reaches no centre, but holds the voxel.
  world = one_cell({101, 101, 101}, 0.4);
  world.sites[0].cells.radius[0] = 3;
  tick_once(world, {deposition.get()});
  CHECK(world.sites[0].matrix.density[world.sites[0].matrix.grid.index(10, 10, 10)] > 0.4);
}

TEST_CASE("fibres follow the cells; the trace stays 1") {
  World world = one_cell({105, 105, 105}, 1.7);
  Site& site = world.sites[0];
  const auto realignment = make_realignment();
  realignment->resize_types(1);
  site.cells.vx[0] = 0.3F;
  site.cells.vy[0] = 0.4F;  // 30 um/h along (0.6, 0.8, 0)
  const Matrix& m = site.matrix;
  const std::size_t v = m.grid.index(10, 10, 10);
  for (int step = 0; step < 60; ++step) tick_once(world, {realignment.get()});  // 2 h at 0.5 1/h
  const double e = std::exp(-1.0);
  CHECK(static_cast<double>(m.fibre[v][0]) == doctest::Approx(0.36 + (1.0 / 3 - 0.36) * e).epsilon(1e-5));
  CHECK(static_cast<double>(m.fibre[v][3]) == doctest::Approx(0.48 * (1 - e)).epsilon(1e-5));
  CHECK(static_cast<double>(m.fibre[v][2]) == doctest::Approx(e / 3).epsilon(1e-5));
  CHECK(m.fibre[m.grid.index(12, 10, 10)][0] == 1.0F / 3);

  // Slowly (1 um/h), so that relaxation does not hide what rounding does.
  double worst = 0;
  for (int step = 0; step < 3000; ++step) {
    const auto u = uniform4(Seed{9}, static_cast<std::uint32_t>(step), Purpose::Tumble, 0);
    const auto d = direction(u[0], u[1]);
    site.cells.vx[0] = static_cast<float>(d[0] / 60);
    site.cells.vy[0] = static_cast<float>(d[1] / 60);
    site.cells.vz[0] = static_cast<float>(d[2] / 60);
    tick_once(world, {realignment.get()});
    worst = std::max(worst, std::fabs(m.orientation(v).trace() - 1));
  }
  CHECK(worst < 6e-8);
  for (std::size_t c = 0; c < 3; ++c) CHECK(m.fibre[v][c] >= 0);
}

TEST_CASE("the same bits on any number of threads and for any order of rows, and a crowd is a sum of its cells") {
  constexpr std::size_t n = 600;
  const int threads = omp_get_max_threads();
  // Factor voxels along z: six slabs of lattice layers, two, one.
  for (const int nz : {13, 4, 2}) {
    std::string first;
    for (const int t : {1, 2, 3, 8}) {
      const double depth = 20.0 * nz;
      omp_set_num_threads(t);
      std::vector<std::int64_t> ids(n);
      for (std::size_t i = 0; i < n; ++i) ids[i] = static_cast<std::int64_t>(i);
      std::ranges::sort(ids, {}, [&](std::int64_t id) {
        return words4(Seed{static_cast<std::uint64_t>(t)}, 0, Purpose::Placement, id).w0;
      });
      std::vector<Vec3> places;
      for (const std::int64_t id : ids) {
        const auto u = uniform4(Seed{5}, 0, Purpose::Placement, id);
        places.push_back({u[0] * 180, u[1] * 140, u[2] * depth});
      }
      World world = field_world("mmp", {9, 7, nz}, 20, 1.0, places);
      add_matrix(world, 10, 1.7);
      Site& site = world.sites[0];
      site.domain.boundary = {Boundary::Periodic, Boundary::Closed, Boundary::Periodic};
      Population& cells = site.cells;
      for (std::size_t row = 0; row < n; ++row) {
        cells.id[row] = cells.founder[row] = ids[row];
        const auto u = uniform4(Seed{6}, 0, Purpose::Placement, ids[row]);
        const auto d = direction(u[2], u[3]);
        cells.radius[row] = 6 + 4 * u[0];
        cells.vx[row] = static_cast<float>(d[0]), cells.vy[row] = static_cast<float>(d[1]),
        cells.vz[row] = static_cast<float>(d[2]);
        cells.phenotype[+Phenotype::MmpSecretion][row] = static_cast<float>(u[1]);
      }
      site.fields[0].value.assign(site.factor_grid.size(), 0.2);
      const auto sensing = make_sensing(), proteolysis = make_proteolysis(), deposition = make_deposition(),
                 realignment = make_realignment();
      deposition->resize_types(1);
      realignment->resize_types(1);
      describe_type_with(*deposition, 0, {{"remodelling.deposition", 0.3}, {"remodelling.crosslinking", 0.1}});
      tick_once(world, {proteolysis.get()});
      // Every voxel by brute force: soluble, then the sum over all cells and periodic images.
      double worst = 0;
      const Grid3& g = site.matrix.grid;
      for (int k = 0; k < g.shape[2]; k += 3)
        for (int j = 0; j < g.shape[1]; j += 2)
          for (int i = 0; i < g.shape[0]; i += 2) {
            double rate = 0.002 * 0.2;
            for (std::size_t row = 0; row < n; ++row)
              for (const double px : {-180.0, 0.0, 180.0})
                for (const double pz : {-depth, 0.0, depth}) {
                  const Vec3 from = g.centre(i, j, k) + Vec3{px, 0, pz} - cells.position(row);
                  const Vec3 gap{std::max(std::fabs(from.x) - 5, 0.0), std::max(std::fabs(from.y) - 5, 0.0),
                                 std::max(std::fabs(from.z) - 5, 0.0)};
                  if (norm(gap) <= cells.radius[row] + 2 && dot(from, {cells.vx[row], cells.vy[row], cells.vz[row]}) > 0)
                    rate += 4 * 0.3 * static_cast<double>(cells.phenotype[+Phenotype::MmpSecretion][row]);
                }
            worst = std::max(worst, std::fabs(site.matrix.density[g.index(i, j, k)] - (0.25 + 1.45 * std::exp(-rate / 60))));
          }
      CHECK(worst < 1e-9);  // 10 cells x 2^-31 of rate / 60 x 1.45
      for (int step = 0; step < 5; ++step)
        tick_once(world, {sensing.get(), proteolysis.get(), deposition.get(), realignment.get()});
      if (first.empty()) first = digest(world);
      CAPTURE(t);
      CAPTURE(nz);
      CHECK(digest(world) == first);
      CHECK(lost_mass(site.matrix) ==
            doctest::Approx(site.matrix.degraded_mg_um3 - site.matrix.deposited_mg_um3).epsilon(1e-12));
    }
  }
  omp_set_num_threads(threads);
}
