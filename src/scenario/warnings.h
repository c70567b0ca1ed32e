// What a user should know of a scenario although it is no error.
#pragma once

#include "scenario/draft.h"
#include "scenario/problems.h"
#include "scenario/scenario.h"
#include "scenario/yaml_tree.h"

namespace invado {

// Of founders that are to be parted: more of them than their shape can hold. After the processes are configured (radii are
// known).
void refuse_overfull(const Scenario& scenario, const Node& root, Problems& problems);

// Types that are only there because the command line (or an axis of a sweep) gives them a value, mistyped ones.
void refuse_types_without_cells(const Draft& draft, const Scenario& scenario, const Node& root, Problems& problems);

// After the processes are handed to the schedule, too.
void add_warnings(const Draft& draft, Scenario& scenario);

}  // namespace invado
