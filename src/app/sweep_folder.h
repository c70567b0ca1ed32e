// The folder of a sweep: what is planned, what is done, what failed. Whoever runs a point only ever adds to the point's own
// folder, so that any number of programs on any number of machines may do so.
//
//   sweep.yaml               the specification, as read        points.jsonl   the list of runs (sweep/plan.h)
//   points/<id>/a1, a2 ...   attempts, each a run folder       points/<id>/log.txt   what the runs said
//   points/<id>/done.json    last of all: which attempt won    points/<id>/failed.json   or why none will
//   slurm/s1.json, s2.json ...         what was handed to Slurm, beside the script and what its jobs said
//   sweep.csv, curves.csv, sweep.h5    what `collect` makes
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "sweep/plan.h"

namespace invado {

// done.json: the attempt whose results count.
struct DoneRecord {
  int attempt = 0;
  std::string digest, run_id;
  double wall_s = 0;
  std::string series_checksum;  // of series.csv; empty: the run has none
  std::string host, version, commit, end;
};

// failed.json: why a run has no results.
struct FailedRecord {
  int code = 0;             // exit code; 128 + number for a signal
  std::string reason;       // one line
  bool passing = false;     // memory or disk: the next `sweep run` tries again
  double time_limit_s = 0;  // it ran out of this much time; 0: it did not

  // Whether the next `sweep run` leaves it at that: nothing says that another try would end otherwise.
  [[nodiscard]] bool stands(const SweepPlan& plan) const {
    const bool longer = time_limit_s > 0 && (plan.time_limit_s == 0 || plan.time_limit_s > time_limit_s);
    return !passing && !longer;
  }
};

class SweepFolder {
 public:
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // A folder that holds a plan (66 when it does not).
  [[nodiscard]] static SweepFolder open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path specification() const { return path_ / "sweep.yaml"; }
  [[nodiscard]] std::filesystem::path plan_file() const { return path_ / "points.jsonl"; }
  [[nodiscard]] std::filesystem::path cancel_wish() const { return path_ / "cancel"; }
  [[nodiscard]] std::filesystem::path slurm() const { return path_ / "slurm"; }
  [[nodiscard]] std::filesystem::path table() const { return path_ / "sweep.csv"; }
  [[nodiscard]] std::filesystem::path curves() const { return path_ / "curves.csv"; }
  [[nodiscard]] std::filesystem::path hdf5() const { return path_ / "sweep.h5"; }

  [[nodiscard]] std::filesystem::path of(const SweepRun& run) const { return path_ / "points" / run.id; }
  [[nodiscard]] std::filesystem::path attempt(const SweepRun& run, int number) const;
  [[nodiscard]] std::filesystem::path log(const SweepRun& run) const { return of(run) / "log.txt"; }
  // The newest attempt that may be gone on with, and the newest of all; 0: none.
  [[nodiscard]] int newest_attempt(const SweepRun& run) const;
  [[nodiscard]] int attempts(const SweepRun& run) const;
  // Of the newest attempt, "a2/ckpt_..."; empty: none. When it changes the run gets on.
  [[nodiscard]] std::string newest_checkpoint(const SweepRun& run) const;
  // They are no longer gone on with; nothing is deleted.
  void put_all_aside(const SweepRun& run) const;
  void put_aside(const SweepRun& run, int attempt) const;

  [[nodiscard]] SweepPlan plan(std::optional<std::size_t> only = {}) const;

  [[nodiscard]] bool is_done(const SweepRun& run) const;
  // Nothing when there is none, or it cannot be read.
  [[nodiscard]] std::optional<DoneRecord> done(const SweepRun& run) const;
  // Only one attempt can win. Throws (65) when another won with another digest: equal runs give equal bits, so the machine
  // or the program is at fault.
  void publish(const SweepRun& run, const DoneRecord& record) const;
  void forget_done(const SweepRun& run) const;
  [[nodiscard]] std::optional<FailedRecord> failed(const SweepRun& run) const;
  void record_failure(const SweepRun& run, const FailedRecord& record) const;
  void forget_failure(const SweepRun& run) const;
  // Whether the results that done.json speaks of are there as they were.
  [[nodiscard]] bool results_are_whole(const SweepRun& run, const DoneRecord& record) const;
  // Whether somebody works on it now.
  [[nodiscard]] bool is_running(const SweepRun& run) const;

 private:
  std::filesystem::path path_;
};

// SWEEP on the command line is a folder, or a file whose folder is `output`, or sweeps/<its name>.
[[nodiscard]] std::filesystem::path sweep_folder_of(const std::filesystem::path& sweep, const std::filesystem::path& output);
// The file may have changed since its sweep was planned, and what is in the folder is of the older one: "" or what to say.
[[nodiscard]] std::string changed_since_planned(const std::filesystem::path& sweep, const SweepFolder& folder);
// The last line that a program wrote into its log, safe to show.
[[nodiscard]] std::string last_line(const std::filesystem::path& log);

// How many runs are where, and what is left to do.
struct SweepCounts {
  std::size_t all = 0, done = 0, failed = 0, running = 0;
  std::size_t again = 0;  // of those that failed: the next `sweep run` tries them again
  double wall_s = 0;      // of all that are done
};
[[nodiscard]] SweepCounts count_runs(const SweepFolder& folder, const SweepPlan& plan);
// "4 of 9 done, 1 failed, 2 running, 2 to do; 3 min 20 s to go". `at_once`: how many run beside each other.
[[nodiscard]] std::string status_text(const SweepCounts& counts, int at_once);
// How many runs fill the cores of this machine.
[[nodiscard]] int runs_at_once(const SweepPlan& plan, int wanted);

}  // namespace invado
