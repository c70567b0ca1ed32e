// Estimators against answers that are known: Ishigami's function, linear models, products, Student's t.
// Planted and seen to fail: first order with f(A) instead of f(B); totals without the half; a pair with only one first order
// taken off; elementary effects not over the step.
#include "statistics/analysis.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <map>
#include <string>

#include "sweep/designs.h"

using namespace invado;

namespace {

constexpr double pi = 3.14159265358979323846;

// A study of the points of a design, in its order, with one output.
template <class Function>
Study study_of(const UnitPoints& design, const Function& f) {
  Study study;
  study.axes.resize(design.front().size());
  study.outputs.push_back({std::string("y"), {}});
  std::vector<std::map<double, std::size_t>> levels(study.axes.size());
  for (std::size_t axis = 0; axis < study.axes.size(); ++axis) {
    for (const auto& u : design) levels[axis].emplace(u[axis], 0);
    for (auto& [place, level] : levels[axis]) {
      level = study.axes[axis].levels.size();
      study.axes[axis].levels.push_back(std::to_string(place));
      study.axes[axis].numbers.push_back(place);
      study.axes[axis].places.push_back(place);
    }
  }
  for (const auto& u : design) {
    std::vector<std::size_t>& point = study.points.emplace_back();
    for (std::size_t axis = 0; axis < study.axes.size(); ++axis) point.push_back(levels[axis].at(u[axis]));
    study.rows.push_back(study.rows.size());
    study.outputs[0].values.push_back({f(u)});
  }
  return study;
}

double ishigami(const std::vector<double>& u) {
  const auto x = [&](std::size_t i) { return pi * (2 * u[i] - 1); };
  return std::sin(x(0)) + 7 * std::sin(x(1)) * std::sin(x(1)) + 0.1 * std::pow(x(2), 4) * std::sin(x(0));
}

// 1 + 1 u0 + 2 u1 + 4 u2: variances 1, 4, 16 (over 12), effects 1, 2, 4.
double linear(const std::vector<double>& u) { return 1 + u[0] + 2 * u[1] + 4 * u[2]; }

// All combinations of 0, 1, 2 on k axes.
UnitPoints cube(std::size_t k) {
  UnitPoints out;
  for (const auto& levels : all_combinations(std::vector<std::size_t>(k, 3))) out.emplace_back(levels.begin(), levels.end());
  return out;
}

}  // namespace

TEST_CASE("Sobol indices of Ishigami's function") {
  // a = 7, b = 0.1 (Ishigami & Homma 1990): V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2, V1 = (1 + b pi^4/5)^2/2, V2 = a^2/8,
  // V13 = b^2 pi^8 (1/18 - 1/50), all others 0.
  const double a = 7, b = 0.1, p4 = std::pow(pi, 4);
  const double v1 = 0.5 * (1 + b * p4 / 5) * (1 + b * p4 / 5), v2 = a * a / 8, v13 = b * b * p4 * p4 * (1.0 / 18 - 1.0 / 50);
  const double v = v1 + v2 + v13;
  const std::array<double, 3> first{v1 / v, v2 / v, 0}, total{(v1 + v13) / v, v2 / v, v13 / v};
  const std::size_t n = 4096;
  const Study study = study_of(saltelli(n, 3, n, true), ishigami);
  const SobolIndices s = sobol_indices(study, study.outputs[0], true, {1});
  CHECK(s.blocks == n);
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    // Independent blocks would leave about 1.4/sqrt(n) = 0.02 (half the bootstrap's interval); Sobol's sequence leaves less.
    CHECK(std::abs(s.first[i].value - first[i]) < 0.01);
    CHECK(std::abs(s.total[i].value - total[i]) < 0.01);
    CHECK(s.first[i].low <= s.first[i].value);
    CHECK(s.first[i].value <= s.first[i].high);
    CHECK(s.first[i].high - s.first[i].low < 0.12);
    CHECK(s.first[i].low - 0.01 < first[i]);
    CHECK(s.first[i].high + 0.01 > first[i]);
  }
  CHECK(std::abs(s.pairs[0][2].value - v13 / v) < 0.02);
  CHECK(std::abs(s.pairs[0][1].value) < 0.02);
  CHECK(std::abs(s.pairs[1][2].value) < 0.02);
  // The same without blocks for pairs; blocks without a value are left out.
  Study shorter = study_of(saltelli(n, 3, n, false), ishigami);
  shorter.outputs[0].values[7] = {unknown};
  const SobolIndices plain = sobol_indices(shorter, shorter.outputs[0], false, {1});
  CHECK(plain.blocks == n - 1);
  CHECK(plain.pairs.empty());
  CHECK(std::abs(plain.total[0].value - total[0]) < 0.01);
}

