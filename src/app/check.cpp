// validate, plan and schema: what can be said of a scenario without running it to the end.
#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "app/commands.h"
#include "app/simulation.h"
#include "app/this_machine.h"
#include "scenario/memory.h"

namespace invado {
namespace {

void print_warnings(const Scenario& scenario) {
  for (const std::string& warning : scenario.warnings) std::fputs(("warning: " + warning + "\n").c_str(), stderr);
}

}  // namespace

Exit validate(const std::vector<std::filesystem::path>& scenarios, const LoadOptions& load) {
  Exit worst = Exit::Done;
  std::string problems;
  for (const auto& file : scenarios) {
    try {
      const Scenario scenario = load_scenario(file, load);
      print_warnings(scenario);
      fmt::print("{}: ok: {}\n", file.string(), scenario.name);
    } catch (const Error& error) {
      worst = error.code();
      problems += (problems.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (worst != Exit::Done) throw Error(worst, problems);
  return worst;
}

Exit schema(bool table) {
  fmt::print("{}\n", table ? parameter_table() : scenario_schema_json());
  return Exit::Done;
}

namespace {

// The run's first steps, to see how long they take. It is started once, on all cores: where there are millions of cells,
// that takes minutes.
class Trial {
 public:
  explicit Trial(const PlanOptions& options) : options_(options), simulation_(start()) {}

  // Seconds that a step takes so many threads: of steps for about two seconds, or to the end of the run.
  double seconds_per_tick(int threads) {
    if (simulation_.world.clock.tick >= ticks_) simulation_ = start();
    omp_set_num_threads(threads);
    std::int64_t period = 1;  // whole periods only: every process has run as often as its cadence says
    for (const ScheduleEntry& entry : simulation_.stepper.schedule().entries) period = std::max(period, entry.every_ticks);
    const std::int64_t& tick = simulation_.world.clock.tick;
    const std::int64_t first = tick;
    const auto begin = std::chrono::steady_clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
    while (tick < ticks_ && elapsed() < 2.0)
      for (std::int64_t t = 0; t < period && tick < ticks_; ++t) simulation_.stepper.step(simulation_.world);
    return elapsed() / static_cast<double>(std::max<std::int64_t>(1, tick - first));
  }

 private:
  Simulation start() {
    omp_set_num_threads(omp_get_num_procs());
    Scenario scenario = load_scenario(options_.scenario, options_.load);
    ticks_ = scenario.duration_us / scenario.tick_us;
    return start_simulation(scenario);
  }

  const PlanOptions& options_;
  std::int64_t ticks_ = 0;
  Simulation simulation_;
};

// Bytes of one snapshot, from what is stored per cell and voxel, without compression.
double snapshot_bytes(const Scenario& scenario) {
  const double per_cell = 8 + 8 + 1 + 24 + 12 + 4.0 * (state_count + derived_count + phenotype_count + 8);
  double bytes = founder_count(scenario) * per_cell;
  for (const Site& site : scenario.world.sites) {
    bytes += site.matrix.none() ? 0 : 33.0 * static_cast<double>(site.matrix.grid.size());
    bytes += 4.0 * static_cast<double>(site.factor_grid.size() * site.fields.size());
  }
  return bytes;
}

}  // namespace

Exit plan(const PlanOptions& options) {
  Scenario scenario = load_scenario(options.scenario, options.load);
  if (is_long(scenario)) spin_briefly();
  print_warnings(scenario);
  const MemoryNeed need = memory_of(scenario);
  const MemoryNeed twice = memory_of(scenario, 2);
  fmt::print("{}\n\nschedule\n{}\nmemory (with all founders; twice as many cells need {} more)\n  {}\n\n", scenario.name,
             to_text(scenario.schedule, scenario.tick_us), size_text(twice.total() - need.total()), need.text());
  if (cells_divide(scenario)) fmt::print("  cells divide here: this is for the founders, and so are disk and time\n\n");
  const double snapshots =
      scenario.output.snapshots_us > 0 ? 1 + static_cast<double>(scenario.duration_us / scenario.output.snapshots_us) : 0;
  fmt::print("disk\n  {:.0f} snapshots of at most {}: at most {}\n", snapshots, size_text(snapshot_bytes(scenario)),
             size_text(snapshots * snapshot_bytes(scenario)));
  fmt::print("\ntime (from the first steps, measured now; grows with the number of cells)\n");
  const double ticks = static_cast<double>(scenario.duration_us / scenario.tick_us);
  const int cores = omp_get_num_procs();
  double load = 0;  // programs that wanted a core, on average over the last minute: before we are one of them
  if (::getloadavg(&load, 1) == 1 && load > 0.5)
    fmt::print("  (the machine is busy with {:.1f} other threads on {} core{}; alone the run is quicker)\n", load, cores,
               cores == 1 ? "" : "s");
  std::fflush(stdout);
  Trial trial(options);
  for (int threads = 1; threads <= cores; threads = threads < cores ? std::min(threads * 2, cores) : cores + 1) {
    fmt::print("  {:3} thread{}: {}\n", threads, threads == 1 ? " " : "s",
               wall_time_text(trial.seconds_per_tick(threads) * ticks));
    std::fflush(stdout);
  }
  return Exit::Done;
}

}  // namespace invado
