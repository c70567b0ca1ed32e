// A perturbation: which knobs, on which cells, when. And the doses that a cell feels at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/knobs.h"

namespace invado {

struct KnobDose {
  Knob knob{};
  double value = 0;
  bool multiplies = false;  // `x3`
};

struct Perturbation {
  std::string name;
  std::vector<KnobDose> doses;
  std::uint64_t types = ~std::uint64_t{0};        // bit t: acts on cell type t
  std::uint64_t populations = ~std::uint64_t{0};  // bit p: acts on founders of population p and their offspring
  std::uint64_t sites = ~std::uint64_t{0};        // bit s: acts on cells while they are at site s
  double fraction = 1;                            // share of those cells that it acts on
  bool genotype = true;                           // no `from`: in force before the start, part of the steady state
  double from_min = 0;                            // active in [from, until)
  double until_min = std::numeric_limits<double>::infinity();
  double onset_min = 0;  // linear ramp from 0 to the full dose

  // 0 before, 1 in full force, between during the ramp. [0, 1]
  [[nodiscard]] double strength(double time_min) const {
    if (genotype) return time_min < until_min ? 1.0 : 0.0;
    if (time_min < from_min || time_min >= until_min) return 0.0;
    return onset_min > 0 && time_min < from_min + onset_min ? (time_min - from_min) / onset_min : 1.0;
  }
};

// Bits of the perturbations that act at a site.
[[nodiscard]] std::uint64_t acting_at(const std::vector<Perturbation>& perturbations, std::size_t site);

// The doses at `time_min` [min] for a cell that the perturbations with bits in `treated` act on (bit p: perturbation p,
// at most 64). `genotypes_only` leaves out everything with a `from`: the state before the start.
[[nodiscard]] Doses doses_in_force(const std::vector<Perturbation>& perturbations, std::uint64_t treated, double time_min,
                                   bool genotypes_only = false);

}  // namespace invado
