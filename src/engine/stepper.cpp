#include "engine/stepper.h"

#include <fmt/format.h>

#include <chrono>

#include "base/error.h"
#include "base/parallel.h"
#include "model/commit.h"

namespace invado {
namespace {

class Stopwatch {
 public:
  explicit Stopwatch(double& total) : total_(total), begin_(std::chrono::steady_clock::now()) {}
  ~Stopwatch() { total_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& total_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace

Stepper::Stepper(Schedule schedule) : schedule_(std::move(schedule)), seconds_(schedule_.entries.size() + 1, 0.0) {}

void Stepper::start(World& world) const {
  for (const ScheduleEntry& entry : schedule_.entries) entry.process->settle(world);
  for (const ScheduleEntry& entry : schedule_.entries) entry.process->start(world);
}

void Stepper::step(World& world) {
  const Clock& clock = world.clock;
  Tick tick{world.seed, static_cast<std::uint32_t>(clock.tick), clock.time_min(), 0};
  for (std::size_t e = 0; e < schedule_.entries.size(); ++e) {
    const ScheduleEntry& entry = schedule_.entries[e];
    if (!entry.on || clock.tick % entry.every_ticks != 0) continue;
    tick.dt_min = clock.minutes(entry.every_ticks);
    Stopwatch watch(seconds_[e]);
    try {
      entry.process->apply(world, tick);
    } catch (const ModelFault& fault) {
      throw ModelFault(
          fmt::format("step {} ({:.2f} h), {}: {}", clock.tick, clock.time_h(), entry.process->name(), fault.what()));
    }
  }
  Stopwatch watch(seconds_.back());
  ++world.clock.tick;
  const double tick_min = clock.minutes(1);
  for (Site& site : world.sites) {
    std::vector<double>& age = site.cells.age_min;
    for_rows(age.size(), [&](std::size_t row) { age[row] += tick_min; });
  }
  for (Site& site : world.sites)
    for (const Division& division : commit(world, site))
      for (const ScheduleEntry& entry : schedule_.entries)
        if (entry.on) entry.process->inherit(world, site, division.mother, division.daughter, tick);
}

}  // namespace invado
