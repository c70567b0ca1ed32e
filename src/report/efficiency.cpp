#include "report/efficiency.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "report/head_count.h"

namespace invado {

double injected(const Table& series) {
  const std::vector<HeadCount> counts = head_counts(series);
  const auto blood = std::ranges::find(counts, "blood", &HeadCount::site);
  return blood == counts.end() ? 0.0 : blood->founders;
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
