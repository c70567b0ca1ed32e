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
  double a[3][3] = {{m.xx, m.xy, m.xz}, {m.xy, m.yy, m.yz}, {m.xz, m.yz, m.zz}};
  double v[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  constexpr int pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
  for (int sweep = 0; sweep < 6; ++sweep) {
    for (const auto& pair : pairs) {
      const int p = pair[0], q = pair[1];
      if (std::fabs(a[p][q]) <= 1e-17 * (std::fabs(a[p][p]) + std::fabs(a[q][q]))) continue;  // below round-off
      const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const double t = (theta >= 0 ? 1.0 : -1.0) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
      const double c = 1 / std::sqrt(t * t + 1), s = t * c;
      for (int k = 0; k < 3; ++k) {
        const double akp = a[k][p], akq = a[k][q];
        a[k][p] = c * akp - s * akq;
        a[k][q] = s * akp + c * akq;
      }
      for (int k = 0; k < 3; ++k) {
        const double apk = a[p][k], aqk = a[q][k];
        a[p][k] = c * apk - s * aqk;
        a[q][k] = s * apk + c * aqk;
        const double vkp = v[k][p], vkq = v[k][q];
        v[k][p] = c * vkp - s * vkq;
        v[k][q] = s * vkp + c * vkq;
      }
    }
  }
  int best = 0;
  for (int i = 1; i < 3; ++i)
    if (a[i][i] > a[best][best]) best = i;
  Vec3 n = unit({v[0][best], v[1][best], v[2][best]});
  const double sign = n.x != 0 ? n.x : (n.y != 0 ? n.y : n.z);
  return {a[best][best], sign < 0 ? -n : n};
}

}  // namespace invado
