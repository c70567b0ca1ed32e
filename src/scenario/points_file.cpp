#include "scenario/points_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

struct Cell {
  std::string_view text;
  int column;  // in the line, from 1
};

enum Column : std::size_t { X, Y, Z, Type, Radius, Columns };
constexpr std::array<std::string_view, Columns> column_names{"x_um", "y_um", "z_um", "type", "radius_um"};

// A line in its cells. Only as many as can have a meaning are kept, and one more; all are counted.
struct Row {
  std::array<Cell, Columns + 1> cells;
  std::size_t count = 0;

  explicit Row(std::string_view line) {
    for (std::size_t begin = 0;;) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      if (count < cells.size()) cells[count] = {trimmed(line.substr(begin, end - begin)), static_cast<int>(begin) + 1};
      ++count;
      if (end == line.size()) return;
      begin = end + 1;
    }
  }
};

}  // namespace

double table_memory(double size) {
  // The shortest row is `0,0,0` and a line end. A point is kept with radius and type, and once more as the region at the
  // start of the front.
  constexpr double shortest_row = 6, per_point = 2 * sizeof(Vec3) + sizeof(double) + sizeof(int);
  return size + per_point * std::min(size / shortest_row, static_cast<double>(most_points));
}

PointTable read_points(std::string_view text, std::span<const std::string> types, Vec3 size, const Source& source,
                       Problems& problems) {
  PointTable table;
  const std::size_t lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
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
    const Row row(line);
    const auto& cells = row.cells;
    if (width == 0) {
      width = row.count;
      for (std::size_t c = 0; c < std::min(width, cells.size()); ++c) {
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
      table.positions.reserve(std::min(lines, most_points));
      if (at[Radius] != absent) table.radius.reserve(std::min(lines, most_points));
      if (at[Type] != absent) table.type.reserve(std::min(lines, most_points));
      continue;
    }
    if (table.positions.size() == most_points) {
      wrong(1, {}, fmt::format("more than {} points", most_points));
      return table;
    }
    if (row.count != width) {
      wrong(1, {},
            explain("has not as many values as the first line", fmt::format("{}", row.count), fmt::format("{}", width)));
    } else {
      Vec3 x;
      const auto number_in = [&](Column column, Range range) {
        const Cell& cell = cells[at[column]];
        const Parsed<double> read = parse_quantity(cell.text, Unit::One, range);
        if (!read.value) wrong(cell.column, column_names[column], read.problem);
        return read.value.value_or(0);
      };
      x = {number_in(X, any_number), number_in(Y, any_number), number_in(Z, any_number)};
      for (int axis = 0; axis < 3; ++axis)
        if (x[axis] < 0 || x[axis] > size[axis])
          wrong(cells[at[static_cast<std::size_t>(axis)]].column, column_names[static_cast<std::size_t>(axis)],
                explain("is outside the domain", to_text(x[axis], Unit::Um), to_text(Range{0, size[axis]}, Unit::Um)));
      table.positions.push_back(x);
      if (at[Radius] != absent) table.radius.push_back(number_in(Radius, positive));
      if (at[Type] != absent) {
        const Cell& cell = cells[at[Type]];
        const auto type = std::ranges::find(types, cell.text);
        if (type == types.end())
          wrong(cell.column, column_names[Type],
                explain("no such cell type", cell.text, comma_list(types), nearest_word(cell.text, types)));
        table.type.push_back(static_cast<int>(type - types.begin()));
      }
    }
    if (problems.many()) return table;
  }
  if (width == 0) wrong(1, {}, "the table is empty (the first line names the columns: x_um,y_um,z_um[,type,radius_um])");
  return table;
}

}  // namespace invado
