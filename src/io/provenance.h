// Where a result came from: run.json, and the run's log.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/atomic_file.h"

namespace invado {

// What run.json says. Times are text in UTC, "2026-01-31T12:00:00Z"; what is not known yet stays empty.
struct Provenance {
  std::vector<std::string> argv;
  std::string version, commit, compiler, flags, libraries;
  std::string host, cpu;
  int threads = 0;
  std::string scenario;  // name
  std::uint64_t seed = 0;
  std::string run_id;  // hash of the resolved scenario and seed
  std::string start, end;
  std::optional<int> exit;  // while the run goes on: null
  std::string schedule;     // the printed list of processes
  std::string precision = "double";
  double time_h = 0;      // how far the run is
  double duration_h = 0;  // of the scenario
  double end_h = 0;       // where this run shall end: duration_h, or what --until said
  std::int64_t step = 0;
  std::string digest;  // of the state at `step`
  struct Resumption {
    std::string time, host, version;
    int threads = 0;
    std::int64_t step = 0;  // of the checkpoint
  };
  std::vector<Resumption> resumed;
  std::vector<std::pair<std::string, double>> figures;  // cells, cell-steps per second, seconds, memory, disk, ...
};

// Replaces run.json; readers see the old or the new one.
void write_run_json(const std::filesystem::path& path, const Provenance& provenance);
// Throws IoError 66 or 65.
[[nodiscard]] Provenance read_run_json(const std::filesystem::path& path);

// The present time as run.json writes it.
[[nodiscard]] std::string utc_now();

// log.jsonl: one JSON object per line: {"time": ..., "event": ..., ...}.
class RunLog {
 public:
  // Continues an existing log.
  explicit RunLog(const std::filesystem::path& path);
  void write(const std::string& event, const nlohmann::ordered_json& details);
  void sync() { file_.sync(); }

 private:
  AppendFile file_;
};

}  // namespace invado
