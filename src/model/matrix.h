// The extracellular matrix: a lattice of its own, finer than a cell. It does not diffuse and costs nothing where
// nothing happens.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
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
  VesselWall = 5,  // of a blood vessel and its lumen: nobody's way but through intravasation
  Membrane = 6,    // plastic of a transwell: no ligand, pores of MatrixLaw::membrane_pore
  Wall = 7,        // of a microtrack: ligand by its density, no pores
};
inline constexpr std::array<std::string_view, 8> tissue_words{"none", "stroma",      "bed",      "basement_membrane",
                                                              "bone", "vessel_wall", "membrane", "wall"};

// What cells can neither digest, nor add to, nor turn the fibres of.
[[nodiscard]] constexpr bool inert(Tissue kind) {
  return (kind == Tissue::Membrane) | (kind == Tissue::Wall) | (kind == Tissue::VesselWall);
}
// The collagen of bone is shielded by mineral.
[[nodiscard]] constexpr bool degradable(Tissue kind) { return !(inert(kind) | (kind == Tissue::Bone)); }
// What holds cells though it may have no collagen.
[[nodiscard]] constexpr bool solid(Tissue kind) { return !degradable(kind); }
// Where the pores are not what the density says.
[[nodiscard]] constexpr bool narrow(Tissue kind) { return inert(kind) | (kind == Tissue::BasementMembrane); }

// Sets of tissues: bit k for tissue k.
using Tissues = std::uint32_t;
static_assert(tissue_words.size() <= 32);
[[nodiscard]] constexpr Tissues only(Tissue kind) { return static_cast<Tissues>(1U << static_cast<unsigned>(kind)); }
[[nodiscard]] constexpr Tissues tissues_that_are(bool (&property)(Tissue)) {
  Tissues set = 0;
  for (std::size_t k = 0; k < tissue_words.size(); ++k)
    if (property(static_cast<Tissue>(k))) set |= only(static_cast<Tissue>(k));
  return set;
}

// Pore cross-section and stiffness as functions of density (biology.md 4b). All of them are parameters of the
// scenario's `matrix` section.
struct MatrixLaw {
  double rho_ref = 1.7;        // reference density [mg/ml]
  double pore_ref = 20;        // a_ref: pore cross-section at rho_ref [um^2]
  double pore_max = 400;       // [um^2]
  double pore_free = 30;       // a_free: above it nothing hinders [um^2]
  double stiffness_ref = 0.1;  // E_ref at rho_ref [kPa]
  double rho_floor = 0.25;     // density that no protease removes [mg/ml]
  double membrane_pore = 0;    // pore cross-section of a membrane; 0: solid [um^2]

  // a = a_ref rho_ref / rho, at most pore_max (mesh size ~ rho^-1/2).  [um^2]
  [[nodiscard]] double pore(double rho) const {
    return rho * pore_max > pore_ref * rho_ref ? pore_ref * rho_ref / rho : pore_max;
  }
  // E = E_ref (rho/rho_ref)^2 (1 + 4 (chi - 1)).  [kPa]
  [[nodiscard]] double stiffness(double rho, double crosslinking) const {
    return stiffness_ref / (rho_ref * rho_ref) * (rho * rho) * (1 + 4 * (crosslinking - 1));
  }
};

// Orientation of the fibres in a voxel: symmetric, trace 1; xx, yy, zz, xy, xz, yz. In single precision, and side by side:
// who asks for a voxel's fibres wants all six.
using FibreTensor = std::array<float, 6>;

struct Matrix {
  Grid3 grid;  // empty grid: `matrix: none`
  MatrixLaw law;
  std::vector<double> density;        // rho [mg/ml]
  std::vector<double> density_start;  // rho at t = 0 [mg/ml]
  std::vector<float> crosslinking;    // chi >= 1
  std::vector<std::uint8_t> tissue;   // Tissue
  std::vector<FibreTensor> fibre;
  // What may be there, so that the laws of what is not need not be asked for every cell in every step.
  Tissues tissues = ~Tissues{0};
  bool crosslinked = true;     // whether chi may differ from 1 somewhere
  double degraded_mg_um3 = 0;  // ledger: sum over removals of density x volume [mg/ml um^3]
  double deposited_mg_um3 = 0;

  [[nodiscard]] bool none() const { return grid.empty(); }
  // Looks what is there. Who adds a tissue or crosslinks later says so.
  void survey() {
    tissues = 0;
    for (const std::uint8_t kind : tissue)  // a damaged file may hold what is none: then anything may be there
      tissues |= kind < tissue_words.size() ? only(static_cast<Tissue>(kind)) : ~Tissues{0};
    crosslinked = std::ranges::any_of(crosslinking, [](float chi) { return chi != 1; });
  }
  // Whether some voxel may be of a tissue with this property.
  [[nodiscard]] bool any(bool (&property)(Tissue)) const { return (tissues & tissues_that_are(property)) != 0; }
  [[nodiscard]] Tissue tissue_at(std::size_t voxel) const { return static_cast<Tissue>(tissue[voxel]); }
  [[nodiscard]] Sym3 orientation(std::size_t v) const {
    const auto [xx, yy, zz, xy, xz, yz] = fibre[v];
    return {xx, yy, zz, xy, xz, yz};
  }
  // Density that cells feel [mg/ml]: plastic holds none, whatever a scenario says.
  [[nodiscard]] double collagen(std::size_t v) const { return tissue_at(v) == Tissue::Membrane ? 0.0 : density[v]; }
  // Pore cross-section of a voxel [um^2]: by density, at most what the tissue leaves.
  [[nodiscard]] double pore(std::size_t v) const { return std::min(law.pore(collagen(v)), widest_pore(v)); }
  // What the tissue leaves of a pore at most [um^2]: 2 um^2 in intact basement membrane; in a membrane of plastic the pores
  // that it was made with; nothing in a wall.
  [[nodiscard]] double widest_pore(std::size_t v) const {
    const Tissue kind = tissue_at(v);
    if (inert(kind)) return kind == Tissue::Membrane ? law.membrane_pore : 0;
    const bool intact = kind == Tissue::BasementMembrane && density[v] > 0.5 * density_start[v];
    return intact ? 2.0 : std::numeric_limits<double>::max();
  }
};

// Height of the lowest face of a tissue [um]; nothing where there is none of it.
[[nodiscard]] inline std::optional<double> lower_face(const Matrix& matrix, Tissue kind) {
  for (std::size_t v = 0; v < matrix.tissue.size(); ++v)  // z is outermost
    if (matrix.tissue_at(v) == kind) return static_cast<double>(v / matrix.grid.index(0, 0, 1)) * matrix.grid.spacing.z;
  return std::nullopt;
}

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

// Steric factor of membranes and walls where the nucleus is: they may be thinner than a cell, whose leading edge would be
// through before its centre is in. 1 in everything else.
[[nodiscard]] inline double inert_factor_at(const Matrix& matrix, Vec3 centre, double pore_limit,
                                            std::array<bool, 3> periodic) {
  const Trilinear around(matrix.grid, centre, periodic);
  const StericLaw phi(pore_limit, matrix.law.pore_free);
  return around([&](std::size_t v) { return inert(matrix.tissue_at(v)) ? phi(matrix.pore(v)) : 1.0; });
}

}  // namespace invado
