#include "report/efficiency.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace invado {

double injected(const Table& series) {
  double sum = 0;
  if (series.rows.empty()) return sum;
  for (const std::string_view column : {"circulating", "in_capillaries"})
    if (const auto at = std::ranges::find(series.names, column); at != series.names.end())
      if (const double value = series.rows.front()[static_cast<std::size_t>(at - series.names.begin())];
          std::isfinite(value))
        sum += value;
  return sum;
}

double shed(const CascadeEvents& events, double injected) {
  double sum = injected;
  for (const auto& [site, weight] : events.out_of)
    if (site == "primary") sum += weight;
  return sum;
}

StageCount begun_in(const CascadeEvents& events, const std::string& organ) {
  const auto found = events.counts.find({organ, "begun"});
  return found == events.counts.end() ? StageCount{} : found->second;
}

std::string efficiency_text(const StageCount& begun, double of_one) {
  if (begun.weight > 0) return fmt::format("{:.2g} ± {:.1g}", of_one * begun.weight, of_one * begun.error);
  return of_one > 0 ? fmt::format("0, below {:.1g}", 3 * of_one) : "0";
}

}  // namespace invado
