// Comma-separated tables: a header of stable names, then numbers that read back to the same bits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "io/atomic_file.h"

namespace invado {

// One line: each number in the shortest form that reads back to the same double; NaN (no value) is an empty field.
[[nodiscard]] std::string csv_row(std::span<const double> values);
[[nodiscard]] std::string csv_header(std::span<const std::string> names);

// A whole table at once, complete or not there.
void write_table(const std::filesystem::path& path, std::span<const std::string> names,
                 std::span<const std::vector<double>> rows);

// What a table holds; empty fields are NaN. A last line without end is left out: a table that grows may be read, or its
// program killed, in the middle of a write. Throws IoError 66, or 65 also for a table beyond all that a run writes (a row of
// 200 columns has 2 kB): in memory it may become eight times as large.
inline constexpr std::uint64_t longest_table_bytes = std::uint64_t{128} << 20;
inline constexpr std::size_t most_table_columns = 4096;
struct Table {
  std::vector<std::string> names;
  std::vector<std::vector<double>> rows;
};
[[nodiscard]] Table read_table(const std::filesystem::path& path);

// series.csv: grows by one row per sample, which is on its way to the disk when write_row returns.
class SeriesWriter {
 public:
  SeriesWriter(const std::filesystem::path& path, std::span<const std::string> names);
  // Continue an existing file after what a checkpoint counts on.
  SeriesWriter(const std::filesystem::path& path, std::size_t columns, const FinishedFile& so_far);

  void write_row(std::span<const double> values);
  void sync() { file_.sync(); }
  [[nodiscard]] FinishedFile state() const { return file_.state(); }

 private:
  AppendFile file_;
  std::size_t columns_;
};

}  // namespace invado
