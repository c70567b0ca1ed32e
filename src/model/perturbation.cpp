#include "model/perturbation.h"

namespace invado {

std::uint64_t acting_at(const std::vector<Perturbation>& perturbations, std::size_t site) {
  std::uint64_t bits = 0;
  for (std::size_t p = 0; p < perturbations.size(); ++p) bits |= (perturbations[p].sites >> site & 1u) << p;
  return bits;
}

Doses doses_in_force(const std::vector<Perturbation>& perturbations, std::uint64_t treated, double time_min,
                     bool genotypes_only) {
  Doses doses;
  for (std::size_t p = 0; p < perturbations.size(); ++p) {
    const Perturbation& perturbation = perturbations[p];
    if ((treated >> p & 1u) == 0 || (genotypes_only && !perturbation.genotype)) continue;
    const double strength = perturbation.strength(time_min);
    if (strength <= 0) continue;
    for (const KnobDose& dose : perturbation.doses) {
      const std::size_t k = +dose.knob;
      switch (knobs[k].kind) {
        case KnobKind::Fraction:
          doses.fraction_or_mutant[k] = 1 - (1 - doses.fraction_or_mutant[k]) * (1 - dose.value * strength);
          break;
        case KnobKind::Mutant: doses.fraction_or_mutant[k] = dose.value; break;
        case KnobKind::Level: {
          const double factor = dose.multiplies ? 1 + (dose.value - 1) * strength : 1 - strength;
          doses.scale[k] *= factor;
          doses.offset[k] = doses.offset[k] * factor + (dose.multiplies ? 0.0 : dose.value * strength);
          break;
        }
      }
    }
  }
  return doses;
}

}  // namespace invado
