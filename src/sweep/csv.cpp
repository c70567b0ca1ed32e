#include "sweep/csv.h"

#include <algorithm>

namespace invado {

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

bool CsvReader::next() {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.starts_with('#')) continue;
    fields_.clear();
    problem_.clear();
    for (bool more = true; more;) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      std::string field;
      if (line.starts_with('"')) {
        std::size_t at = 1;
        for (; at < line.size(); ++at) {
          if (line[at] != '"') {
            field += line[at];
          } else if (at + 1 < line.size() && line[at + 1] == '"') {
            field += '"';
            ++at;
          } else {
            break;
          }
        }
        if (at >= line.size()) problem_ = "a quote is not closed on its line";
        line.remove_prefix(std::min(at + 1, line.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.empty() && line[0] != ',' && problem_.empty()) problem_ = "something follows a closing quote";
      } else {
        field = line.substr(0, line.find(','));
        field.resize(field.find_last_not_of(" \t") + 1);
      }
      fields_.push_back(std::move(field));
      const std::size_t comma = line.find(',');
      more = comma != std::string_view::npos;
      if (more) line.remove_prefix(comma + 1);
    }
    return true;
  }
  return false;
}

std::string csv_field(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(",\"\r\n\t ") == std::string_view::npos &&
                     std::string_view("=+-@").find(text[0]) == std::string_view::npos;
  if (plain || text.empty()) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace invado
