// Pulled fronts of walkers that run, tumble and divide (speed S, persistence P, rate r; a daughter begins in a direction of
// its own).
//
//   Spreading (linear):  <sum over cells e^(k x)> grows at   lambda(k) = S k coth(S k P/(1 + r P)) - 1/P
//   Front, many cells:   c* = min over k of lambda(k)/k      (biology.md 5.1 D4)
//   N cells per bin:     slower, c = c* (1 - pi^2/(2 ln^2 N)) for large N (Brunet and Derrida 1997; D5), which says nothing
//                        of few. For these: the same process written once more, in numpy (tests/reference/front_speed.py):
//                        0.741 +- 0.009 of c* at P = 1 h, N = 10; 0.905 +- 0.018 at N = 100; 0.853 +- 0.009 at P = 4 h, N
//                        = 20. (D6 has 0.63, 0.88 and 0.66; how its fronts were found is not said.)
// Bins of 20 um, logistic division. Tolerances: the first by the standard error over clones of founders (fixed seed,
// |z| < 4); the fronts by the standard errors of both simulations (|z| < 4).
// A front is as long as all bins are that hold half of their capacity: the number of cells creeps up behind it.
// Seen to fail: a rate of 1/doubling; runs of fixed length.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "../settings.h"
#include "../small_world.h"
#include "../unit/mechanics/box_of_cells.h"

namespace invado {
std::unique_ptr<Process> make_division();
}
using namespace invado;
using namespace invado::test;

namespace {

constexpr double speed = 20;                     // um/h
constexpr double rate = std::numbers::ln2 / 24;  // 1/h
constexpr double radius = 0.1;                   // um: daughters lie a radius apart, which is no walk
constexpr double bin = 20;                       // um

double spreading(double k, double persistence) {
  return speed * k / std::tanh(speed * k * persistence / (1 + rate * persistence)) - 1 / persistence;
}

double front_speed(double persistence) {
  double least = 1e9;
  for (double k = 1e-4; k < 1; k *= 1.001) least = std::min(least, spreading(k, persistence) / k);
  return least;
}

// Steps as they are: cells pass through each other, and turn round at x = 0.
class FreeSteps final : public Process {
 public:
  [[nodiscard]] std::string_view name() const override { return "free_steps"; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"x", "ux"}; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {"x", "ux", "step_x"}; }
  void apply(World& world, const Tick&) const override {
    Population& c = world.sites[0].cells;
    for (std::size_t i = 0; i < c.size(); ++i) {
      c.x[i] += c.step_x[i];
      if (c.x[i] < 0) c.x[i] = -c.x[i], c.ux[i] = -c.ux[i];
    }
  }
};

struct Walkers {
  World world;
  std::unique_ptr<Process> motility, division = make_division();
  FreeSteps steps;

  Walkers(double length, double persistence_h, double capacity, double step_h, std::uint64_t seed)
      : world(box({length, 40, 40}, Boundary::Closed, false, seed)) {
    world.types[0].radius = radius;
    world.clock.tick_us = std::llround(step_h * 3600e6);
    SettingMap life{{"life.doubling", 24.0}};
    if (capacity > 0)
      life.insert({{"life.capacity.cells", capacity}, {"life.capacity.bin", bin}, {"life.capacity.axis", "x"}});
    motility = ready(
        make_motility(), world,
        {{"motility.turning", 1}, {"motility.fixed.speed", speed / 60}, {"motility.fixed.persistence", 60 * persistence_h}});
    division->resize_types(1);
    describe_type_with(*division, 0, life);
    division->configure(world);
  }
  void add(double x) {
    const std::size_t row = add_cell(world, {x, 20, 20}, radius);
    world.sites[0].cells.phenotype[+Phenotype::DivisionRate][row] = static_cast<float>(rate);
    world.sites[0].cells.group[row] = -1;
    world.sites[0].cells.weight[row] = 1;
  }
  void start() {
    motility->start(world);
    division->start(world);
  }
  // Length that bins with half their capacity or more fill [um].
  [[nodiscard]] double front(int capacity) const {
    std::map<int, int> in_bin;
    for (const double x : world.sites[0].cells.x) ++in_bin[static_cast<int>(x / bin)];
    double length = 0;
    for (const auto& [at, cells] : in_bin) length += 2 * cells >= capacity ? bin : 0;
    return length;
  }
  void run_until(double hours) {
    while (world.clock.time_h() < hours - 1e-9) tick_once(world, {motility.get(), &steps, division.get()});
  }
};

}  // namespace

