// An interrupted run goes on, exactly, from its newest good checkpoint.
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "app/commands.h"
#include "app/session.h"
#include "app/signals.h"
#include "app/this_machine.h"
#include "app/version.h"
#include "model/digest.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The values of a resolved scenario under their dotted paths, without the comments.
std::map<std::string, std::string> values_of(const std::string& resolved) {
  std::map<std::string, std::string> values;
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin < resolved.size();) {
    const std::size_t end = std::min(resolved.find('\n', begin), resolved.size());
    std::string line = resolved.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || line[indent] == '#') continue;
    const std::size_t comment = line.rfind("  # ");
    if (comment != std::string::npos) line.resize(comment);
    const std::size_t colon = line.find(':', indent);
    if (colon == std::string::npos) continue;
    path.resize(indent / 2);
    path.push_back(line.substr(indent, colon - indent));
    std::string key;
    for (const std::string& part : path) key += (key.empty() ? "" : ".") + part;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    if (value != std::string::npos) values[key] = line.substr(value);
  }
  return values;
}

// What differs between two resolved scenarios, a line each; empty: nothing. The duration may: a run can be extended.
std::string differences(const std::string& of_run, const std::string& other) {
  const auto ours = values_of(of_run), theirs = values_of(other);
  std::vector<std::string> lines;
  const auto compare = [&](const std::string& key, const std::string* mine, const std::string* yours) {
    const std::string nothing = "absent";
    if (key != "duration")
      lines.push_back(fmt::format("  {}: {} in the run, {} here", printable(key), mine ? printable(*mine) : nothing,
                                  yours ? printable(*yours) : nothing));
  };
  for (const auto& [key, value] : ours) {
    const auto found = theirs.find(key);
    if (found == theirs.end())
      compare(key, &value, nullptr);
    else if (found->second != value)
      compare(key, &value, &found->second);
  }
  for (const auto& [key, value] : theirs)
    if (!ours.contains(key)) compare(key, nullptr, &value);
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), most); ++i) text += "\n" + lines[i];
  if (lines.size() > most) text += fmt::format("\n  and {} more", lines.size() - most);
  return text;
}

// The newest checkpoint that is whole; those that are not are named. None: the run has written none yet.
std::optional<CheckpointReader> newest_good_checkpoint(const RunFolder& folder) {
  const std::vector<fs::path> paths = folder.checkpoints_newest_first();
  for (const fs::path& path : paths) {
    try {
      return CheckpointReader(path);
    } catch (const IoError& error) {
      fmt::print(stderr, "warning: skipped a checkpoint: {}\n", error.what());
    }
  }
  if (!paths.empty())
    throw IoError(
        fmt::format("{}: none of its {} checkpoints can be read; nothing was changed", folder.path().string(), paths.size()),
        Exit::BadData);
  return std::nullopt;
}

// Everything that a run leaves, but what it was made of, its record and its log.
void remove_results(const RunFolder& folder) {
  for (const fs::path& path :
       {folder.series(), folder.tracks(), folder.msd(), folder.checksums(), folder.path() / "run.xdmf"})
    fs::remove(path);
  std::vector<fs::path> lists;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    if (entry.path().filename().string().ends_with(".hdf.series")) lists.push_back(entry.path());
  for (const fs::path& path : lists) fs::remove(path);
  fs::remove_all(folder.snapshots());
}

void refuse_other_scenario(const std::string& of_run, const std::string& other, const std::string& what) {
  if (const std::string lines = differences(of_run, other); !lines.empty())
    throw IoError(fmt::format("{}: is not the scenario of this run:{}", what, lines), Exit::BadData);
}

// The scenario of the folder, longer when the run shall go on beyond its end.
Scenario load_for(const RunFolder& folder, const std::string& until, double until_h) {
  const fs::path file = folder.resolved_scenario();
  Scenario scenario = load_scenario(file, {});
  std::string text = read_text(file);
  if (until_h * 3600e6 > static_cast<double>(scenario.duration_us)) {
    LoadOptions longer;
    longer.set = {"duration=" + until};
    scenario = load_scenario(file, longer);
    const std::size_t line = text.find("\nduration: ");
    INVADO_ENSURE(line != std::string::npos);
    text.replace(line + 1, text.find('\n', line + 1) - line - 1, fmt::format("duration: {}  # resume --until", until));
  }
  scenario.resolved_yaml = text;
  return scenario;
}

// 0 without --until.
double hours_of(const std::string& until) {
  if (until.empty()) return 0;
  const Parsed<double> hours = parse_quantity(until, Unit::Hour, positive);
  if (!hours.value) throw Error(Exit::Usage, "--until: " + hours.problem);
  return *hours.value;
}

}  // namespace

