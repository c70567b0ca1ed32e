// Is a results folder what it claims to be? Every file against its checksum, every snapshot and checkpoint against the
// record of the run, the record against scenario and log, tables for completeness, and the newest state against all
// invariants. Reads only.
#include <fmt/core.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "app/commands.h"
#include "app/recorder.h"
#include "app/run_identity.h"
#include "app/simulation.h"
#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

class Findings {
 public:
  void add(const std::string& what) {
    if (lines_.find(what) == std::string::npos) lines_ += (lines_.empty() ? "" : "\n") + what;
  }
  // Runs one check; what it throws is a finding.
  void check(const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& error) {
      add(error.what());
    } catch (const fs::filesystem_error& error) {
      add(error.what());
    }
  }
  [[nodiscard]] const std::string& lines() const { return lines_; }

 private:
  std::string lines_;
};

[[noreturn]] void bad(const fs::path& path, const std::string& what) {
  throw IoError(fmt::format("{}: {}", path.string(), what), Exit::BadData);
}

// Every line has as many fields as the header, and the last one is complete: but for a table that was still growing when
// its program was killed in the middle of a write. What a checkpoint counts on is compared with its checksum below.
void check_lines(const fs::path& path, bool growing) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::ptrdiff_t fields = -1;
  std::size_t number = 0;
  while (std::getline(file, line)) {
    ++number;
    if (file.eof() && growing) return;
    if (file.eof()) bad(path, fmt::format("line {} is incomplete", number));
    const auto commas = std::ranges::count(line, ',');
    if (fields < 0) fields = commas;
    if (commas != fields) bad(path, fmt::format("line {} has {} fields, the header has {}", number, commas + 1, fields + 1));
  }
}

void check_series(const fs::path& path, bool growing) {
  check_lines(path, growing);
  const Table table = read_table(path);
  if (growing && table.names.empty()) return;  // stopped between the birth of the file and its header
  if (table.names.empty() || table.names.front() != "time_h") bad(path, "does not begin with the column time_h");
  for (std::size_t row = 1; row < table.rows.size(); ++row)
    if (!(table.rows[row][0] > table.rows[row - 1][0])) bad(path, fmt::format("time does not advance in row {}", row + 1));
}

// What log.jsonl remembers: it grows line by line, so its last words are newer than what a kill left of run.json.
struct Remembered {
  std::int64_t saved_step = -1;  // of the newest checkpoint that it counts on; -1: none
  std::string saved_digest;
  struct End {
    int exit = 0;
    double time_h = 0;
    std::string digest;
  };
  std::optional<End> end;  // of its last line, when that tells how the run ended
};

Remembered read_log(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  Remembered remembered;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (file.eof()) break;  // a line that was not finished
    const nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.contains("event") || !entry["event"].is_string())
      bad(path, fmt::format("line {} is no event", number));
    const auto text = entry["event"].get<std::string>();
    remembered.end.reset();
    try {
      if (text == "end")
        remembered.end = {entry.at("exit").get<int>(), entry.at("time_h").get<double>(),
                          entry.at("digest").get<std::string>()};
      if (text == "checkpoint" || text == "resume" || text == "start") {
        const auto step = entry.at("step").get<std::int64_t>();
        remembered.saved_step = text == "checkpoint" || step > 0 ? step : -1;
        remembered.saved_digest = entry.value("digest", std::string());
      }
    } catch (const nlohmann::json::exception&) {
      bad(path, fmt::format("line {} is not as a run writes it", number));
    }
  }
  return remembered;
}

