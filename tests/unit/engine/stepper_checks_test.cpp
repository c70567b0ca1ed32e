// The stepper checks what it steps: a wrong number stops the run with step, process and cell, and good runs go on.
// Seen to fail, with planted mistakes in engine/stepper.cpp: no check after a process (3 cases), none before the first step,
// none after the commit, the step told after the clock has moved on, cheap checks at every step, their rounds not following
// the cadence, writers not named, the time not taken, `off` that does not switch off, check_all by parts; no stamp after a
// process that writes cells, none after a birth, one after a process that writes fields only, stamps counted anew in each
// stepper.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "../../small_world.h"
#include "base/error.h"
#include "engine/stepper.h"
#include "scenario/scenario.h"

using namespace invado;

namespace {

constexpr double nan_ = std::numeric_limits<double>::quiet_NaN();

// A process that does what the test says.
class Writer final : public Process {
 public:
  using Act = std::function<void(World&, const Tick&)>;
  Writer(std::string name, std::vector<std::string_view> writes, Act act, Act at_division = {})
      : name_(std::move(name)), writes_(std::move(writes)), act_(std::move(act)), at_division_(std::move(at_division)) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return writes_; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {}; }
  void apply(World& world, const Tick& tick) const override {
    if (act_) act_(world, tick);
  }
  void inherit(const World&, Site& site, std::size_t, std::size_t daughter, const Tick&) const override {
    if (at_division_) site.cells.detached_min[daughter] = -1;
  }

 private:
  std::string name_;
  std::vector<std::string_view> writes_;
  Act act_, at_division_;
};

World world_of(std::size_t cells) {
  World world = small_world(cells, 1, 0.5);
  Site& site = world.sites[0];
  site.ledger.of_type(0).founders = static_cast<std::int64_t>(cells);
  site.cells.speed_factor.assign(cells, 1.0F);
  return world;
}

// Harmless "first", then "second", which does `act` in step 12 to the row of cell 7.
Stepper stepper_of(std::vector<std::string_view> writes, std::function<void(Population&, std::size_t)> act) {
  Schedule schedule;
  schedule.entries.push_back(
      {std::make_unique<Writer>("first", std::vector<std::string_view>{"x", "ux"}, nullptr), 1, true});
  schedule.entries.push_back({std::make_unique<Writer>("second", std::move(writes),
                                                       [act](World& world, const Tick& tick) {
                                                         if (tick.step == 12) act(world.sites[0].cells, 7);
                                                       }),
                              1, true});
  schedule.entries.push_back({std::make_unique<Writer>("third", std::vector<std::string_view>{"x"}, nullptr), 2, true});
  return Stepper(std::move(schedule));
}

// What the run dies of, and after how many steps.
struct End {
  std::string fault;
  std::int64_t ticks;
};
End run(Stepper& stepper, World& world, int steps) {
  try {
    for (int i = 0; i < steps; ++i) stepper.step(world);
  } catch (const ModelFault& fault) {
    return {fault.what(), world.clock.tick};
  }
  return {"", world.clock.tick};
}

}  // namespace

TEST_CASE("full checks name the step, the process and the cell") {
  struct Case {
    std::string_view column;
    std::function<void(Population&, std::size_t)> act;
    std::string text;
  };
  const std::vector<Case> cases{
      {"x", [](Population& c, std::size_t r) { c.x[r] = nan_; }, "cell 7: x = nan um, must be finite"},
      {"x", [](Population& c, std::size_t r) { c.x[r] = 1000.5; }, "cell 7: x = 1000.5 um, must lie in [0, 1000] um"},
      {"radius", [](Population& c, std::size_t r) { c.radius[r] = -1; }, "cell 7: radius = -1 um, must be positive"},
      {"erk", [](Population& c, std::size_t r) { c.derived[+Derived::Erk][r] = -0.5F; },
       "cell 7: erk = -0.5, must not be negative"},
  };
  for (const Case& one : cases) {
    World world = world_of(20);
    Stepper stepper = stepper_of({one.column}, one.act);
    stepper.set_checks(Checks::Full, 1);
    CHECK(run(stepper, world, 100).fault == "step 12 (0.10 h), second: " + one.text);
    CHECK(world.clock.tick == 12);
    CHECK(stepper.check_seconds() > 0);
    CHECK(stepper.seconds().size() == 4);  // three processes and the commit
  }
}

TEST_CASE("what a process changes without saying so is found at the end of the step") {
  World world = world_of(20);
  Stepper stepper = stepper_of({"y"}, [](Population& c, std::size_t r) { c.x[r] = nan_; });
  stepper.set_checks(Checks::Full, 1);
  CHECK(run(stepper, world, 100).fault == "step 12 (0.10 h), third: cell 7: x = nan um, must be finite");  // writes x too
  world = world_of(20);
  stepper = stepper_of({"y"}, [](Population& c, std::size_t r) { c.radius[r] = nan_; });
  stepper.set_checks(Checks::Full, 1);
  CHECK(run(stepper, world, 100).fault == "step 12 (0.10 h), commit: cell 7: radius = nan um, must be finite");
}

TEST_CASE("what was wrong before is not laid at the door of the first process") {
  World world = world_of(20);
  world.sites[0].cells.x[3] = -1;
  Stepper stepper = stepper_of({}, [](Population&, std::size_t) {});
  stepper.set_checks(Checks::Full, 1);
  CHECK(run(stepper, world, 100).fault == "step 0 (0.00 h), before the step: cell 3: x = -1 um, must lie in [0, 1000] um");
}

