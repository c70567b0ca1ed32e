// The list of runs of a sweep, as points.jsonl holds it: written once, read by everybody who runs, counts or collects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/specification.h"

namespace invado {

// One run: a replicate of a point.
struct SweepRun {
  std::size_t point = 0;
  std::uint32_t replicate = 0;
  std::string id;  // 32 hex: hash of release, scenario, values and seed; names its folder
  std::uint64_t seed = 0;
  std::string name;                 // of the point, in lists
  std::vector<std::string> values;  // one per axis
};

struct SweepPlan {
  std::string name, about, release;
  std::string base;         // path of the scenario
  std::string base_digest;  // its content with the fixed values, without any axis
  std::vector<std::string> allow_dirs;
  std::vector<std::string> set;  // path=value, the same for all
  std::int64_t threads = 1;
  double time_limit_s = 0;
  std::uint64_t memory_bytes = 0;
  bool keep_checkpoints = false;
  std::vector<SweepAxis> axes;  // without origins
  std::vector<SweepObservable> observables;
  std::vector<std::size_t>
      rows;                    // points in the order of a design that visits some of them more than once; empty: as they are
  std::size_t count = 0;       // of all runs
  std::vector<SweepRun> runs;  // all of them, or one

  // `--set` values of a run.
  [[nodiscard]] std::vector<std::string> settings(const SweepRun& run) const;
};

// `release`: version of the program, part of every id: another version may give other results.
[[nodiscard]] SweepPlan make_plan(const SweepSpecification& specification, const std::string& base_digest,
                                  const std::string& release);

// The plan as lines of JSON: one that says what is common, one per run, one with the checksum of all before it.
[[nodiscard]] std::string to_text(const SweepPlan& plan);
// The plan of such a text, or with only one of its runs. Throws IoError 65 when it is none, or not whole.
[[nodiscard]] SweepPlan read_plan(const std::string& text, const std::string& label, std::optional<std::size_t> only = {});

}  // namespace invado
