// Loading with a given list of processes; load_scenario uses the catalogue's.
#pragma once

#include "scenario/draft.h"
#include "scenario/scenario.h"

namespace invado {

[[nodiscard]] Scenario load_with(const std::filesystem::path& file, const LoadOptions& options, Processes processes);

}  // namespace invado
