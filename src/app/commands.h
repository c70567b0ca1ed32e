// The subcommands of the program. Each returns the exit code; failures are thrown as Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/progress.h"
#include "base/error.h"
#include "scenario/scenario.h"

namespace invado {

struct RunOptions {
  std::filesystem::path scenario;
  std::filesystem::path output;  // empty: runs/<stem of the scenario>
  LoadOptions load;
  int threads = 0;    // 0: OMP_NUM_THREADS, SLURM_CPUS_PER_TASK or all cores
  std::string until;  // stop earlier than the scenario says, for example "24 h"
  bool overwrite = false;
  bool dry_run = false;
  bool timing = false;
  std::int64_t digest_every = 0;  // ticks; 0: never
  ProgressMode progress = ProgressMode::Auto;
  int verbosity = 1;              // 0 quiet, 1 normal, 2 talkative
  std::vector<std::string> argv;  // as typed, for run.json
};

struct PlanOptions {
  std::filesystem::path scenario;
  LoadOptions load;
};

Exit run(const RunOptions& options);
Exit validate(const std::vector<std::filesystem::path>& scenarios, const LoadOptions& load);
Exit plan(const PlanOptions& options);
Exit schema(bool table);
Exit info(const std::filesystem::path& path);
Exit watch(const std::filesystem::path& directory, bool once);

// `invado --version`: version, commit, compiler, flags, libraries, processor level.
[[nodiscard]] std::string version_text();

}  // namespace invado
