// What it costs to look at a world: snapshot, checkpoint, digest, a row of series.csv; and how long a run takes to start.
#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/observables.h"
#include "bench/start.h"
#include "io/checkpoint.h"
#include "io/snapshot.h"
#include "model/digest.h"
#include "scenario/scenario.h"

namespace invado::bench {
namespace {

using Rows = std::vector<std::pair<std::string, Result>>;

// Standard deviation over mean.
double relative_spread(const Foldable<double>& values) {
  double sum = 0, squares = 0;
  for (const double v : values) sum += v, squares += v * v;
  const double n = static_cast<double>(values.size()), mean = sum / n;
  return std::sqrt(std::max(0.0, squares / n - mean * mean)) / mean;
}

Rows outputs(const Options& options) {
  Started run = start("bench/s1.yaml", options);
  World& world = run.world;
  // States as different as in a run, else they compress too well: six hours of the network alone, then whole steps.
  constexpr int calls = 60;
  const Clock& clock = world.clock;
  for (int n = 0; n < calls; ++n)
    for (const ScheduleEntry& entry : run.stepper.schedule().entries)
      if (entry.process->name() == "signalling" || entry.process->name() == "response")
        entry.process->apply(world, {world.seed, static_cast<std::uint32_t>(n * entry.every_ticks),
                                     clock.minutes(n * entry.every_ticks), clock.minutes(entry.every_ticks)});
  for (int n = 0; n < 2; ++n) run.stepper.step(world);
  const double cells = static_cast<double>(world.sites[0].cells.size());
  const double level_spread = relative_spread(world.sites[0].cells.state[+State::VimentinFree]);
  const auto row = [&](auto&& restore, auto&& body) {
    Result r{.unit = "cell", .units = cells};
    r.times = repeat(options, restore, body);
    r.checks = {{"cells", cells}};
    return r;
  };
  const auto fresh = [&] {
    std::filesystem::remove_all(options.folder);
    std::filesystem::create_directories(options.folder / "snapshots");
  };
  const std::string now = digest(world);
  const auto snapshot = [&](bool lattice) {
    std::optional<SnapshotWriter> writer;
    std::filesystem::path file;
    Result r = row(
        [&] {
          fresh();
          SnapshotOptions how;
          how.all_arrays = lattice;
          writer.emplace(options.folder, how);
        },
        [&] { file = writer->write(world, now); });
    const auto bytes = static_cast<double>(std::filesystem::file_size(file));
    r.checks.emplace_back("file bytes", bytes);
    r.checks.emplace_back("bytes per cell", bytes / cells);
    r.checks.emplace_back("spread of a level", level_spread);
    return r;
  };
  Rows rows;
  rows.emplace_back("S1", snapshot(true));
  rows.emplace_back("S1_cells", snapshot(false));
  double bytes = 0;
  rows.emplace_back("checkpoint", row(fresh, [&] {
                      CheckpointWriter writer;
                      add_state(writer, world);
                      bytes = static_cast<double>(writer.bytes());
                      writer.write(options.folder / "checkpoint.ckpt");
                    }));
  rows.back().second.checks.emplace_back("file bytes", bytes);
  rows.emplace_back("digest", row([] {}, [&] { keep(digest(world)); }));
  Observables observables(world);
  rows.emplace_back("series_row", row([] {}, [&] { keep(observables.sample(world)); }));
  rows.back().second.checks.emplace_back("columns", static_cast<double>(observables.names().size()));
  std::filesystem::remove_all(options.folder);
  return rows;
}

// Parts of a start in a program that has done nothing yet, hence no repeats: tools/bench/run starts the program again.
Rows start_up(const Options&) {
  const std::filesystem::path file = std::filesystem::path(INVADO_SOURCE_DIR) / "scenarios/bench/tiny.yaml";
  Rows rows;
  const auto part = [&](const std::string& name, auto&& body) {
    rows.emplace_back(name, Result{.unit = "call", .units = 1});
    add_time(rows.back().second.times, body);
  };
  std::optional<Scenario> scenario;
  std::optional<Stepper> stepper;
  World world;
  part("start_read", [&] { scenario = load_scenario(file); });
  part("start_place", [&] {
    world = std::move(scenario->world);
    place_founders(*scenario, world);
    stepper.emplace(std::move(scenario->schedule));
    stepper->start(world);
  });
  part("start_first_step", [&] { stepper->step(world); });
  rows.back().second.checks = {{"cells", static_cast<double>(world.sites[0].cells.size())}};
  return rows;
}

}  // namespace

void add_output(Benchmarks& all) {
  all["output"] = outputs;
  all["start"] = start_up;
}

}  // namespace invado::bench
