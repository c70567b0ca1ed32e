// Files that an export left behind: they are replaced without asking, and not packed, because they can be made again.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace invado {

// A regular file that begins with this head; without one: that carries the mark of our exports near its beginning or end.
[[nodiscard]] bool is_export(const std::filesystem::path& file, std::string_view head);

// Some of these columns of a series.csv, after the time.
[[nodiscard]] bool is_series_export(const std::filesystem::path& file, std::span<const std::string> columns);

// Of any kind: marked, or a table with the head of an exported one.
[[nodiscard]] bool is_any_export(const std::filesystem::path& file);

}  // namespace invado
