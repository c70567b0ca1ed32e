// The exact law of a walk step, guidance and speed as formulas.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <vector>

#include "motility/guidance.h"
#include "motility/persistent_walk.h"
#include "motility/speed_law.h"

using namespace invado;

namespace {

struct Covariance {
  double uu, ud, dd;
};
Covariance covariance(const WalkLaw& w) {
  return {w.kick * w.kick, w.kick * w.travel_1, w.travel_1 * w.travel_1 + w.travel_2 * w.travel_2};
}

// One cell alone.
WalkStep step_of(Vec3 u, double persistence_min, double dt_min, Space space, Seed seed, std::uint32_t step,
                 std::int64_t id) {
  std::array<float, 3> walk{static_cast<float>(u.x), static_cast<float>(u.y), static_cast<float>(u.z)};
  Walkers one{};
  one.id = {&id, 1};
  one.u = {&walk[0], &walk[1], &walk[2]};
  one.persistence_min[0] = persistence_min;
  continuous_walk(one, dt_min, space, seed, step);
  return {{walk[0], walk[1], walk[2]}, {one.travel[0][0], one.travel[1][0], one.travel[2][0]}};
}

}  // namespace

TEST_CASE("the step's covariance is the exact one") {
  // Var u = 1 - a^2, Cov = P (1 - a)^2, Var d = P^2 (2x - 3 + 4a - a^2), here summed in 64-bit mantissas where they do not
  // cancel (x >= 0.01 keeps 13 of their 19 digits) and by the leading terms 2x, P x^2, (2/3) P^2 x^3 below.
  for (const double x : {0.01, 0.1, 0.349, 0.351, 1.0, 3.0, 30.0}) {
    const double p = 7;
    const Covariance c = covariance(WalkLaw(p, x * p));
    const long double a = std::exp(-static_cast<long double>(x));
    CHECK(c.uu == doctest::Approx(static_cast<double>(1 - a * a)).epsilon(1e-13));
    CHECK(c.ud == doctest::Approx(static_cast<double>(p * (1 - a) * (1 - a))).epsilon(1e-13));
    CHECK(
        c.dd ==
        doctest::Approx(static_cast<double>(p * p * (2 * static_cast<long double>(x) - 3 + 4 * a - a * a))).epsilon(1e-11));
  }
  for (const double x : {1e-3, 1e-6, 1e-9}) {
    const double p = 7;
    const Covariance c = covariance(WalkLaw(p, x * p));
    CHECK(c.uu == doctest::Approx(2 * x).epsilon(2 * x + 1e-14));
    CHECK(c.ud == doctest::Approx(p * x * x).epsilon(2 * x + 1e-14));
    CHECK(c.dd == doctest::Approx(2.0 / 3 * p * p * x * x * x).epsilon(2 * x + 1e-12));
  }
}

TEST_CASE("two half steps are one step") {
  // Chapman-Kolmogorov: the law of (u, d) over 2h is that over h applied twice. Rounding only.
  for (const double x : {1e-4, 0.02, 0.3, 0.6, 4.0}) {
    const double p = 11;
    const WalkLaw half(p, x * p), full(p, 2 * x * p);
    const Covariance h = covariance(half), f = covariance(full);
    const double kept = 1 - half.lost;
    CHECK(1 - full.lost == doctest::Approx(kept * kept).epsilon(1e-14));
    CHECK(full.mean_travel == doctest::Approx(half.mean_travel * (1 + kept)).epsilon(1e-13));
    CHECK(f.uu == doctest::Approx(h.uu * (kept * kept + 1)).epsilon(1e-13));
    CHECK(f.ud == doctest::Approx(kept * (h.ud + half.mean_travel * h.uu) + h.ud).epsilon(1e-12));
    CHECK(f.dd == doctest::Approx(h.dd + half.mean_travel * half.mean_travel * h.uu + 2 * half.mean_travel * h.ud + h.dd)
                      .epsilon(1e-11));
  }
}

