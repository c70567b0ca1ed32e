// What may be written, for editors and people: JSON schema and table, from the same description as the reader's.
#pragma once

#include <string>

#include "scenario/draft.h"

namespace invado {

[[nodiscard]] std::string schema_json(const Processes& processes);
// Header line, then path, unit, range, default, meaning, source; tab-separated.
[[nodiscard]] std::string parameter_table(const Processes& processes);

}  // namespace invado
