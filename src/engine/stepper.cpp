#include "engine/stepper.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/error.h"
#include "base/parallel.h"
#include "model/commit.h"
#include "model/storage_order.h"

namespace invado {
namespace {

constexpr std::int64_t sort_every = 64;  // ticks

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

// A new stamp for the cells. Counted for the whole program, so that copies of a world that went different ways differ.
void stamp(Site& site) {
  static std::atomic<std::uint64_t> last{0};
  site.revision = ++last;
}

// The process may change a column of the cells.
bool writes_cells(const Process& process) {
  return std::ranges::any_of(process.writes(),
                             [](std::string_view written) { return written != "fields" && written != "matrix"; });
}

std::string step_text(const Clock& clock, std::int64_t tick) {
  return fmt::format("step {} ({:.2f} h)", tick, clock.minutes(tick) / 60);
}

}  // namespace

Stepper::Stepper(Schedule schedule) : schedule_(std::move(schedule)), seconds_(schedule_.entries.size() + 1, 0.0) {}

void Stepper::start(World& world) const {
  for (Site& site : world.sites) sort_rows(site);
  for (const ScheduleEntry& entry : schedule_.entries) entry.process->settle(world);
  for (const ScheduleEntry& entry : schedule_.entries) entry.process->start(world);
}

void Stepper::step(World& world) {
  const Clock& clock = world.clock;
  const std::int64_t now = clock.tick;
  const bool full = checks_ == Checks::Full;
  const auto check = [&](const std::string& found_by, auto&& find) {
    Stopwatch watch(check_seconds_);
    if (const std::optional<Violation> violation = find()) fail(clock, now, found_by, *violation);
  };
  // What was wrong before must not be laid at the door of the first process.
  if (full && !seen_whole_) check("before the step", [&] { return find_violation(world, Checks::Full, 0); });
  seen_whole_ = full;

  Tick tick{world.seed, static_cast<std::uint32_t>(now), clock.time_min(), 0};
  for (std::size_t e = 0; e < schedule_.entries.size(); ++e) {
    const ScheduleEntry& entry = schedule_.entries[e];
    if (!entry.on || now % entry.every_ticks != 0) continue;
    tick.dt_min = clock.minutes(entry.every_ticks);
    {
      Stopwatch watch(seconds_[e]);
      try {
        entry.process->apply(world, tick);
      } catch (const ModelFault& fault) {
        throw ModelFault(fmt::format("{}, {}: {}", step_text(clock, now), entry.process->name(), fault.what()));
      }
    }
    if (writes_cells(*entry.process))
      for (Site& site : world.sites) stamp(site);
    if (full)
      check(std::string(entry.process->name()), [&] { return find_violation_after(world, entry.process->writes()); });
  }
  {
    Stopwatch watch(seconds_.back());
    ++world.clock.tick;
    const bool passes = std::ranges::any_of(world.sites, [](const Site& site) { return !site.queues.passages.empty(); });
    pass_on(world);
    for (Site& site : world.sites)
      if (passes || !site.queues.births.empty() || !site.queues.departures.empty()) stamp(site);
    for (Site& site : world.sites)
      for (const Division& division : commit(world, site))
        for (const ScheduleEntry& entry : schedule_.entries)
          if (entry.on) entry.process->inherit(world, site, division.mother, division.daughter, tick);
    for (Site& site : world.sites) {
      const std::size_t first = site.cells.size();
      if (let_in(world, site) == 0) continue;
      for (const ScheduleEntry& entry : schedule_.entries) entry.process->start_cells(world, site, first);
      stamp(site);
    }
    // Cells move a few um between two sorts; sorting costs as much as one step.
    if (clock.tick % sort_every == 1)
      for (Site& site : world.sites) {
        sort_rows(site);
        stamp(site);
      }
  }
  if (full)
    check("commit", [&] { return find_violation_at_end(world, clock.tick); });
  else if (checks_ == Checks::Cheap && clock.tick % check_every_ == 0)
    check("", [&] { return find_violation(world, Checks::Cheap, clock.tick / check_every_); });
}

void Stepper::set_checks(Checks checks, std::int64_t every_ticks) {
  INVADO_ENSURE(every_ticks > 0);
  checks_ = checks;
  check_every_ = every_ticks;
  seen_whole_ = false;
}

void Stepper::check_all(const World& world) {
  Stopwatch watch(check_seconds_);
  if (const std::optional<Violation> violation = find_violation(world, Checks::Full, 0))
    fail(world.clock, world.clock.tick, "", *violation);
}

// found_by: process or commit after which the violation was found; empty: it is not known which one it was.
void Stepper::fail(const Clock& clock, std::int64_t tick, const std::string& found_by, const Violation& violation) const {
  throw ModelFault(fmt::format("{}, {}: {}", step_text(clock, tick),
                               found_by.empty() ? writers_of(violation.quantity) : found_by, violation.text));
}

// "x (written by mechanics)": who may have done it.
std::string Stepper::writers_of(std::string_view quantity) const {
  std::string names;
  for (const ScheduleEntry& entry : schedule_.entries)
    if (entry.on)
      for (const std::string_view written : entry.process->writes())
        if (written == quantity) names += (names.empty() ? "" : ", ") + std::string(entry.process->name());
  return names.empty() ? std::string(quantity) : fmt::format("{} (written by {})", quantity, names);
}

}  // namespace invado
