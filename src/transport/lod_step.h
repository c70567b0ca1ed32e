// Implicit steps of diffusion, decay and exchange with cells: exchange in the voxels that hold cells, decay by 1/(1 + k dt),
// then backward Euler along the three axes in turn (locally one-dimensional; Yanenko 1971). Positive and stable for any
// step; first order in dt, second in h. What the splitting costs is estimated by splitting_error: it grows with D dt/h^2 and
// does not vanish in a steady state. Memory, not arithmetic, is what a step waits for. So lines along x and y are solved
// plane by plane and lines along z slab by slab (an x-z plane), and of several steps the even ones take the axes in the
// order x y z, the odd ones z x y: the end of one step and the beginning of the next then share a pass through memory. (One
// order and the other differ by what the splitting leaves anyway; without exchange and held faces they are the same step.)
#pragma once

#include <array>
#include <span>
#include <vector>

#include "transport/diffusion.h"
#include "transport/line_operator.h"
#include "transport/voxel_exchange.h"

namespace invado {

// Amounts of some steps in units of c times a voxel.
struct StepFlows {
  double before = 0;  // amount at the start, after the first exchange
  double secreted = 0, taken_up = 0;
  double decayed = 0;
  double through_boundary = 0;  // net inflow through held faces
};

class LodStep {
 public:
  void prepare(const Diffusion& diffusion, double dt_min);

  // Advance c by so many of the steps prepared. `exchange`: with cells, made for the same step; may be null.
  StepFlows advance(std::span<double> c, int steps = 1, const VoxelExchange* exchange = nullptr);
  // One of the three sweeps alone; returns the net inflow.
  double sweep(int axis, std::span<double> c);

 private:
  // What a pass does: it may end one step, and begin the next.
  struct Work {
    bool ends = false, begins = false;
    bool sums = false;    // add up the amount before decay
    bool solves = false;  // lines are solved, along one axis at least
    const VoxelExchange* exchange = nullptr;
    std::array<bool, 3> axes{};  // along which lines are solved
  };
  // What came out of one plane or slab, in units of c.
  struct Share {
    double before = 0, inflow_end = 0, inflow_begin = 0;
    Exchanged exchanged;
  };
  Diffusion d_;
  double decay_dt_ = 0, keep_ = 1;  // k dt, 1 / (1 + k dt)
  std::array<LineOperator, 3> along_;
  std::array<LineOperator, 3> begin_;  // the same where a step begins: decay is done by the first axis of a pass
  std::vector<Share> share_;           // per plane or slab

  Share plane_pass(const Work& work, std::span<double> c);
  Share slab_pass(const Work& work, std::span<double> c);
  static Share total(const std::vector<Share>& shares);
  void begin_row(double* c, std::ptrdiff_t row, const Work& work, Share& share) const;
  template <class Before>
  double solve_plane(double* plane, const double* next, const std::array<LineOperator, 3>& along, const Work& work,
                     Before&& before) const;
};

// LOD solves dc/dt = A c - dt sum_(i<j) A_i A_j c + O(dt^2), A_i = D d2/dx_i^2. Estimate of the relative error that this
// leaves: dt <c, sum_(i<j) A_i A_j c> / <c, -A c>, i.e. the mean over the modes of c of their relative error
// dt sum lambda_i lambda_j / sum lambda_i, weighted with their part in the gradients of c. Exact for a single mode.
[[nodiscard]] double splitting_error(const Diffusion& diffusion, double dt_min, std::span<const double> c);

}  // namespace invado
