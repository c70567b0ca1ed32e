// Values counted in bins that are equally wide on an axis.
#pragma once

#include <span>
#include <vector>

#include "report/axis.h"

namespace invado {

struct Histogram {
  Axis axis;
  std::vector<double> share;  // of all counted values in each bin: the shares sum to 1; all 0 without values
  double counted = 0;         // values that are no NaN; those beyond the axis count in the outermost bins

  [[nodiscard]] double edge(std::size_t bin) const;
};

// Bins are [edge, next edge), the last one also holds the end of the axis. bins > 0.
[[nodiscard]] Histogram make_histogram(std::span<const double> values, const Axis& axis, std::size_t bins);

// How many bins tell the shape of n values apart from its noise: 2 n^(1/3) (Rice), between 30, because an axis is often
// wider than what one histogram fills, and 60.
[[nodiscard]] std::size_t bins_for(std::size_t values);

}  // namespace invado
