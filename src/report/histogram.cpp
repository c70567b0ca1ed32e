#include "report/histogram.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/maths.h"

namespace invado {

double Histogram::edge(std::size_t bin) const {
  if (bin == share.size()) return axis.high;
  const double part = static_cast<double>(bin) / static_cast<double>(share.size());
  if (!axis.logarithmic) return axis.low + (axis.high - axis.low) * part;
  return axis.low * invado::pow(axis.high / axis.low, part);
}

Histogram make_histogram(std::span<const double> values, const Axis& axis, std::size_t bins) {
  INVADO_ENSURE(axis.low < axis.high && bins > 0);
  Histogram h{axis, std::vector<double>(bins), 0};
  for (const double value : values) {
    if (std::isnan(value)) continue;
    const double at = axis.fraction(std::clamp(value, axis.low, axis.high)) * static_cast<double>(bins);
    h.share[std::min(static_cast<std::size_t>(std::max(at, 0.0)), bins - 1)] += 1;
    h.counted += 1;
  }
  if (h.counted > 0)
    for (double& share : h.share) share /= h.counted;
  return h;
}

std::size_t bins_for(std::size_t values) {
  std::size_t bins = 30;
  while (bins < 60 && bins * bins * bins < 8 * values) ++bins;
  return bins;
}

}  // namespace invado
