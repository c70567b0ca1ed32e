#include "export/earlier.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "export/cells.h"
#include "export/tracks.h"
#include "export/vtk_xml.h"

namespace invado {
namespace fs = std::filesystem;

bool is_export(const fs::path& path, std::string_view head) {
  constexpr std::streamoff seen = 1024;
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return false;
  std::ifstream file(path, std::ios::binary);
  const auto piece = [&] {
    std::string text(seen, '\0');
    file.read(text.data(), seen);
    text.resize(static_cast<std::size_t>(file.gcount()));
    file.clear();
    return text;
  };
  const std::string first = piece();
  if (!head.empty()) return first.starts_with(head);
  file.seekg(0, std::ios::end);
  file.seekg(std::max<std::streamoff>(0, file.tellg() - seen));
  return (first + piece()).find(export_mark) != std::string::npos;
}

bool is_series_export(const fs::path& path, std::span<const std::string> columns) {
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return false;
  std::ifstream file(path, std::ios::binary);
  std::string head, name;
  std::getline(file, head);
  std::istringstream names(head);
  if (!std::getline(names, name, ',') || name != "time_h") return false;
  while (std::getline(names, name, ','))
    if (std::ranges::find(columns, name) == columns.end()) return false;
  return true;
}

bool is_any_export(const fs::path& file) {
  if (file.filename().string().ends_with(series_export_name)) return is_export(file, "time_h");
  // A script or a note that names the command is none.
  constexpr std::array<std::string_view, 6> marked{".vti", ".vtp", ".nrrd", ".xml", ".vtkhdf", ".tar"};
  if (std::ranges::find(marked, file.extension().string()) != marked.end()) return is_export(file, "");
  constexpr std::array<std::string_view, 4> heads{celltrackr_head, trackpy_head, cells_head, long_series_head};
  return std::ranges::any_of(heads, [&](std::string_view head) { return is_export(file, head); });
}

}  // namespace invado
