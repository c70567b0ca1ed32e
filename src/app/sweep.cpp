// invado sweep plan, run, status, collect, cancel: from one file to a table.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "analysis/observables.h"
#include "app/commands.h"
#include "app/signals.h"
#include "app/sweep_folder.h"
#include "app/sweep_outcomes.h"
#include "app/sweep_pool.h"
#include "app/sweep_slurm.h"
#include "app/version.h"
#include "io/hdf5.h"
#include "io/run_lock.h"
#include "scenario/text.h"
#include "sweep/collect.h"
#include "sweep/plan.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_failures_shown = 20;

// What a sweep is about to do, and the file that says so (empty text: the folder's own plan is taken up).
struct Planned {
  SweepPlan plan;
  std::string text;
  std::size_t checked = 0;  // points that were tried on the scenario
  std::vector<std::string> notes;
};

// A misspelt name under `perturbations` is a perturbation of its own, beside the one that was meant. A name unlike those of
// the scenario is no mistake: axes may make a whole perturbation (one without knobs the scenario refuses).
std::vector<std::string> notes_on(const SweepSpecification& specification, const Scenario& scenario) {
  constexpr std::string_view block = "perturbations.";
  std::vector<std::string> names, notes;
  for (const Perturbation& perturbation : scenario.world.perturbations) names.push_back(perturbation.name);
  for (const SweepAxis& axis : specification.axes)
    for (const std::string& path : axis.paths) {
      const std::string name = path.substr(std::min(path.size(), block.size()), path.find('.', block.size()) - block.size());
      if (!path.starts_with(block) || std::ranges::find(names, name) != names.end()) continue;
      const auto meant = nearest_word(name, names);
      if (meant.empty()) continue;
      notes.push_back(
          fmt::format("{}: axes.{}.path: {}", axis.origin.text(), axis.name,
                      explain("makes a perturbation that the scenario does not have", name, comma_list(names), meant)));
    }
  return notes;
}

// Reads and judges a specification; touches no folder.
std::optional<Planned> plan_of_file(const SweepOptions& options) {
  if (fs::is_directory(options.sweep)) return std::nullopt;
  const SweepSpecification specification = read_specification(options.sweep, options.allow_dirs);
  const CheckedBase base = check_against_scenario(specification);
  const Scenario& scenario = base.scenario;
  check_columns(specification,
                scenario.output.series_us > 0 ? Observables(scenario.world).names() : std::vector<std::string>(),
                static_cast<double>(scenario.duration_us) / 3600e6);
  return Planned{make_plan(specification, scenario.run_id, INVADO_VERSION), specification.text, base.points_checked,
                 notes_on(specification, scenario)};
}

// In the folder, which is ours: the new plan is written, or the old one read.
Planned take_up(std::optional<Planned> planned, const SweepFolder& folder) {
  if (!planned) return {SweepFolder::open(folder.path()).plan(), {}, 0, {}};
  atomic_write(folder.specification(), planned->text);
  atomic_write(folder.plan_file(), to_text(planned->plan));
  return std::move(*planned);
}

void describe(const Planned& planned, const SweepFolder& folder) {
  const SweepPlan& plan = planned.plan;
  const std::size_t points = plan.runs.empty() ? 0 : plan.runs.back().point + 1;
  fmt::print("{}\n{} points, {} runs, {} axes; {} points tried on {}\nplan         {}\n", plan.name, points,
             plan.runs.size(), plan.axes.size(), planned.checked, plan.base, folder.plan_file().string());
  for (const std::string& note : planned.notes) fmt::print("note: {}\n", note);
}

// Which runs are left. Results that have changed since they were recorded are put aside; failures that may pass, or that a
// longer time limit ends, are tried again. A failure beside results: attempts that differ.
std::vector<std::size_t> runs_to_do(const SweepFolder& folder, const SweepPlan& plan, bool retry_failed) {
  std::vector<std::size_t> due;
  std::error_code none;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const SweepRun& run = plan.runs[i];
    if (!fs::exists(folder.of(run), none)) {
      due.push_back(i);
      continue;
    }
    const std::optional<FailedRecord> failed = folder.failed(run);
    if (folder.is_done(run)) {
      const std::optional<DoneRecord> done = folder.done(run);
      const bool differ = failed && retry_failed;
      if (!differ && done && folder.results_are_whole(run, *done)) continue;
      folder.forget_done(run);
      if (differ)
        folder.put_all_aside(run);
      else if (done && fs::exists(folder.attempt(run, done->attempt), none))
        folder.put_aside(run, done->attempt);
    }
    if (failed) {
      if (!retry_failed && failed->stands(plan)) continue;
      folder.forget_failure(run);
    }
    due.push_back(i);
  }
  return due;
}