TEST_CASE("intervals of Sobol indices cover the truth about as often as they say") {
  // Independent random blocks, linear model: S = (1, 4, 16)/21. 100 studies of 256 blocks; the indices of one study hang
  // together, so that the deviation of the share covered is taken for 100 independent intervals: 2.2 %. 4.5 of these, and
  // 3 % for a percentile interval at 256 blocks.
  int covered = 0, all = 0;
  const std::array<double, 3> truth{1.0 / 21, 4.0 / 21, 16.0 / 21};
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    UnitPoints design;
    for (std::int64_t i = 0; i < 256; ++i) {
      std::vector<double> a, b;
      for (std::uint32_t axis = 0; axis < 3; ++axis) {
        const auto u = uniform4({trial}, axis, Purpose::SweepDesign, i, 9);
        a.push_back(u[0]);
        b.push_back(u[1]);
      }
      design.push_back(a);
      for (std::size_t axis = 0; axis < 3; ++axis) design.push_back(a), design.back()[axis] = b[axis];
      design.push_back(b);
    }
    const Study study = study_of(design, linear);
    const SobolIndices s = sobol_indices(study, study.outputs[0], false, {trial});
    for (std::size_t i = 0; i < 3; ++i)
      for (const Estimate& e : {s.first[i], s.total[i]}) {
        ++all;
        if (e.low <= truth[i] && truth[i] <= e.high) ++covered;
      }
  }
  CAPTURE(covered);
  CHECK(covered > 0.95 * all - 0.13 * all);
  CHECK(covered < 0.995 * all);
}

TEST_CASE("a linear model has constant elementary effects and known shares") {
  const Study walk = study_of(morris_trajectories(10, 4, 3, {2}), linear);
  REQUIRE(design_of(walk) == StudyDesign::Trajectories);
  const auto morris = morris_effects(walk, walk.outputs[0], {1});
  const std::array<double, 3> slope{1, 2, 4};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(morris[i].effects == 10);
    CHECK(morris[i].mu.value == doctest::Approx(slope[i]).epsilon(1e-12));
    CHECK(morris[i].mu_star.value == doctest::Approx(slope[i]).epsilon(1e-12));
    CHECK(morris[i].sigma < 1e-12);
  }
  const Study blocks = study_of(saltelli(1024, 3, 1024, false), linear);
  REQUIRE(design_of(blocks) == StudyDesign::Saltelli);
  const SobolIndices s = sobol_indices(blocks, blocks.outputs[0], false, {1});
  for (std::size_t i = 0; i < 3; ++i) {
    // No interactions: first order and total are the same. Sobol points of 1024: errors below 1/1024 of each variance.
    CHECK(std::abs(s.first[i].value - slope[i] * slope[i] / 21) < 0.005);
    CHECK(std::abs(s.total[i].value - slope[i] * slope[i] / 21) < 0.005);
  }
  const Study grid = study_of(cube(3), linear);
  REQUIRE(design_of(grid) == StudyDesign::Grid);
  const Regression r = regression(grid, grid.outputs[0], {1});  // its axes are uncorrelated: exact
  CHECK(r.explained == doctest::Approx(1).epsilon(1e-12));
  for (std::size_t i = 0; i < 3; ++i) CHECK(r.coefficients[i].value == doctest::Approx(slope[i] / std::sqrt(21)));
  // Where they are not, a plane still explains all, and coefficients are in the proportion of slope times deviation.
  const Study scattered = study_of(latin_hypercube(50, 3, {3}), linear);
  REQUIRE(design_of(scattered) == StudyDesign::Scattered);
  const Regression s50 = regression(scattered, scattered.outputs[0], {1});
  CHECK(s50.explained == doctest::Approx(1).epsilon(1e-9));
  CHECK(std::abs(s50.coefficients[2].value / s50.coefficients[1].value - 2) <
        0.01);  // one point per stratum: deviations agree
  const GridShares g = grid_shares(grid, grid.outputs[0]);
  for (std::size_t i = 0; i < 3; ++i) CHECK(g.axes[i] == doctest::Approx(slope[i] * slope[i] / 21));
  CHECK(std::abs(g.pairs[0][2]) < 1e-12);
  CHECK(std::abs(g.rest) < 1e-12);
}