TEST_CASE("in single precision the walk follows its law, however little a step changes") {
  // The same normals in double precision. A step rounds the walk vector, which stays below 2, by at most 6e-8,
  // evenly: 3.5e-8 in the root mean square, and 350 times that after 120000 steps; six times that. Of a step of 1e-7
  // persistence times a factor exp(-h/P) in single precision would lose 1.2 times too much: 2e-3 in the end.
  constexpr double persistence = 1e6, dt = 0.1;
  constexpr std::uint32_t steps = 120000;
  const WalkLaw law(persistence, dt);
  const double sd = std::sqrt(1.0 / 3);
  for (const std::int64_t id : {3, 5, 8}) {
    Vec3 u{1, 1, 1}, exact = u;
    for (std::uint32_t step = 0; step < steps; ++step) {
      u = step_of(u, persistence, dt, Space::Volume, Seed{9}, step, id).u;
      const auto first = gauss4(Seed{9}, step, Purpose::WalkKick, id, 0),
                 second = gauss4(Seed{9}, step, Purpose::WalkKick, id, 1);
      const Vec3 z{first[0], first[2], second[0]};
      exact += sd * law.kick * z - law.lost * exact;
    }
    for (int axis = 0; axis < 3; ++axis) CHECK(std::fabs(u[axis] - exact[axis]) < 6 * 350 * 3.5e-8);
  }
}

TEST_CASE("no persistence means no walk, infinite persistence a straight line") {
  const WalkStep none = step_of({1, 0, 0}, 0, 0.5, Space::Volume, Seed{1}, 0, 1);
  CHECK(std::isfinite(none.u.x));
  CHECK(norm(none.travel) < 1e-2);
  const WalkStep straight = step_of({0.3, -0.2, 0.5}, 1e12, 0.5, Space::Volume, Seed{1}, 0, 1);
  CHECK(straight.u.x == doctest::Approx(0.3).epsilon(1e-5));
  CHECK(straight.travel.z == doctest::Approx(0.25).epsilon(1e-5));
}

TEST_CASE("the company that a cell is computed in changes no bit of its step") {
  const auto vector_of = [](std::size_t i) {
    return Vec3{0.1 * static_cast<double>(i % 7), -0.3, 0.02 * static_cast<double>(i)};
  };
  for (const bool equal : {true, false}) {
    const auto persistence = [&](std::size_t i) { return equal ? 15.0 : 0.1 + 3.0 * static_cast<double>(i * i % 17); };
    for (const std::size_t count : {std::size_t{1}, std::size_t{13}, Walkers::most}) {
      Walkers together{};
      std::vector<std::int64_t> id(count);
      std::array<std::vector<float>, 3> u;
      for (std::size_t i = 0; i < count; ++i) {
        id[i] = static_cast<std::int64_t>(1000 + i);
        together.persistence_min[i] = persistence(i);
        for (std::size_t axis = 0; axis < 3; ++axis)
          u[axis].push_back(static_cast<float>(vector_of(i)[static_cast<int>(axis)]));
      }
      together.id = id;
      together.u = {u[0].data(), u[1].data(), u[2].data()};
      continuous_walk(together, 0.5, Space::Volume, Seed{3}, 12);
      for (std::size_t i = 0; i < count; ++i) {
        const WalkStep alone =
            step_of(vector_of(i), persistence(i), 0.5, Space::Volume, Seed{3}, 12, static_cast<std::int64_t>(1000 + i));
        for (int axis = 0; axis < 3; ++axis) {
          CHECK(static_cast<double>(together.u[axis][i]) == alone.u[axis]);
          CHECK(static_cast<double>(together.travel[axis][i]) == alone.travel[axis]);
        }
      }
    }
  }
}

TEST_CASE("in the plane the walk has no z") {
  const WalkStep step = step_of({1, 1, 0}, 10, 3, Space::Plane, Seed{1}, 4, 9);
  CHECK(step.u.z == 0);
  CHECK(step.travel.z == 0);
  CHECK(tumble_walk({1, 0, 0}, 1, 3, {}, Space::Plane, Seed{1}, 4, 9).travel.z == 0);
}

TEST_CASE("a tumble keeps unit length and obeys full bias") {
  for (std::uint32_t n = 0; n < 100; ++n) {
    const WalkStep step = tumble_walk({1, 0, 0}, 1, 3, {0.2, 0.1, 0}, Space::Volume, Seed{3}, n, 5);
    CHECK(norm(step.u) == doctest::Approx(1).epsilon(1e-14));
    CHECK(norm(step.travel) <= 3 + 1e-12);
  }
  CHECK(tumble_direction({0, 1, 0}, Space::Volume, 0.3, 0.8).y == doctest::Approx(1));
}

