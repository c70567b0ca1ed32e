// The figures of a report: each an HTML <figure> with plots and a caption that says what is seen; empty where a run has
// nothing to show.
#pragma once

#include <string>

#include "report/plot.h"
#include "report/run_data.h"

namespace invado {

[[nodiscard]] std::string pictures_figure(const RunData& run);
// The collagen in a plane through the middle of the cells, start and end.
[[nodiscard]] std::string matrix_figure(const RunData& run);
[[nodiscard]] std::string front_figure(const RunData& run);
[[nodiscard]] std::string shape_figure(const RunData& run);
[[nodiscard]] std::string counts_figure(const RunData& run);
[[nodiscard]] std::string signals_figure(const RunData& run);
[[nodiscard]] std::string distributions_figure(const RunData& run);
[[nodiscard]] std::string walk_figure(const RunData& run);
[[nodiscard]] std::string speed_figure(const RunData& run);
// The way to other sites: bands, curves, and who founded colonies.
[[nodiscard]] std::string cascade_figure(const RunData& run);
// A part of it: how many foci of each organ have how many cells; empty when there is none.
[[nodiscard]] std::string foci_figure(const RunData& run);
// A part of it: the cells of all sites, by heads.
[[nodiscard]] std::string head_count_table(const RunData& run);
// Cells in the organs at the end; empty when there are none.
[[nodiscard]] std::string organs_figure(const RunData& run);
[[nodiscard]] bool has_cascade(const RunData& run);

// A part of figures: an empty plot over time with the interventions marked.
[[nodiscard]] Plot over_time(const RunData& run, std::string title, std::string y_label);

// "AKT level (pAKT S473)"; other columns as they are called.
[[nodiscard]] std::string signal_title(std::string_view column);
// The cells at the end, or as far as the run has come; nullptr: there are none.
[[nodiscard]] const CellsAt* end_of(const RunData& run);

// Units as people write them: "um^2/min" becomes "µm²/min"; "1" nothing.
[[nodiscard]] std::string unit_text(std::string_view unit);

}  // namespace invado
