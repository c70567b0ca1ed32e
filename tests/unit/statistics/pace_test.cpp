// What is left of a run. Seen to fail: the mean cost so far instead of that of now; the mean cost of the last third taken
// for that of now; cost that does not rise on; the rise of the whole rest instead of its mean.
#include "statistics/pace.h"

#include <doctest/doctest.h>

#include <cmath>
#include <utility>

using namespace invado;

namespace {

// A run that has cost wall(t) up to each of n times from `begin` to `now`.
template <class Wall>
Pace seen(double begin, double now, int n, const Wall& wall) {
  Pace pace;
  for (int k = 0; k <= n; ++k) {
    const double t = begin + (now - begin) * k / n;
    pace.add(t, wall(t) - wall(begin));
  }
  return pace;
}

}  // namespace

TEST_CASE("equal costs: what is left in proportion, from wherever the run went on") {
  const auto wall = [](double t) { return 7 * t; };
  CHECK(seen(0, 30, 1, wall).seconds_left(100) == doctest::Approx(490));
  CHECK(seen(0, 30, 100000, wall).seconds_left(100) == doctest::Approx(490));
  CHECK(seen(60, 75, 50, wall).seconds_left(100) == doctest::Approx(175));
  CHECK(seen(0, 100, 50, wall).seconds_left(100) == doctest::Approx(0));
}

TEST_CASE("costs that rise with time rise on") {
  const auto wall = [](double t) { return 3 * t + t * t; };
  for (const auto& [now, n] : {std::pair{20.0, 20}, {30.0, 200}, {50.0, 100000}})
    CHECK(seen(0, now, n, wall).seconds_left(60) == doctest::Approx(wall(60) - wall(now)).epsilon(0.002));
}

TEST_CASE("of a tumour that doubles three times, a third of the way on: too low, but by less than half") {
  const auto wall = [](double t) { return std::exp2(t / 20); };
  for (const double now : {20.0, 30.0, 40.0, 50.0}) {
    const double share = seen(0, now, 200, wall).seconds_left(60) / (wall(60) - wall(now));
    CHECK(share > 0.5);
    CHECK(share < 1);
  }
}

TEST_CASE("a run that becomes cheaper goes on at its last cost") {
  const auto wall = [](double t) { return t < 10 ? 10 * t : 100 + (t - 10); };
  CHECK(seen(0, 90, 900, wall).seconds_left(120) == doctest::Approx(30).epsilon(1e-6));
}

TEST_CASE("nothing seen, nothing said; no progress changes nothing") {
  Pace pace;
  CHECK(pace.seconds_left(10) == 0);
  pace.add(1, 0);
  CHECK(pace.seconds_left(10) == 0);
  pace.add(2, 5);
  pace.add(2, 50);
  CHECK(pace.seconds_left(10) == doctest::Approx(40));
}