TEST_CASE("fibres redirect the walk and keep its mean square") {
  // Fibres along (1, 2, 2)/3 with alignment s: Q = (1 - s)/3 I + s n n^T.
  const double s = 0.8, weight = 0.6, g = weight * s;
  const Vec3 n{1.0 / 3, 2.0 / 3, 2.0 / 3};
  const Sym3 q{(1 - s) / 3 + s * n.x * n.x,
               (1 - s) / 3 + s * n.y * n.y,
               (1 - s) / 3 + s * n.z * n.z,
               s * n.x * n.y,
               s * n.x * n.z,
               s * n.y * n.z};
  const FibreGuide guide = fibre_guide(fibre_axis(q), weight, false);
  CHECK(dot(guide.n, n) == doctest::Approx(1).epsilon(1e-12));
  CHECK(guide.along * guide.along == doctest::Approx(1 + 2 * g).epsilon(1e-12));
  CHECK(guide.across * guide.across == doctest::Approx(1 - g).epsilon(1e-12));
  const Vec3 across = unit(cross(n, {1, 0, 0}));
  CHECK(norm(guide(n) - guide.along * n) < 1e-12);
  CHECK(norm(guide(across) - guide.across * across) < 1e-12);
  // Mean square of C^(1/2) u with <u u^T> = I/3: trace C / 3 = 1.
  double trace = 0;
  for (const Vec3 e : {Vec3{1, 0, 0}, Vec3{0, 1, 0}, Vec3{0, 0, 1}}) trace += dot(guide(e), guide(e));
  CHECK(trace == doctest::Approx(3).epsilon(1e-12));
  CHECK(fibre_guide(fibre_axis({1, 0, 0, 0, 0, 0}), 1, false).across == doctest::Approx(std::sqrt(0.05)));  // bounded
  const FibreGuide none = fibre_guide(fibre_axis({1.0 / 3, 1.0 / 3, 1.0 / 3, 0, 0, 0}), 0.6, false);
  CHECK(none.along == doctest::Approx(1).epsilon(1e-12));
  // In the plane: fibres along z do not guide, fibres along x do, and the trace is 2.
  CHECK(fibre_guide(fibre_axis({0, 0, 1, 0, 0, 0}), 0.6, true).along == 1);
  const FibreGuide flat = fibre_guide(fibre_axis({1, 0, 0, 0, 0, 0}), 0.6, true);
  CHECK(flat.along * flat.along + flat.across * flat.across == doctest::Approx(2).epsilon(1e-12));
  CHECK(flat.along * flat.along / (flat.across * flat.across) == doctest::Approx(1.6 / 0.4));
}

TEST_CASE("cues: size, direction, bound") {
  const Vec3 cue = gradient_cue(0.3, {0, -0.4, 0}, 2, 0.2);  // D = 0.2: half the weight, down the y axis
  CHECK(cue.y == doctest::Approx(-0.15));
  CHECK(norm(gradient_cue(0.3, {0, 0, 0}, 2, 0.2)) == 0);
  CHECK(norm(gradient_cue(0.3, {1, 0, 0}, 0, 0.2)) == 0);
  CHECK(contact_inhibition_cue(0.5, 0.2, 2, {0.5, 0, 0}).x == doctest::Approx(0.5 * 0.8 * 0.5 * 0.5));
  CHECK(norm(contact_inhibition_cue(0.5, 1.3, 2, {0.5, 0, 0})) == 0);
  CHECK(norm(bounded_bias({3, 4, 0}, 0.95)) == doctest::Approx(0.95));
  CHECK(bounded_bias({0.3, 0.4, 0}, 0.95).y == 0.4);
}

TEST_CASE("grip is best at x = 1 and never below its floor") {
  CHECK(adhesion_factor(0.7, 0.5, 0.35, 0.2) == doctest::Approx(1));
  CHECK(adhesion_factor(0, 1, 0.35, 0.2) == doctest::Approx(0.2));
  CHECK(adhesion_factor(0.4, 1.5, 0.35, 0.2) < adhesion_factor(0.4, 0.9, 0.35, 0.2));
  CHECK(adhesion_factor(0.4, 0.3, 0.35, 0.2) < adhesion_factor(0.4, 0.9, 0.35, 0.2));
}

TEST_CASE("speed factors have mean 1 and the coefficient of variation asked for") {
  // 200 000 draws: standard error of the mean 0.43/sqrt(n) = 0.1 %, of the deviation about 0.3 %.
  double sum = 0, squares = 0;
  const int n = 50000;
  for (int i = 0; i < n; ++i)
    for (const double z : gauss4(Seed{5}, 0, Purpose::Heterogeneity, i)) {
      const double f = speed_factor(0.43, z);
      sum += f;
      squares += f * f;
    }
  const double mean = sum / (4 * n), variance = squares / (4 * n) - mean * mean;
  CHECK(std::fabs(mean - 1) < 4.5 * 0.43 / std::sqrt(4.0 * n));
  CHECK(std::sqrt(variance) == doctest::Approx(0.43).epsilon(0.015));
  CHECK(speed_factor(0, 2.5) == 1);
}
