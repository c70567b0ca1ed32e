// One process alone, called again and again on the same world: what a whole run hides.
#include <algorithm>

#include "bench/start.h"

namespace invado::bench {
namespace {

enum class Unit { Cells, MatrixVoxels };

struct Workload {
  std::string file;
  std::string process;
  Unit unit;
  int warm_up = 0;  // whole steps before
  int calls = 1;
  bool settled = false;
};

std::vector<std::pair<std::string, Result>> measure(const std::string& name, const Workload& w, const Options& options) {
  Started run = start(w.file, options, {.settled = w.settled});
  World& world = run.world;
  for (int n = 0; n < w.warm_up; ++n) run.stepper.step(world);
  const auto& entries = run.stepper.schedule().entries;
  const auto entry = std::ranges::find_if(entries, [&](const ScheduleEntry& e) { return e.process->name() == w.process; });
  const World at_start = world;
  const Site& site = world.sites[0];
  Result r;
  r.unit = w.unit == Unit::Cells ? "cell" : "voxel";
  r.units = static_cast<double>(w.unit == Unit::Cells ? site.cells.size() : site.matrix.grid.size());
  r.steps = w.calls;
  const Clock& clock = world.clock;
  r.times = repeat(
      options, [&] { world = at_start; },
      [&] {
        for (int n = 0; n < w.calls; ++n) {
          const std::int64_t tick = clock.tick + n * entry->every_ticks;
          entry->process->apply(
              world, {world.seed, static_cast<std::uint32_t>(tick), clock.minutes(tick), clock.minutes(entry->every_ticks)});
          world.sites[0].queues = {};
        }
      });
  r.checks = {{"cells", static_cast<double>(site.cells.size())}, {"neighbours at the end", mean_neighbours(world)}};
  return {{name, r}};
}

}  // namespace

void add_single_processes(Benchmarks& all) {
  const auto add = [&](const std::string& name, const Workload& w) {
    all[name] = [name, w](const Options& options) { return measure(name, w, options); };
  };
  const std::string tissue = "sarcoma_spheroid.yaml";
  constexpr int two_hours = 240;
  add("contacts", {"bench/m3.yaml", "mechanics", Unit::Cells, 12, 12});
  add("contacts_dilute", {"bench/m4.yaml", "mechanics", Unit::Cells, 12, 12});
  add("walk", {"bench/m3.yaml", "motility", Unit::Cells, 2, 12});
  add("signalling", {"bench/m3s.yaml", "signalling", Unit::Cells, 0, 2});
  add("response", {"bench/m3s.yaml", "response", Unit::Cells, 0, 2});
  add("exchange", {"bench/c1.yaml", "transport", Unit::Cells, 1, 10});
  // In tissue: 1500 cells in a lattice of 120 x 120 x 80, after two hours of invasion.
  add("walk_in_tissue", {tissue, "motility", Unit::Cells, two_hours, 10, true});
  add("contacts_in_tissue", {tissue, "mechanics", Unit::Cells, two_hours, 10, true});
  add("sensing", {tissue, "sensing", Unit::Cells, two_hours, 10, true});
  add("proteolysis", {tissue, "proteolysis", Unit::MatrixVoxels, two_hours, 10, true});
  add("realignment", {tissue, "realignment", Unit::Cells, two_hours, 10, true});
  add("division", {tissue, "division", Unit::Cells, two_hours, 10, true});
}

}  // namespace invado::bench
