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

// Largest eigenvalue and its eigenvector, with + - * / sqrt in a fixed order, hence the same bits everywhere; no loop that
// waits for convergence and no branch, since every cell asks for this in every step: loops over tensors vectorise.
//
// With q = tr M / 3, B = M - q I, p^2 = sum of B_ij^2 / 6 and r = det(B / p) / 2 (Smith 1961, Commun. ACM 4:168) the largest
// eigenvalue is q + 2 p y, y the largest root of 4 y^3 - 3 y = r, 1/2 <= y <= 1. As y = 1/2 + d: 4 d^3 + 6 d^2 = 1 + r;
// three Newton steps from a parabola within 1 % of d reach round-off. Where the two largest eigenvalues all but agree, the
// value is good to 1e-7 of p and the direction is one of their plane. The eigenvector is orthogonal to all rows of M - value
// I.
[[gnu::always_inline]] inline PrincipalAxis principal_axis(const Sym3& m) {
  const double q = m.trace() / 3;
  const double xx = m.xx - q, yy = m.yy - q, zz = m.zz - q;
  const double squares = xx * xx + yy * yy + zz * zz + 2 * (m.xy * m.xy + m.xz * m.xz + m.yz * m.yz);
  const double p = std::sqrt(squares / 6);
  const bool isotropic = !(p > 1e-9 * std::fabs(q)) | !(p > 1e-150);  // every direction is as good
  const double det = xx * (yy * zz - m.yz * m.yz) - m.xy * (m.xy * zz - m.yz * m.xz) + m.xz * (m.xy * m.yz - yy * m.xz);
  const double beyond = 1 + det / (2 * p * p * p);
  const double at_most_2 = beyond < 2 ? beyond : 2.0;
  const double one_plus_r = at_most_2 > 0 ? at_most_2 : 0.0;
  const double s = std::sqrt(one_plus_r);
  double d = s * (0.408 + s * (s * 0.0065 - 0.05));
#pragma GCC unroll 3
  for (int newton = 0; newton < 3; ++newton) {
    const double square = d * d;
    d -= (4 * square * d + 6 * square - one_plus_r) / (12 * (square + d) + 1e-300);
  }
  const double value = q + 2 * p * (0.5 + d);

  const auto either = [](bool first, Vec3 a, Vec3 b) {
    return Vec3{first ? a.x : b.x, first ? a.y : b.y, first ? a.z : b.z};
  };
  const auto longer = [&](Vec3 a, Vec3 b) { return either(dot(b, b) > dot(a, a), b, a); };
  const Vec3 row_x{m.xx - value, m.xy, m.xz}, row_y{m.xy, m.yy - value, m.yz}, row_z{m.xz, m.yz, m.zz - value};
  const Vec3 across_two = longer(longer(cross(row_x, row_y), cross(row_y, row_z)), cross(row_z, row_x));
  // Where only one direction is left out: any vector orthogonal to the longest row, here to it and an axis far from it.
  const Vec3 row = longer(longer(row_x, row_y), row_z);
  const double x = std::fabs(row.x), y = std::fabs(row.y), z = std::fabs(row.z);
  const double take_x = ((x <= y) & (x <= z)) ? 1.0 : 0.0, take_y = y <= z ? 1.0 - take_x : 0.0;
  const Vec3 axis{take_x, take_y, 1 - take_x - take_y};
  const Vec3 along = either(dot(across_two, across_two) > 1e-20 * p * p * p * p, across_two, cross(row, axis));
  const Vec3 n = (1 / norm(along)) * along;
  const double first = n.x != 0 ? n.x : (n.y != 0 ? n.y : n.z);
  return {isotropic ? q : value, either(isotropic, {1, 0, 0}, either(first < 0, -n, n))};
}

}  // namespace invado