TEST_CASE("cheap checks see it within sixteen rounds, and name who writes it") {
  struct Case {
    std::int64_t every;
    std::size_t row;
    std::int64_t found;  // ticks done
    std::string step;
  };
  // Of 200 rows, round r looks at rows 12.5 r to 12.5 (r + 1), and step 12 is the mistake. Row 150: round 12 comes at the
  // end of step 11, before the mistake, round 28 at the end of step 27. Row 30 belongs to rounds 2 and 18: every fifth step,
  // these are ticks 10 (still good) and 90.
  for (const Case& one : {Case{1, 150, 28, "step 27 (0.23 h)"}, Case{5, 30, 90, "step 89 (0.74 h)"}}) {
    World world = world_of(200);
    Stepper stepper = stepper_of({"x"}, [&](Population& c, std::size_t) { c.x[one.row] = nan_; });
    stepper.set_checks(Checks::Cheap, one.every);
    const End end = run(stepper, world, 1000);
    CHECK(end.fault == one.step + ", x (written by first, second, third): cell " + std::to_string(one.row) +
                           ": x = nan um, must be finite");
    CHECK(end.ticks == one.found);
  }
}

TEST_CASE("nothing is looked at without checks") {
  World world = world_of(20);
  Stepper stepper = stepper_of({"x"}, [](Population& c, std::size_t r) { c.x[r] = nan_; });
  CHECK(run(stepper, world, 100).ticks == 100);
  stepper.set_checks(Checks::Full, 1);
  stepper.set_checks(Checks::Off, 1);
  CHECK(run(stepper, world, 100).ticks == 200);
  CHECK(stepper.check_seconds() == 0);
  CHECK_THROWS_WITH_AS(stepper.check_all(world),
                       "step 200 (1.67 h), x (written by first, second, third): cell 7: x = nan um, must be finite",
                       ModelFault);
  world.sites[0].cells.x[7] = 5;
  stepper.check_all(world);
  CHECK(stepper.check_seconds() > 0);
}

TEST_CASE("the stamp of the cells changes when they may have, and never comes back") {
  const auto stamps = [](std::vector<std::string_view> writes, std::uint32_t birth_at) {
    Schedule schedule;
    const auto act = [birth_at](World& world, const Tick& tick) {
      if (tick.step == birth_at) world.sites[0].queues.births.push_back({4, 4, {1, 0, 0}, 7});
    };
    schedule.entries.push_back({std::make_unique<Writer>("one", std::move(writes), act), 1, true});
    Stepper stepper(std::move(schedule));
    World world = world_of(20);
    std::vector<std::uint64_t> seen;
    for (int step = 0; step < 8; ++step) {
      stepper.step(world);  // the first step sorts the rows
      seen.push_back(world.sites[0].revision);
    }
    return seen;
  };
  const auto fields = stamps({"fields", "matrix"}, 5), position = stamps({"fields", "x"}, 99);
  for (std::size_t step = 1; step < 8; ++step) {
    CHECK((fields[step] == fields[step - 1]) == (step != 5));
    CHECK(position[step] > position[step - 1]);
  }
  CHECK(fields.front() > 0);
  CHECK(position.front() > fields.back());  // another stepper, another world
}

TEST_CASE("a bad entry of the queues is found before the commit, a bad inheritance after it") {
  const auto dividing = [](double radius) {
    return [radius](World& world, const Tick& tick) {
      if (tick.step == 3) world.sites[0].queues.births.push_back({4, 4, {1, 0, 0}, radius});
    };
  };
  World world = world_of(20);
  Schedule bad;
  bad.entries.push_back({std::make_unique<Writer>("dividing", std::vector<std::string_view>{}, dividing(nan_)), 1, true});
  Stepper first(std::move(bad));
  first.set_checks(Checks::Full, 1);
  CHECK(run(first, world, 10).fault ==
        "step 3 (0.03 h), dividing: cell 4: queued to divide into cells of radius nan um, must be finite");
  world = world_of(20);
  Schedule inheriting;
  inheriting.entries.push_back(
      {std::make_unique<Writer>("dividing", std::vector<std::string_view>{}, dividing(7), [](World&, const Tick&) {}), 1,
       true});
  Stepper second(std::move(inheriting));
  second.set_checks(Checks::Full, 1);
  CHECK(run(second, world, 10).fault == "step 3 (0.03 h), commit: cell 20: detached_min = -1 min, must not be negative");
}

TEST_CASE("twenty steps of every shipped scenario have nothing to report") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(INVADO_SOURCE_DIR "/scenarios"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::ranges::sort(files);
  REQUIRE(files.size() >= 7);
  for (const auto& file : files) {
    CAPTURE(file.filename().string());
    Scenario scenario = load_scenario(file);
    World world = std::move(scenario.world);
    place_founders(scenario, world);
    Stepper stepper(std::move(scenario.schedule));
    stepper.start(world);
    stepper.set_checks(Checks::Full, 1);
    for (int step = 0; step < 20; ++step) stepper.step(world);
    stepper.check_all(world);
    for (int round = 0; round < 16; ++round) {
      const auto violation = find_violation(world, Checks::Cheap, round);
      CHECK_MESSAGE(!violation, violation->text);
    }
    CHECK(world.clock.tick == 20);
  }
}
