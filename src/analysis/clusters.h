// Which cells touch: connected groups.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/world.h"

namespace invado {

// Cells touch when their centres are within 1.25 (Ri + Rj); on periodic axes the nearest image counts.
inline constexpr double contact_reach = 1.25;

inline constexpr std::size_t listed_contacts = 12;

struct Clusters {
  std::int64_t clusters = 0;         // groups of two or more cells
  std::int64_t largest = 0;          // cells in the largest group (1: no two cells touch)
  std::vector<std::uint32_t> first;  // per entry of `rows`: the first entry of its group
  std::uint32_t largest_first = 0;   // that of the largest group; of several largest the one with the smallest cell id
  // Per entry of `rows`: how many it touches, and the first of them as entries of `rows`, in an order of no meaning.
  std::vector<std::uint32_t> contacts;
  std::vector<std::array<std::uint32_t, listed_contacts>> touching;
};

// Vector from b to a, on periodic axes to the nearest image.
[[nodiscard]] Vec3 nearest_difference(const Domain& domain, Vec3 a, Vec3 b);

// Groups among `rows`; the order of rows does not matter.
[[nodiscard]] Clusters find_clusters(const Site& site, std::span<const std::size_t> rows);

}  // namespace invado
