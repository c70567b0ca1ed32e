// Efficiency of the way to other sites: what one cell that was shed comes to.
#pragma once

#include <string>

#include "io/table.h"
#include "report/cascade_events.h"

namespace invado {

// Cells that were put into the blood, at the start or later: they stay whole, and left no line in cascade.csv.
[[nodiscard]] double injected(const Table& series);
// By weight, out of the tumour or injected. Those who come back from an organ are not new.
[[nodiscard]] double shed(const CascadeEvents& events, double injected);

// In an organ, of cells that have begun to grow.
[[nodiscard]] StageCount begun_in(const CascadeEvents& events, const std::string& organ);
// So many of one cell: "0.00078 ± 0.0002", with the error over entries; "0, below 0.001" with 95 % where none has begun, by
// the rule of three: P(none | mean 3) = exp(-3) = 5 %. `of_one`: what one of those that have begun makes of a shed cell.
[[nodiscard]] std::string efficiency_text(const StageCount& begun, double of_one);

}  // namespace invado
