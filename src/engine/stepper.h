// Time: for each tick the due processes, then the commit of births and deaths.
//
// Sites know nothing of each other in most processes (SiteProcess). Small ones, of which one thread has done with before a
// team has met, go through all of these that are due in a row side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/schedule.h"
#include "model/invariants.h"

namespace invado {

class Stepper {
 public:
  explicit Stepper(Schedule schedule);

  // Settle the founders, then fill.
  void start(World& world) const;
  // Fill all derived and initial columns at t = 0, in schedule order.
  void fill(World& world) const;
  // Advance by one tick. A fault names step, process and what the process said.
  void step(World& world);

  // What is checked of the world while it is stepped (model/invariants.h); a violation is a ModelFault. Full: after every
  // process what it declares to write, after the commit everything; the fault names the process. Cheap: at the end of every
  // `every_ticks`-th step; the fault names the processes that write the quantity. Off until set.
  void set_checks(Checks checks, std::int64_t every_ticks);
  // Everything, once, between steps: before a checkpoint.
  void check_all(const World& world);

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  // Seconds of wall time spent in each entry since construction, and in the commit (last).
  [[nodiscard]] const std::vector<double>& seconds() const { return seconds_; }
  // The same for the checks.
  [[nodiscard]] double check_seconds() const { return check_seconds_; }

 private:
  Schedule schedule_;
  std::uint64_t number_;                   // of this stepper, from 1
  std::vector<std::string_view> written_;  // columns that processes write in a step
  std::vector<std::string_view> filled_;   // and at a start
  std::vector<double> seconds_;
  double check_seconds_ = 0;
  Checks checks_ = Checks::Off;
  std::int64_t check_every_ = 1;
  bool seen_whole_ = false;                       // full checks have seen the world as a whole since they were set
  std::vector<const SiteProcess*> site_process_;  // of each entry; null: its sites know of each other
  // Scratch of a step.
  std::vector<std::size_t> due_;       // entries
  std::vector<Site*> small_, others_;  // sites
  std::vector<double> job_seconds_;    // of each small site, in each of some entries

  void make_ready(World& world) const;
  void find_due(std::int64_t tick);
  void find_small(World& world);
  void sites_through(World& world, std::span<const std::size_t> entries);
  [[nodiscard]] Tick tick_of(const World& world, std::size_t entry) const;

  [[noreturn]] void fail(const Clock& clock, std::int64_t tick, const std::string& found_by,
                         const Violation& violation) const;
  [[nodiscard]] std::string writers_of(std::string_view quantity) const;
};

}  // namespace invado
