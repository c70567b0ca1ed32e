// What the matrix is like at up to 16 points at once: the numbers of model/matrix.h, for processes that ask for every cell
// in every step.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include "base/many_points.h"
#include "model/matrix.h"

namespace invado {

// Values at the voxels around all points, corner by corner.
using ManyCorners = std::array<Many, 8>;
template <class Number>
void gather(const std::vector<Number>& lattice, const TrilinearMany& points, ManyCorners& to) {
  const Number* const from = lattice.data();
  for (std::size_t c = 0; c < 8; ++c)
    for (std::size_t p = 0; p < many; ++p) to[c][p] = static_cast<double>(from[points.voxel[c][p]]);
}

// Trilinear density and stiffness, the latter as E / (E + E_ref).
struct FeltMatrix {
  Many density, stiffness;
};
inline void feel_matrix(const Matrix& matrix, const TrilinearMany& points, FeltMatrix& felt) {
  const MatrixLaw law = matrix.law;
  ManyCorners density, crosslinking;
  gather(matrix.density, points, density);
  gather(matrix.crosslinking, points, crosslinking);
#pragma omp simd
  for (std::size_t p = 0; p < many; ++p) {
    double rho = 0, stiffness = 0;
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) {
      rho += points.weight[c][p] * density[c][p];
      stiffness += points.weight[c][p] * law.stiffness(density[c][p], crosslinking[c][p]);
    }
    felt.density[p] = rho;
    felt.stiffness[p] = stiffness / (stiffness + law.stiffness_ref);
  }
}

// Trilinear fibre orientation: xx, yy, zz, xy, xz, yz.
inline void feel_fibres(const Matrix& matrix, const TrilinearMany& points, std::array<Many, 6>& fibre) {
  for (std::size_t part = 0; part < 6; ++part) {
    ManyCorners q;
    gather(matrix.fibre[part], points, q);
#pragma omp simd
    for (std::size_t p = 0; p < many; ++p) {
      double sum = 0;
#pragma GCC unroll 8
      for (std::size_t c = 0; c < 8; ++c) sum += points.weight[c][p] * q[c][p];
      fibre[part][p] = sum;
    }
  }
}

// steric_factor_at of each point x, for cells with these limits.
inline void steric_factors_at(const Matrix& matrix, const ManyVectors& x, const Many& pore_limit,
                              std::array<bool, 3> periodic, Many& factor) {
  const MatrixLaw law = matrix.law;
  const TrilinearMany points(AxisPairs(matrix.grid, 0, x[0], periodic[0]), AxisPairs(matrix.grid, 1, x[1], periodic[1]),
                             AxisPairs(matrix.grid, 2, x[2], periodic[2]));
  ManyCorners density, widest;  // widest: what the tissue leaves of a pore
  for (std::size_t c = 0; c < 8; ++c)
    for (std::size_t p = 0; p < many; ++p) {
      const std::size_t voxel = points.voxel[c][p];
      density[c][p] = matrix.collagen(voxel);
      widest[c][p] = matrix.widest_pore(voxel);
    }
#pragma omp simd
  for (std::size_t p = 0; p < many; ++p) {
    const StericLaw phi(pore_limit[p], law.pore_free);
    double sum = 0;
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) {
      const double open = law.pore(density[c][p]);
      sum += points.weight[c][p] * phi(widest[c][p] < open ? widest[c][p] : open);
    }
    factor[p] = sum;
  }
}

}  // namespace invado
