// The report of a run: one page of HTML that needs nothing else. It is well-formed XML too, so that a strict reader can
// check it, and the same folder gives the same bytes.
#pragma once

#include <string>
#include <string_view>

#include "report/run_data.h"

namespace invado {

// How every report begins: only a file that begins so may be replaced by another report.
inline constexpr std::string_view report_beginning = "<!DOCTYPE html>\n<!-- invado report -->\n";

[[nodiscard]] std::string report_page(const RunData& run, const std::string& colour_by);

}  // namespace invado
