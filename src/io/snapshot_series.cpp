#include "io/snapshot_series.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "io/snapshot.h"
#include "io/snapshot_views.h"

namespace invado {
namespace fs = std::filesystem;

SnapshotSeries snapshot_series(const RunFolder& folder) {
  SnapshotSeries series;
  const fs::path first = folder.snapshots() / snapshot_name(0);
  if (!fs::exists(first))
    throw IoError(
        fmt::format("{}: has no snapshots (output.snapshots of its scenario may be off, or the run has only begun)",
                    folder.path().string()),
        Exit::NotFound);
  const SnapshotInfo info = read_snapshot_info(first);
  if (info.places.empty()) throw IoError(fmt::format("{}: has no cells", first.string()), Exit::BadData);
  const std::string& site = info.places.front().name;
  const fs::path list = folder.path() / ((site.empty() ? "" : site + ".") + "cells.hdf.series");
  examine_file(list, 0);  // it is there
  std::ifstream stream(list);
  const auto listed = nlohmann::json::parse(stream, nullptr, false);
  try {
    for (const auto& entry : listed.at("files")) {
      series.files.push_back(folder.snapshots() / snapshot_name(series.files.size()));
      series.times_h.push_back(entry.at("time").get<double>());
    }
  } catch (const nlohmann::json::exception&) {
    series.files.clear();
  }
  if (series.files.empty() || !std::ranges::is_sorted(series.times_h))
    throw IoError(fmt::format("{}: is no list of snapshots", list.string()), Exit::BadData);
  return series;
}

std::size_t nearest_snapshot(const SnapshotSeries& series, double time_h) {
  const auto nearest = std::ranges::min_element(series.times_h, {}, [&](double t) { return std::abs(t - time_h); });
  return static_cast<std::size_t>(nearest - series.times_h.begin());
}

}  // namespace invado
