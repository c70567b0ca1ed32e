// Symmetric 3x3 matrix: the fibre orientation tensor and its principal axis.
#pragma once

#include <algorithm>
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

// Largest eigenvalue and its eigenvector, with + - * / sqrt in a fixed order, hence the same bits everywhere; no loop that
// waits for convergence, since every cell asks for this in every step.
//
// With q = tr M / 3, B = M - q I, p^2 = sum of B_ij^2 / 6 and r = det(B / p) / 2 (Smith 1961, Commun. ACM 4:168) the largest
// eigenvalue is q + 2 p y, y the largest root of 4 y^3 - 3 y = r, 1/2 <= y <= 1. As y = 1/2 + d: 4 d^3 + 6 d^2 = 1 + r;
// three Newton steps from a parabola within 1 % of d reach round-off. Where the two largest eigenvalues all but agree, the
// value is good to 1e-7 of p and the direction is one of their plane. The eigenvector is orthogonal to all rows of M - value
// I.
inline PrincipalAxis principal_axis(const Sym3& m) {
  const double q = m.trace() / 3;
  const double xx = m.xx - q, yy = m.yy - q, zz = m.zz - q;
  const double squares = xx * xx + yy * yy + zz * zz + 2 * (m.xy * m.xy + m.xz * m.xz + m.yz * m.yz);
  const double p = std::sqrt(squares / 6);
  if (!(p > 1e-9 * std::fabs(q)) || !(p > 1e-150)) return {q, {1, 0, 0}};  // isotropic: every direction is as good
  const double det = xx * (yy * zz - m.yz * m.yz) - m.xy * (m.xy * zz - m.yz * m.xz) + m.xz * (m.xy * m.yz - yy * m.xz);
  const double one_plus_r = std::max(0.0, std::min(2.0, 1 + det / (2 * p * p * p)));
  const double s = std::sqrt(one_plus_r);
  double d = s * (0.408 + s * (s * 0.0065 - 0.05));
  for (int newton = 0; newton < 3; ++newton) {
    const double square = d * d;
    d -= (4 * square * d + 6 * square - one_plus_r) / (12 * (square + d) + 1e-300);
  }
  const double value = q + 2 * p * (0.5 + d);

  const Vec3 row_x{m.xx - value, m.xy, m.xz}, row_y{m.xy, m.yy - value, m.yz}, row_z{m.xz, m.yz, m.zz - value};
  Vec3 best = cross(row_x, row_y);
  for (const Vec3& other : {cross(row_y, row_z), cross(row_z, row_x)})
    if (dot(other, other) > dot(best, best)) best = other;
  if (!(dot(best, best) > 1e-20 * p * p * p * p)) {
    // Only one direction is left out: any vector orthogonal to the longest row.
    Vec3 row = row_x;
    for (const Vec3& other : {row_y, row_z})
      if (dot(other, other) > dot(row, row)) row = other;
    const Vec3 helper = std::fabs(row.x) <= std::fabs(row.y) && std::fabs(row.x) <= std::fabs(row.z) ? Vec3{1, 0, 0}
                        : std::fabs(row.y) <= std::fabs(row.z)                                       ? Vec3{0, 1, 0}
                                                                                                     : Vec3{0, 0, 1};
    best = cross(row, helper);
  }
  const Vec3 n = unit(best);
  const double sign = n.x != 0 ? n.x : (n.y != 0 ? n.y : n.z);
  return {value, sign < 0 ? -n : n};
}

}  // namespace invado