TEST_CASE("clones spread and grow at lambda(k)") {
  struct Case {
    double persistence, k, from_h, until_h, step_h;
  };
  for (const Case& c : {Case{1, 0.015, 12, 36, 0.25}, Case{4, 0.008, 24, 48, 0.5}}) {
    constexpr std::size_t founders = 3000;
    constexpr double middle = 5000;
    Walkers w(2 * middle, c.persistence, 0, c.step_h, 2019);
    for (std::size_t i = 0; i < founders; ++i) w.add(middle);
    w.start();
    const auto moments = [&] {
      std::vector<double> sum(founders, 0.0);
      const Population& cells = w.world.sites[0].cells;
      for (std::size_t row = 0; row < cells.size(); ++row)
        sum[static_cast<std::size_t>(cells.founder[row])] += std::exp(c.k * (cells.x[row] - middle));
      return sum;
    };
    w.run_until(c.from_h);
    const std::vector<double> first = moments();
    w.run_until(c.until_h);
    const std::vector<double> last = moments();
    double a = 0, b = 0, squares = 0;
    for (std::size_t i = 0; i < founders; ++i) a += first[i], b += last[i];
    for (std::size_t i = 0; i < founders; ++i) {
      const double residual = last[i] / b - first[i] / a;  // of ln(b/a), to first order
      squares += residual * residual;
    }
    const double hours = c.until_h - c.from_h;
    const double found = std::log(b / a) / hours, z = (found - spreading(c.k, c.persistence)) / (std::sqrt(squares) / hours);
    MESSAGE("P ", c.persistence, " h: lambda ", found, " 1/h, expected ", spreading(c.k, c.persistence), ", z ", z);
    CHECK(std::fabs(z) < 4);
    CHECK(found == doctest::Approx(spreading(c.k, c.persistence)).epsilon(0.03));  // the error is not large
  }
}

TEST_CASE("fronts of few cells are slower than c*") {
  struct Case {
    double persistence;
    int capacity, replicates;
    double ratio, error;
  };
  for (const Case& c : {Case{1, 10, 10, 0.741, 0.009}, Case{1, 100, 2, 0.905, 0.018}, Case{4, 20, 6, 0.853, 0.009}}) {
    constexpr double from_h = 150, until_h = 500, begun = 300;  // um
    std::vector<double> speeds;
    for (int replicate = 0; replicate < c.replicates; ++replicate) {
      Walkers w(6000, c.persistence, c.capacity, 0.25, 1997 + static_cast<std::uint64_t>(replicate));
      for (int n = 0; n < c.capacity * static_cast<int>(begun / bin); ++n)
        w.add(begun * (n + 0.5) / (c.capacity * begun / bin));
      w.start();
      w.run_until(from_h);
      const double at_first = w.front(c.capacity);
      w.run_until(until_h);
      speeds.push_back((w.front(c.capacity) - at_first) / (until_h - from_h) / front_speed(c.persistence));
    }
    double mean = 0, squares = 0;
    for (const double v : speeds) mean += v / c.replicates;
    for (const double v : speeds) squares += (v - mean) * (v - mean);
    // Of single runs the independent simulation had 0.072, 0.062 and 0.051 of c*: two replicates tell no error of their own.
    const double error = std::max(std::sqrt(squares / (c.replicates - 1.0)), 0.05) / std::sqrt(c.replicates);
    MESSAGE("P ", c.persistence, " h, N ", c.capacity, ": ", mean, " c* +- ", error);
    CHECK(std::fabs(mean - c.ratio) < 4 * std::hypot(error, c.error));
    CHECK(mean < 1);
  }
}
