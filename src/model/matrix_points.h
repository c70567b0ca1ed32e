// What the matrix is like at up to 16 points at once: the numbers of model/matrix.h, for processes that ask for every cell
// in every step.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

#include "base/many_points.h"
#include "model/matrix.h"

namespace invado {

// Values at the voxels around all points, corner by corner.
using ManyCorners = std::array<Many, 8>;
template <class Number>
void gather(const std::vector<Number>& lattice, const TrilinearMany& points, ManyCorners& to) {
  const Number* const from = lattice.data();
  if (points.side_by_side) {  // one load gets both corners of a point along x
    typedef Number Two __attribute__((vector_size(2 * sizeof(Number))));
    typedef Number Four __attribute__((vector_size(4 * sizeof(Number))));
    using Doubles4 = double __attribute__((vector_size(32)));
    for (std::size_t c = 0; c < 8; c += 2)
      for (std::size_t p = 0; p < many; p += 4) {
        const auto pair = [&](std::size_t n) {
          Two two;
          std::memcpy(&two, from + points.voxel[c][p + n], sizeof two);
          return two;
        };
        const Four even = __builtin_shufflevector(pair(0), pair(2), 0, 1, 2, 3);
        const Four odd = __builtin_shufflevector(pair(1), pair(3), 0, 1, 2, 3);
        const Four low = __builtin_shufflevector(even, odd, 0, 4, 2, 6);
        const Four high = __builtin_shufflevector(even, odd, 1, 5, 3, 7);
        const Doubles4 lows = __builtin_convertvector(low, Doubles4), highs = __builtin_convertvector(high, Doubles4);
        std::memcpy(&to[c][p], &lows, sizeof lows);
        std::memcpy(&to[c + 1][p], &highs, sizeof highs);
      }
    return;
  }
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
  using Floats4 = float __attribute__((vector_size(16)));
  using Doubles4 = double __attribute__((vector_size(32)));
  const FibreTensor* const from = matrix.fibre.data();
  for (std::size_t p = 0; p < many; ++p) {
    // Four numbers of a tensor at a time: xx yy zz xy, then zz xy xz yz.
    Doubles4 first{}, last{};
#pragma GCC unroll 8
    for (std::size_t c = 0; c < 8; ++c) {
      const float* const q = from[points.voxel[c][p]].data();
      const double weight = points.weight[c][p];
      Floats4 of_first, of_last;
      std::memcpy(&of_first, q, sizeof of_first);
      std::memcpy(&of_last, q + 2, sizeof of_last);
      first += weight * __builtin_convertvector(of_first, Doubles4);
      last += weight * __builtin_convertvector(of_last, Doubles4);
    }
    for (int part = 0; part < 4; ++part) fibre[static_cast<std::size_t>(part)][p] = first[part];
    for (int part = 2; part < 4; ++part) fibre[static_cast<std::size_t>(part) + 2][p] = last[part];
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
