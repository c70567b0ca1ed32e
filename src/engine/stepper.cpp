#include "engine/stepper.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"
#include "model/columns.h"
#include "model/commit.h"
#include "model/storage_order.h"

namespace invado {
namespace {

constexpr std::int64_t sort_every = 64;  // ticks

// A small site.
constexpr std::size_t most_in_small_site = 512;  // cells
constexpr std::size_t most_voxels_of_matrix = 131072, most_voxels_of_factors = 32768;

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

// Counted for the whole program.
std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// The process may change a column of the cells.
bool writes_cells(const Process& process) {
  return std::ranges::any_of(process.writes(),
                             [](std::string_view written) { return written != "fields" && written != "matrix"; });
}

std::string step_text(const Clock& clock, std::int64_t tick) {
  return fmt::format("step {} ({:.2f} h)", tick, clock.minutes(tick) / 60);
}

// A fault of what `apply` does names step and process.
template <class Apply>
void with_name(const Clock& clock, std::int64_t tick, const Process& process, Apply&& apply) {
  try {
    apply();
  } catch (const ModelFault& fault) {
    throw ModelFault(fmt::format("{}, {}: {}", step_text(clock, tick), process.name(), fault.what()));
  }
}

}  // namespace

Stepper::Stepper(Schedule schedule)
    : schedule_(std::move(schedule)), number_(next_number()), seconds_(schedule_.entries.size() + 1, 0.0) {
  for (const ScheduleEntry& entry : schedule_.entries) {
    site_process_.push_back(dynamic_cast<const SiteProcess*>(entry.process.get()));
    if (entry.on) std::ranges::copy(entry.process->writes(), std::back_inserter(written_));
    std::ranges::copy(entry.process->fills(), std::back_inserter(filled_));
  }
}

void Stepper::start(World& world) const {
  for (Site& site : world.sites) sort_rows(site);
  for (const ScheduleEntry& entry : schedule_.entries) entry.process->settle(world);
  fill(world);
}

void Stepper::fill(World& world) const {
  for (Site& site : world.sites) site.ready_for = 0;
  for (const ScheduleEntry& entry : schedule_.entries) {
    entry.process->start(world);
    for (Site& site : world.sites) fold_columns(site.cells);
  }
  make_ready(world);
}

// What processes write, by several threads at once, has room for each cell.
void Stepper::make_ready(World& world) const {
  for (Site& site : world.sites) {
    if (site.ready_for == number_) continue;
    spread_columns(site.cells, written_);
    site.ready_for = number_;
  }
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

  make_ready(world);
  find_due(now);
  find_small(world);
  for (std::size_t d = 0; d < due_.size();) {
    std::size_t end = d;
    while (end < due_.size() && site_process_[due_[end]] != nullptr) ++end;
    if (end > d && small_.size() > 1 && !full) {
      sites_through(world, std::span(due_).subspan(d, end - d));
      d = end;
      continue;
    }
    const Process& process = *schedule_.entries[due_[d]].process;
    {
      Stopwatch watch(seconds_[due_[d]]);
      with_name(clock, now, process, [&] { process.apply(world, tick_of(world, due_[d])); });
    }
    if (writes_cells(process))
      for (Site& site : world.sites) stamp(site);
    if (full) check(std::string(process.name()), [&] { return find_violation_after(world, process.writes()); });
    ++d;
  }
  const Tick tick{world.seed, static_cast<std::uint32_t>(now), clock.time_min(), clock.minutes(1)};
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
      spread_columns(site.cells, filled_);
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

void Stepper::find_due(std::int64_t tick) {
  due_.clear();
  for (std::size_t e = 0; e < schedule_.entries.size(); ++e)
    if (schedule_.entries[e].on && tick % schedule_.entries[e].every_ticks == 0) due_.push_back(e);
}

Tick Stepper::tick_of(const World& world, std::size_t entry) const {
  const Clock& clock = world.clock;
  return {world.seed, static_cast<std::uint32_t>(clock.tick), clock.time_min(),
          clock.minutes(schedule_.entries[entry].every_ticks)};
}

// Which sites have so few cells, and so small lattices, that a team of threads has done with them before it has met.
void Stepper::find_small(World& world) {
  small_.clear();
  others_.clear();
  for (Site& site : world.sites) {
    const bool small = site.cells.size() <= most_in_small_site && site.matrix.grid.size() <= most_voxels_of_matrix &&
                       (site.fields.empty() || site.factor_grid.size() <= most_voxels_of_factors);
    (small && site.cells.size() > 0 ? small_ : others_).push_back(&site);
  }
}

// The small sites go through these processes side by side, a thread each; then the others one after the other, each by all
// threads.
void Stepper::sites_through(World& world, std::span<const std::size_t> entries) {
  const auto advance = [&](std::size_t entry, std::span<Site* const> sites, double& seconds) {
    const SiteProcess& process = *site_process_[entry];
    Stopwatch watch(seconds);
    with_name(world.clock, world.clock.tick, process, [&] { process.apply_to(world, sites, tick_of(world, entry)); });
    if (writes_cells(process))
      for (Site* const site : sites) stamp(*site);
  };
  double together = 0;
  job_seconds_.assign(small_.size() * entries.size(), 0.0);
  {
    Stopwatch watch(together);
    side_by_side(small_.size(), [&](std::size_t n) {
      for (std::size_t e = 0; e < entries.size(); ++e)
        advance(entries[e], std::span(small_).subspan(n, 1), job_seconds_[n * entries.size() + e]);
    });
  }
  // What the threads had together, in the time that passed meanwhile.
  const double of_all = std::accumulate(job_seconds_.begin(), job_seconds_.end(), 0.0);
  for (std::size_t e = 0; e < entries.size() && of_all > 0; ++e)
    for (std::size_t n = 0; n < small_.size(); ++n)
      seconds_[entries[e]] += together * job_seconds_[n * entries.size() + e] / of_all;
  for (const std::size_t entry : entries) advance(entry, others_, seconds_[entry]);
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
