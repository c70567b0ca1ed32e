// The folder of a run: where each file lives, and the rule that results are never overwritten.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace invado {

class RunFolder {
 public:
  enum class Existing {
    Refuse,     // a folder that holds anything is an error (73)
    MoveAside,  // it is renamed to <folder>.old-1, -2, ...: nothing is ever deleted
  };

  // A new, empty folder; missing parents are made. `moved_to` tells where earlier results went (empty: nowhere).
  [[nodiscard]] static RunFolder create(const std::filesystem::path& path, Existing existing);
  // The folder of an earlier run (66 when there is none).
  [[nodiscard]] static RunFolder open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& moved_to() const { return moved_to_; }

  [[nodiscard]] std::filesystem::path run_json() const { return path_ / "run.json"; }
  [[nodiscard]] std::filesystem::path scenario() const { return path_ / "scenario.yaml"; }
  [[nodiscard]] std::filesystem::path resolved_scenario() const { return path_ / "scenario.resolved.yaml"; }
  [[nodiscard]] std::filesystem::path series() const { return path_ / "series.csv"; }
  [[nodiscard]] std::filesystem::path msd() const { return path_ / "msd.csv"; }
  [[nodiscard]] std::filesystem::path tracks() const { return path_ / "tracks.csv"; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "log.jsonl"; }
  [[nodiscard]] std::filesystem::path snapshots() const { return path_ / "snapshots"; }

  // scenario.yaml (the file as it was read) and scenario.resolved.yaml (every value in force).
  void write_scenario(std::string_view original, std::string_view resolved) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::filesystem::path moved_to_;
};

}  // namespace invado
