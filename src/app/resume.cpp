// An interrupted run goes on, exactly, from its newest good checkpoint.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/commands.h"
#include "app/run_identity.h"
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
    throw IoError(fmt::format("{}: no checkpoint in it can be read ({} tried); nothing was changed. "
                              "`invado run --overwrite` computes the run anew",
                              folder.path().string(), paths.size()),
                  Exit::BadData);
  return std::nullopt;
}

// Everything that a run leaves, but what it was made of, its record and its log.
void remove_results(const RunFolder& folder) {
  for (const fs::path& path :
       {folder.series(), folder.tracks(), folder.cascade(), folder.msd(), folder.checksums(), folder.path() / "run.xdmf"})
    fs::remove(path);
  std::vector<fs::path> lists;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    if (entry.path().filename().string().ends_with(".hdf.series")) lists.push_back(entry.path());
  for (const fs::path& path : lists) fs::remove(path);
  remove_snapshots(folder.snapshots(), {});
}

// What was typed must be of this run: a scenario, and values and a seed, of it or else of the run's own.
void refuse_other_wishes(const ResumeOptions& options, const fs::path& scenario_file) {
  const bool wishes = options.load.seed.has_value() || !options.load.set.empty();
  if (options.scenario.empty() && !wishes) return;
  const fs::path& wanted = options.scenario.empty() ? scenario_file : options.scenario;
  const Scenario other = load_scenario(wanted, options.load);
  refuse_other_scenario(read_text(scenario_file), other.resolved_yaml,
                        options.scenario.empty() ? "--set or --seed" : wanted.string());
}

RunFolder open_begun(const fs::path& path) {
  if (std::error_code none;
      fs::is_directory(path, none) && !fs::exists(path / "run.json", none) && fs::exists(path / ".lock", none))
    throw IoError(
        fmt::format("{}: nothing to resume: the run was stopped before it began; `invado run` with -o {} starts it",
                    path.string(), path.string()),
        Exit::NotFound);
  return RunFolder::open(path);
}

// What the run was made of must be there and as it was: an edited copy would be given a good checksum at the end.
void refuse_edited_sources(const RunFolder& folder) {
  examine_file(folder.scenario(), 0);
  if (!fs::exists(folder.checksums())) return;
  for (const FinishedFile& file : read_checksums(folder.checksums()))
    if ((file.name == "scenario.yaml" || file.name.starts_with("inputs/")) &&
        examine_file(folder.path() / file.name).checksum != file.checksum)
      throw IoError(fmt::format("{}: has changed since the run began (its checksum in checksums.txt is another)",
                                (folder.path() / file.name).string()),
                    Exit::BadData);
}

