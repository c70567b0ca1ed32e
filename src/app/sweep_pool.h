// The local executor: runs of a sweep as child processes, as many at once as the cores hold.
#pragma once

#include <functional>
#include <string>

#include "app/sweep_folder.h"
#include "base/error.h"

namespace invado {

struct PoolResult {
  Exit code = Exit::Done;  // Done, PartlyFailed, Stopped, IoError
  std::size_t started = 0;
};

// Runs what `due` lists (indices of the plan), again and again where the failure says so, and records what failed for good.
// `report` is called now and then, with what this call has done so far: runs done, failed and at work, and their wall time.
[[nodiscard]] PoolResult run_pool(const SweepFolder& folder, const SweepPlan& plan, const std::vector<std::size_t>& due,
                                  int at_once, const std::function<void(const SweepCounts&)>& report);

}  // namespace invado
