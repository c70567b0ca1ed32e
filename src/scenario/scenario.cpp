#include "scenario/scenario.h"

#include "engine/catalogue.h"
#include "scenario/load.h"
#include "scenario/schema.h"

namespace invado {

Scenario load_scenario(const std::filesystem::path& file, const LoadOptions& options) {
  return load_with(file, options, make_processes());
}

std::string scenario_schema_json() { return schema_json(make_processes()); }

std::string parameter_table() { return parameter_table(make_processes()); }

}  // namespace invado
