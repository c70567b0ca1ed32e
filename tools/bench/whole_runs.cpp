// Workloads of which every step is timed as in a run, without output.
#include "bench/start.h"
#include "model/digest.h"

namespace invado::bench {
namespace {

struct Workload {
  std::string file;
  Seats seats;
  int warm_up, steps;   // ticks before the first repeat, and in each
  double per_tick = 1;  // times that a unit is dealt with in a tick
  bool voxels = false;  // units are voxels times factors, else cells
};

std::vector<std::pair<std::string, Result>> measure(const std::string& name, const Workload& w, const Options& options) {
  Started run = start(w.file, options, w.seats);
  World& world = run.world;
  const double neighbours_before = mean_neighbours(world);
  for (int n = 0; n < w.warm_up; ++n) run.stepper.step(world);
  const Site& site = world.sites[0];
  Result r;
  r.unit = w.voxels ? "voxel" : "cell";
  r.units =
      w.voxels ? static_cast<double>(site.factor_grid.size() * site.fields.size()) : static_cast<double>(site.cells.size());
  r.steps = w.steps * w.per_tick;
  r.resident = (resident_bytes() - run.resident_before) / r.units;
  r.arrays = array_bytes(world) / r.units;
  const World at_start = world;
  std::vector<double> before;
  r.times = repeat(
      options, [&] { world = at_start, before = run.stepper.seconds(); },
      [&] {
        for (int n = 0; n < w.steps; ++n) run.stepper.step(world);
      });
  r.digest = digest(world);
  const auto& entries = run.stepper.schedule().entries;
  for (std::size_t e = 0; e <= entries.size(); ++e) {
    const double spent = run.stepper.seconds()[e] - before[e];
    if (spent > 0) r.shares.emplace_back(e < entries.size() ? entries[e].process->name() : "commit", spent);
  }
  if (!w.voxels)
    r.checks = {{"neighbours at the start", neighbours_before}, {"neighbours at the end", mean_neighbours(world)}};
  if (!site.fields.empty()) r.checks.emplace_back("factor at the end", site.fields[0].value[site.factor_grid.size() / 2]);
  r.checks.emplace_back("simulated min", w.steps * world.clock.minutes(1));
  return {{name, r}};
}

}  // namespace

void add_whole_runs(Benchmarks& all) {
  const auto add = [&](const std::string& name, const Workload& w) {
    all[name] = [name, w](const Options& options) { return measure(name, w, options); };
  };
  // 60 steps of 0.1 min hold one turn of everything that has a cadence of 6 min.
  add("M1", {"bench/m1.yaml", {}, 12, 60});
  add("M2", {"bench/m2.yaml", {}, 12, 60});
  add("M3", {"bench/m3.yaml", {}, 12, 60});
  add("M3s", {"bench/m3s.yaml", {}, 12, 60});
  add("M4", {"bench/m4.yaml", {}, 12, 60});
  add("M5", {"bench/m5.yaml", {}, 12, 24});
  add("B1", {"bench/b1.yaml", {.lattice_um = 12}, 6, 24});
  add("B2", {"bench/b2.yaml", {.lattice_um = 9}, 6, 24});
  // D dt/h^2 = 2.5: a tick of 0.01 min is three implicit steps.
  add("F1", {"bench/f1.yaml", {}, 2, 10, 3, true});
  add("F3", {"bench/f3.yaml", {}, 2, 10, 3, true});
  add("F8", {"bench/f8.yaml", {}, 1, 4, 3, true});
  // Two simulated minutes of an hour, once founders that were put on each other have parted. Cells move once in ten ticks.
  add("C1", {"bench/c1.yaml", {}, 200, 200, 0.1});
  // Half a simulated hour, five solves of the factor.
  add("C1_own", {"bench/c1_own.yaml", {}, 12, 60});
}

}  // namespace invado::bench
