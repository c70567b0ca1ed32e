// The subcommands of the program. Each returns the exit code; failures are thrown as Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/session.h"
#include "base/error.h"
#include "io/run_folder.h"
#include "scenario/scenario.h"
#include "sweep/machine.h"

namespace invado {

struct RunOptions {
  std::filesystem::path scenario;
  std::filesystem::path output;  // empty: runs/<stem of the scenario>
  LoadOptions load;
  bool overwrite = false;
  bool dry_run = false;
  SessionOptions session;
};

struct ResumeOptions {
  std::filesystem::path folder;
  std::filesystem::path scenario;  // what the run must be of; empty: whatever it is of
  LoadOptions load;                // --set, --seed: belong to `scenario`
  SessionOptions session;
};

struct PlanOptions {
  std::filesystem::path scenario;
  LoadOptions load;
};

struct ReportOptions {
  std::filesystem::path folder;
  std::filesystem::path output;  // empty: report.html in the folder
  std::string colour_by;         // empty: as the run has signals or not
};

struct SweepOptions {
  std::filesystem::path sweep;   // a file that says what to do, or the folder of a sweep
  std::filesystem::path output;  // empty: sweeps/<stem of the file>
  std::vector<std::filesystem::path> allow_dirs;
  int jobs = 0;  // runs at once; 0: as the machine says
  Machine machine;
  bool retry_failed = false;
  ProgressMode progress = ProgressMode::Auto;
  int verbosity = 1;
};

struct AnalyseOptions {
  std::vector<std::string> axes, observables;  // columns, when a table is analysed
};

Exit run(const RunOptions& options);
Exit resume(const ResumeOptions& options);
Exit verify(const std::filesystem::path& folder);
Exit validate(const std::vector<std::filesystem::path>& scenarios, const LoadOptions& load);
Exit plan(const PlanOptions& options);
Exit schema(bool table);
Exit info(const std::filesystem::path& path);
Exit watch(const std::filesystem::path& directory, bool once);
Exit report(const ReportOptions& options);
[[nodiscard]] std::string report_text(const RunFolder& folder, const std::string& named);
Exit sweep_plan(const SweepOptions& options);
Exit sweep_run(const SweepOptions& options);
Exit sweep_status(const SweepOptions& options);
Exit sweep_collect(const SweepOptions& options);
Exit sweep_cancel(const SweepOptions& options);
// One run of a sweep, by its number in the plan: what an executor starts.
Exit sweep_point(const std::filesystem::path& folder, std::size_t index);
// What jobs of Slurm do: one task of an array, and afterwards the look at what became of all of them.
Exit sweep_task(const std::filesystem::path& folder, std::size_t submission, std::size_t first);
Exit sweep_check(const std::filesystem::path& folder, std::size_t submission);

// What a sweep, or a table of somebody else's runs, says about its axes: tables and a page.
Exit sweep_analyse(const SweepOptions& options, const AnalyseOptions& analyse);

// Values of a scenario that agree with what was measured: runs, table of the posterior, page.
Exit sweep_fit(const SweepOptions& options);

// A page is replaced by a newer one; nothing else is ever written over (73).
void refuse_other_files(const std::filesystem::path& output);

// `invado --version`: version, commit, compiler, flags, libraries, processor level.
[[nodiscard]] std::string version_text();

}  // namespace invado
