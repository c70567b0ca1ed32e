#include "io/table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>

#include "base/error.h"

namespace invado {

std::string csv_header(std::span<const std::string> names) {
  std::string line;
  for (const std::string& name : names) line += (line.empty() ? "" : ",") + name;
  return line + "\n";
}

std::string csv_row(std::span<const double> values) {
  std::string line;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) line += ',';
    if (!std::isnan(values[i])) fmt::format_to(std::back_inserter(line), "{}", values[i] == 0 ? 0.0 : values[i]);
  }
  return line + "\n";
}

void write_table(const std::filesystem::path& path, std::span<const std::string> names,
                 std::span<const std::vector<double>> rows) {
  std::string text = csv_header(names);
  for (const auto& row : rows) text += csv_row(row);
  atomic_write(path, text);
}

Table read_table(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(fmt::format("{}: cannot open the file", path.string()), Exit::NotFound);
  std::string text;
  for (std::vector<char> buffer(std::size_t{1} << 20);
       file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > longest_table_bytes)
      throw IoError(fmt::format("{}: is too long for a table (allowed {} bytes)", path.string(), longest_table_bytes),
                    Exit::BadData);
  }
  Table table;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    std::string_view line(text.data() + begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin = end + 1;
    ++line_number;
    std::vector<double> row;
    for (bool more = true; more;) {
      const std::size_t comma = line.find(',');
      const std::string_view field = line.substr(0, comma);
      more = comma != std::string_view::npos;
      if (more) line.remove_prefix(comma + 1);
      if (line_number == 1) {
        table.names.emplace_back(field);
        if (table.names.size() > most_table_columns)
          throw IoError(fmt::format("{}:1: too many columns (allowed {})", path.string(), most_table_columns),
                        Exit::BadData);
        continue;
      }
      if (row.size() == table.names.size()) {  // one too many: said below, without reading a million more
        row.push_back(0);
        break;
      }
      double value = std::numeric_limits<double>::quiet_NaN();
      if (!field.empty()) {
        const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), value);
        if (error != std::errc{} || stop != field.data() + field.size())
          throw IoError(fmt::format("{}:{}: '{}' is not a number", path.string(), line_number, field), Exit::BadData);
      }
      row.push_back(value);
    }
    if (line_number == 1) continue;
    if (row.size() != table.names.size())
      throw IoError(fmt::format("{}:{}: {} fields, the header has {}", path.string(), line_number,
                                row.size() > table.names.size() ? std::string("more") : fmt::format("{}", row.size()),
                                table.names.size()),
                    Exit::BadData);
    table.rows.push_back(std::move(row));
  }
  return table;
}

SeriesWriter::SeriesWriter(const std::filesystem::path& path, std::span<const std::string> names)
    : file_(AppendFile::create(path)), columns_(names.size()) {
  file_.append(csv_header(names));
}

SeriesWriter::SeriesWriter(const std::filesystem::path& path, std::size_t columns, const FinishedFile& so_far)
    : file_(AppendFile::reopen(path, so_far)), columns_(columns) {}

void SeriesWriter::write_row(std::span<const double> values) {
  INVADO_ENSURE(values.size() == columns_);
  file_.append(csv_row(values));
}

}  // namespace invado
