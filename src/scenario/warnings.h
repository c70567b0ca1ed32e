// What a user should know of a scenario although it is no error.
#pragma once

#include "scenario/draft.h"
#include "scenario/scenario.h"

namespace invado {

// After the processes are configured (radii are known) and handed to the schedule.
void add_warnings(const Draft& draft, Scenario& scenario);

}  // namespace invado
