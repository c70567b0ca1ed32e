// Where the points of a sweep lie: coordinates in the unit cube, one per axis, before anybody knows what an axis means.
// Pure functions: the same arguments, the same points, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace invado {

// [point][axis], each in [0, 1).
using UnitPoints = std::vector<std::vector<double>>;

// Latin hypercube (McKay, Beckman & Conover 1979, Technometrics 21:239): on every axis exactly one point in each of n equal
// strata, at a random place inside it; the strata of different axes are paired at random. Chance is addressed by the seed.
[[nodiscard]] UnitPoints latin_hypercube(std::size_t points, std::size_t axes, Seed seed);

// The points skip, skip + 1, ... of the Sobol sequence with the direction numbers of Joe & Kuo (2008, SIAM J. Sci. Comput.
// 30:2635, "new-joe-kuo-6.21201"), in the order of the Gray code as in their program; point 0 is the origin. 32 bits.
inline constexpr std::size_t most_sobol_axes = 32;
[[nodiscard]] UnitPoints sobol(std::size_t points, std::size_t axes, std::uint32_t skip);

// All combinations of levels, the last axis fastest: [point][axis] = index of the level.
[[nodiscard]] std::vector<std::vector<std::size_t>> all_combinations(std::span<const std::size_t> levels);

// Seed of one run. `point` is a hash of what the point sets, not its place in the list: a point that stays in a changed
// sweep keeps its seed. With common random numbers all points share the seeds of the replicates. Below 2^63, as scenarios
// want.
[[nodiscard]] std::uint64_t run_seed(std::uint64_t master, std::uint64_t point, std::uint32_t replicate,
                                     bool common_random_numbers);

}  // namespace invado
