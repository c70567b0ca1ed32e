// Fuzzing of scenarios: any bytes are either refused with a message, or are a scenario whose resolved copy says the same.
// What follows a line `#=== points.csv` is a table of points that the scenario may name as points.csv.
#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "fuzz_folder.h"
#include "fuzz_message.h"
#include "scenario/scenario.h"

using namespace invado;

namespace {

void check_resolved(const Scenario& first, const LoadOptions& options) {
  const std::filesystem::path again = fuzz::folder() / "again";
  std::filesystem::create_directories(again / "inputs");
  for (const ScenarioInput& input : first.inputs) fuzz::write_file(again / input.name, input.text);
  fuzz::write_file(again / "scenario.resolved.yaml", first.resolved_yaml);
  std::string what = "another run";
  try {
    if (load_scenario(again / "scenario.resolved.yaml", options).run_id == first.run_id) return;
  } catch (const Error& error) {
    what = error.what();
  }
  std::fprintf(stderr, "the resolved copy is %s\n%s\n", what.c_str(), first.resolved_yaml.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view whole = fuzz::text(data, size);
  constexpr std::string_view separator = "#=== points.csv\n";
  const std::size_t at = std::min(whole.find(separator), whole.size());
  const std::filesystem::path file = fuzz::folder() / "scenario.yaml";
  fuzz::write_file(file, whole.substr(0, at));
  if (at < whole.size()) fuzz::write_file(fuzz::folder() / "points.csv", whole.substr(at + separator.size()));
  LoadOptions options;
  options.memory_bytes = std::uint64_t{8} << 20;  // what is accepted shall not take long
  try {
    check_resolved(load_scenario(file, options), options);
  } catch (const Error& error) {
    fuzz::check_message(error.what());
  }
  if (at < whole.size()) std::filesystem::remove(fuzz::folder() / "points.csv");
  return 0;
}