TEST_CASE("elementary effects of a curved function: mu may vanish where mu_star does not; sigma tells") {
  // y = (u - 1/2)^2 + v on 4 levels, steps of 2/3: from 0 to 2/3 and 1/3 to 1 the effects of u are (1/36 - 9/36)/(2/3) =
  // -1/3 and +1/3; by symmetry mu is about 0, mu_star exactly 1/3, sigma about 1/3.
  const Study study =
      study_of(morris_trajectories(200, 4, 2, {4}), [](const auto& u) { return (u[0] - 0.5) * (u[0] - 0.5) + u[1]; });
  const auto e = morris_effects(study, study.outputs[0], {1});
  CHECK(e[0].mu_star.value == doctest::Approx(1.0 / 3));
  CHECK(std::abs(e[0].mu.value) < 4.5 / 3 / std::sqrt(200));
  CHECK(std::abs(e[0].sigma - 1.0 / 3) < 0.02);
  CHECK(e[0].mu.low < 0);
  CHECK(e[0].mu.high > 0);
}

TEST_CASE("independent doses have no excess; a product that is not independent has the one that it was given") {
  // f = (1 - a/4) (1 - b/3) (1 - c/5), times 3: independent, whatever the scale.
  const auto independent = [](const std::vector<double>& d) { return 3 * (1 - d[0] / 4) * (1 - d[1] / 3) * (1 - d[2] / 5); };
  Study study = study_of(cube(3), independent);
  CHECK(dose_axes(study) == std::vector<std::size_t>{0, 1, 2});
  for (const Excess& e : excess_over_independence(study, study.outputs[0])) {
    CHECK(std::abs(e.excess.value) < 1e-12);
    if (e.axes.size() == 3) CHECK(std::abs(e.beyond_pairs.value) < 1e-12);
  }
  // Only a and b work together: 0.1 more is taken away where both are there. With c, f_abc = (f_a f_b - 0.1) f_c: excess
  // 0.1 f_c, all of it from the pair, nothing beyond pairs.
  study = study_of(cube(3), [&](const auto& d) {
    const double pair = (1 - d[0] / 4) * (1 - d[1] / 3) - (d[0] > 0 && d[1] > 0 ? 0.1 : 0);
    return 3 * pair * (1 - d[2] / 5);
  });
  std::size_t twos = 0, threes = 0;
  for (const Excess& e : excess_over_independence(study, study.outputs[0])) {
    if (e.axes.size() == 2) {
      ++twos;
      CHECK(e.excess.value == doctest::Approx(e.axes[1] == 1 ? 0.1 : 0));
      continue;
    }
    ++threes;
    CHECK(e.excess.value == doctest::Approx(0.1 * (1 - static_cast<double>(e.levels[2]) / 5)));
    CHECK(std::abs(e.beyond_pairs.value) < 1e-12);
  }
  CHECK(twos == 12);
  CHECK(threes == 8);
  // Only all three together do something.
  study = study_of(cube(3), [&](const auto& d) { return independent(d) - (d[0] * d[1] * d[2] > 0 ? 0.3 : 0); });
  for (const Excess& e : excess_over_independence(study, study.outputs[0])) {
    CHECK(e.excess.value == doctest::Approx(e.axes.size() == 3 ? 0.1 : 0));
    if (e.axes.size() == 3) CHECK(e.beyond_pairs.value == doctest::Approx(0.1));
  }
}

TEST_CASE("what a reader has to know: equal replicates, doses that go opposite ways, axes that go together") {
  const auto words = [](const Study& study) { return cautions(study, analyse(study, {1})); };
  const auto replicate = [](Study& study, double apart) {
    for (std::vector<double>& values : study.outputs[0].values) values = {values[0] - apart, values[0], values[0] + apart};
  };
  // Both doses take something away: with chance there is nothing to say; without, the intervals have no width.
  Study study = study_of(cube(2), [](const auto& d) { return 3 * (1 - d[0] / 4) * (1 - d[1] / 3); });
  CHECK(words(study).empty());  // one run each: another warning speaks of that
  replicate(study, 0.01);
  CHECK(words(study).empty());
  study.outputs[0].values[4] = {1, 1, 1};  // one point alone is not enough
  CHECK(words(study).empty());
  replicate(study, 0);
  REQUIRE(words(study).size() == 1);
  CHECK(words(study)[0].starts_with("All replicates of a point are equal in y"));
  // One raises, one lowers; where the interval of one reaches over 1 nothing is said.
  study = study_of(cube(2), [](const auto& d) { return 3 * (1 - d[0] / 4) * (1 + d[1] / 3); });
  replicate(study, 0.01);
  REQUIRE(words(study).size() == 1);
  CHECK(words(study)[0].starts_with("y: in 4 of 4 pairs one dose raises it"));
  replicate(study, 3);
  CHECK(words(study).empty());
  // u1 = u0 with a little beside it; then points that are independent.
  UnitPoints points = latin_hypercube(20, 2, {3});
  CHECK(words(study_of(points, [](const auto& u) { return u[0]; })).empty());
  for (auto& u : points) u[1] = 0.95 * u[0] + 0.05 * u[1];
  study = study_of(points, [](const auto& u) { return u[0]; });
  REQUIRE(analyse(study, {1}).design == StudyDesign::Scattered);
  REQUIRE(words(study).size() == 1);
  CHECK(words(study)[0].find("go together in these points (correlation 1.00)") != std::string::npos);
}

