// info and watch: what a results folder or a snapshot holds, and how a running simulation is doing.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

#include "app/commands.h"
#include "app/run_state.h"
#include "io/provenance.h"
#include "io/run_folder.h"
#include "io/snapshot.h"
#include "io/table.h"

namespace invado {
namespace {

// The last row of series.csv by column name; NaN where there is no such column or row.
class LastRow {
 public:
  explicit LastRow(const RunFolder& folder) {
    if (std::filesystem::exists(folder.series())) table_ = read_table(folder.series());
  }
  [[nodiscard]] double operator[](std::string_view column) const {
    const auto at = std::ranges::find(table_.names, column);
    if (at == table_.names.end() || table_.rows.empty()) return std::nan("");
    return table_.rows.back()[static_cast<std::size_t>(at - table_.names.begin())];
  }
  [[nodiscard]] std::size_t rows() const { return table_.rows.size(); }

 private:
  Table table_;
};

std::string what_it_shows(const LastRow& now) {
  std::string text;
  const auto add = [&](std::string_view column, std::string_view label, std::string_view unit) {
    if (!std::isnan(now[column]))
      text += fmt::format("  {:<24} {:.4g}{}{}\n", label, now[column], unit.empty() ? "" : " ", unit);
  };
  add("time_h", "time", "h");
  add("cells", "cells", "");
  add("births", "births", "");
  add("front_um_q90", "front, 90 % quantile", "um");
  add("front_speed_um_h", "front speed", "um/h");
  add("invaded", "invaded cells", "");
  add("pakt_mean", "pAKT, mean", "");
  add("vimentin_stability_mean", "vimentin stability, mean", "");
  add("runx2_activity_mean", "RUNX2 activity, mean", "");
  add("degraded_um3", "matrix degraded", "um^3");
  return text;
}

// On a line of its own what to type to go on with a run.
std::string go_on_line(const RunState& state) { return state.go_on.empty() ? "" : "  go on with: " + state.go_on + "\n"; }

Exit info_of_snapshot(const std::filesystem::path& file) {
  const SnapshotInfo s = read_snapshot_info(file);
  fmt::print("invado snapshot, format {}\n  time    {:.4g} h (step {})\n  seed    {}\n  run     {}\n  digest  {}\n",
             s.format_version, s.time_h, s.step, s.seed, s.run_id, s.digest);
  for (const SnapshotInfo::Place& place : s.places) {
    const std::string prefix = place.name.empty() ? "" : place.name + ": ";
    fmt::print("  {}{} cells with {} columns\n", prefix, place.cells, place.columns.size());
    for (const auto* image : {&place.lattice, &place.fields}) {
      if (image->arrays.empty()) continue;
      std::string names;
      for (const SnapshotInfo::Array& array : image->arrays) names += (names.empty() ? "" : ", ") + array.name;
      fmt::print("  {}{} on {} x {} x {} voxels\n", prefix, names, image->shape[0], image->shape[1], image->shape[2]);
    }
  }
  return Exit::Done;
}

}  // namespace

Exit info(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    throw IoError(fmt::format("{}: there is no such file or folder", path.string()), Exit::NotFound);
  if (!std::filesystem::is_directory(path)) return info_of_snapshot(path);
  const RunFolder folder = RunFolder::open(path);
  const Provenance p = read_run_json(folder.run_json());
  const RunState state = state_of(folder, p);
  fmt::print(
      "{}\n  {}\n{}  run {}  seed {}  digest {}\n  {} to {} on {} with {} threads, invado {} ({})\n  {} snapshots, {} rows "
      "of "
      "series\n",
      p.scenario, state.text, go_on_line(state), p.run_id, p.seed, p.digest.empty() ? "?" : p.digest, p.start,
      p.end.empty() ? "?" : p.end, p.host, p.threads, p.version, p.commit, snapshot_files(folder.snapshots()).size(),
      LastRow(folder).rows());
  fmt::print("{}", what_it_shows(LastRow(folder)));
  return Exit::Done;
}

Exit watch(const std::filesystem::path& directory, bool once) {
  const RunFolder folder = RunFolder::open(directory);
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  double first_time = std::nan("");
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const bool running = RunLock::holder(folder.path()).has_value();
    const Provenance p = read_run_json(folder.run_json());
    const LastRow now(folder);
    const double time = now["time_h"];
    if (std::isnan(first_time)) first_time = time;
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::string eta;
    if (running && time > first_time) eta = ", ETA " + wall_time_text(wall * (p.end_h - time) / (time - first_time));
    if (terminal && !once) fmt::print("\x1b[H\x1b[2J");
    const RunState state = state_of(folder, p);
    fmt::print("{}\n  {}, {:.1f} of {:.1f} h{}\n{}{}\n", p.scenario, state.text, std::isnan(time) ? 0.0 : time, p.end_h, eta,
               go_on_line(state), what_it_shows(now));
    std::fflush(stdout);
    if (once || !running) return Exit::Done;
    std::this_thread::sleep_for(std::chrono::seconds(terminal ? 1 : 10));
  }
}

}  // namespace invado