// The scenario of the folder, longer when the run shall go on beyond its end; its resolved copy says no more than that.
Scenario load_for(const RunFolder& folder, const std::string& until, double until_h, const LoadOptions& wishes) {
  Scenario scenario = load_lasting(folder, "", wishes);
  std::string text = read_text(folder.resolved_scenario());
  if (until_h * 3600e6 > static_cast<double>(scenario.duration_us)) {
    scenario = load_lasting(folder, until, wishes);
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

// The last tick: as --until says, else as run.json does.
std::int64_t end_of(const ResumeOptions& options, const Scenario& scenario, const RunFolder& folder,
                    const Provenance& provenance) {
  if (!options.session.until.empty()) return last_tick(options.session.until, scenario);
  const std::int64_t whole_run = scenario.duration_us / scenario.tick_us;
  const double ticks = provenance.end_h * 3600e6 / static_cast<double>(scenario.tick_us);
  if (!(ticks > 0.5 && ticks < static_cast<double>(whole_run) + 0.5))
    throw IoError(fmt::format("{}: says that the run ends at {} h, the scenario lasts {:.4g} h", folder.run_json().string(),
                              provenance.end_h, static_cast<double>(scenario.duration_us) / 3600e6),
                  Exit::BadData);
  return std::llround(ticks);
}

// What made the newest checkpoint; without one, what began the run.
struct Made {
  std::string version = INVADO_VERSION, commit = INVADO_COMMIT, run_id;
};

// The folder's scenario must be what the run was begun with, and mean the same today; it may have become longer.
void refuse_other_meaning(const RunFolder& folder, const Scenario& scenario, std::optional<CheckpointReader>& checkpoint,
                          const Made& made, const LoadOptions& wishes) {
  const std::string now = checkpoint
                              ? run_id_of_checkpoint(folder, scenario.run_id, scenario.resolved_yaml, *checkpoint, wishes)
                              : scenario.run_id;
  if (made.run_id != now)
    throw IoError(fmt::format("{}: is understood differently than when the run began, by invado {} ({}): run {}, now {}",
                              folder.resolved_scenario().string(), made.version, made.commit, made.run_id, now),
                  Exit::BadData);
  if (made.version != INVADO_VERSION || made.commit != INVADO_COMMIT)
    fmt::print(stderr,
               "warning: the checkpoint is of invado {} ({}), this is {} ({}): the run goes on, but is exact only "
               "if nothing in between changed results\n",
               made.version, made.commit, INVADO_VERSION, INVADO_COMMIT);
}

// A run that is made longer was finished. Its files change from here on, and it must not call itself finished meanwhile,
// nor count on what it will change: tables that grow, snapshots that only its end had forced, a scenario that gets longer.
void open_again(const RunFolder& folder, Provenance& provenance, const std::vector<FinishedFile>& staying,
                bool same_scenario) {
  if (provenance.exit == static_cast<int>(Exit::Done)) {
    provenance.exit.reset();
    provenance.end.clear();
    write_run_json(folder.run_json(), provenance);
  }
  if (!fs::exists(folder.checksums())) return;
  const auto stays = [&](const FinishedFile& file) {
    return file.name == "scenario.yaml" || file.name.starts_with("inputs/") ||
           (file.name == "scenario.resolved.yaml" && same_scenario) ||
           std::ranges::find(staying, file.name, &FinishedFile::name) != staying.end();
  };
  std::vector<FinishedFile> files = read_checksums(folder.checksums());
  if (std::erase_if(files, [&](const FinishedFile& file) { return !stays(file); }) > 0)
    write_checksums(folder.checksums(), files);
}

}  // namespace

Exit resume(const ResumeOptions& options) {
  const int threads = choose_threads(options.session.threads);
  if (threads > 1) spin_briefly();
  const RunFolder folder = open_begun(options.folder);
  const fs::path scenario_file = folder.resolved_scenario();
  refuse_other_wishes(options, scenario_file);
  const double until_h = hours_of(options.session.until);
  Provenance provenance = read_run_json(folder.run_json());
  const auto finished = [&] { return provenance.exit == static_cast<int>(Exit::Done); };
  const auto nothing_to_do = [&] { return finished() && until_h <= provenance.end_h; };
  const auto say_so = [&] {
    if (options.session.verbosity > 0)
      fmt::print(stderr, "{}: is finished at {:.4g} h; nothing to do{}\n", folder.path().string(), provenance.time_h,
                 provenance.end_h < provenance.duration_h
                     ? fmt::format(" (the scenario goes on to {:.4g} h: add --until \"{} h\")", provenance.duration_h,
                                   provenance.duration_h)
                     : "");
    return Exit::Done;
  };
  // A finished run is not touched, unless it was killed after its last word: then its lock is still there.
  if (nothing_to_do() && !fs::exists(folder.path() / ".lock")) return say_so();

  install_signals();
  RunLock lock = RunLock::take(folder.path());
  lock.settle();
  provenance = read_run_json(folder.run_json());  // another program may have finished it meanwhile
  if (nothing_to_do()) return say_so();

  refuse_edited_sources(folder);
  std::optional<CheckpointReader> checkpoint = newest_good_checkpoint(folder);
  if (!checkpoint && finished())
    throw IoError(fmt::format("{}: the run is finished, and there is no checkpoint (output.checkpoints: off, or deleted) to "
                              "go on from",
                              folder.path().string()),
                  Exit::BadData);
  Made made;
  made.run_id = provenance.run_id;
  if (checkpoint) {
    made = {printable(checkpoint->text("version")), printable(checkpoint->text("commit")),
            printable(checkpoint->text("run_id"))};
    refuse_other_scenario(checkpoint->text("scenario"), read_text(scenario_file), scenario_file.string());
  }
  Scenario scenario = load_for(folder, options.session.until, until_h, options.load);
  const std::int64_t end_tick = end_of(options, scenario, folder, provenance);
  refuse_other_meaning(folder, scenario, checkpoint, made, options.load);
  for (const std::string& warning : scenario.warnings) fmt::print(stderr, "warning: {}\n", warning);

  const bool same_scenario = scenario.resolved_yaml == read_text(scenario_file);
  const std::string schedule = to_text(scenario.schedule, scenario.tick_us);
  std::optional<Simulation> simulation;
  std::optional<Recorder> recorder;
  folder.remove_temporaries();
  if (checkpoint) {
    simulation.emplace(continue_simulation(scenario, *checkpoint));
    if (simulation->world.clock.tick > end_tick)
      throw Error(Exit::Usage, fmt::format("--until {}: the run is at {:.4g} h already", options.session.until,
                                           simulation->world.clock.time_h()));
    recorder.emplace(
        scenario, simulation->world, folder, schedule, *checkpoint,
        [&](const std::vector<FinishedFile>& staying) { open_again(folder, provenance, staying, same_scenario); });
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
  if (!same_scenario) atomic_write(scenario_file, scenario.resolved_yaml);

  provenance.run_id = scenario.run_id;
  provenance.duration_h = static_cast<double>(scenario.duration_us) / 3600e6;
  provenance.end_h = static_cast<double>(end_tick * scenario.tick_us) / 3600e6;
  provenance.step = clock.tick;
  provenance.time_h = clock.time_h();
  provenance.resumed.push_back({utc_now(), host_name(), INVADO_VERSION, threads, clock.tick});
  Session session(scenario, folder, std::move(provenance), options.session, checkpoint ? clock.tick : -1);
  return session.compute(*simulation, *recorder, end_tick);
}

}  // namespace invado
