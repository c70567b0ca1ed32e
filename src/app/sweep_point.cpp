// One run of a sweep, in a program of its own: begun, gone on with, or found finished. What runs it (a pool, a job of a
// cluster) only says which one, by its number in the plan: no value of a user passes through a command line.
#include <fmt/core.h>

#include <algorithm>

#include "app/commands.h"
#include "app/signals.h"
#include "app/sweep_folder.h"
#include "app/this_machine.h"
#include "app/version.h"
#include "io/provenance.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

// The plan speaks of the scenario as it was; another one would give other results under the same id.
void refuse_changed_scenario(const SweepPlan& plan) {
  LoadOptions load;
  load.set = plan.set;
  load.allow_dirs.assign(plan.allow_dirs.begin(), plan.allow_dirs.end());
  if (load_scenario(plan.base, load).run_id != plan.base_digest)
    throw IoError(fmt::format("{}: has changed since the sweep was planned; `invado sweep run` with the sweep's file plans "
                              "it again",
                              plan.base),
                  Exit::BadData);
}

Exit begin(const SweepPlan& plan, const SweepRun& run, const fs::path& attempt, const SessionOptions& session) {
  refuse_changed_scenario(plan);
  RunOptions options;
  options.scenario = plan.base;
  options.output = attempt;
  options.load.set = plan.settings(run);
  options.load.seed = run.seed;
  options.load.allow_dirs.assign(plan.allow_dirs.begin(), plan.allow_dirs.end());
  if (plan.memory_bytes > 0) options.load.memory_bytes = plan.memory_bytes;
  options.session = session;
  return invado::run(options);
}

// Goes on with an attempt; nothing when it is damaged.
std::optional<Exit> go_on(const fs::path& attempt, const SessionOptions& session) {
  ResumeOptions options;
  options.folder = attempt;
  options.session = session;
  try {
    return resume(options);
  } catch (const IoError& error) {
    if (error.code() != Exit::BadData && error.code() != Exit::NotFound) throw;
    fmt::print(stderr, "{}\n", error.what());
    return std::nullopt;
  }
}

DoneRecord record_of(const fs::path& attempt, int number) {
  const RunFolder folder(attempt);
  const Provenance provenance = read_run_json(folder.run_json());
  DoneRecord record;
  record.attempt = number;
  record.digest = provenance.digest;
  record.run_id = provenance.run_id;
  const auto wall = std::ranges::find(provenance.figures, "wall_s", &std::pair<std::string, double>::first);
  record.wall_s = wall == provenance.figures.end() ? 0 : wall->second;
  if (fs::exists(folder.series())) record.series_checksum = examine_file(folder.series()).checksum;
  record.host = host_name();
  record.version = INVADO_VERSION;
  record.commit = INVADO_COMMIT;
  record.end = provenance.end;
  return record;
}

}  // namespace

Exit sweep_point(const fs::path& path, std::size_t index) {
  const SweepFolder folder = SweepFolder::open(path);
  const SweepPlan plan = folder.plan(index);
  const SweepRun& run = plan.runs.front();
  if (folder.is_done(run)) return Exit::Done;
  // Whoever asks may be gone before it is clear that a run hangs; it would keep its folder locked for ever.
  end_when_asked_within(60);
  make_directories(folder.of(run));
  SessionOptions session;
  session.threads = static_cast<int>(plan.threads);
  session.progress = ProgressMode::None;
  session.verbosity = 0;
  session.argv = {"invado", "sweep", "point", folder.path().string(), fmt::format("{}", index)};

  int number = folder.newest_attempt(run);
  std::optional<Exit> exit;
  if (number > 0 && fs::exists(RunFolder(folder.attempt(run, number)).run_json())) {
    exit = go_on(folder.attempt(run, number), session);
    if (!exit) {
      folder.put_aside(run, number);
      number = 0;
    }
  }
  if (!exit) {
    if (number == 0) number = folder.attempts(run) + 1;
    exit = begin(plan, run, folder.attempt(run, number), session);
  }
  if (*exit != Exit::Done) return *exit;
  folder.publish(run, record_of(folder.attempt(run, number), number));
  // A thousand runs with two checkpoints each would be the largest part of a sweep.
  if (std::error_code ignored; !plan.keep_checkpoints)
    fs::remove_all(RunFolder(folder.attempt(run, number)).checkpoints(), ignored);
  return Exit::Done;
}

}  // namespace invado
