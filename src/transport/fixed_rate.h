// What cells do to a voxel is added up in fixed point: integers have no order of addition, so neither threads nor the order
// of cells can change a bit.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "base/parallel.h"

namespace invado {

// Rates from 0 to `most` [1/min or c/min] as multiples of a power of two, so small that the sum over all cells, were they in
// one voxel, just fits into an integer (with 10^5 cells 2^-45 of the largest rate). ModelFault where `most` is no number
// that can be summed.
struct FixedRate {
  FixedRate(double most, std::size_t cells) {
    if (!(most < 1e280)) throw ModelFault(fmt::format("cells secrete or take up {:g} a minute, more than can be", most));
    if (most < 1e-280) return;
    int exponent = 0;
    (void)std::frexp(most, &exponent);
    unit = std::ldexp(1.0, exponent - std::min(50, 62 - static_cast<int>(std::bit_width(cells))));
    per_unit = 1 / unit;
  }
  std::int64_t operator()(double rate) const { return nearest_integer(rate * per_unit); }

  double unit = 0, per_unit = 0;  // 0: nobody does anything
};

}  // namespace invado
