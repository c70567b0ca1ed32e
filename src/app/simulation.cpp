#include "app/simulation.h"

#include "model/digest.h"
#include "model/invariants.h"

namespace invado {

Simulation start_simulation(Scenario& scenario) {
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  Simulation simulation{std::move(world), Stepper(std::move(scenario.schedule))};
  simulation.stepper.start(simulation.world);
  return simulation;
}

Simulation continue_simulation(Scenario& scenario, CheckpointReader& checkpoint) {
  Simulation simulation{std::move(scenario.world), Stepper(std::move(scenario.schedule))};
  read_state(checkpoint, simulation.world);
  if (const auto violation = find_violation(simulation.world, Checks::Full, 0)) checkpoint.fail(violation->text);
  if (digest(simulation.world) != checkpoint.text("digest"))
    checkpoint.fail("does not give the state that was saved (digest)");
  return simulation;
}

}  // namespace invado