// run.json has no checksum, because it changes until the end: what it says is compared with all that says the same.
void check_record(const RunFolder& folder, const Provenance& record, const Scenario& scenario, const Remembered& remembered,
                  Findings& findings) {
  const auto differs = [&](std::string_view key, const auto& here, const auto& there, const fs::path& where) {
    findings.add(fmt::format("{}: says {} {}, {} says {}", folder.run_json().string(), key,
                             printable(fmt::format("{}", here)), where.string(), printable(fmt::format("{}", there))));
  };
  const fs::path by = folder.resolved_scenario();
  const double hours_per_tick = static_cast<double>(scenario.tick_us) / 3600e6;
  const double duration_h = static_cast<double>(scenario.duration_us) / 3600e6;
  if (record.scenario != scenario.name) differs("scenario", record.scenario, scenario.name, by);
  if (record.seed != scenario.world.seed.value) differs("seed", record.seed, scenario.world.seed.value, by);
  if (record.schedule != to_text(scenario.schedule, scenario.tick_us)) differs("schedule", "(its list)", "another", by);
  // Of an extension that was killed before its scenario was in place, the record is the older one.
  if (std::fabs(record.duration_h - duration_h) > 1e-9 * duration_h && record.exit)
    differs("duration_h", record.duration_h, duration_h, by);
  if (record.step < 0 || std::fabs(record.time_h - static_cast<double>(record.step) * hours_per_tick) > 1e-9 * duration_h)
    differs("time_h", record.time_h, static_cast<double>(record.step) * hours_per_tick, "its step");
  if (record.exit == static_cast<int>(Exit::Done) && record.time_h < record.end_h * (1 - 1e-9))
    differs("end_h", record.end_h, record.time_h, "its time_h");
  if (const auto& end = remembered.end; end && record.exit) {
    if (end->exit != *record.exit) differs("exit", *record.exit, end->exit, folder.log());
    if (end->time_h != record.time_h) differs("time_h", record.time_h, end->time_h, folder.log());
    if (end->digest != record.digest) differs("digest", record.digest, end->digest, folder.log());
  }
}

// A checkpoint against the run in whose folder it lies, and made alive.
void check_checkpoint(const RunFolder& folder, const fs::path& file, const Provenance& record,
                      const Remembered& remembered) {
  CheckpointReader checkpoint(file);
  (void)checkpoint.text("version");
  (void)checkpoint.text("commit");
  Scenario scenario = load_scenario(folder.resolved_scenario(), {});
  const std::string run_id =
      run_id_of_checkpoint(folder, scenario.run_id, read_text(folder.resolved_scenario()), checkpoint, {});
  if (checkpoint.text("run_id") != run_id) bad(file, "is of another run (run_id)");
  const OutputPlan output = scenario.output;
  const Simulation simulation = continue_simulation(scenario, checkpoint);
  std::optional<Observables> observables;
  FounderTracks founders;
  (void)read_recorded(checkpoint, output, simulation.world, folder, observables, founders);
  const std::int64_t step = simulation.world.clock.tick;
  if (file.filename() != folder.checkpoint(step).filename()) bad(file, fmt::format("is of step {}", step));
  const std::string digest = checkpoint.text("digest");
  const auto ended = static_cast<Exit>(record.exit.value_or(static_cast<int>(Exit::ModelFault)));
  const bool regular = ended == Exit::Done || ended == Exit::Stopped;
  if (regular && step == record.step && digest != record.digest) bad(file, "has another digest than run.json");
  if (step == remembered.saved_step && !remembered.saved_digest.empty() && digest != remembered.saved_digest)
    bad(file, "has another digest than log.jsonl tells");
}

}  // namespace

