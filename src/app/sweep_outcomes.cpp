#include "app/sweep_outcomes.h"

#include <fmt/core.h>

#include <optional>

#include "io/run_folder.h"
#include "io/table.h"

namespace invado {

std::vector<RunOutcome> outcomes_of(const SweepFolder& folder, const SweepPlan& plan) {
  std::vector<RunOutcome> outcomes;
  for (const SweepRun& run : plan.runs) {
    const std::optional<DoneRecord> done = folder.done(run);
    RunOutcome& outcome = outcomes.emplace_back();
    if (!done) {
      if (folder.failed(run)) outcome.state = "failed";
      continue;
    }
    if (!folder.results_are_whole(run, *done)) {
      fmt::print(stderr, "{}: its results have changed since they were made; `invado sweep run` computes them anew\n",
                 folder.of(run).string());
      continue;
    }
    Curves curves;
    if (!done->series_checksum.empty()) {
      Table table = read_table(RunFolder(folder.attempt(run, done->attempt)).series());
      curves = {std::move(table.names), std::move(table.rows)};
    }
    outcome = finished_run(plan, done->digest, curves);
  }
  return outcomes;
}

}  // namespace invado
