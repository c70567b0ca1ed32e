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

// Trajectories of one-at-a-time steps (Morris 1991, Technometrics 33:161): each begins at a random place of a grid of
// `levels` (even) and moves every axis once, in random order, by levels/2 of the grid, up or down. Points of a trajectory
// follow one another: axes + 1 of them.
[[nodiscard]] UnitPoints morris_trajectories(std::size_t trajectories, std::size_t levels, std::size_t axes, Seed seed);

// Blocks A, A with axis 1 of B, ..., A with the last axis of B, [B with axis 1 of A, ...,] B (Saltelli et al. 2010, Comput.
// Phys. Commun. 181:259), in the order of SALib; A and B are the two halves of a point of the Sobol sequence with 2 axes
// coordinates, from point `skip` on: the first points of the sequence have A = B.
[[nodiscard]] UnitPoints saltelli(std::size_t blocks, std::size_t axes, std::uint32_t skip, bool second_order);

// All combinations of levels, the last axis fastest: [point][axis] = index of the level.
[[nodiscard]] std::vector<std::vector<std::size_t>> all_combinations(std::span<const std::size_t> levels);

// Seed of one run. `point` is a hash of what the point sets, not its place in the list: a point that stays in a changed
// sweep keeps its seed. With common random numbers all points share the seeds of the replicates. Below 2^63, as scenarios
// want.
[[nodiscard]] std::uint64_t run_seed(std::uint64_t master, std::uint64_t point, std::uint32_t replicate,
                                     bool common_random_numbers);

}  // namespace invado
