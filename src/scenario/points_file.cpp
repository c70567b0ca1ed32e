#include "scenario/points_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

constexpr std::size_t most_points = 100000000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

struct Cell {
  std::string_view text;
  int column;  // in the line, from 1
};

std::vector<Cell> split(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    cells.push_back({trimmed(line.substr(begin, end - begin)), static_cast<int>(begin) + 1});
    if (end == line.size()) return cells;
    begin = end + 1;
  }
}

enum Column : std::size_t { X, Y, Z, Type, Radius, Columns };
constexpr std::array<std::string_view, Columns> column_names{"x_um", "y_um", "z_um", "type", "radius_um"};

}  // namespace

PointTable read_points(const std::string& text, const Source& source, Problems& problems) {
  PointTable table;
  constexpr std::size_t absent = static_cast<std::size_t>(-1);
  std::array<std::size_t, Columns> at;
  at.fill(absent);
  std::size_t width = 0;
  int number = 0;
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  const auto wrong = [&](int column, std::string_view name, std::string what) {
    problems.add({&source, number, column}, name, std::move(what), Exit::BadData);
  };
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::vector<Cell> cells = split(line);
    if (width == 0) {
      width = cells.size();
      for (std::size_t c = 0; c < cells.size(); ++c) {
        const auto known = std::ranges::find(column_names, cells[c].text);
        const std::vector<std::string> names(column_names.begin(), column_names.end());
        if (known == column_names.end())
          wrong(cells[c].column, {},
                explain("unknown column", cells[c].text, comma_list(names), nearest_word(cells[c].text, names)));
        else if (at[static_cast<std::size_t>(known - column_names.begin())] != absent)
          wrong(cells[c].column, {}, explain("the column is given twice", cells[c].text));
        else
          at[static_cast<std::size_t>(known - column_names.begin())] = c;
      }
      for (std::size_t c : {X, Y, Z})
        if (at[c] == absent)
          wrong(1, column_names[c],
                "the column is missing (the first line names the columns: x_um,y_um,z_um[,type,radius_um])");
      if (!problems.empty()) return table;
      continue;
    }
    if (cells.size() != width) {
      wrong(1, {},
            explain("has not as many values as the first line", fmt::format("{}", cells.size()), fmt::format("{}", width)));
    } else {
      Vec3 x;
      const auto number_in = [&](Column column, Range range) {
        const Cell& cell = cells[at[column]];
        const Parsed<double> read = parse_quantity(cell.text, Unit::One, range);
        if (!read.value) wrong(cell.column, column_names[column], read.problem);
        return read.value.value_or(0);
      };
      x = {number_in(X, any_number), number_in(Y, any_number), number_in(Z, any_number)};
      table.positions.push_back(x);
      table.line.push_back(number);
      if (at[Radius] != absent) table.radius.push_back(number_in(Radius, positive));
      if (at[Type] != absent) table.type.emplace_back(cells[at[Type]].text);
    }
    if (problems.many() || table.positions.size() > most_points) {
      if (table.positions.size() > most_points) wrong(1, {}, fmt::format("more than {} points", most_points));
      return table;
    }
  }
  if (width == 0) wrong(1, {}, "the table is empty (the first line names the columns: x_um,y_um,z_um[,type,radius_um])");
  return table;
}

}  // namespace invado
