// Which cells touch: connected groups.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/world.h"

namespace invado {

// Cells touch when their centres are within 1.25 (Ri + Rj); on periodic axes the nearest image counts.
inline constexpr double contact_reach = 1.25;

struct Clusters {
  std::int64_t clusters = 0;        // groups of two or more cells
  std::int64_t largest = 0;         // cells in the largest group (1: no two cells touch)
  std::vector<std::int64_t> group;  // per entry of `rows`: the smallest cell id of its group
  std::int64_t largest_group = -1;  // of several largest the one with the smallest id
};

// Groups among `rows`; the order of rows does not matter.
[[nodiscard]] Clusters find_clusters(const Site& site, std::span<const std::size_t> rows);

}  // namespace invado