TEST_CASE("intervals from replicates cover") {
  // Two replicates of four points of a 2 x 2 grid, normal noise of unequal size: the mean over a level is normal, so that
  // Welch's t covers nearly 95 %: 2000 trials, sd 0.5 %; Welch with 1 degree of freedom each is conservative: up to 99 %.
  int level = 0, excess = 0;
  const int trials = 2000;
  for (std::int64_t trial = 0; trial < trials; ++trial) {
    Study study = study_of({{0, 0}, {0, 1}, {1, 0}, {1, 1}}, [](const auto&) { return 0.0; });
    for (std::uint32_t point = 0; point < 4; ++point) {
      const auto z = gauss4({9}, point, Purpose::SweepDesign, trial, 7);
      const double mean = point == 0 ? 10 : 8;  // f_a = f_b = .8, f_ab = .8: excess -.16
      const double sd = point == 0 ? 0.1 : 0.3;
      study.outputs[0].values[point] = {mean + sd * z[0], mean + sd * z[1], mean + sd * z[2]};
    }
    const Estimate e = level_means(study, study.outputs[0], 0)[0].mean;
    if (e.low < 9 && 9 < e.high) ++level;
    const Estimate x = excess_over_independence(study, study.outputs[0])[0].excess;
    if (x.low < -0.16 && -0.16 < x.high) ++excess;
  }
  CHECK(level > 0.935 * trials);
  CHECK(level < 0.995 * trials);
  CHECK(excess > 0.935 * trials);
  CHECK(excess < 0.995 * trials);
}

TEST_CASE("Student's t, quantiles, and means without values") {
  CHECK(student_95(1) == doctest::Approx(12.7062));
  // Degrees of freedom of Welch are no whole numbers; these were integrated numerically.
  CHECK(student_95(1.25) == doctest::Approx(8.028).epsilon(0.03));
  CHECK(student_95(1.5) == doctest::Approx(6.0167).epsilon(0.03));
  CHECK(student_95(1.9) == doctest::Approx(4.5271).epsilon(0.01));
  CHECK(student_95(2) == doctest::Approx(4.30265).epsilon(1e-5));
  CHECK(student_95(2.5) == doctest::Approx(3.5747).epsilon(0.005));
  CHECK(student_95(3) == doctest::Approx(3.18245).epsilon(0.002));
  CHECK(student_95(5) == doctest::Approx(2.57058).epsilon(0.0005));
  CHECK(student_95(30) == doctest::Approx(2.04227).epsilon(1e-5));
  CHECK(std::isnan(mean_of(std::vector<double>{}).value));
  CHECK(mean_of(std::vector<double>{1, unknown, 3}).value == 2);
  const std::vector<Mean> single{mean_of(std::vector<double>{5})};
  const Estimate e = propagate(single, [](std::span<const double> m) { return 2 * m[0]; });
  CHECK(e.value == 10);
  CHECK(std::isnan(e.low));
}

TEST_CASE("designs are seen in their points") {
  CHECK(design_of(study_of(cube(2), [](const auto&) { return 0.0; })) == StudyDesign::Grid);
  CHECK(design_of(study_of(saltelli(8, 2, 8, true), [](const auto&) { return 0.0; })) == StudyDesign::SaltelliPairs);
  Study almost = study_of(saltelli(8, 3, 8, false), [](const auto&) { return 0.0; });
  CHECK(design_of(almost) == StudyDesign::Saltelli);
  std::swap(almost.rows[1], almost.rows[2]);
  CHECK(design_of(almost) == StudyDesign::Scattered);
}
