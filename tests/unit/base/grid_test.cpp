// Grids, trilinear interpolation, principal axes and order-free sums.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/grid.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/sym3.h"

using namespace invado;

TEST_CASE("trilinear interpolation reproduces a linear function and continues it constantly") {
  const Grid3 grid{{5, 4, 3}, {10, 20, 5}};
  const auto f = [](Vec3 x) { return 1 + 2 * x.x - 3 * x.y + 0.5 * x.z; };
  std::vector<double> values(grid.size());
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 5; ++i) values[grid.index(i, j, k)] = f(grid.centre(i, j, k));
  const auto at = [&](Vec3 x) { return Trilinear(grid, x)([&](std::size_t v) { return values[v]; }); };
  for (Vec3 x : {Vec3{12, 33, 6}, Vec3{5, 10, 2.5}, Vec3{44.9, 69, 12}})
    CHECK(at(x) == doctest::Approx(f(x)).epsilon(1e-13));
  CHECK(at({-3, 30, 7}) == doctest::Approx(f({5, 30, 7})).epsilon(1e-13));
  CHECK(at({60, 30, 7}) == doctest::Approx(f({45, 30, 7})).epsilon(1e-13));
}

TEST_CASE("trilinear interpolation wraps on a periodic axis") {
  const Grid3 grid{{4, 1, 1}, {1, 1, 1}};
  const std::vector<double> values{0, 1, 2, 7};
  const Trilinear around(grid, {0.0, 0.5, 0.5}, {true, false, false});
  CHECK(around([&](std::size_t v) { return values[v]; }) == doctest::Approx(3.5));
}

TEST_CASE("voxels of points, also outside") {
  const Grid3 grid{{4, 4, 4}, {10, 10, 10}};
  CHECK(grid.voxel(0, 0.0) == 0);
  CHECK(grid.voxel(0, 39.999) == 3);
  CHECK(grid.voxel(0, 40.0) == 3);
  CHECK(grid.voxel(0, -1.0) == 0);
}

TEST_CASE("principal axis of a known tensor") {
  const Vec3 n = unit({1, -2, 2});
  const double s = 0.7;
  const double iso = (1 - s) / 3;
  const Sym3 q{iso + s * n.x * n.x, iso + s * n.y * n.y, iso + s * n.z * n.z, s * n.x * n.y, s * n.x * n.z, s * n.y * n.z};
  const PrincipalAxis axis = principal_axis(q);
  CHECK((3 * axis.value - 1) / 2 == doctest::Approx(s).epsilon(1e-12));
  CHECK(dot(axis.direction, n) == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("principal axes of many tensors: M n = value n, and no direction has more") {
  for (std::int64_t i = 0; i < 20000; ++i) {
    const auto u = uniform4(Seed{8}, 0, Purpose::Placement, i, 0), v = uniform4(Seed{8}, 0, Purpose::Placement, i, 1);
    // Orthonormal axes and eigenvalues: free, two largest equal, two smallest equal, almost isotropic, all of size 1e-6.
    const auto e = direction(u[0], u[1]), w = direction(u[2], u[3]);
    const Vec3 a{e[0], e[1], e[2]}, b = unit(cross(a, {w[0], w[1], w[2]})), c = cross(a, b);
    double l[3] = {v[0], v[1], v[2]};
    if (i % 5 == 1) l[1] = l[0] = std::max({l[0], l[1], l[2]});
    if (i % 5 == 2) l[1] = l[2] = 0.5 * l[0];
    if (i % 5 == 3) l[1] = l[0] * (1 + 1e-5), l[2] = l[0] * (1 - 1e-5);
    if (i % 5 == 4)
      for (double& value : l) value *= 1e-6;
    Sym3 m;
    const Vec3 axes[3] = {a, b, c};
    for (int k = 0; k < 3; ++k) {
      const Vec3 n = axes[k];
      m.xx += l[k] * n.x * n.x, m.yy += l[k] * n.y * n.y, m.zz += l[k] * n.z * n.z;
      m.xy += l[k] * n.x * n.y, m.xz += l[k] * n.x * n.z, m.yz += l[k] * n.y * n.z;
    }
    const double largest = std::max({l[0], l[1], l[2]});
    const PrincipalAxis axis = principal_axis(m);
    REQUIRE(std::fabs(axis.value - largest) < 1e-7 * largest);
    const Vec3 n = axis.direction;
    REQUIRE(norm(n) == doctest::Approx(1).epsilon(1e-12));
    const Vec3 image{m.xx * n.x + m.xy * n.y + m.xz * n.z, m.xy * n.x + m.yy * n.y + m.yz * n.z,
                     m.xz * n.x + m.yz * n.y + m.zz * n.z};
    REQUIRE(norm(image - axis.value * n) < 1e-7 * largest);
  }
  CHECK(principal_axis({0, 0, 0, 0, 0, 0}).value == 0);
  CHECK(principal_axis({1.0 / 3, 1.0 / 3, 1.0 / 3, 0, 0, 0}).direction.x == 1);
}

TEST_CASE("ordered_sum gives the same bits on any number of threads") {
  const std::size_t n = 100003;
  const auto term = [](std::size_t i) {
    return uniform4(Seed{3}, 0, Purpose::Placement, static_cast<std::int64_t>(i))[0] - 0.5;
  };
  omp_set_num_threads(1);
  const double one = ordered_sum(n, term);
  for (int threads : {2, 3, 8}) {
    omp_set_num_threads(threads);
    CHECK(ordered_sum(n, term) == one);
  }
  double plain = 0;
  for (std::size_t i = 0; i < n; ++i) plain += term(i);
  CHECK(one == doctest::Approx(plain).epsilon(1e-9));
}

TEST_CASE("fixed-point sums have no order") {
  FixedSum forward, backward;
  for (int i = 0; i < 1000; ++i) forward.add(0.1 * i - 37.3);
  for (int i = 999; i >= 0; --i) backward.add(0.1 * i - 37.3);
  CHECK(forward.value == backward.value);
  CHECK(forward.get() == doctest::Approx(0.1 * 499500 - 37300).epsilon(1e-5));
  CHECK(FixedSum::quantise(-1.5) == -1572864);
}
