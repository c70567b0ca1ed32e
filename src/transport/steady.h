// The steady state of a fast factor: (D lap - k - loss) c + source = 0 on the grid, loss and source per voxel.
// Conjugate gradients in double precision, preconditioned by one multigrid V-cycle in single precision (piecewise constant
// transfer, operator rediscretised on the coarser voxels, Chebyshev smoothing, direct solve on the coarsest grid). The cycle
// decides how soon a solution is reached, not which one; in single precision it moves half the memory, which is what it
// waits for. Nothing depends on the thread count: the dot products are sums in a fixed order, so the number of iterations is
// the same everywhere.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "transport/diffusion.h"

namespace invado {

struct SteadyResult {
  int iterations = 0;
  double residual = 0;  // |b - A c| / |b| reached
};

// Rates of a steady state, in units of c times a voxel per minute.
struct SteadyFlows {
  double decayed = 0;
  double through_boundary = 0;  // net inflow through held faces
};

class SteadySolver {
 public:
  // Solve for c, starting from what c holds. loss [1/min] and source [c/min] per voxel, loss >= 0, source of any sign.
  // There must be a loss somewhere: decay, loss or a held face. With source >= 0 and held values >= 0 the result is not
  // negative, and it is scaled so that gains and losses balance to rounding, not only to the tolerance.
  SteadyResult solve(const Diffusion& diffusion, std::span<const double> loss, std::span<const double> source,
                     double tolerance, std::span<double> c);

 private:
  // The operator on one grid, which may have voxels of several widths.
  template <class Real>
  struct Stencil {
    std::array<int, 3> n{1, 1, 1};
    std::array<bool, 3> periodic{};
    std::array<std::vector<Real>, 3> width;     // voxel widths in voxels of the finest grid
    std::array<std::vector<Real>, 3> coupling;  // per face along an axis, for unit cross-section
    std::vector<Real> loss;                     // of the voxel: decay and uptake times its volume
    std::vector<Real> zeros;                    // a row outside the box

    [[nodiscard]] std::size_t size() const {
      return static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]) * static_cast<std::size_t>(n[2]);
    }
    // emit(voxel, (A x) there, diagonal of A there) for the voxels of a row along x.
    template <class Emit>
    void row(int j, int k, const Real* x, Emit&& emit) const;
  };
  struct Level {
    Stencil<float> a;
    std::array<int, 3> factor{1, 1, 1};  // fine voxels of this level per voxel of the next, 1 or 2
    std::vector<float> x, b, d, half_way;
  };
  Stencil<double> fine_;
  std::vector<Level> levels_;
  std::size_t depth_ = 0;       // levels in use
  std::vector<double> factor_;  // Cholesky factor on the coarsest level, or empty
  std::vector<double> right_, residual_, search_, image_;
  std::vector<double> row_sum_;

  void build(const Diffusion& diffusion, std::span<const double> loss);
  void factorise_coarsest();
  void solve_coarsest();
  void smooth(Level& level, bool from_zero);
  void restrict_residual(const Level& level, Level& lower) const;
  void cycle(std::size_t depth);
  // f(j, k, first voxel) for each row along x of the finest grid, summed in the order of the rows.
  template <class Row>
  double sum_over_rows(Row&& f);
};

[[nodiscard]] SteadyFlows steady_flows(const Diffusion& diffusion, std::span<const double> c);

}  // namespace invado
