// A diffusing and decaying factor in a box: dc/dt = D lap c - k c, finite volumes. One boundary type for all solvers.
#pragma once

#include <algorithm>
#include <array>

#include "base/grid.h"

namespace invado {

// One face of the box: no flux, or held at a value on the face itself, half a voxel from the outermost centres. The flux
// through a held face is 2 D (value - c)/h, exact for a linear profile.
struct FaceCondition {
  bool held = false;
  double value = 0;
};

struct Diffusion {
  Grid3 grid;
  double coefficient = 0;                              // D [um^2/min]
  double decay = 0;                                    // k [1/min]
  std::array<std::array<FaceCondition, 2>, 3> face{};  // [axis][low, high]; without meaning on a periodic axis
  std::array<bool, 3> periodic{false, false, false};

  [[nodiscard]] int voxels(int axis) const { return grid.shape[static_cast<std::size_t>(axis)]; }
  // Exchange rate between neighbours along an axis, D/h^2.  [1/min]
  [[nodiscard]] double exchange_rate(int axis) const { return coefficient / (grid.spacing[axis] * grid.spacing[axis]); }
  [[nodiscard]] bool held(int axis, int side) const {
    return !periodic[static_cast<std::size_t>(axis)] &&
           face[static_cast<std::size_t>(axis)][static_cast<std::size_t>(side)].held;
  }
  [[nodiscard]] double held_value(int axis, int side) const {
    return face[static_cast<std::size_t>(axis)][static_cast<std::size_t>(side)].value;
  }
  [[nodiscard]] bool any_held() const {
    for (int axis = 0; axis < 3; ++axis)
      if (held(axis, 0) || held(axis, 1)) return true;
    return false;
  }
  // Nothing moves along this axis.
  [[nodiscard]] bool idle(int axis) const {
    return coefficient <= 0 || (voxels(axis) == 1 && !held(axis, 0) && !held(axis, 1));
  }
  // Largest D/h^2 over the axes along which something moves.  [1/min]
  [[nodiscard]] double fastest_rate() const {
    double rate = 0;
    for (int axis = 0; axis < 3; ++axis)
      if (!idle(axis)) rate = std::max(rate, exchange_rate(axis));
    return rate;
  }
};

}  // namespace invado
