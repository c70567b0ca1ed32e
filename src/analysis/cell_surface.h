// The invasion front as a surface: what encloses the cells, its area and what it encloses.
#pragma once

#include <cstdint>
#include <span>

#include "model/world.h"

namespace invado {

// The surface F(x) = e^(-1/2) of F(x) = sum over cells of exp(-|x - x_i|^2 / (2 R_i^2)): a smoothed cell density, each
// cell spread with standard deviation R_i (Blinn 1982, A generalization of algebraic surface drawing, ACM TOG 1:235). The
// level, 0.16 in packed volume, is the one at which a cell alone is enclosed by a sphere of its own radius. Cells in contact
// share one surface, gaps of less than a cell are closed, and a packed mass (0.65 by volume) ends 0.68 R outside its
// outermost centres.
//
// It stops at the faces of the box (at walls F is mirrored, on periodic axes it goes round): what lies against a wall is no
// front. In a planar domain it is the outline of the cells times the thickness of the box.
//
// Measured by marching tetrahedra (Doi & Koide 1991, IEICE Trans. E74:214) on a grid of 0.75 of the mean radius; the error
// is second order in the grid: a row of single cells has 2 % of area and 8 % of volume too little, a ball 10 cells across 1
// % of volume too much. So coarse a grid would take 15 % of area and 28 % of volume from a cell alone; one without another
// within 3.25 radii counts as a sphere instead (the others' reach would add 6 % of volume at that distance, 1 % at 4).
struct CellSurface {
  double area_um2 = 0;
  double volume_um3 = 0;
};

// Rows in the order of ids: sums over cells follow it. `contacts`: how many cells each of them touches
// (analysis/clusters.h).
[[nodiscard]] CellSurface cell_surface(const Site& site, std::span<const std::size_t> rows,
                                       std::span<const std::uint32_t> contacts);

}  // namespace invado
