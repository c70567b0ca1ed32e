// What the runs of a sweep have come to, read from its folder.
#pragma once

#include <vector>

#include "app/sweep_folder.h"
#include "sweep/collect.h"

namespace invado {

// One per run of the plan. Results that have changed since they were made count as missing, and are named on stderr.
[[nodiscard]] std::vector<RunOutcome> outcomes_of(const SweepFolder& folder, const SweepPlan& plan);

}  // namespace invado