// Why runs have no results, or two, on stderr; whether there are such.
bool explain_failures(const SweepFolder& folder, const SweepPlan& plan) {
  std::size_t shown = 0, all = 0;
  std::error_code none;
  for (const SweepRun& run : plan.runs) {
    if (!fs::exists(folder.of(run), none)) continue;
    const std::optional<FailedRecord> failed = folder.failed(run);
    if (!failed) continue;
    if (++all > most_failures_shown) continue;
    ++shown;
    fmt::print(stderr, "failed: point {} replicate {} ({}): {}: {}\n", run.point, run.replicate, folder.of(run).string(),
               failed->code, failed->reason);
  }
  if (all > shown) fmt::print(stderr, "... and {} more\n", all - shown);
  return all > 0;
}

// One line: in place on a terminal, now and then elsewhere.
class SweepProgress {
 public:
  explicit SweepProgress(ProgressMode mode) : on_(mode != ProgressMode::None), terminal_(::isatty(STDERR_FILENO) != 0) {}
  [[nodiscard]] bool due() const {
    return on_ &&
           std::chrono::steady_clock::now() - last_ > (terminal_ ? std::chrono::seconds(1) : std::chrono::seconds(10));
  }
  void print(const std::string& text) {
    last_ = std::chrono::steady_clock::now();
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[K" : "", text, terminal_ ? "" : "\n");
  }
  void finish(const std::string& text) {
    if (!on_) return;
    print(text);
    if (terminal_) std::fputs("\n", stderr);
  }

 private:
  bool on_, terminal_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Numbers as they are; words as bytes, one row each, filled up with zeros.
void add_columns(hdf5::Writer& file, const std::string& group, const std::vector<TableColumn>& columns) {
  file.group(group);
  for (const TableColumn& column : columns) {
    const std::string path = group + "/" + column.name;
    if (!column.is_text()) {
      file.dataset<double>(path, column.numbers, {column.numbers.size()});
      file.attribute(path, "unit", column.unit);
      continue;
    }
    std::size_t width = 1;
    for (const std::string& word : column.words) width = std::max(width, word.size());
    std::vector<std::uint8_t> bytes;
    for (const std::string& word : column.words) {
      bytes.insert(bytes.end(), word.begin(), word.end());
      bytes.resize(bytes.size() + width - word.size());
    }
    file.dataset<std::uint8_t>(path, bytes, {column.words.size(), width});
    file.attribute(path, "encoding", "UTF-8 text, one row each, filled up with zeros");
  }
}

void write_hdf5(const fs::path& target, const SweepPlan& plan, const std::vector<TableColumn>& table,
                const std::vector<TableColumn>& curves) {
  hdf5::Writer file = hdf5::Writer::in_memory();
  file.attribute("/", "format", std::string("invado sweep"));
  file.attribute("/", "format_version", std::int64_t{1});
  file.attribute("/", "release", plan.release);
  add_columns(file, "/runs", table);
  if (!curves.empty() && !curves.front().numbers.empty()) add_columns(file, "/curves", curves);
  atomic_write(target, file.image());
}

// A sweep whose folder is ours alone.
struct SweepAtWork {
  SweepFolder folder;
  RunLock lock;
  Planned planned;
};

// Judges the specification before a folder is made, and takes up the plan that is in the folder.
SweepAtWork begin_work(const SweepOptions& options) {
  std::optional<Planned> from_file = plan_of_file(options);
  SweepFolder folder(sweep_folder_of(options.sweep, options.output));
  make_directories(folder.path());
  RunLock lock = RunLock::take(folder.path());
  if (const std::vector<SlurmTask> jobs = jobs_of(folder); !jobs.empty())
    throw IoError(
        fmt::format("{}: {} work on this sweep; `invado sweep status` tells how far they are, `sweep cancel` stops "
                    "them",
                    folder.path().string(), jobs_text(jobs)),
        Exit::Locked);
  remove_temporaries(folder.path());  // of one that was killed
  Planned planned = take_up(std::move(from_file), folder);
  return {std::move(folder), std::move(lock), std::move(planned)};
}

}  // namespace

Exit sweep_plan(const SweepOptions& options) {
  const SweepAtWork sweep = begin_work(options);
  const SweepFolder& folder = sweep.folder;
  const SweepPlan& plan = sweep.planned.plan;
  describe(sweep.planned, folder);
  const SweepCounts counts = count_runs(folder, plan);
  fmt::print("{}; {} runs at once\n", status_text(counts, runs_at_once(plan, options.jobs)),
             runs_at_once(plan, options.jobs));
  return Exit::Done;
}

Exit sweep_run(const SweepOptions& options) {
  install_signals();
  const bool slurm = options.machine.executor == static_cast<int>(Machine::Executor::Slurm);
  if (slurm) require_slurm();
  const SweepAtWork sweep = begin_work(options);
  const SweepFolder& folder = sweep.folder;
  const SweepPlan& plan = sweep.planned.plan;
  std::error_code none;
  fs::remove(folder.cancel_wish(), none);
  const std::vector<std::size_t> due = runs_to_do(folder, plan, options.retry_failed);
  if (slurm && !due.empty()) {
    submit_runs(folder, plan, due, options.machine);
    fmt::print("results      {}\nhow far      invado sweep status {}\n", folder.path().string(), folder.path().string());
    return Exit::Done;
  }
  const int at_once = runs_at_once(plan, options.jobs > 0 ? options.jobs : static_cast<int>(options.machine.jobs));
  if (options.verbosity > 0)
    fmt::print(stderr, "{}: {} runs, {} to do, {} at once with {} thread{} each\n", plan.name, plan.runs.size(), due.size(),
               at_once, plan.threads, plan.threads == 1 ? "" : "s");
  SweepProgress progress(options.progress);
  const SweepCounts before = count_runs(folder, plan);
  const PoolResult result = run_pool(folder, plan, due, at_once, [&](const SweepCounts& pool) {
    if (!progress.due()) return;
    SweepCounts counts = before;
    counts.done += pool.done;
    counts.failed += pool.failed;
    counts.wall_s += pool.wall_s;
    counts.running = pool.running;
    progress.print(status_text(counts, at_once));
  });
  fs::remove(folder.cancel_wish(), none);
  const SweepCounts counts = count_runs(folder, plan);
  progress.finish(status_text(counts, at_once));
  const bool failures = explain_failures(folder, plan);
  if (options.verbosity > 0)
    fmt::print("started      {}\ndone         {} of {}\nresults      {}\n", result.started, counts.done, counts.all,
               folder.path().string());
  if (result.code != Exit::Done && result.code != Exit::PartlyFailed) return result.code;
  if (options.verbosity > 0) fmt::print("table        invado sweep collect {}\n", folder.path().string());
  return counts.done == counts.all && !failures ? Exit::Done : Exit::PartlyFailed;
}

Exit sweep_status(const SweepOptions& options) {
  const SweepFolder folder = SweepFolder::open(sweep_folder_of(options.sweep, options.output));
  const SweepPlan plan = folder.plan();
  const SweepCounts counts = count_runs(folder, plan);
  const std::optional<std::string> holder = RunLock::holder(folder.path());
  const std::string jobs = jobs_text(jobs_of(folder));
  const int at_once = jobs.empty() ? runs_at_once(plan, options.jobs) : std::max(1, static_cast<int>(counts.running));
  fmt::print("{}: {}{}{}\n", plan.name, status_text(counts, at_once), holder ? "; run by " + *holder : std::string(),
             jobs.empty() ? jobs : "; " + jobs);
  if (const std::string changed = changed_since_planned(options.sweep, folder); !changed.empty())
    fmt::print(stderr, "note: {}\n", changed);
  explain_failures(folder, plan);
  return Exit::Done;
}

Exit sweep_collect(const SweepOptions& options) {
  const SweepFolder folder = SweepFolder::open(sweep_folder_of(options.sweep, options.output));
  if (const std::string changed = changed_since_planned(options.sweep, folder); !changed.empty())
    throw Error(Exit::Usage, changed);
  const SweepPlan plan = folder.plan();
  const std::vector<RunOutcome> outcomes = outcomes_of(folder, plan);
  const std::vector<TableColumn> table = sweep_table(plan, outcomes), curves = curve_table(plan, outcomes);
  atomic_write(folder.table(), to_csv(table));
  if (!curves.empty()) atomic_write(folder.curves(), to_csv(curves));
  write_hdf5(folder.hdf5(), plan, table, curves);
  const auto done = static_cast<std::size_t>(std::ranges::count(outcomes, std::string("done"), &RunOutcome::state));
  fmt::print("rows         {}, {} of them done\ntable        {}\n", outcomes.size(), done, folder.table().string());
  if (!curves.empty()) fmt::print("curves       {}\n", folder.curves().string());
  fmt::print("hdf5         {}\n", folder.hdf5().string());
  const bool failures = explain_failures(folder, plan);
  return done == outcomes.size() && !failures ? Exit::Done : Exit::PartlyFailed;
}

Exit sweep_cancel(const SweepOptions& options) {
  const SweepFolder folder = SweepFolder::open(sweep_folder_of(options.sweep, options.output));
  const auto running = [&] { return RunLock::holder(folder.path()).has_value(); };
  const bool jobs = !jobs_of(folder).empty();
  if (!jobs && !running()) {
    fmt::print("{}: nobody runs this sweep\n", folder.path().string());
    return Exit::Done;
  }
  // A file, not a signal: it also reaches a program on another machine, and never a wrong one.
  atomic_write(folder.cancel_wish(), "stop\n");
  fmt::print(stderr, "asked to stop; runs save what they have\n");
  if (jobs) {
    cancel_jobs(folder);
  } else {
    // One that is only beginning takes an older wish away: it is told again.
    while (running()) {
      if (!fs::exists(folder.cancel_wish())) atomic_write(folder.cancel_wish(), "stop\n");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  std::error_code none;
  fs::remove(folder.cancel_wish(), none);
  fmt::print("{}: stopped; `invado sweep run {}` goes on\n", folder.path().string(), folder.path().string());
  return Exit::Done;
}

}  // namespace invado
