#include "report/head_count.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <string_view>

namespace invado {
namespace {

constexpr auto passed = static_cast<std::size_t>(Leaving::Passed);
constexpr std::string_view blood_name = "blood";

}  // namespace

double HeadCount::remainder() const {
  return there - (founders + births + arrivals + copies - std::accumulate(gone.begin(), gone.end(), 0.0));
}

std::vector<HeadCount> head_counts(const Table& series) {
  std::vector<HeadCount> counts;
  if (series.rows.empty()) return counts;
  const auto value = [&](const std::string& column) {
    const auto at = std::ranges::find(series.names, column);
    return at == series.names.end() ? 0 : series.rows.back()[static_cast<std::size_t>(at - series.names.begin())];
  };
  constexpr std::string_view ending = ".head_count_balance";  // of sites only, not of the types in them
  for (const std::string& name : series.names) {
    if (!name.ends_with(ending)) continue;
    HeadCount& count = counts.emplace_back();
    count.site = name.substr(0, name.size() - ending.size());
    const auto of = [&](std::string_view column) { return value(fmt::format("{}.{}", count.site, column)); };
    count.births = of("births");
    count.arrivals = of("arrivals");
    count.there = of("cells");
    for (std::size_t way = 0; way < leaving_count; ++way) {
      const bool dies = way != static_cast<std::size_t>(Leaving::Left) && way != passed;
      count.gone[way] = of(fmt::format("{}{}", dies ? "deaths_" : "", leaving_words[way]));
    }
    count.founders = count.remainder() - of("head_count_balance");
  }
  const auto blood = std::ranges::find(counts, blood_name, &HeadCount::site);
  if (blood == counts.end()) return {};

  double entered = 0, arrived = 0;  // heads that tissues have sent into the blood, and got from it
  for (const HeadCount& count : counts) {
    if (count.site == blood_name) continue;
    entered += count.gone[passed];
    arrived += count.arrivals;
  }
  blood->copies = (blood->arrivals - entered) + (arrived - blood->gone[passed]);
  blood->arrivals = entered;
  blood->gone[passed] = arrived;

  HeadCount all{.site = "all"};
  for (const HeadCount& count : counts) {
    all.founders += count.founders;
    all.births += count.births;
    all.arrivals += count.arrivals;
    all.copies += count.copies;
    for (std::size_t way = 0; way < leaving_count; ++way) all.gone[way] += count.gone[way];
    all.there += count.there;
  }
  counts.push_back(all);
  return counts;
}

}  // namespace invado
