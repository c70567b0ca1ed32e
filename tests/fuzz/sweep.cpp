// Fuzzing of sweeps: any bytes are either refused with a message, or are a specification whose plan is the same after a trip
// through points.jsonl; and any lines that carry the right checksum are a plan or refused.
// What follows a line `#=== points.csv` is a table that the design may name as data/points.csv.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "base/checksum.h"
#include "base/error.h"
#include "fuzz_folder.h"
#include "fuzz_message.h"
#include "sweep/plan.h"

using namespace invado;

namespace {

// Ten walking cells, as in the corpus of bad sweeps; the fuzzer changes only what is varied.
void place_base() {
  static const bool placed = [] {
    const std::filesystem::path data = fuzz::folder() / "data";
    std::filesystem::create_directories(data);
    std::filesystem::copy_file(INVADO_SOURCE_DIR "/tests/scenarios/bad_sweeps/data/base.yaml", data / "base.yaml");
    return true;
  }();
  (void)placed;
}

void fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
  std::abort();
}

void check_ids(const SweepPlan& plan) {
  std::set<std::string> ids;
  for (const SweepRun& run : plan.runs)
    if (!ids.insert(run.id).second) fail("two runs have one id", run.id);
}

void check_round_trip(const SweepPlan& plan) {
  const std::string text = to_text(plan);
  if (to_text(read_plan(text, "points.jsonl")) != text) fail("the plan is another after a trip through its file", text);
}

void as_specification(std::string_view whole) {
  constexpr std::string_view separator = "#=== points.csv\n";
  const std::size_t at = std::min(whole.find(separator), whole.size());
  const std::filesystem::path file = fuzz::folder() / "sweep.yaml", table = fuzz::folder() / "data" / "points.csv";
  fuzz::write_file(file, whole.substr(0, at));
  if (at < whole.size()) fuzz::write_file(table, whole.substr(at + separator.size()));
  try {
    const SweepSpecification specification = read_specification(file);
    // More runs only take longer.
    if (specification.points.size() * static_cast<std::size_t>(specification.replicates) <= 1000) {
      const SweepPlan plan = make_plan(specification, check_against_scenario(specification).scenario.run_id, "fuzz");
      check_ids(plan);
      check_round_trip(plan);
    }
  } catch (const Error& error) {
    fuzz::check_message(error.what());
  }
  if (at < whole.size()) std::filesystem::remove(table);
}

void as_plan(std::string_view whole) {
  std::string text(whole);
  if (!text.ends_with('\n')) text += '\n';
  Checksum checksum;
  checksum.add(text);
  text += "{\"checksum\":\"" + checksum.hex() + "\"}\n";
  try {
    check_round_trip(read_plan(text, "points.jsonl"));
  } catch (const Error& error) {
    fuzz::check_message(error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  place_base();
  const std::string_view whole = fuzz::text(data, size);
  if (whole.starts_with('{'))
    as_plan(whole);
  else
    as_specification(whole);
  return 0;
}
