// Stand-ins for assays, computed from the signals of one cell as in the reference implementation of the network
// (reference: phenotype() there), always at a maximal free speed of 30 um/h and with its default half-effects, so that
// contexts compare. For tissue read the motion itself.
#pragma once

#include <cmath>

#include "base/maths.h"

namespace invado {

struct AssayIndices {
  double migration;     // v sqrt(P) (1 - 0.35 D)                  [um/h^1/2]
  double invasion;      // migration (0.15 + 0.85 X/(0.35 + X))
  double survival_24h;  // exp(-24 h k_anoikis) of detached cells
};

[[nodiscard]] inline AssayIndices assay_indices(double pakt, double ecadherin, double mmp_expression,
                                                double vimentin_effective, double runx2_activity) {
  const auto hill2 = [](double x, double half) { return x * x / (half * half + x * x); };
  const double h = hill2(vimentin_effective, 0.90);
  const double speed = 30.0 * (0.10 + 0.05 * pakt / (0.5 + pakt) + h + 0.20 * hill2(runx2_activity, 0.50));  // [um/h]
  const double persistence = 0.25 + 0.5 * h + 0.35 * (1 - ecadherin);                                        // [h]
  const double migration = speed * std::sqrt(persistence) * (1 - 0.35 * ecadherin);
  const double invasion = migration * (0.15 + 0.85 * mmp_expression / (0.35 + mmp_expression));
  const double v = vimentin_effective / 0.80;
  const double anoikis = ln2 / 10 / (1 + v * v * v) / (1 + 0.2 * pakt);  // [1/h]
  return {migration, invasion, invado::exp(-24 * anoikis)};
}

}  // namespace invado
