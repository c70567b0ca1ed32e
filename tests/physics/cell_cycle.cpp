// Cycles with a length: fixed and Erlang.
// (a) community case CC1: one newborn cell, fixed cycle of 18 h, 48 h: divisions at 1080 and 2160 min within one fate step,
//     4 cells. Exact.
// (b) Asynchronous founders are the stable age distribution: from t = 0 on the population is N0 2^(t/T), for every cycle.
//     A division is applied in the first interval after it is due, so after n steps of dt the count is that of (n - 1) dt.
//     20 000 founders; the standard error of N(t)/N0 is at most that of exponential division, sqrt(E (E - 1)/N0): |z| < 4
//     with that (conservative: timed cycles scatter less).
// (c) Synchronised fixed cycles: N = N0 2^floor(t/T), exact.
// (d) Mean volume: growth adds ln2/T of the type's volume per cell and division shares it, so a population that grows
//     steadily keeps the mean volume 1 (in units of the type's) whatever the cycle: total volume / N0 = E. Newborns of a
//     fixed cycle converge to ln2 (halving the distance each generation): after 12 generations to 1e-3, less one part in
//     dt/T. Exponential cycles stop growth at twice the volume, which lowers the mean by 5 %: band 0.92 to 1.
// Seen to fail: stages of rate k/T (b: z = 34), uniform instead of stable ages (b: 18), time spent at rate b instead of
// b + r (b: ages off by 319 min), overshoot dropped (a), divisions one step late (a, c), growth of one volume instead of
// ln2 (d: 1.11), no growth in the step of a division (c: area), daughters of 0.81 r (d: 0.79), ceiling at 1.2 (d: 0.79).
#include <doctest/doctest.h>

#include <cmath>

#include "../settings.h"
#include "../small_world.h"

namespace invado {
std::unique_ptr<Process> make_division();
}
using namespace invado;

namespace {

std::unique_ptr<Process> division_with(SettingMap life) {
  auto division = make_division();
  division->resize_types(1);
  describe_type_with(*division, 0, std::move(life));
  return division;
}

double mean_progress(const World& world) {
  double sum = 0;
  for (const double progress : world.sites[0].cells.cycle_min) sum += progress;
  return sum / static_cast<double>(world.sites[0].cells.size());
}

double total_volume(const World& world) {
  double sum = 0;
  for (const double r : world.sites[0].cells.radius) sum += std::pow(r / world.types[0].radius, 3);
  return sum;
}

}  // namespace

TEST_CASE("CC1: one cell with a fixed cycle of 18 h has divided at 18 h and 36 h") {
  for (const double fate_min : {1.0, 6.0, 7.0}) {
    World world = small_world(1, 1, fate_min);
    const auto division = division_with({{"life.doubling", 18.0}, {"life.cycle", "fixed"}});
    division->start(world);
    while (world.clock.time_min() < 48 * 60) tick_once(world, {division.get()});
    const auto& events = world.sites[0].events;
    REQUIRE(events.size() == 3);
    CHECK(world.sites[0].cells.size() == 4);
    const double due[] = {1080, 2160, 2160};
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(events[i].time_min >= due[i]);
      CHECK(events[i].time_min <= due[i] + 2 * fate_min);  // begins at most one step later, is applied at its end
    }
  }
}

TEST_CASE("synchronised fixed cycles double exactly") {
  constexpr double cycle_min = 443.5;
  World world = small_world(3, 2, 0.5);
  const auto division =
      division_with({{"life.doubling", cycle_min / 60}, {"life.cycle", "fixed"}, {"life.growth", "linear_area"}});
  division->start(world);
  for (int half_minutes = 1; half_minutes <= 5000; ++half_minutes) {
    tick_once(world, {division.get()});
    const double seen_min = (half_minutes - 1) * 0.5;  // start of the interval just done
    REQUIRE(world.sites[0].cells.size() == 3u << static_cast<unsigned>(std::floor(seen_min / cycle_min)));
  }
  // Disc area: a newborn has the type's area A, again and again.
  const double age = world.sites[0].cells.cycle_min[0] / cycle_min;
  for (const double r : world.sites[0].cells.radius) CHECK(std::pow(r / 8.4, 2) == doctest::Approx(1 + age).epsilon(1e-9));
}

TEST_CASE("asynchronous founders grow exponentially from the start and keep the mean volume") {
  constexpr std::size_t founders = 20000;
  constexpr double doubling_h = 20, dt_min = 20;
  const SettingMap cycles[] = {{{"life.cycle", "fixed"}, {"life.founders", "asynchronous"}},
                               {{"life.cycle.erlang", 1.0}},
                               {{"life.cycle.erlang", 2.0}},
                               {{"life.cycle.erlang", 7.0}}};
  for (SettingMap life : cycles) {
    life["life.doubling"] = doubling_h;
    World world = small_world(founders, 3, dt_min);
    const auto division = division_with(life);
    division->start(world);
    const double progress = mean_progress(world);
    for (int step = 1; step <= 41; ++step) {
      tick_once(world, {division.get()});
      if (step % 20 != 1) continue;
      const double growth = std::exp2((step - 1) * dt_min / 60 / doubling_h);
      const double n = founders;
      const double error = std::sqrt(growth * (growth - 1) / n);
      const double z = step > 1 ? (static_cast<double>(world.sites[0].cells.size()) / n - growth) / error : 0;
      const double mean = total_volume(world) / static_cast<double>(world.sites[0].cells.size());
      CAPTURE(step);
      CAPTURE(z);
      CAPTURE(mean);
      CHECK(std::fabs(z) < 4);
      // One step's growth is done before its divisions are counted: + ln2 dt/T = 1.2 %, and sampling of N: 0.5 %.
      CHECK(mean == doctest::Approx(1 + std::log(2.0) * dt_min / 60 / doubling_h).epsilon(0.015));
      // Ages are stable, too (one interval on): the spread of progress is at most T/ln2.
      CHECK(std::fabs(mean_progress(world) - progress - dt_min) < 4 * 60 * doubling_h / std::log(2.0) / std::sqrt(n));
    }
  }
}

TEST_CASE("newborns of a fixed cycle converge to ln2 of the type's volume") {
  World world = small_world(1, 4, 6);
  const auto division = division_with({{"life.doubling", 1.0}, {"life.cycle", "fixed"}});
  division->start(world);
  for (int step = 0; step < 12 * 10 + 1; ++step) tick_once(world, {division.get()});
  CHECK(world.sites[0].cells.size() == 4096);
  CHECK(total_volume(world) / 4096 / (1 + 0.1) == doctest::Approx(std::log(2.0)).epsilon(0.001));
}

TEST_CASE("the mean volume of exponential cycles stays near the type's") {
  World world = small_world(5000, 5, 12);
  const auto division = division_with({{"life.doubling", 20.0}});
  division->start(world);
  for (int step = 0; step < 400; ++step) tick_once(world, {division.get()});
  const double mean = total_volume(world) / static_cast<double>(world.sites[0].cells.size());
  CHECK(mean < 1);
  CHECK(mean > 0.92);
}
