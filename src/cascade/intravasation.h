// Entry of a cell into a vessel that it touches (biology.md 6, row intravasation).
#pragma once

#include <algorithm>

namespace invado {

//   k_in = k0 X/(K + X) (1 - c J) v/v0 phi                                     [1/h]
//
// X: MMP expression, J: E-cadherin (0..1), v: speed of the cell without obstacles, phi: steric factor of the basement
// membrane where the cell touches it, 0 until it is degraded. k0 is such that a tumour of 1 g sheds about 10^6 cells a day
// (Butler & Gullino 1975 Cancer Res 35:512): calibrated.
// Limits: the endothelium is in k0; no cell of the vessel reacts.
struct Intravasation {
  double rate_1_h = 0.02;        // k0
  double mmp_half = 0.35;        // K
  double cohesion = 0.6;         // c
  double speed_ref_um_h = 20;    // v0
  double cluster_chance = 0.05;  // that an entering cell with E-cadherin 1 takes neighbours along

  [[nodiscard]] double rate(double mmp, double ecadherin, double speed_um_h, double phi) const {
    const double protease = mmp > 0 ? mmp / (mmp_half + mmp) : 0;
    return rate_1_h * protease * (1 - cohesion * std::clamp(ecadherin, 0.0, 1.0)) * (speed_um_h / speed_ref_um_h) * phi;
  }

  // How many cells go together, itself included, from two uniforms: 1, or n of 2..5 with chance ~ 1/(1 + n) (small ones
  // are more frequent; 2 to 5 % of all entries: unverified).
  [[nodiscard]] int clump_size(double ecadherin, double u, double v) const {
    if (u >= cluster_chance * std::clamp(ecadherin, 0.0, 1.0)) return 1;
    constexpr double third = 1.0 / 3, quarter = 1.0 / 4, fifth = 1.0 / 5, sixth = 1.0 / 6;
    const double x = v * (third + quarter + fifth + sixth);
    return x < third ? 2 : x < third + quarter ? 3 : x < third + quarter + fifth ? 4 : 5;
  }
};

}  // namespace invado