Exit verify(const fs::path& path) {
  const RunFolder folder = RunFolder::open(path);
  const bool running = RunLock::holder(path).has_value();
  Findings findings;
  const Provenance provenance = read_run_json(folder.run_json());
  const bool finished = provenance.exit == static_cast<int>(Exit::Done);

  // Files that were finished when the list was written.
  std::set<std::string> listed;
  if (fs::exists(folder.checksums()))
    findings.check([&] {
      for (const FinishedFile& file : read_checksums(folder.checksums())) {
        listed.insert(file.name);
        findings.check([&] {
          if (examine_file(folder.path() / file.name).checksum != file.checksum)
            bad(folder.path() / file.name, "is damaged or was changed: its checksum is wrong");
        });
      }
    });
  else if (finished)
    findings.add(fmt::format("{}: is missing", folder.checksums().string()));

  Remembered remembered;
  findings.check([&] { remembered = read_log(folder.log()); });
  findings.check([&] {
    const Scenario scenario = load_scenario(folder.resolved_scenario(), {});
    // An extension that was killed between its scenario and its record has the record of the shorter run.
    if (scenario.run_id != provenance.run_id &&
        (provenance.exit ||
         load_lasting(folder, fmt::format("{} h", provenance.duration_h), {}).run_id != provenance.run_id))
      bad(folder.resolved_scenario(), "is not the scenario of run.json (run_id)");
    if (!running) check_record(folder, provenance, scenario, remembered, findings);
  });

  double before = -1;
  std::size_t snapshots = 0;
  if (fs::exists(folder.snapshots())) {
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder.snapshots())) files.insert(entry.path());
    for (const fs::path& file : files) {
      const std::string name = file.filename().string();
      if (name.starts_with("snap_")) {
        findings.check([&] {
          const SnapshotInfo info = read_snapshot_info(file);
          if (info.seed != provenance.seed) bad(file, "has another seed than the run");
          if (info.time_h <= before) bad(file, "is not later than the snapshot before it");
          if (finished && info.step == provenance.step && info.digest != provenance.digest)
            bad(file, "has another digest than the end of the run");
          before = info.time_h;
          ++snapshots;
        });
      }
      if (finished && !is_temporary_name(name) && !listed.contains("snapshots/" + name))
        findings.add(fmt::format("{}: is not in checksums.txt", file.string()));
    }
  }
  // A finished run has cleaned up behind itself, its lock last; of a stopped one resume does.
  if (finished && !fs::exists(path / ".lock"))
    for (const fs::path& directory : {folder.path(), folder.snapshots(), folder.checkpoints(), folder.inputs()}) {
      std::error_code none;
      for (const auto& entry : fs::directory_iterator(directory, none))
        if (is_temporary_name(entry.path().filename().string()))
          findings.add(fmt::format("{}: was left behind by an interrupted write", entry.path().string()));
    }
  for (const fs::path& file : {folder.series(), folder.tracks(), folder.cascade(), folder.msd()}) {
    findings.check([&] {
      if (!fs::exists(file)) return;
      examine_file(file, 0);  // a regular file, and can be read
      file == folder.series() ? check_series(file, !finished) : check_lines(file, !finished && file != folder.msd());
    });
  }

  // All checkpoints; the newest state is made alive and looked at as a whole.
  std::vector<fs::path> checkpoints;
  findings.check([&] { checkpoints = folder.checkpoints_newest_first(); });
  for (const fs::path& file : checkpoints)
    findings.check([&] {
      // A program that works here deletes old ones while we look.
      if (running && !fs::exists(file)) return;
      try {
        check_checkpoint(folder, file, provenance, remembered);
      } catch (const IoError&) {
        if (!running || fs::exists(file)) throw;
      }
    });
  // What a finished run leaves behind is not needed for anything but going beyond its end.
  if (const fs::path newest = folder.checkpoint(remembered.saved_step);
      !finished && !running && remembered.saved_step >= 0 && !fs::exists(newest))
    findings.add(fmt::format("{}: is missing: a resumed run {}", newest.string(),
                             checkpoints.empty() ? "would begin anew" : "would go on from an older one"));

  if (!findings.lines().empty()) throw IoError(findings.lines(), Exit::BadData);
  fmt::print("{}: good: {} snapshots, {} checkpoints, {} files with checksums{}\n", path.string(), snapshots,
             checkpoints.size(), listed.size(),
             finished  ? ""
             : running ? "; still running"
                       : "; not finished");
  return Exit::Done;
}

}  // namespace invado
