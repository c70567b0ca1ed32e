#include "export/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace invado {
namespace {

// "velocity" in um/min -> "velocity_um_min"; names that tell their unit already stay as they are.
std::string with_unit(std::string name, const std::string& unit) {
  if (unit.empty() || unit == "1") return name;
  std::string suffix = "_";
  for (const char c : unit)
    if (c == '/' || c == ' ')
      suffix += '_';
    else if (c != '^')
      suffix += c;
  return name.ends_with(suffix) ? name : name + suffix;
}

// Text of every cell for one column of the table.
struct Column {
  std::string name;
  std::vector<std::string> values;
};

std::vector<Column> read_column(const hdf5::Reader& file, const std::string& group, const SnapshotInfo::Array& array,
                                const std::string& path) {
  const std::string dataset = group + "/" + array.name;
  const std::string unit = file.has_attribute(dataset, "unit") ? file.text(dataset, "unit") : std::string();
  const std::size_t components = array.shape.size() == 2 ? array.shape[1] : 1;
  std::vector<Column> columns(components);
  for (std::size_t c = 0; c < components; ++c)
    columns[c].name = with_unit(components == 1 ? array.name : fmt::format("{}_{}", array.name, "xyz"[c % 3]), unit);
  const auto fill = [&](const auto& numbers, auto&& text) {
    for (std::size_t i = 0; i < numbers.size(); ++i) columns[i % components].values.push_back(text(numbers[i]));
  };
  const auto plain = [](auto number) { return fmt::format("{}", number); };
  if (file.has_attribute(dataset, "names")) {
    const std::vector<std::string> names = file.texts(dataset, "names");
    fill(file.read<std::int64_t>(dataset), [&](std::int64_t index) {
      if (index < 0 || static_cast<std::size_t>(index) >= names.size())
        throw IoError(fmt::format("{}: {} has a value without name", path, dataset), Exit::BadData);
      return names[static_cast<std::size_t>(index)];
    });
  } else if (array.type == hdf5::Type::Float32) {
    fill(file.read<float>(dataset), plain);
  } else if (array.type == hdf5::Type::Float64) {
    fill(file.read<double>(dataset), plain);
  } else {
    fill(file.read<std::int64_t>(dataset), plain);
  }
  return columns;
}

}  // namespace

std::string cells_table(const SnapshotFile& snapshot, const SnapshotInfo::Place& place) {
  const hdf5::Reader file(snapshot.path);
  const std::string group = place.group + "/cells";
  std::vector<Column> columns;
  const auto add = [&](const SnapshotInfo::Array& array) {
    std::ranges::move(read_column(file, group, array, snapshot.path.string()), std::back_inserter(columns));
  };
  const auto named = [&](std::string_view name) {
    const auto at = std::ranges::find(place.columns, name, &SnapshotInfo::Array::name);
    if (at == place.columns.end())
      throw IoError(fmt::format("{}: has no cells/{}", snapshot.path.string(), name), Exit::BadData);
    return *at;
  };
  add(named("id"));
  add(named("type"));
  auto [type, shape] = file.layout(group + "/position");
  add({"position", type, std::move(shape)});
  for (std::size_t axis = 0; axis < 3; ++axis) columns[2 + axis].name = fmt::format("{}_um", "xyz"[axis]);
  for (const SnapshotInfo::Array& array : place.columns)
    if (array.name != "id" && array.name != "type") add(array);

  std::string text = "time_h";
  for (const Column& column : columns) {
    text += "," + column.name;
    if (column.values.size() != place.cells)
      throw IoError(fmt::format("{}: cells/{} has not one value per cell", snapshot.path.string(), column.name),
                    Exit::BadData);
  }
  text += '\n';
  const std::string time = fmt::format("{}", snapshot.info.time_h);
  for (std::size_t cell = 0; cell < place.cells; ++cell) {
    text += time;
    for (const Column& column : columns) text += "," + column.values[cell];
    text += '\n';
  }
  return text;
}

Table series_of_site(const Table& series, const std::string& site) {
  const std::string prefix = site + ".";
  std::vector<std::size_t> chosen;
  Table table;
  for (std::size_t column = 0; column < series.names.size(); ++column)
    if (const std::string& name = series.names[column]; name == "time_h" || name.starts_with(prefix)) {
      chosen.push_back(column);
      table.names.push_back(name == "time_h" ? name : name.substr(prefix.size()));
    }
  for (const auto& row : series.rows) {
    std::vector<double>& values = table.rows.emplace_back();
    for (const std::size_t column : chosen) values.push_back(row[column]);
  }
  return table;
}

std::vector<std::string> sites_of_series(const Table& series) {
  std::vector<std::string> sites;
  for (const std::string& name : series.names)
    if (const std::size_t dot = name.find('.'); dot != std::string::npos)
      if (const std::string site = name.substr(0, dot); std::ranges::find(sites, site) == sites.end()) sites.push_back(site);
  return sites;
}

std::string series_table(const Table& series, std::span<const std::string> columns, bool one_per_line) {
  const auto index_of = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(series.names, name) - series.names.begin());
  };
  const std::size_t time = index_of("time_h");
  std::vector<std::size_t> chosen;
  for (const std::string& name : columns.empty() ? std::span<const std::string>(series.names) : columns)
    if (const std::size_t column = index_of(name); column != time) chosen.push_back(column);
  if (one_per_line) {
    std::string text(long_series_head);
    for (const auto& row : series.rows)
      for (const std::size_t column : chosen)
        if (!std::isnan(row[column]))
          fmt::format_to(std::back_inserter(text), "{},{},{}\n", row[time], series.names[column],
                         row[column] == 0 ? 0.0 : row[column]);
    return text;
  }
  chosen.insert(chosen.begin(), time);
  std::vector<std::string> names;
  for (const std::size_t column : chosen) names.push_back(series.names[column]);
  std::string text = csv_header(names);
  for (const auto& row : series.rows) {
    std::vector<double> values;
    for (const std::size_t column : chosen) values.push_back(row[column]);
    text += csv_row(values);
  }
  return text;
}

}  // namespace invado
