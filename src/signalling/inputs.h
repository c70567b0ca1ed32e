// What the network senses of the place. Soluble factors are in units of their own half-effect (1 = EC50).
#pragma once

#include "signalling/network.h"

namespace invado {

struct Surroundings {
  double tgfb = 0, egf = 0, cxcl12 = 0;  // concentrations at the cell
  double adhesion = 0;                   // J, cell-matrix adhesion (response table)
  double ligand = 0;                     // matrix density within reach over the reference density
};

//     g  = tgfb_bath + tgfb
//     I  = I0 (1 + 2 egf/(1 + egf)) (1 + fak_gain J l/(1 + l)),      e = e0 (1 + egf/(1 + egf)) (the same factor)
//     cx = 4 cxcl12/(1 + cxcl12), added to the knob's level
// All gains are assumed; fak_gain is 0 unless set.
[[gnu::always_inline]] inline Inputs couple(const Inputs& own, const Surroundings& at, double fak_gain) {
  const double egf = at.egf / (1 + at.egf);
  const double fak = 1 + fak_gain * at.adhesion * at.ligand / (1 + at.ligand);
  return {own.I * (1 + 2 * egf) * fak, own.rho,         own.sV,
          own.e * (1 + egf) * fak,     own.g + at.tgfb, own.cx + 4 * at.cxcl12 / (1 + at.cxcl12)};
}

}  // namespace invado
