// The cells of one moment as a table, and the columns of series.csv.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "export/source.h"
#include "io/table.h"

namespace invado {

// How every table of cells begins.
inline constexpr std::string_view cells_head = "time_h,id,type,x_um,y_um,z_um,";

// All columns, units in the names (radius_um, velocity_x_um_min); types and populations by name.
[[nodiscard]] std::string cells_table(const SnapshotFile& snapshot, const SnapshotInfo::Place& place);

// Of a series.csv of several sites the time and the columns of one of them ("lung.cells"), by the names that they have in a
// run with one site ("cells"); and which sites there are.
[[nodiscard]] Table series_of_site(const Table& series, const std::string& site);
[[nodiscard]] std::vector<std::string> sites_of_series(const Table& series);
// Some columns of a table (all when none is named; the names exist), as rows, or one line per number:
inline constexpr std::string_view long_series_head = "time_h,observable,value\n";
inline constexpr std::string_view series_export_name = "series.export.csv";  // its head is that of series.csv
[[nodiscard]] std::string series_table(const Table& series, std::span<const std::string> columns, bool one_per_line);

}  // namespace invado
