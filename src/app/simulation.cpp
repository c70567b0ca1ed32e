#include "app/simulation.h"

namespace invado {

Simulation start_simulation(Scenario& scenario) {
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  Simulation simulation{std::move(world), Stepper(std::move(scenario.schedule))};
  simulation.stepper.start(simulation.world);
  return simulation;
}

}  // namespace invado
