// What happens to cells in the blood (biology.md 6, rows circulation survival, arrest and extravasation).
#pragma once

#include <cstddef>
#include <span>

#include "base/hazard.h"
#include "base/maths.h"

namespace invado {

// Exposure of one cell of a clump of n to what kills it, relative to a cell alone: n^-g.
// Limit: clumps neither break up nor grow.
inline double clump_exposure(int n, double protection) {
  return n <= 1 ? 1.0 : invado::pow(static_cast<double>(n), -protection);
}

// Chance that a clump of n cells of `radius` sticks in capillaries that hold a cell of `reference` radius with chance p:
// as if the clump, a ball of n cells, had (R/R_ref)^2 chances. A law that is monotone in size and right at p = 0 and 1;
// assumed.
inline double lodging_chance(double p, int n, double radius, double reference) {
  if (p <= 0 || p >= 1) return p <= 0 ? 0 : 1;
  const double relative = radius / reference;
  const double area = relative * relative * invado::pow(static_cast<double>(n), 2.0 / 3);
  return 1 - invado::pow(1 - p, area);
}

// Capillary beds lie one after the other, in the order of the scenario: which of them holds a cell that passes, from a
// uniform; their number when it passes all. `chance`: that each holds what reaches it.
inline std::size_t bed_of(std::span<const double> chance, double u) {
  double reaches = 1, held = 0;
  for (std::size_t bed = 0; bed < chance.size(); ++bed) {
    held += reaches * chance[bed];
    if (u < held) return bed;
    reaches *= 1 - chance[bed];
  }
  return chance.size();
}

// Of the part of a step that a cell has been where it is: what it came with in the step before is made up for, so that the
// chances are those of continuous time. [min]
inline double exposure(double arrived_min, double begin_min, double dt_min) {
  const double since = begin_min - arrived_min;
  return since >= 0 && since < dt_min ? dt_min + since : dt_min;
}

// Leaving the capillaries: k_ex = k X/(K + X) permeability  [1/h]
struct Extravasation {
  double rate_1_h = 1.0 / 36;
  double mmp_half = 0.35;

  [[nodiscard]] double rate(double mmp, double permeability) const {
    return mmp > 0 ? rate_1_h * permeability * mmp / (mmp_half + mmp) : 0;
  }
};

}  // namespace invado
