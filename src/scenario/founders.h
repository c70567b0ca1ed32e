// One founder: where it is put and which interventions act on it. Addressed by its id, so it depends on nothing else.
#pragma once

#include "scenario/scenario.h"

namespace invado {

// Position of the n-th founder of a population: not in a membrane or wall, where its place has room beside them; the origin
// where there is no space.
[[nodiscard]] Vec3 founder_position(const FounderPopulation& founders, std::size_t nth, const Site& site, Seed seed,
                                    std::int64_t id);

// Bits of the perturbations that act on a founder: its type, its population, and its luck where only a fraction is treated.
[[nodiscard]] std::uint64_t treated_bits(const World& world, std::int64_t id, std::uint8_t type, std::size_t population);

}  // namespace invado
