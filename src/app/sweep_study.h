// From the runs of a sweep, or the rows of a table, to what can be analysed.
#pragma once

#include <string>
#include <vector>

#include "statistics/study.h"
#include "sweep/collect.h"

namespace invado {

// Axes that move with others, and observables that are curves, are left out.
[[nodiscard]] Study study_of_sweep(const SweepPlan& plan, const std::vector<RunOutcome>& outcomes);

// A table with a header: `axes` are columns that were varied, `observables` those that were measured (none: all others but
// the columns that every table of a sweep has). Rows with equal values on all axes are replicates. Throws Error 2 for
// columns that are not there, IoError 65 for fields that are not numbers.
[[nodiscard]] Study study_of_table(const std::string& text, const std::string& label, const std::vector<std::string>& axes,
                                   std::vector<std::string> observables);

}  // namespace invado
