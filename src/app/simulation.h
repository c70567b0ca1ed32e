// A scenario made alive: founders placed, every column filled, ready to step.
#pragma once

#include "engine/stepper.h"
#include "io/checkpoint.h"
#include "scenario/scenario.h"

namespace invado {

struct Simulation {
  World world;
  Stepper stepper;
};

[[nodiscard]] double founder_count(const Scenario& scenario);
// Whether a second start of the program (app/this_machine.h), some 20 ms, is nothing beside the run.
[[nodiscard]] bool is_long(const Scenario& scenario);

// Places the founders and starts all processes. Takes world and schedule out of the scenario.
[[nodiscard]] Simulation start_simulation(Scenario& scenario);

// The same from a checkpoint: no founders, no start; everything that lasts is in it. Reads only the records of the World,
// and its digest. 65 when it does not fit the scenario, breaks an invariant, or has another digest.
[[nodiscard]] Simulation continue_simulation(Scenario& scenario, CheckpointReader& checkpoint);

}  // namespace invado
