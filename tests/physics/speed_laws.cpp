// What is measured of the speed of cells in gels, from steps of cells that sense and walk.
//
// Velocities (Wu 2014, PNAS 111:3949: exponential in 3D because cells differ, Gaussian for each): one component is S f z
// with z normal and f the lognormal speed factor of a lineage, mean 1, coefficient of variation q:
//     <|v|>/<v^2>^(1/2) = (2/pi)^(1/2)/(1 + q^2)^(1/2),     kurtosis 3 (1 + q^2)^4       (normal: 0.798 and 3; exponential:
//     0.707, 6)
// Density of the gel (Zaman 2006): speed rises and falls, and cells that stick more are fastest where there is less to stick
// to.
//
// Tolerances: N cells are independent; standard errors by the delta method from the moments <f^n> = (1 + q^2)^(n (n - 1)/2);
// |z| < 4. Distance from the exponential law: 0.039 for this mixture, 0.09 for a normal law, and 1.6/N^(1/2) of chance.
// Seen to fail: the variance of the logarithm taken for q^2; one factor for all cells; a grip that saturates (what remains
// is the maximum that pores make, and it does not move).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "../unit/mechanics/box_of_cells.h"

namespace invado {
std::unique_ptr<Process> make_sensing();
}
using namespace invado;
using namespace invado::test;

namespace {

constexpr double spread = 0.43;

// x components of the velocities of one step.
std::vector<double> velocities(World& world, const Process& motility) {
  advance(world, {&motility}, 1, 0.5);
  const std::vector<float>& steps = world.sites[0].cells.step_x;
  std::vector<double> v(steps.begin(), steps.end());
  for (double& x : v) x /= 0.5;
  return v;
}

double kurtosis(const std::vector<double>& v) {
  double two = 0, four = 0;
  for (const double x : v) two += x * x, four += x * x * x * x;
  return four * static_cast<double>(v.size()) / (two * two);
}

}  // namespace

TEST_CASE("velocities of many cells are close to exponential, those of one are normal") {
  constexpr std::size_t n = 200000;
  World world = box({100, 100, 100}, Boundary::Periodic);
  for (std::size_t i = 0; i < n; ++i) add_cell(world, {50, 50, 50});
  const auto motility =
      ready(make_motility(), world, {{"motility.heterogeneity", spread}, {"motility.contact_inhibition", 0}});
  motility->start(world);
  std::vector<double> v = velocities(world, *motility);

  const double one = 1 + spread * spread;
  const auto factor = [&](int k) { return std::pow(one, k * (k - 1) / 2); };  // <f^k>
  const double mu2 = factor(2), mu4 = 3 * factor(4), mu6 = 15 * factor(6), mu8 = 105 * factor(8);
  const double variance = (mu8 - mu4 * mu4) / std::pow(mu2, 4) - 4 * mu4 * (mu6 - mu4 * mu2) / std::pow(mu2, 5) +
                          4 * mu4 * mu4 * (mu4 - mu2 * mu2) / std::pow(mu2, 6);
  const double law = 3 * std::pow(one, 4);
  INFO("kurtosis ", kurtosis(v), ", expected ", law, " +- ", std::sqrt(variance / n));
  CHECK(std::fabs(kurtosis(v) - law) < 4 * std::sqrt(variance / n));
  CHECK(kurtosis(v) > 5);

  double sum = 0, squares = 0;
  for (double& x : v) {
    x = std::fabs(x);
    sum += x;
    squares += x * x;
  }
  const double mu1 = std::sqrt(2 / std::numbers::pi), mu3 = 2 * mu1 * factor(3);
  const double ratio = sum / std::sqrt(squares * n), of_law = mu1 / std::sqrt(mu2);
  // Var(<|v|>) - (mu1/mu2) Cov(|v|, v^2) + mu1^2/(4 mu2^2) Var(v^2), over mu2
  const double ratio_variance =
      ((mu2 - mu1 * mu1) - mu1 / mu2 * (mu3 - mu1 * mu2) + mu1 * mu1 / (4 * mu2 * mu2) * (mu4 - mu2 * mu2)) / mu2;
  CHECK(std::fabs(ratio - of_law) < 4 * std::sqrt(ratio_variance / n));

  std::ranges::sort(v);
  double distance = 0, beyond = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = v[i] * n / sum;
    distance = std::max(distance, std::fabs((static_cast<double>(i) + 0.5) / n - (1 - std::exp(-x))));
    beyond += x > 4 ? 1 : 0;
  }
  CHECK(distance < 0.039 + 1.6 / std::sqrt(n));
  // Beyond four means: exp(-4) of all; of a normal law a thirteenth of that.
  CHECK(beyond / n > 0.6 * std::exp(-4.0));

  // One cell at many times, each longer than it remembers.
  World lone = box({100, 100, 100}, Boundary::Periodic, false, 2);
  add_cell(lone, {50, 50, 50});
  lone.sites[0].cells.phenotype[+Phenotype::Persistence][0] = 1e-3F;
  const auto walk = ready(make_motility(), lone, {{"motility.heterogeneity", spread}});
  walk->start(lone);
  std::vector<double> own;
  for (int k = 0; k < 20000; ++k) own.push_back(velocities(lone, *walk)[0]);
  CHECK(std::fabs(kurtosis(own) - 3) < 4 * std::sqrt(24.0 / 20000));
}

TEST_CASE("speed is biphasic in the density of the gel, and its maximum moves with adhesion") {
  const auto speed_at = [](double density, double adhesion) {
    World world = box({200, 200, 200}, Boundary::Closed);
    fill_matrix(world, density, 0);
    add_cell(world, {100, 100, 100});
    Population& c = world.sites[0].cells;
    c.phenotype[+Phenotype::AdhesionMatrix][0] = static_cast<float>(adhesion);
    c.phenotype[+Phenotype::PoreLimit][0] = 2;  // soft enough to see adhesion alone
    const auto sensing = ready(make_sensing(), world, {});
    const auto motility = ready(make_motility(), world,
                                {{"motility.heterogeneity", 0}, {"motility.haptotaxis", 0}, {"motility.durotaxis", 0}});
    sensing->start(world);
    motility->start(world);
    return static_cast<double>(c.speed_in_place[0]);
  };
  std::vector<double> fastest;
  for (const double adhesion : {0.5, 1.0, 2.0}) {
    std::vector<double> speed;
    for (int k = 1; k <= 30; ++k) speed.push_back(speed_at(0.05 * k, adhesion));
    const auto most = std::ranges::max_element(speed);
    INFO("adhesion ", adhesion, ": fastest at ", 0.05 * static_cast<double>(most - speed.begin() + 1), " with ", *most);
    CHECK((most > speed.begin() + 1 && most < speed.end() - 5));
    CHECK(speed.front() < 0.85 * *most);
    CHECK(speed.back() < 0.85 * *most);
    CHECK(std::is_sorted(speed.begin(), most));
    CHECK(std::is_sorted(std::make_reverse_iterator(speed.end()), std::make_reverse_iterator(most)));
    fastest.push_back(static_cast<double>(most - speed.begin() + 1));
  }
  CHECK(fastest[0] > fastest[1]);
  CHECK(fastest[1] > fastest[2]);
}
