// The extracellular matrix: a lattice of its own, finer than a cell. It does not diffuse and costs nothing where
// nothing happens.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/grid.h"
#include "base/sym3.h"

namespace invado {

enum class Tissue : std::uint8_t {
  None = 0,  // no matrix: medium
  Stroma = 1,
  Bed = 2,               // soft bed around a spheroid
  BasementMembrane = 3,  // pores of 2 um^2 until degraded below half
  Bone = 4,
  VesselWall = 5,
  Membrane = 6,  // solid plastic of a transwell: no ligand, not degradable, not passable
};
inline constexpr std::array<std::string_view, 7> tissue_words{"none", "stroma",      "bed",     "basement_membrane",
                                                              "bone", "vessel_wall", "membrane"};

// Pore cross-section and stiffness as functions of density (biology.md 4b). All of them are parameters of the
// scenario's `matrix` section.
struct MatrixLaw {
  double rho_ref = 1.7;        // reference density [mg/ml]
  double pore_ref = 20;        // a_ref: pore cross-section at rho_ref [um^2]
  double pore_max = 400;       // [um^2]
  double pore_free = 30;       // a_free: above it nothing hinders [um^2]
  double stiffness_ref = 0.1;  // E_ref at rho_ref [kPa]
  double rho_floor = 0.25;     // density that no protease removes [mg/ml]

  // a = a_ref rho_ref / rho, at most pore_max (mesh size ~ rho^-1/2).  [um^2]
  [[nodiscard]] double pore(double rho) const {
    return rho * pore_max > pore_ref * rho_ref ? pore_ref * rho_ref / rho : pore_max;
  }
  // E = E_ref (rho/rho_ref)^2 (1 + 4 (chi - 1)).  [kPa]
  [[nodiscard]] double stiffness(double rho, double crosslinking) const {
    return stiffness_ref / (rho_ref * rho_ref) * (rho * rho) * (1 + 4 * (crosslinking - 1));
  }
};

struct Matrix {
  Grid3 grid;  // empty grid: `matrix: none`
  MatrixLaw law;
  std::vector<double> density;        // rho [mg/ml]
  std::vector<double> density_start;  // rho at t = 0 [mg/ml]
  std::vector<float> crosslinking;    // chi >= 1
  std::vector<std::uint8_t> tissue;   // Tissue
  // Fibre orientation tensor, trace 1: xx, yy, zz, xy, xz, yz.
  std::array<std::vector<float>, 6> fibre;
  double degraded_mg_um3 = 0;  // ledger: sum over removals of density x volume [mg/ml um^3]
  double deposited_mg_um3 = 0;

  [[nodiscard]] bool none() const { return grid.empty(); }
  [[nodiscard]] Tissue tissue_at(std::size_t voxel) const { return static_cast<Tissue>(tissue[voxel]); }
  [[nodiscard]] Sym3 orientation(std::size_t v) const {
    return {fibre[0][v], fibre[1][v], fibre[2][v], fibre[3][v], fibre[4][v], fibre[5][v]};
  }
  // Pore cross-section of a voxel [um^2]: by density; 2 um^2 in intact basement membrane; 0 in solid membrane.
  [[nodiscard]] double pore(std::size_t v) const { return std::min(law.pore(density[v]), widest_pore(v)); }
  // What the tissue, whatever its density, leaves of a pore at most [um^2].
  [[nodiscard]] double widest_pore(std::size_t v) const {
    const Tissue kind = tissue_at(v);
    if (kind == Tissue::Membrane) return 0;
    const bool intact = kind == Tissue::BasementMembrane && density[v] > 0.5 * density_start[v];
    return intact ? 2.0 : std::numeric_limits<double>::max();
  }
};

// Steric factor of one voxel: phi = clip((a - a_min) / (a_free - a_min), 0, 1) (linear: Wolf et al. 2013 JCB); where a_min
// is not below a_free: a step at a_min.
struct StericLaw {
  double pore_limit;  // a_min [um^2]
  double per_width;   // 1 / (a_free - a_min) [1/um^2]

  StericLaw(double limit, double pore_free)
      : pore_limit(limit), per_width(limit < pore_free ? 1 / (pore_free - limit) : std::numeric_limits<double>::max()) {}
  [[nodiscard]] double operator()(double pore) const {
    const double share = (pore - pore_limit) * per_width;
    return share < 0 ? 0.0 : (1 < share ? 1.0 : share);  // std::clamp, in a form that vectorises
  }
};

// Steric factor at a point: phi per voxel, then interpolated trilinearly (averaging the pores would let a sliver of
// open space open a wall). 1 where there is no matrix.
[[nodiscard]] inline double steric_factor_at(const Matrix& matrix, Vec3 x, double pore_limit, std::array<bool, 3> periodic) {
  if (matrix.none()) return 1;
  const Trilinear around(matrix.grid, x, periodic);
  const StericLaw phi(pore_limit, matrix.law.pore_free);
  return around([&](std::size_t v) { return phi(matrix.pore(v)); });
}

}  // namespace invado
