// Symmetric 3x3 matrix: the fibre orientation tensor and its principal axis.
#pragma once

#include <cmath>

#include "base/vec3.h"

namespace invado {

struct Sym3 {
  double xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;

  [[nodiscard]] double trace() const { return xx + yy + zz; }
};

struct PrincipalAxis {
  double value;    // largest eigenvalue
  Vec3 direction;  // unit eigenvector; sign such that its first non-zero component is positive
};

// Largest eigenvalue and eigenvector by cyclic Jacobi rotations: fixed number of sweeps, only + - * / sqrt, hence
// the same bits everywhere. Converges quadratically; 6 sweeps reach round-off for any symmetric 3x3 matrix.
inline PrincipalAxis principal_axis(const Sym3& m) {
  double a[3] = {m.xx, m.yy, m.zz};    // diagonal
  double off[3] = {m.yz, m.xz, m.xy};  // off[r]: the element between the two axes other than r
  Vec3 v[3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  const auto rotate = [&](int p, int q, int r) {
    const double apq = off[r], arp = off[q], arq = off[p];
    if (std::fabs(apq) <= 1e-17 * (std::fabs(a[p]) + std::fabs(a[q]))) return;  // below round-off
    const double theta = (a[q] - a[p]) / (2 * apq);
    const double t = (theta >= 0 ? 1.0 : -1.0) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
    const double c = 1 / std::sqrt(t * t + 1), s = t * c;
    a[p] -= t * apq;
    a[q] += t * apq;
    off[r] = 0;
    off[q] = c * arp - s * arq;
    off[p] = s * arp + c * arq;
    const Vec3 vp = v[p], vq = v[q];
    v[p] = c * vp - s * vq;
    v[q] = s * vp + c * vq;
  };
  for (int sweep = 0; sweep < 6; ++sweep) {
    rotate(0, 1, 2);
    rotate(0, 2, 1);
    rotate(1, 2, 0);
  }
  int best = 0;
  for (int i = 1; i < 3; ++i)
    if (a[i] > a[best]) best = i;
  const Vec3 n = unit(v[best]);
  const double sign = n.x != 0 ? n.x : (n.y != 0 ? n.y : n.z);
  return {a[best], sign < 0 ? -n : n};
}

}  // namespace invado
