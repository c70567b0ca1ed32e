// What a report says of cascade.csv.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace invado {

// A cell that began to grow in an organ.
struct ColonyFounder {
  double time_h = 0;
  std::string organ;
  bool woken = false;                                              // after dormancy
  std::int64_t cell = 0, founder = 0, colony = 0;                  // colony: the group that it and its daughters have
  double colony_cells = std::numeric_limits<double>::quiet_NaN();  // so many of them are there; NaN: not counted
  double weight = 1, pakt = 0, vimentin_stability = 0, runx2_activity = 0;
};

// What a colony began with: a cell, or those of a clump that have begun, each at its time.
struct ColonyOrigin {
  ColonyFounder first;  // that began
  std::size_t founders = 1;
};
// One for each colony of each organ, in the order of `founders`.
[[nodiscard]] std::vector<ColonyOrigin> origins_of(std::span<const ColonyFounder> founders);

// How many cells came to a stage in an organ, in weights, and the standard error of that number.
//   error = sqrt(sum over entries of (weight that came from it)^2)
// An entry is what came into the blood at one time and place, one cell or a clump: its copies share a fate, different
// entries do not. Their number is taken for Poisson, so that the sum is compound Poisson; for a fixed number of injected
// cells that is a little too large. Limit: what the entries have in common (one tumour, one state) is not in it; replicates
// show that.
struct StageCount {
  double weight = 0, error = 0;
  std::size_t entries = 0;
};

struct WeightOfEntry {
  std::int64_t entry;
  double weight;
};
[[nodiscard]] StageCount count_over_entries(std::span<const WeightOfEntry> all);

struct CascadeEvents {
  std::vector<ColonyFounder> founders;                   // by time
  std::vector<std::pair<std::string, double>> out_of{};  // sites that cells entered the blood from, and their weight
  std::map<std::pair<std::string, std::string>, StageCount> counts{};  // by organ and stage: lodged, extravasated, begun
  std::unordered_map<std::int64_t, std::int64_t> entries{};            // by group: the entry that it stems from

  // Who did not come by the blood is an entry of its own.
  [[nodiscard]] std::int64_t entry_of(std::int64_t group) const {
    const auto at = entries.find(group);
    return at == entries.end() ? group : at->second;
  }
};

// Lines later than `until_h` are left out, as is a last line without end: it may be in the middle of being written. 65 when
// a line is none of cascade.csv.
[[nodiscard]] CascadeEvents read_cascade(const std::filesystem::path& path,
                                         double until_h = std::numeric_limits<double>::infinity());

}  // namespace invado
