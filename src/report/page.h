// The report of a run: one page of HTML that needs nothing else. It is well-formed XML too, so that a strict reader can
// check it, and the same folder gives the same bytes.
#pragma once

#include <string>

#include "report/run_data.h"

namespace invado {

[[nodiscard]] std::string report_page(const RunData& run);

}  // namespace invado
