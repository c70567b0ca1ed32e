// The implicit line operator against a dense solve, and the exchange law against its equation.
// Tolerance: Thomas is backward stable here (diagonally dominant, condition <= 1 + 4r = 41): 41 * 30 * 1.1e-16 = 1.4e-13.
// Seen to fail: held face r instead of 2r; periodic corner without one of its two neighbours; carry of the wrong row;
// uptake explicit (negative values); targets visited in ascending order (an idle target at work).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "transport/exchange.h"
#include "transport/line_operator.h"

using namespace invado;

namespace {

std::vector<double> solve_dense(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t p = 0; p < n; ++p)
    for (std::size_t i = p + 1; i < n; ++i) {
      const double f = a[i][p] / a[p][p];
      for (std::size_t j = p; j < n; ++j) a[i][j] -= f * a[p][j];
      b[i] -= f * b[p];
    }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) b[i] -= a[i][j] * b[j];
    b[i] /= a[i][i];
  }
  return b;
}

}  // namespace

TEST_CASE("a line is solved as a dense matrix would be, for every boundary and length") {
  constexpr double r = 10, low = 3, high = 0.5;
  for (const int n : {1, 2, 3, 4, 17})
    for (const int kind : {0, 1, 2, 3, 4}) {  // closed, held low, held high, held both, periodic
      const bool held_low = kind == 1 || kind == 3, held_high = kind == 2 || kind == 3, periodic = kind == 4;
      const auto size = static_cast<std::size_t>(n);
      std::vector<std::vector<double>> a(size, std::vector<double>(size, 0.0));
      std::vector<double> b(size);
      for (std::size_t i = 0; i < size; ++i) {
        b[i] = uniform4(Seed{1}, static_cast<std::uint32_t>(n), Purpose::Placement, static_cast<std::int64_t>(i))[0];
        a[i][i] += 1;
        if (i + 1 < size) {
          a[i][i] += r, a[i][i + 1] -= r;
          a[i + 1][i + 1] += r, a[i + 1][i] -= r;
        }
      }
      if (periodic && n > 1) {
        a[0][0] += r, a[0][size - 1] -= r;
        a[size - 1][size - 1] += r, a[size - 1][0] -= r;
      }
      std::vector<double> c(size * 3);
      for (std::size_t i = 0; i < size; ++i)
        for (std::size_t l = 0; l < 3; ++l) c[i * 3 + l] = b[i] * static_cast<double>(l + 1);  // three lanes: 1, 2, 3 times
      std::vector<double> inflow_free = c;
      if (held_low) a[0][0] += 2 * r, b[0] += 2 * r * low;
      if (held_high) a[size - 1][size - 1] += 2 * r, b[size - 1] += 2 * r * high;
      const std::vector<double> expected = solve_dense(a, b);

      LineOperator line;
      line.factorise(n, r, periodic, held_low, low, held_high, high);
      line.solve(c.data(), 3, 3);
      double before = 0, after = 0;
      for (std::size_t i = 0; i < size; ++i) {
        CAPTURE(n);
        CAPTURE(kind);
        CHECK(c[i * 3] == doctest::Approx(expected[i]).epsilon(2e-13));
        if (!held_low && !held_high) CHECK(c[i * 3 + 2] == doctest::Approx(3 * expected[i]).epsilon(4e-13));
        for (std::size_t l = 0; l < 3; ++l) before += inflow_free[i * 3 + l], after += c[i * 3 + l];
      }
      // What the faces let in is the change of the amount.
      CHECK(line.inflow(c.data(), 3, 3) == doctest::Approx(after - before).epsilon(1e-12).scale(before));
    }
}

TEST_CASE("no value becomes negative, whatever the step") {
  for (const bool periodic : {false, true})
    for (const double r : {1e-3, 1.0, 1e6}) {
      std::vector<double> c(101, 0.0);
      c[50] = 1;
      LineOperator line;
      line.factorise(101, r, periodic, true, 0.0, false, 0.0);
      for (int step = 0; step < 50; ++step) line.solve(c.data(), 1, 1);
      CHECK(*std::ranges::min_element(c) >= 0);
    }
}

TEST_CASE("exchange solves its equation at the new value, and never takes more than is there") {
  const std::vector<double> targets{3, 1};
  for (const double c : {0.0, 0.5, 2.0, 5.0})
    for (const double uptake : {0.0, 0.1, 1e6})
      for (const double source : {0.0, 2.0})
        for (const double dt : {1e-3, 1.0, 1e4}) {
          const std::vector<double> secretion{0.7, 11};
          const Exchanged e = exchanged(c, dt, source, uptake, secretion, targets);
          double gain = source;
          for (std::size_t t = 0; t < 2; ++t) gain += secretion[t] * std::max(0.0, targets[t] - e.value);
          const double largest = std::max({c, dt * gain, dt * uptake * e.value, 1.0});
          CHECK(e.value >= 0);
          // (target - value) is known to 1e-15, so the gain only to dt * secretion times it.
          const double rounding = 1e-14 * largest + dt * 11.7 * 1e-15;
          CHECK(std::fabs(e.value - c - dt * (gain - uptake * e.value)) <= rounding);
          CHECK(std::fabs(e.secreted - dt * gain) <= rounding);
          CHECK(std::fabs(e.value - c - (e.secreted - e.taken_up)) <= 1e-14 * largest);
        }
}
