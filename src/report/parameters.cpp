#include "report/parameters.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace invado {
namespace {

// Calls visit(line, number from 1) for each line.
template <class Visit>
void for_lines(std::string_view text, Visit&& visit) {
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    visit(text.substr(0, end), ++number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

// The length of a text in double quotes at the beginning, quotes included; 0: there is none.
std::size_t quoted_length(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return 0;
}

std::string unquoted(std::string_view text) {
  if (quoted_length(text) != text.size() || text.size() < 2) return std::string(text);
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    ++i;
    out += text[i] == 'n' ? ' ' : text[i] == 't' ? ' ' : text[i];
  }
  return out;
}

// Where the comment behind a value begins: not inside quotes.
std::size_t comment_at(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      const std::size_t length = quoted_length(text.substr(i));
      if (length == 0) return std::string_view::npos;
      i += length - 1;
    } else if (text.substr(i).starts_with("  # ")) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool fits(std::string_view path, std::string_view pattern) {
  const auto have = split(path, '.'), want = split(pattern, '.');
  return std::ranges::equal(have, want, [](std::string_view a, std::string_view b) { return b == "*" || a == b; });
}

// "60 um^2/min" for the default "60" with unit "um^2/min"; of a vector all three.
bool same_value(std::string value, const ParameterRow& row) {
  if (row.unit.size() > 0 && row.unit != "1") {
    const std::string unit = " " + row.unit;
    for (std::size_t at; (at = value.find(unit)) != std::string::npos;) value.erase(at, unit.size());
  }
  return value == row.fallback;
}

}  // namespace

std::vector<ResolvedValue> read_resolved(std::string_view text, std::string_view file) {
  std::vector<ResolvedValue> values;
  std::vector<std::string> keys;
  for_lines(text, [&](std::string_view line, std::size_t number) {
    if (line.empty() || line.starts_with('#')) return;
    const auto refuse = [&] {
      throw IoError(fmt::format("{}:{}: is not a line of a resolved scenario", file, number), Exit::BadData);
    };
    const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(spaces);
    if (spaces % 2 != 0 || spaces / 2 > keys.size()) refuse();
    const std::size_t quoted = quoted_length(line);
    const std::size_t colon = quoted > 0 ? quoted : line.find(':');
    if (colon >= line.size() || line[colon] != ':' || (quoted == 0 && line.starts_with('"'))) refuse();
    keys.resize(spaces / 2);
    keys.push_back(unquoted(line.substr(0, colon)));
    line.remove_prefix(colon + 1);
    if (line.empty() || line == " {}") return;
    const std::size_t comment = comment_at(line);
    if (!line.starts_with(' ') || comment == std::string_view::npos || comment == 0) refuse();
    std::string path;
    for (const std::string& key : keys) path += (path.empty() ? "" : ".") + key;
    values.push_back({path, unquoted(line.substr(1, comment - 1)), std::string(line.substr(comment + 4))});
  });
  return values;
}

std::string value_of(const std::vector<ResolvedValue>& values, std::string_view path) {
  const auto at = std::ranges::find(values, path, &ResolvedValue::path);
  return at == values.end() ? std::string() : at->value;
}

bool has_signals(const std::vector<ResolvedValue>& values) {
  constexpr std::string_view types = "cell_types.", network = ".signalling";
  return std::ranges::any_of(values, [&](const ResolvedValue& value) {
    const std::string_view path = value.path;
    const std::size_t name = path.starts_with(types) ? path.find('.', types.size()) : std::string_view::npos;
    return name != std::string_view::npos && path.substr(name).starts_with(network) &&
           !(path.size() == name + network.size() && value.value == "off");
  });
}

std::string default_colour(const std::vector<ResolvedValue>& values) { return has_signals(values) ? "pakt" : "type"; }

std::vector<ParameterRow> read_parameter_table(std::string_view table) {
  std::vector<ParameterRow> rows;
  for_lines(table, [&](std::string_view line, std::size_t number) {
    const auto parts = split(line, '\t');
    if (number == 1 || parts.size() != 6) return;
    const auto text = [&](std::size_t i) { return std::string(parts[i]); };
    // Some shapes begin with numbers that nobody may rely on: the table says so.
    const std::string fallback = text(5) == "no default" ? std::string() : text(3);
    rows.push_back({text(0), text(1), text(2), fallback, text(4), text(5)});
  });
  return rows;
}

std::vector<ChangedParameter> changed_parameters(const std::vector<ResolvedValue>& values,
                                                 const std::vector<ParameterRow>& table) {
  constexpr std::array<std::string_view, 4> told_elsewhere{"schema", "name", "about", "seed"};
  std::vector<ChangedParameter> changed;
  for (const ResolvedValue& value : values) {
    if (value.is_default() || std::ranges::find(told_elsewhere, value.path) != told_elsewhere.end()) continue;
    const auto row =
        std::ranges::find_if(table, [&](const ParameterRow& candidate) { return fits(value.path, candidate.path); });
    if (row != table.end() && !row->fallback.empty() && same_value(value.value, *row)) continue;
    changed.push_back({value, row == table.end() ? ParameterRow{} : *row});
  }
  return changed;
}

}  // namespace invado
