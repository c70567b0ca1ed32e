// info and watch: what a results folder or a snapshot holds, and how a running simulation is doing.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <thread>

#include "app/commands.h"
#include "app/run_state.h"
#include "io/provenance.h"
#include "io/run_folder.h"
#include "io/snapshot.h"
#include "io/table.h"
#include "report/efficiency.h"
#include "statistics/pace.h"

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
  [[nodiscard]] const Table& series() const { return table_; }

 private:
  Table table_;
};

// Thousands of cells are shown whole.
std::string value_text(double value) {
  return value >= 1000 && value < 1e6 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

// What the way through the blood comes to: of one cell that was shed, what has begun to grow.
std::string efficiency_line(const RunFolder& folder, const LastRow& now, const std::vector<std::string>& organs) {
  if (organs.empty() || now.rows() == 0 || !std::filesystem::exists(folder.cascade())) return {};
  const CascadeEvents events = read_cascade(folder.cascade(), now["time_h"]);
  const double cells = shed(events, injected(now.series()));
  if (!(cells > 0)) return {};
  std::string text;
  for (const std::string& organ : organs)
    text += fmt::format("{}{} in {}", text.empty() ? "" : "; ", efficiency_text(begun_in(events, organ), 1 / cells), organ);
  return fmt::format("  {:<24} {}\n", "begun, per cell shed", text);
}

// Of several sites: the tumour, the blood, and a line for each organ.
std::string what_it_shows(const RunFolder& folder, const LastRow& now) {
  std::string text;
  const auto add = [&](std::string_view column, std::string_view label, std::string_view unit) {
    const double value = std::isnan(now[column]) ? now[fmt::format("primary.{}", column)] : now[column];
    if (!std::isnan(value))
      text += fmt::format("  {:<24} {}{}{}\n", label, value_text(value), unit.empty() ? "" : " ", unit);
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
  if (const double cells = injected(now.series()); cells > 0)
    text += fmt::format("  {:<24} {}\n", "injected into the blood", value_text(cells));
  add("intravasated", "entered the blood", "");
  add("circulating", "in the blood", "");
  std::vector<std::string> organs;
  for (const std::string& name : now.series().names)
    if (constexpr std::string_view ending = ".burden"; name.ends_with(ending))
      organs.push_back(name.substr(0, name.size() - ending.size()));
  for (const std::string& organ : organs) {
    const auto of = [&](const char* column) { return value_text(now[fmt::format("{}.{}", organ, column)]); };
    text += fmt::format(
        "  {:<24} {} cells by weight in tissue and capillaries, {} dormant, {} colonies; {} heads in the tissue\n",
        "in " + organ, of("burden"), of("dormant"), of("colonies"), of("cells"));
  }
  return text + efficiency_line(folder, now, organs);
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
  fmt::print("{}", what_it_shows(folder, LastRow(folder)));
  return Exit::Done;
}

namespace {

// "2026-01-31T12:00:00Z" as run.json writes it.
std::chrono::sys_seconds moment(const std::string& utc) {
  std::tm parts{};
  if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return {};
  return std::chrono::sys_seconds{std::chrono::seconds(::timegm(&parts))};
}

// How fast a running simulation goes and how long it will take, from what it did since it was started or resumed. `seen`:
// what it had done when it was looked at before.
std::string pace(const Provenance& p, double time_h, Pace& seen) {
  double from_h = 0;
  std::string since = p.start;
  if (!p.resumed.empty() && p.step > 0) {
    from_h = static_cast<double>(p.resumed.back().step) * p.time_h / static_cast<double>(p.step);
    since = p.resumed.back().time;
  }
  const double wall = std::chrono::duration<double>(std::chrono::system_clock::now() - moment(since)).count();
  if (!(time_h > from_h) || wall < 1) return {};
  seen.add(from_h, 0);
  seen.add(time_h, wall);
  return fmt::format("  {:<24} {:.3g} h simulated per minute, ETA {}\n", "pace", 60 * (time_h - from_h) / wall,
                     wall_time_text(seen.seconds_left(p.end_h)));
}

// What watch ends with: the exit code of the run; of one that was killed, that its last checkpoint is older.
Exit ending(const Provenance& p) { return p.exit ? static_cast<Exit>(*p.exit) : Exit::StoppedNoCheckpoint; }

}  // namespace

Exit watch(const std::filesystem::path& directory, bool once) {
  const RunFolder folder = RunFolder::open(directory);
  const bool terminal = isatty(STDOUT_FILENO) != 0 && !once;
  std::string shown;
  Pace seen;
  for (;;) {
    // Who holds the folder is asked first: what is read afterwards is the last word of a run that has ended.
    const bool running = RunLock::holder(folder.path()).has_value();
    const Provenance p = read_run_json(folder.run_json());
    const RunState state = state_of(folder, p);
    const LastRow now(folder);
    const double time = std::isnan(now["time_h"]) ? 0 : now["time_h"];
    const double share = p.end_h > 0 ? 100 * time / p.end_h : 0;
    const std::string text =
        fmt::format("{} ({})\n  {}, {:.4g} of {:.4g} h ({:.0f} %)\n{}{}", p.scenario, folder.path().string(), state.text,
                    time, p.end_h, share, go_on_line(state), what_it_shows(folder, now));
    // On a terminal in place; elsewhere a block whenever there is something new.
    if (terminal) fmt::print("\x1b[H\x1b[J");
    if (terminal || text != shown) fmt::print("{}{}{}", text, running ? pace(p, time, seen) : "", terminal ? "" : "\n");
    std::fflush(stdout);
    shown = text;
    if (once) return Exit::Done;
    if (!running) return ending(p);
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace invado
