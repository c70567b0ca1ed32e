// Osteolysis: tumour cells make osteoclasts resorb bone, which frees TGFbeta from it (biology.md 6, organ bias).
#pragma once

#include "base/maths.h"

namespace invado {

//   d rho/dt = -ln2/h u rho,  u = v Q/(1 + v Q/v_max)      h: size of a voxel [um], v, v_max [um/h]
//   Q: sum over the cells in reach of weight x q(W),  q(W) = W^4/(K^4 + W^4)    W: bone programme (PTHrP, IL-8: review
//   L424-434)
//
// exact over the interval. Only voxels at a surface of the bone are resorbed, half of one is its end, so u is the speed of a
// front, whatever the voxels. What a cell sends recruits osteoclasts with a threshold: they form by fusion, and the decoy
// OPG takes up the first of it. How sharp it is, is calibrated: breast cells whose RUNX2 does not find SMAD make no lesion
// (Javed 2005 PNAS 102:1454), while a third of their programme is left. Many cells have no more resorbed than the
// osteoclasts of a surface can. Limit: osteoclasts are where the cells are, at once.
struct Resorption {
  double speed_um_h = 0.3;
  double programme_half = 0.5;
  double fastest_um_h = 1.5;

  [[nodiscard]] double recruitment(double programme) const {
    const double relative = programme > 0 ? programme / programme_half : 0;
    const double squared = relative * relative, fourth = squared * squared;
    return fourth / (1 + fourth);
  }
  [[nodiscard]] double density(double rho, double recruited, double voxel_um, double hours) const {
    const double asked = speed_um_h * recruited;
    return rho * invado::exp(-ln2 * asked / (1 + asked / fastest_um_h) * hours / voxel_um);
  }
};

// Of what is bound in a voxel, the share that has been set free when `left` of its density is left: all when half has gone
// and the voxel is no longer bone.
inline double freed_share(double left) { return left > 0.5 ? 2 * (1 - left) : 1; }

}  // namespace invado
