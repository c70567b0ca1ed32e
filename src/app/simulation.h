// A scenario made alive: founders placed, every column filled, ready to step.
#pragma once

#include "engine/stepper.h"
#include "scenario/scenario.h"

namespace invado {

struct Simulation {
  World world;
  Stepper stepper;
};

// Places the founders and starts all processes. Takes world and schedule out of the scenario.
[[nodiscard]] Simulation start_simulation(Scenario& scenario);

}  // namespace invado
