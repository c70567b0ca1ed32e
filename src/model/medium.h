// A drug in the medium: a perturbation that acts on every cell there is also acts between the cells.
#pragma once

#include <cstdint>

#include "model/world.h"

namespace invado {

// Bits of the perturbations that act at a site on all cell types and populations without a random share: such a drug is
// in the medium there. One that is narrowed to some cells is bound to what these cells make and do.
[[nodiscard]] inline std::uint64_t medium_perturbations(const World& world, std::size_t site) {
  const auto covers = [](std::uint64_t mask, std::size_t count) {
    return count >= 64 ? mask == ~std::uint64_t{0} : (mask | ~((std::uint64_t{1} << count) - 1)) == ~std::uint64_t{0};
  };
  std::uint64_t bits = 0;
  for (std::size_t p = 0; p < world.perturbations.size(); ++p) {
    const Perturbation& perturbation = world.perturbations[p];
    if (perturbation.fraction >= 1 && covers(perturbation.types, world.types.size()) &&
        covers(perturbation.populations, world.populations.size()))
      bits |= std::uint64_t{1} << p;
  }
  return bits & acting_at(world.perturbations, site);
}

// True when some perturbation turns this knob.
[[nodiscard]] inline bool turned_by_any(const World& world, Knob knob) {
  for (const Perturbation& perturbation : world.perturbations)
    for (const KnobDose& dose : perturbation.doses)
      if (dose.knob == knob) return true;
  return false;
}

}  // namespace invado