Exit resume(const ResumeOptions& options) {
  const int threads = choose_threads(options.session.threads);
  if (std::error_code none; fs::is_directory(options.folder, none) && !fs::exists(options.folder / "run.json", none) &&
                            fs::exists(options.folder / ".lock", none))
    throw IoError(
        fmt::format("{}: nothing to resume: the run was stopped before it began; `invado run` with -o {} starts it",
                    options.folder.string(), options.folder.string()),
        Exit::NotFound);
  const RunFolder folder = RunFolder::open(options.folder);
  const fs::path scenario_file = folder.resolved_scenario();
  if (!options.scenario.empty())
    refuse_other_scenario(read_text(scenario_file), load_scenario(options.scenario, options.load).resolved_yaml,
                          options.scenario.string());
  const double until_h = hours_of(options.session.until);
  Provenance provenance = read_run_json(folder.run_json());
  const auto finished = [&] { return provenance.exit == static_cast<int>(Exit::Done); };
  const auto nothing_to_do = [&] { return finished() && until_h <= provenance.end_h; };
  const auto say_so = [&] {
    if (options.session.verbosity > 0)
      fmt::print(stderr, "{}: is finished ({:.4g} h); nothing to do\n", folder.path().string(), provenance.time_h);
    return Exit::Done;
  };
  // A finished run is not touched, unless it was killed after its last word: then its lock is still there.
  if (nothing_to_do() && !fs::exists(folder.path() / ".lock")) return say_so();

  install_signals();
  RunLock lock = RunLock::take(folder.path());
  lock.settle();
  provenance = read_run_json(folder.run_json());  // another program may have finished it meanwhile
  if (nothing_to_do()) return say_so();
  std::optional<CheckpointReader> checkpoint = newest_good_checkpoint(folder);
  if (!checkpoint && finished())
    throw IoError(fmt::format("{}: the run is finished and left no checkpoint (output.checkpoints: off) to go on from",
                              folder.path().string()),
                  Exit::BadData);
  std::string version = INVADO_VERSION, commit = INVADO_COMMIT, run_id = provenance.run_id, expected_digest;
  if (checkpoint) {
    version = printable(checkpoint->text("version"));
    commit = printable(checkpoint->text("commit"));
    run_id = printable(checkpoint->text("run_id"));
    expected_digest = checkpoint->text("digest");
    refuse_other_scenario(checkpoint->text("scenario"), read_text(scenario_file), scenario_file.string());
  }
  Scenario scenario = load_for(folder, options.session.until, until_h);
  const double tick_h = static_cast<double>(scenario.tick_us) / 3600e6;
  const std::int64_t end_tick =
      options.session.until.empty() ? std::llround(provenance.end_h / tick_h) : last_tick(options.session.until, scenario);
  // A run that is being made longer has another identity than its checkpoints.
  const bool longer = checkpoint && checkpoint->text("scenario") != scenario.resolved_yaml;
  if (!longer && run_id != scenario.run_id)
    throw IoError(fmt::format("{}: is understood differently than when the run began, by invado {} ({}): run {}, now {}",
                              scenario_file.string(), version, commit, run_id, scenario.run_id),
                  Exit::BadData);
  if (version != INVADO_VERSION || commit != INVADO_COMMIT)
    fmt::print(stderr,
               "warning: the checkpoint is of invado {} ({}), this is {} ({}): the run goes on, but is exact only "
               "if nothing in between changed results\n",
               version, commit, INVADO_VERSION, INVADO_COMMIT);
  for (const std::string& warning : scenario.warnings) fmt::print(stderr, "warning: {}\n", warning);

  const std::string schedule = to_text(scenario.schedule, scenario.tick_us);
  std::optional<Simulation> simulation;
  std::optional<Recorder> recorder;
  std::int64_t saved_tick = -1;
  folder.remove_temporaries();
  if (checkpoint) {
    simulation.emplace(continue_simulation(scenario, *checkpoint));
    if (digest(simulation->world) != expected_digest) checkpoint->fail("does not give the state that was saved (digest)");
    recorder.emplace(scenario, simulation->world, folder, schedule, *checkpoint);
    checkpoint->expect_all_read();
    saved_tick = simulation->world.clock.tick;
  } else {
    remove_results(folder);
    simulation.emplace(start_simulation(scenario));
    recorder.emplace(scenario, simulation->world, folder, schedule);
  }
  const Clock& clock = simulation->world.clock;
  if (options.session.verbosity > 0)
    fmt::print(stderr, "resumed at step {} {}\n", clock.tick,
               checkpoint
                   ? fmt::format("({:.4g} h) from checkpoints/{}", clock.time_h(), checkpoint->path().filename().string())
                   : "(no checkpoint yet)");
  if (scenario.resolved_yaml != read_text(scenario_file)) atomic_write(scenario_file, scenario.resolved_yaml);

  provenance.run_id = scenario.run_id;
  provenance.duration_h = static_cast<double>(scenario.duration_us) / 3600e6;
  provenance.end_h = static_cast<double>(end_tick) * tick_h;
  provenance.step = clock.tick;
  provenance.time_h = clock.time_h();
  provenance.resumed.push_back({utc_now(), host_name(), INVADO_VERSION, threads, clock.tick});
  Session session(scenario, folder, std::move(provenance), options.session, saved_tick);
  return session.compute(*simulation, *recorder, end_tick);
}

}  // namespace invado
