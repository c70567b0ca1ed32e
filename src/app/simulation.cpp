#include "app/simulation.h"

#include "model/digest.h"
#include "model/invariants.h"

namespace invado {

double founder_count(const Scenario& scenario) {
  double cells = 0;
  for (const FounderPopulation& founders : scenario.founders) cells += static_cast<double>(founders.total());
  return cells;
}

bool is_long(const Scenario& scenario) {
  constexpr double about_a_second = 2e6;  // cells stepped; twenty voxels count as one
  double size = founder_count(scenario);
  for (const Site& site : scenario.world.sites) size += static_cast<double>(site.matrix.grid.size()) / 20;
  return size * static_cast<double>(scenario.duration_us) / static_cast<double>(scenario.tick_us) > about_a_second;
}

Simulation start_simulation(Scenario& scenario) {
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  Simulation simulation{std::move(world), Stepper(std::move(scenario.schedule))};
  simulation.stepper.start(simulation.world);
  return simulation;
}

Simulation continue_simulation(Scenario& scenario, CheckpointReader& checkpoint) {
  Simulation simulation{std::move(scenario.world), Stepper(std::move(scenario.schedule))};
  expect_newcomers(scenario, simulation.world);  // before the state: they are placed in the matrix of t = 0
  read_state(checkpoint, simulation.world);
  if (const auto violation = find_violation(simulation.world, Checks::Full, 0)) checkpoint.fail(violation->text);
  if (digest(simulation.world) != checkpoint.text("digest"))
    checkpoint.fail("does not give the state that was saved (digest)");
  return simulation;
}

}  // namespace invado
