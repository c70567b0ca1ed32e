// One implicit step of diffusion and decay: decay by 1/(1 + k dt), then backward Euler along x, y and z in turn (locally
// one-dimensional; Yanenko 1971). Positive and stable for any step; first order in dt, second in h. What the splitting
// costs is estimated by splitting_error: it grows with D dt/h^2 and does not vanish in a steady state.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "transport/diffusion.h"
#include "transport/line_operator.h"

namespace invado {

// Amounts of one step in units of c times a voxel.
struct StepFlows {
  double before = 0;  // amount before decay
  double decayed = 0;
  double through_boundary = 0;  // net inflow through held faces
};

class LodStep {
 public:
  void prepare(const Diffusion& diffusion, double dt_min);

  // Advance c by the step prepared.
  StepFlows advance(std::span<double> c);
  // One of the three sweeps alone; returns the net inflow.
  double sweep(int axis, std::span<double> c);

 private:
  Diffusion d_;
  double decay_dt_ = 0;
  std::array<LineOperator, 3> along_;
  std::vector<double> part_;  // partial sums per plane, three kinds
  double xy_pass(double keep, bool do_x, bool do_y, std::span<double> c, double& before);
  double z_pass(std::span<double> c);
};

// LOD solves dc/dt = A c - dt sum_(i<j) A_i A_j c + O(dt^2), A_i = D d2/dx_i^2. Estimate of the relative error that this
// leaves: dt <c, sum_(i<j) A_i A_j c> / <c, -A c>, i.e. the mean over the modes of c of their relative error
// dt sum lambda_i lambda_j / sum lambda_i, weighted with their part in the gradients of c. Exact for a single mode.
[[nodiscard]] double splitting_error(const Diffusion& diffusion, double dt_min, std::span<const double> c);

}  // namespace invado
