// One stretch of computing in a run folder: from a beginning, or from a checkpoint, to the end or to the next interruption.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "app/progress.h"
#include "app/recorder.h"
#include "app/simulation.h"
#include "base/error.h"
#include "io/provenance.h"
#include "io/run_folder.h"
#include "model/invariants.h"
#include "scenario/scenario.h"

namespace invado {

// How to compute; nothing of it changes a result.
struct SessionOptions {
  int threads = 0;    // 0: OMP_NUM_THREADS, SLURM_CPUS_PER_TASK or all cores; one where the run takes less than a second
  std::string until;  // stop at this simulated time, for example "24 h"; empty: as the scenario says
  Checks checks = Checks::Cheap;
  double max_walltime_s = 0;  // end with a checkpoint before this; 0: no limit
  bool timing = false;
  std::int64_t digest_every = 0;  // ticks; 0: never
  ProgressMode progress = ProgressMode::Auto;
  int verbosity = 1;              // 0 quiet, 1 normal, 2 talkative
  std::vector<std::string> argv;  // as typed, for run.json
};

// What to type to go on with the run in a folder: the program as it was called, the path quoted where a shell needs it.
[[nodiscard]] std::string resume_command(const std::filesystem::path& folder);

// Sets the number of threads of the program; returns it.
int choose_threads(int wanted);

// The tick at which the run ends: the scenario's last one, or earlier when `until` says so (2 when it is no time).
[[nodiscard]] std::int64_t last_tick(const std::string& until, const Scenario& scenario);

class Session {
 public:
  // Writes run.json and begins or continues the log. `saved_tick`: of the checkpoint that the run goes on from, -1: none.
  Session(const Scenario& scenario, RunFolder folder, Provenance provenance, const SessionOptions& options,
          std::int64_t saved_tick);

  // Does what comes before the first step; when it fails, run.json says so before the failure goes on.
  void prepare(const std::function<void()>& body);

  // Steps to the end, records, saves. Failures are thrown after run.json says how it ended.
  Exit compute(Simulation& simulation, Recorder& recorder, std::int64_t end_tick);

 private:
  struct Costs {  // wall time of the last one [s]
    double step = 0, checkpoint = 0;
  };

  Exit advance(Simulation& simulation, Recorder& recorder, std::int64_t end_tick, Progress& progress);
  void record(World& world, Recorder& recorder);
  void checkpoint(Simulation& simulation, Recorder& recorder);
  [[nodiscard]] Exit stop(Simulation& simulation, Recorder& recorder, const std::string& why);
  void save(const std::filesystem::path& target, const World& world, Recorder& recorder, const std::string& digest) const;
  void note_state(const World& world, const std::string& digest);
  void end(const World& world, Exit code);
  [[nodiscard]] bool out_of_walltime() const;
  void print_timing(const Stepper& stepper) const;
  [[nodiscard]] ProgressState progress_state(const World& world, const Recorder& recorder, std::int64_t end_tick) const;

  const Scenario& scenario_;
  RunFolder folder_;
  Provenance provenance_;
  SessionOptions options_;
  RunLog log_;
  std::chrono::steady_clock::time_point begin_;
  double begin_processor_seconds_;
  std::chrono::steady_clock::time_point last_checkpoint_;
  double earlier_wall_s_ = 0;  // of the sessions before
  double cell_steps_ = 0;
  double start_seconds_ = 0, output_seconds_ = 0, checkpoint_seconds_ = 0;  // wall time
  Costs costs_;
  std::int64_t saved_tick_;  // of the newest checkpoint known to be good; -1: none
};

}  // namespace invado
