#include "report/run_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "analysis/colony.h"
#include "io/snapshot.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

// Warnings of the start and of each resumption. The last line may still be in the middle of being written.
std::vector<std::string> warnings_of(const fs::path& log) {
  std::vector<std::string> warnings;
  if (!fs::exists(log)) return warnings;
  const std::string text = read_text(log);
  std::size_t number = 0;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++number;
    const auto line = nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                            text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!line.is_object())
      throw IoError(fmt::format("{}:{}: is not a line of the log of a run", log.string(), number), Exit::BadData);
    const auto at = line.find("warnings");
    if (at == line.end() || !at->is_array()) continue;
    for (const auto& warning : *at)
      if (warning.is_string() && std::ranges::find(warnings, warning.get<std::string>()) == warnings.end())
        warnings.push_back(warning.get<std::string>());
  }
  return warnings;
}

CellsAt cells_of(const fs::path& file, const SnapshotInfo& info, std::size_t place, const std::string& colour_by) {
  std::vector<std::string> wanted{shown_signals.begin(), shown_signals.end()};
  wanted.emplace_back("speed_um_h");
  for (const char* name : {"group", "weight", "dormancy"}) wanted.emplace_back(name);
  if (std::ranges::find(wanted, colour_by) == wanted.end()) wanted.push_back(colour_by);
  CellsAt cells = read_cells(file, info, place, wanted);
  if (cells.find(colour_by) == nullptr) {
    std::string names;
    for (const SnapshotInfo::Array& array : info.places.front().columns)
      if (array.shape.size() == 1) names += (names.empty() ? "" : ", ") + array.name;
    throw IoError(fmt::format("--colour-by {}: the cells of this run have no such column (they have {})", colour_by, names),
                  Exit::BadData);
  }
  return cells;
}

std::vector<RunData::Organ> organs_of(const fs::path& file, const SnapshotInfo& info, const std::string& colour_by) {
  std::vector<RunData::Organ> organs;
  for (std::size_t place = 1; place < info.places.size(); ++place) {
    const SnapshotInfo::Place& at = info.places[place];
    const SnapshotInfo::Image& grid = at.lattice.arrays.empty() ? at.fields : at.lattice;
    if (!at.space || grid.arrays.empty()) continue;
    RunData::Organ& organ = organs.emplace_back();
    organ.cells = cells_of(file, info, place, colour_by);
    organ.foci = foci_of(organ.cells);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto axis = static_cast<int>(k);
      organ.from[axis] = grid.origin[k] - 0.5 * grid.spacing[k];
      organ.to[axis] = organ.from[axis] + grid.spacing[k] * static_cast<double>(grid.shape[k]);
    }
  }
  return organs;
}

// The time that series.csv has come to; cascade.csv may be further.
double reached_h(const Table& series) {
  const auto at = std::ranges::find(series.names, "time_h");
  if (at == series.names.end() || series.rows.empty()) return std::numeric_limits<double>::infinity();
  return series.rows.back()[static_cast<std::size_t>(at - series.names.begin())];
}

// How large the colonies are that cells have founded, in the last snapshot, and the error of the number of colonies where
// that is of the moment of the last row.
void count_colonies(RunData& run) {
  std::map<std::pair<std::string, std::int64_t>, double> cells;
  for (const RunData::Organ& organ : run.organs) {
    std::vector<WeightOfEntry> colonies;
    for (const Focus& focus : organ.foci) {
      cells[{organ.cells.site, focus.group}] = static_cast<double>(focus.cells);
      if (focus.cells >= colony_from) colonies.push_back({run.cascade.entry_of(focus.group), focus.weight});
    }
    if (organ.cells.time_h == reached_h(run.series))
      run.cascade.counts[{organ.cells.site, "colonies"}] = count_over_entries(colonies);
  }
  for (ColonyFounder& founder : run.cascade.founders)
    if (run.last && founder.time_h <= run.last->time_h) founder.colony_cells = cells[{founder.organ, founder.colony}];
}

// Median height of the cells.
double middle_of(const CellsAt& cells) {
  std::vector<double> heights;
  for (const Vec3& x : cells.position) heights.push_back(x.z);
  if (heights.empty()) return 0;
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::ranges::nth_element(heights, middle);
  return *middle;
}

LatticeSection matrix_of(const fs::path& file, double height) {
  const SnapshotInfo info = read_snapshot_info(file);
  const LatticeAt tissue = info.places.at(0).vessels > 0 ? read_lattice(file, info, 0, "tissue") : LatticeAt();
  return section_of(read_lattice(file, info, 0, "density"), tissue, 2, height);
}

}  // namespace

std::string RunData::site_prefix() const {
  // Of several sites each has its births, the first one first; of one the column has no prefix (but the types' after it).
  const auto births = std::ranges::find_if(
      series.names, [](const std::string& name) { return name == "births" || name.ends_with(".births"); });
  return births == series.names.end() ? std::string()
                                      : births->substr(0, births->size() - std::string_view("births").size());
}

std::vector<double> RunData::column(std::string_view name) const {
  auto at = std::ranges::find(series.names, name);
  if (at == series.names.end()) at = std::ranges::find(series.names, site_prefix() + std::string(name));
  std::vector<double> values;
  if (at == series.names.end()) return values;
  const auto index = static_cast<std::size_t>(at - series.names.begin());
  for (const auto& row : series.rows) values.push_back(row[index]);
  return values;
}

bool RunData::inhabited() const {
  const std::vector<double> cells = column("cells");
  return cells.empty() || std::ranges::any_of(cells, [](double n) { return n != 0; });
}

std::optional<double> RunData::near_face_from_h() const {
  const std::vector<double> time = column("time_h"), near = column("front_near_boundary");
  for (std::size_t i = 0; i < near.size() && i < time.size(); ++i)
    if (near[i] == 1) return time[i];
  return std::nullopt;
}

RunData read_run(const RunFolder& folder, const std::string& colour_by) {
  RunData run;
  run.provenance = read_run_json(folder.run_json());
  run.resolved = read_resolved(read_text(folder.resolved_scenario()), folder.resolved_scenario().string());
  run.colour_by = colour_by.empty() ? default_colour(run.resolved) : colour_by;
  run.warnings = warnings_of(folder.log());
  if (fs::exists(folder.series())) run.series = read_table(folder.series());
  const std::vector<fs::path> files = snapshot_files(folder.snapshots());
  run.snapshots = files.size();
  if (!files.empty()) run.first = cells_of(files.front(), read_snapshot_info(files.front()), 0, run.colour_by);
  if (files.size() > 1) {
    const SnapshotInfo info = read_snapshot_info(files.back());
    run.last = cells_of(files.back(), info, 0, run.colour_by);
    run.organs = organs_of(files.back(), info, run.colour_by);
  }
  if (run.first) run.first_matrix = matrix_of(files.front(), middle_of(*run.first));
  if (run.last) run.last_matrix = matrix_of(files.back(), middle_of(*run.first));
  if (fs::exists(folder.msd())) run.msd = read_table(folder.msd());
  if (fs::exists(folder.cascade())) run.cascade = read_cascade(folder.cascade(), reached_h(run.series));
  count_colonies(run);
  if (fs::exists(folder.tracks())) run.tracks = read_tracks(folder.tracks());
  return run;
}

}  // namespace invado
