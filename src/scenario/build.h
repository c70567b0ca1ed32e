// From a draft to a world that is ready to run: what needs the whole scenario to be checked is checked here.
#pragma once

#include "scenario/draft.h"
#include "scenario/merge.h"
#include "scenario/scenario.h"

namespace invado {

// Fills times, output plan, domain, matrix, fields, founders, perturbations and cadences of `scenario`. Allocates nothing
// large when there is a problem or when memory does not suffice. What a picture says of itself is filled into `draft`.
void build_scenario(Draft& draft, const Processes& processes, Documents& documents, const LoadOptions& options,
                    Problems& problems, Scenario& scenario);

// Name of the file beside a resolved copy that holds a population's table of points.
[[nodiscard]] std::string points_input(std::string_view population);

}  // namespace invado
