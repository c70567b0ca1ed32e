// Speed in a matrix falls linearly with the pore's cross-section and is zero at the cell's limit (Wolf 2013 JCB):
//
//     S / S_free = psi * clip((a - a_min)/(a_free - a_min), 0, 1),   a = 20 um^2 * 1.7 / rho,   a_min = 7, a_free = 30
//
// psi, the grip, is 1 here (ligand chosen at its optimum). No protease: nothing opens the pores.
// Tolerance: exact but for the float of the speed column, 2e-7.
// Planted mistakes seen to fail: quadratic law (27.4 for 28.7 um/h at 29 um^2); pores averaged instead of phi (30 for 15
// um/h at the wall); phi at the centre instead of the leading edge (30 for 15).
#include <doctest/doctest.h>

#include <cmath>

#include "../unit/mechanics/box_of_cells.h"

using namespace invado;
using namespace invado::test;

TEST_CASE("speed against pore cross-section") {
  for (const double pore : {5.7, 7.0, 8.0, 15.0, 20.0, 29.0, 30.0, 68.0}) {
    World world = box({200, 200, 200}, Boundary::Closed);
    fill_matrix(world, 20 * 1.7 / pore, 0);
    for (int i = 0; i < 50; ++i) add_cell(world, {50.0 + 2 * i, 100, 100});
    const auto motility = ready(make_motility(), world, {{"motility.heterogeneity", 0}});
    const auto mechanics = ready(make_mechanics(), world, {}, {{"contacts", 0}});
    motility->start(world);
    mechanics->start(world);
    Population& c = world.sites[0].cells;
    std::fill(c.phenotype[+Phenotype::AdhesionMatrix].begin(), c.phenotype[+Phenotype::AdhesionMatrix].end(), 0.35F);
    advance(world, {motility.get(), mechanics.get()}, 20, 0.5);
    const double expected = std::fmin(1, std::fmax(0, (pore - 7) / 23));
    for (std::size_t i = 0; i < c.size(); ++i) {
      CHECK(static_cast<double>(c.speed_in_place[i]) == doctest::Approx(30 * expected).epsilon(1e-6));
      if (pore <= 7) CHECK(c.path_um[i] < 1e-6);  // a of exactly 7 rounds to 7 + 1e-15
      if (pore > 7) CHECK(c.path_um[i] > 0);
    }
  }
}

TEST_CASE("at a wall phi is averaged, not the pore") {
  // Voxels of 10 um: open (a = 400) below x = 100, closed above. The leading edge at x = 100 lies half-way: phi = 1/2.
  World world = box({200, 200, 200}, Boundary::Closed);
  fill_matrix(world, 0.05, 0);
  Matrix& m = world.sites[0].matrix;
  for (std::size_t v = 0; v < m.grid.size(); ++v)
    if (v % 20 >= 10) m.density[v] = 10;
  add_cell(world, {92, 100, 100}, 8);
  const auto motility =
      ready(make_motility(), world, {{"motility.heterogeneity", 0}, {"motility.haptotaxis", 0}, {"motility.durotaxis", 0}});
  motility->start(world);
  Population& c = world.sites[0].cells;
  c.ux[0] = 1, c.uy[0] = c.uz[0] = 0;
  advance(world, {motility.get()}, 1, 0.5);
  CHECK(static_cast<double>(c.speed_in_place[0]) == doctest::Approx(15).epsilon(1e-6));
}
