// The folder of a run: where each file lives, who may work in it, and the rule that results are never overwritten.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/atomic_file.h"
#include "io/run_lock.h"

namespace invado {

class RunFolder {
 public:
  enum class Existing {
    Refuse,     // a folder that holds anything is an error (73)
    MoveAside,  // it is renamed to <folder>.old-1, -2, ...: nothing is ever deleted
  };

  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // The folder of an earlier run (66 when there is none, or no run.json in it).
  [[nodiscard]] static RunFolder open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] std::filesystem::path run_json() const { return path_ / "run.json"; }
  [[nodiscard]] std::filesystem::path scenario() const { return path_ / "scenario.yaml"; }
  [[nodiscard]] std::filesystem::path resolved_scenario() const { return path_ / "scenario.resolved.yaml"; }
  [[nodiscard]] std::filesystem::path inputs() const { return path_ / "inputs"; }
  [[nodiscard]] std::filesystem::path series() const { return path_ / "series.csv"; }
  [[nodiscard]] std::filesystem::path msd() const { return path_ / "msd.csv"; }
  [[nodiscard]] std::filesystem::path tracks() const { return path_ / "tracks.csv"; }
  [[nodiscard]] std::filesystem::path cascade() const { return path_ / "cascade.csv"; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "log.jsonl"; }
  [[nodiscard]] std::filesystem::path snapshots() const { return path_ / "snapshots"; }
  [[nodiscard]] std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  [[nodiscard]] std::filesystem::path checksums() const { return path_ / "checksums.txt"; }

  [[nodiscard]] std::filesystem::path checkpoint(std::int64_t step) const;
  // The state in which an invariant broke: for looking at, never resumed.
  [[nodiscard]] std::filesystem::path failed_checkpoint(std::int64_t step) const;
  // All checkpoints by name, the newest first; nobody has looked whether they are good.
  [[nodiscard]] std::vector<std::filesystem::path> checkpoints_newest_first() const;

  // Deletes what interrupted writes left behind.
  void remove_temporaries() const;

 private:
  std::filesystem::path path_;
};

// A folder that is ready for a new run, ours alone: empty but for the lock, which is marked until its settle(). What a run
// left that ended before its run.json was in place is removed.
struct NewRunFolder {
  RunFolder folder;
  RunLock lock;
  std::filesystem::path moved_to;  // where earlier results went; empty: nowhere
};
[[nodiscard]] NewRunFolder create_run_folder(const std::filesystem::path& path, RunFolder::Existing existing);

// checksums.txt: "<checksum>  <name>" per line, as `xxh128sum -c` reads it.
void write_checksums(const std::filesystem::path& path, std::span<const FinishedFile> files);
// Bytes are not in the file: 0. 65 when it is no such list.
[[nodiscard]] std::vector<FinishedFile> read_checksums(const std::filesystem::path& path);

}  // namespace invado
