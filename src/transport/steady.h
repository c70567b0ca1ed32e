// The steady state of a fast factor: (D lap - k - loss) c + source = 0 on the grid, loss and source per voxel.
// Conjugate gradients, preconditioned by one multigrid V-cycle (piecewise constant transfer, operator rediscretised on the
// coarser voxels, Chebyshev smoothing, direct solve on the coarsest grid). Nothing in it depends on the thread count: the
// dot products are ordered sums, so the number of iterations is the same everywhere.
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
  struct Level {
    std::array<int, 3> n{1, 1, 1};
    std::array<int, 3> factor{1, 1, 1};           // fine voxels of this level per voxel of the next, 1 or 2
    std::array<std::vector<double>, 3> width;     // voxel widths in voxels of the finest grid
    std::array<std::vector<double>, 3> coupling;  // per face along an axis, for unit cross-section [1/min]
    std::array<bool, 3> periodic{};
    std::vector<double> loss;  // decay and uptake of the voxel [1/min x finest voxels]
    std::vector<double> inverse_diagonal;
    std::vector<double> x, b, r, d;

    [[nodiscard]] std::size_t size() const {
      return static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]) * static_cast<std::size_t>(n[2]);
    }
  };
  std::vector<Level> levels_;
  std::size_t depth_ = 0;       // levels in use
  std::vector<double> factor_;  // Cholesky factor on the coarsest level, or empty
  std::vector<double> right_, residual_, search_, image_, zeros_;

  void build(const Diffusion& diffusion, std::span<const double> loss);
  void finish_level(Level& level);
  void factorise_coarsest();
  // out = A x, or b - A x where b is given.
  void apply(const Level& level, const double* x, const double* b, double* out) const;
  void smooth(Level& level, bool from_zero);
  void cycle(std::size_t depth);
};

[[nodiscard]] SteadyFlows steady_flows(const Diffusion& diffusion, std::span<const double> c);

}  // namespace invado
