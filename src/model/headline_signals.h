// The three signals that every picture and report shows, under the names that people use.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace invado {

// The ranges of biology.md 2.7: in all runs, so that pictures of different runs compare.
struct HeadlineSignal {
  std::string_view alias, column, title;
  double low, high;
};
inline constexpr std::array<HeadlineSignal, 3> headline_signals{
    {{"akt", "pakt", "AKT level (pAKT S473)", 0, 1.3},
     {"vimentin", "vimentin_stability", "Vimentin stability", 0, 0.4},
     {"runx2", "runx2_activity", "RUNX2 activity", 0, 1.2}}};

// A range that is taken from the values of a run is at least this share of it: noise on one branch does not look like both.
inline constexpr double least_shown = 0.25;

// By alias or by column; nullptr: none of them.
[[nodiscard]] inline const HeadlineSignal* find_headline(std::string_view name) {
  const auto at =
      std::ranges::find_if(headline_signals, [&](const HeadlineSignal& h) { return h.alias == name || h.column == name; });
  return at == headline_signals.end() ? nullptr : &*at;
}

// runx2_activity above it: the high branch of the loop of AKT and RUNX2 (design.md, section 4).
inline constexpr double high_branch = 0.25;

}  // namespace invado
