// Is a results folder what it claims to be? Every file against its checksum, every snapshot against the record of the run,
// tables for completeness, and the newest state against all invariants. Reads only.
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <set>

#include "app/commands.h"
#include "app/recorder.h"
#include "app/simulation.h"

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

  findings.check([&] {
    if (load_scenario(folder.resolved_scenario(), {}).run_id != provenance.run_id)
      bad(folder.resolved_scenario(), "is not the scenario of run.json (run_id)");
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
      if (finished && !name.starts_with(".tmp-") && !listed.contains("snapshots/" + name))
        findings.add(fmt::format("{}: is not in checksums.txt", file.string()));
    }
  }
  // A finished run has cleaned up behind itself; of a stopped one resume does.
  if (finished && !running)
    for (const fs::path& directory : {folder.path(), folder.snapshots(), folder.checkpoints(), folder.inputs()}) {
      std::error_code none;
      for (const auto& entry : fs::directory_iterator(directory, none))
        if (entry.path().filename().string().starts_with(".tmp-"))
          findings.add(fmt::format("{}: was left behind by an interrupted write", entry.path().string()));
    }
  for (const fs::path& file : {folder.series(), folder.tracks(), folder.msd()}) {
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
      CheckpointReader checkpoint(file);
      (void)checkpoint.text("version");
      (void)checkpoint.text("commit");
      (void)checkpoint.text("run_id");
      (void)checkpoint.text("scenario");
      Scenario scenario = load_scenario(folder.resolved_scenario(), {});
      const Simulation simulation = continue_simulation(scenario, checkpoint);
      Observables observables(simulation.world);
      FounderTracks founders;
      (void)read_recorded(checkpoint, scenario.output, folder, observables, founders);
      if (finished && simulation.world.clock.tick == provenance.step && checkpoint.text("digest") != provenance.digest)
        bad(file, "has another digest than the end of the run");
    });

  if (!findings.lines().empty()) throw IoError(findings.lines(), Exit::BadData);
  fmt::print("{}: good: {} snapshots, {} checkpoints, {} files with checksums{}\n", path.string(), snapshots,
             checkpoints.size(), listed.size(),
             finished  ? ""
             : running ? "; still running"
                       : "; not finished");
  return Exit::Done;
}

}  // namespace invado
