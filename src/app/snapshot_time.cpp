#include "app/snapshot_time.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdio>

#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {

std::size_t snapshot_at(const SnapshotSeries& series, const std::string& text) {
  const Parsed<double> time_h = parse_quantity(text, Unit::Hour, {});
  if (!time_h.value) throw Error(Exit::Usage, "--time: " + time_h.problem);
  const double first = series.times_h.front(), last = series.times_h.back();
  const double slack = 1e-6 + (series.times_h.size() > 1 ? 0.5 * (last - series.times_h[series.times_h.size() - 2]) : 0.0);
  if (*time_h.value < first - 1e-6 || *time_h.value > last + slack)
    throw Error(Exit::Usage, "--time: " + explain("the run has no snapshot there", text,
                                                  fmt::format("{:.6g} h to {:.6g} h", first, last)));
  const std::size_t nearest = nearest_snapshot(series, *time_h.value);
  if (std::abs(series.times_h[nearest] - *time_h.value) > 1e-3)
    fmt::print(stderr, "no snapshot at {}: this is the nearest, at {:.6g} h\n", text, series.times_h[nearest]);
  return nearest;
}

}  // namespace invado
