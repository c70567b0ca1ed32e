// The subcommands of the program. Each returns the exit code; failures are thrown as Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/session.h"
#include "base/error.h"
#include "scenario/scenario.h"

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
  std::string colour_by = "pakt";
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

// `invado --version`: version, commit, compiler, flags, libraries, processor level.
[[nodiscard]] std::string version_text();

}  // namespace invado
