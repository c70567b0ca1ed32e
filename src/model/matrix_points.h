// What the matrix is like at up to 16 points at once: the numbers of model/matrix.h, for processes that ask for every cell
// in every step.
#pragma once

#include <array>
#include <cstddef>

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

// Trilinear density [mg/ml] and stiffness [kPa].
struct FeltMatrix {
  Many density, stiffness;
};
inline void feel_matrix(const Matrix& matrix, const TrilinearMany& points, FeltMatrix& felt) {
  const MatrixLaw law = matrix.law;
  ManyCorners density, crosslinking;
  gather(matrix.density, points, density);
  if (matrix.crosslinked)
    gather(matrix.crosslinking, points, crosslinking);
  else
    for (Many& corner : crosslinking) corner.fill(1);
#pragma omp simd
  for (std::size_t p = 0; p < many; ++p) {
    double rho = 0, stiffness = 0;
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) {
      rho += points.weight[c][p] * density[c][p];
      stiffness += points.weight[c][p] * law.stiffness(density[c][p], crosslinking[c][p]);
    }
    felt.density[p] = rho;
    felt.stiffness[p] = stiffness;
  }
}

// Trilinear fibre orientation: xx, yy, zz, xy, xz, yz.
inline void feel_fibres(const Matrix& matrix, const TrilinearMany& points, std::array<Many, 6>& fibre) {
  const FibreTensor* const from = matrix.fibre.data();
  for (std::size_t p = 0; p < many; ++p) {
    std::array<double, 6> sum{};
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) {
      const FibreTensor& q = from[points.voxel[c][p]];
      const double weight = points.weight[c][p];
#pragma GCC unroll 6
      for (std::size_t part = 0; part < 6; ++part) sum[part] += weight * static_cast<double>(q[part]);
    }
    for (std::size_t part = 0; part < 6; ++part) fibre[part][p] = sum[part];
  }
}

// Pore cross-sections of the voxels around all points, corner by corner.  [um^2]
inline void gather_pores(const Matrix& matrix, const TrilinearMany& points, ManyCorners& pore) {
  const MatrixLaw law = matrix.law;
  if (matrix.any(narrow)) {
    for (std::size_t c = 0; c < 8; ++c)
      for (std::size_t p = 0; p < many; ++p) pore[c][p] = matrix.pore(points.voxel[c][p]);
    return;
  }
  gather(matrix.density, points, pore);
  for (Many& corner : pore)
    for (double& one : corner) one = law.pore(one);
}

// Trilinear pore cross-section.  [um^2]
inline void feel_pores(const Matrix& matrix, const TrilinearMany& points, Many& felt) {
  ManyCorners pore;
  gather_pores(matrix, points, pore);
#pragma omp simd
  for (std::size_t p = 0; p < many; ++p) {
    double sum = 0;
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) sum += points.weight[c][p] * pore[c][p];
    felt[p] = sum;
  }
}

// steric_factor_at of each point x, for cells with these limits.
inline void steric_factors_at(const Matrix& matrix, const ManyVectors& x, const Many& pore_limit,
                              std::array<bool, 3> periodic, Many& factor) {
  const TrilinearMany points(AxisPairs(matrix.grid, 0, x[0], periodic[0]), AxisPairs(matrix.grid, 1, x[1], periodic[1]),
                             AxisPairs(matrix.grid, 2, x[2], periodic[2]));
  ManyCorners pore;
  gather_pores(matrix, points, pore);
#pragma omp simd
  for (std::size_t p = 0; p < many; ++p) {
    const StericLaw phi(pore_limit[p], matrix.law.pore_free);
    double sum = 0;
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) sum += points.weight[c][p] * phi(pore[c][p]);
    factor[p] = sum;
  }
}

}  // namespace invado
