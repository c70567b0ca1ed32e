// From what a sweep file says to its points.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "scenario/files.h"
#include "scenario/text.h"
#include "sweep/csv.h"
#include "sweep/designs.h"
#include "sweep/sweep_draft.h"

namespace invado {
namespace {

constexpr std::size_t longest_csv = std::size_t{64} << 20;

bool is_counted(SweepDesign design) {
  return design != SweepDesign::Grid && design != SweepDesign::List && design != SweepDesign::Csv;
}
bool revisits(SweepDesign design) { return design == SweepDesign::Morris || design == SweepDesign::Saltelli; }

void points_of_csv(SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems) {
  const Origin origin = where({"design", "csv", "file"});
  const FoundFile found = find_named_file(d.csv, s.file, s.allow_dirs);
  if (found.path.empty()) return problems.add(origin, "design.csv.file", found.problem, found.code);
  const Source& source = s.sources.emplace_back(Source{Source::Kind::File, shown_path(found.path), found.path});
  std::string text;
  try {
    text = read_found_file(found, longest_csv);
  } catch (const Error& error) {
    return problems.add(origin, "design.csv.file", error.what(), error.code());
  }
  const auto wrong = [&](int line, std::string_view key, std::string what) {
    problems.add({&source, line, 1}, key, std::move(what), Exit::BadData);
  };
  std::vector<std::string> names;
  for (const SweepAxis& axis : s.axes) names.push_back(axis.name);
  std::vector<std::size_t> column_of_axis(s.axes.size(), std::string::npos);
  std::size_t name_column = std::string::npos, width = 0;
  for (CsvReader csv(text); csv.next();) {
    const std::vector<std::string>& fields = csv.fields();
    if (!csv.problem().empty()) return wrong(csv.line(), {}, csv.problem());
    if (width == 0) {
      width = fields.size();
      for (std::size_t c = 0; c < width; ++c) {
        const auto axis = std::ranges::find(names, fields[c]);
        std::size_t& column =
            axis != names.end() ? column_of_axis[static_cast<std::size_t>(axis - names.begin())] : name_column;
        if (axis == names.end() && fields[c] != "name")
          wrong(csv.line(), {},
                explain("unknown column", fields[c], comma_list(names) + ", name", nearest_word(fields[c], names)));
        else if (column != std::string::npos)
          wrong(csv.line(), {}, explain("the column is given twice", fields[c]));
        else
          column = c;
      }
      for (std::size_t a = 0; a < names.size(); ++a)
        if (column_of_axis[a] == std::string::npos) wrong(csv.line(), names[a], "the column of this axis is missing");
      if (!problems.empty()) return;
      continue;
    }
    if (fields.size() != width) {
      wrong(csv.line(), {},
            explain("has not as many values as the first line", fmt::format("{}", fields.size()), fmt::format("{}", width)));
      continue;
    }
    if (s.points.size() == most_sweep_runs)
      return wrong(csv.line(), {}, fmt::format("more than {} points", most_sweep_runs));
    SweepPoint& point = s.points.emplace_back();
    point.origin = {&source, csv.line(), 1};
    if (name_column != std::string::npos) point.name = fields[name_column];
    for (const std::size_t c : column_of_axis) point.values.push_back(fields[c]);
    if (problems.many()) return;
  }
  if (s.points.empty() && problems.empty()) wrong(1, {}, "the table has no points (the first line names the axes)");
}

void points_of_grid(SweepSpecification& s, Problems& problems) {
  std::vector<std::size_t> levels, dimension(s.axes.size());
  std::vector<std::string> leaders;
  double count = static_cast<double>(s.replicates);
  for (std::size_t a = 0; a < s.axes.size(); ++a) {
    if (!s.axes[a].with.empty()) continue;
    dimension[a] = levels.size();
    leaders.push_back(s.axes[a].name);
    levels.push_back(s.axes[a].levels());
    count *= static_cast<double>(levels.back());
  }
  if (count > static_cast<double>(most_sweep_runs))
    return problems.add(s.design_origin, "design",
                        explain("too many runs", fmt::format("{:.0f}", count), fmt::format("at most {}", most_sweep_runs)));
  for (std::size_t a = 0; a < s.axes.size(); ++a)
    if (!s.axes[a].with.empty())
      dimension[a] = static_cast<std::size_t>(std::ranges::find(leaders, s.axes[a].with) - leaders.begin());
  for (const std::vector<std::size_t>& combination : all_combinations(levels)) {
    SweepPoint& point = s.points.emplace_back();
    point.origin = s.design_origin;
    for (std::size_t a = 0; a < s.axes.size(); ++a) point.values.push_back(s.axes[a].level(combination[dimension[a]]));
  }
}

// Coordinates of the points, one per axis that moves by itself; nothing when there would be too many.
UnitPoints cube_of(const SweepSpecification& s, const SweepDraft& d, std::size_t axes, Problems& problems) {
  const auto refuse = [&](std::string_view key, std::string_view what, std::size_t got, std::size_t most) {
    problems.add(s.design_origin, key, explain(what, fmt::format("{}", got), fmt::format("at most {}", most)));
    return UnitPoints{};
  };
  const auto points = static_cast<std::size_t>(d.design == SweepDesign::Morris ? d.trajectories : d.points);
  const std::size_t runs = points * (d.design == SweepDesign::Morris                       ? axes + 1
                                     : d.design == SweepDesign::Saltelli && d.second_order ? 2 * axes + 2
                                     : d.design == SweepDesign::Saltelli                   ? axes + 2
                                                                                           : 1);
  if (runs > most_sweep_runs / static_cast<std::size_t>(s.replicates))
    return refuse("design", "too many runs", runs * static_cast<std::size_t>(s.replicates), most_sweep_runs);
  const Seed seed{static_cast<std::uint64_t>(s.seed)};
  const std::int64_t skip =
      d.skip >= 0 ? d.skip : (d.design == SweepDesign::Saltelli ? static_cast<std::int64_t>(std::bit_ceil(points)) : 0);
  switch (d.design) {
    case SweepDesign::Sobol:
      if (axes > most_sobol_axes) return refuse("design.sobol", "too many axes", axes, most_sobol_axes);
      return sobol(points, axes, static_cast<std::uint32_t>(skip));
    case SweepDesign::Saltelli:
      if (2 * axes > most_sobol_axes) return refuse("design.saltelli", "too many axes", axes, most_sobol_axes / 2);
      return saltelli(points, axes, static_cast<std::uint32_t>(skip), d.second_order);
    case SweepDesign::Morris: return morris_trajectories(points, static_cast<std::size_t>(d.levels), axes, seed);
    default: return latin_hypercube(points, axes, seed);
  }
}

void points_of_cube(SweepSpecification& s, const SweepDraft& d, Problems& problems) {
  std::vector<std::string> leaders;
  for (const SweepAxis& axis : s.axes)
    if (axis.with.empty()) leaders.push_back(axis.name);
  for (const std::vector<double>& u : cube_of(s, d, leaders.size(), problems)) {
    SweepPoint& point = s.points.emplace_back();
    point.origin = s.design_origin;
    for (const SweepAxis& axis : s.axes) {
      const auto leader = std::ranges::find(leaders, axis.with.empty() ? axis.name : axis.with);
      point.values.push_back(axis.at(u[static_cast<std::size_t>(leader - leaders.begin())]));
    }
  }
}

// A design that may come to the same point again runs it once and remembers the order.
void keep_rows(SweepSpecification& s) {
  std::map<std::vector<std::string>, std::size_t> seen;
  std::vector<SweepPoint> points;
  for (SweepPoint& point : s.points) {
    const auto [at, is_new] = seen.emplace(point.values, points.size());
    s.rows.push_back(at->second);
    if (is_new) points.push_back(std::move(point));
  }
  s.points = std::move(points);
}

// Every step of a trajectory must change its axis.
void judge_steps(const SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems) {
  if (d.levels % 2 != 0)
    problems.add(where({"design", "morris", "levels"}), "design.morris.levels",
                 explain("steps go half way through the levels", fmt::format("{}", d.levels), "an even number"));
  const auto levels = static_cast<std::size_t>(d.levels);
  for (const SweepAxis& axis : s.axes) {
    if (const std::size_t n = axis.values.size(); n > 0 && (n % 2 != 0 || levels % n != 0))
      problems.add(where({"axes", axis.name, "values"}), "axes." + axis.name + ".values",
                   explain("a trajectory would not change this axis at each step", fmt::format("{} levels", n),
                           fmt::format("an even number that divides the design's {}", d.levels)));
    if (!axis.whole || !axis.values.empty() || d.levels % 2 != 0) continue;
    const auto at = [&](std::size_t i) { return axis.at(static_cast<double>(i) / static_cast<double>(levels - 1)); };
    for (std::size_t i = 0; i < levels / 2; ++i)
      if (at(i) == at(i + levels / 2)) {
        problems.add(where({"axes", axis.name, "whole"}), "axes." + axis.name + ".whole",
                     explain("rounding takes away a step of the trajectories", at(i), "a longer range, or whole: false"));
        break;
      }
  }
}

void refuse_equal_points(const SweepSpecification& s, Problems& problems) {
  std::map<std::vector<std::string>, std::size_t> seen;
  std::set<std::string> names;
  for (std::size_t i = 0; i < s.points.size() && !problems.many(); ++i) {
    const SweepPoint& point = s.points[i];
    if (const auto [at, is_new] = seen.emplace(point.values, i); !is_new)
      problems.add(point.origin, "design",
                   explain(fmt::format("point {} has the values of point {}", i, at->second),
                           fmt::format("{}", fmt::join(point.values, ", "))));
    if (!point.name.empty() && !names.insert(point.name).second)
      problems.add(point.origin, "design", explain("two points have this name", point.name));
  }
}

// A list and a table bring their own levels.
void refuse_mixed_units(const SweepSpecification& s, Problems& problems) {
  for (std::size_t a = 0; a < s.axes.size(); ++a) {
    AxisNumber before;
    for (const SweepPoint& point : s.points) {
      const AxisNumber number = axis_number(point.values[a]);
      if (units_differ(number, before) && !problems.many())
        problems.add(point.origin, s.axes[a].name,
                     explain("is not in the unit of the points before", point.values[a], before.unit));
      if (number.is_number && !before.is_number) before = number;
    }
  }
}

// With its unit an axis may come to the name of another column.
void refuse_equal_columns(const SweepSpecification& s, const WrittenKeys& where, Problems& problems) {
  std::map<std::string, std::string> owners;
  for (const SweepObservable& o : s.observables) owners.emplace(o.name, o.key);
  std::vector<std::string> columns;
  for (std::size_t a = 0; a < s.axes.size(); ++a) {
    std::vector<std::string> values;
    for (const SweepPoint& point : s.points) values.push_back(point.values[a]);
    columns.push_back(s.axes[a].name + unit_suffix(common_unit(values).value_or("")));
  }
  for (std::size_t a = 0; a < s.axes.size(); ++a)
    if (const auto [at, is_new] = owners.emplace(columns[a], "axes." + s.axes[a].name); !is_new)
      problems.add(where({"axes", s.axes[a].name}), "axes." + s.axes[a].name,
                   explain("its column, with the unit, would be that of " + at->second, columns[a]));
}

}  // namespace

void judge_counts(const SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems) {
  if (is_counted(d.design) && d.points == 0 && d.trajectories == 0)
    problems.add(s.design_origin, "design",
                 fmt::format("`{}` is required: how many", d.design == SweepDesign::Morris ? "trajectories" : "points"));
  if (d.design == SweepDesign::Morris) judge_steps(s, d, where, problems);
}

void make_points(SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems) {
  if (d.design == SweepDesign::Grid) points_of_grid(s, problems);
  if (d.design == SweepDesign::Csv) points_of_csv(s, d, where, problems);
  if (is_counted(d.design)) points_of_cube(s, d, problems);
  if (revisits(d.design)) keep_rows(s);
  if (problems.empty() && (d.design == SweepDesign::List || d.design == SweepDesign::Csv)) refuse_mixed_units(s, problems);
  if (problems.empty()) refuse_equal_points(s, problems);
  if (problems.empty()) refuse_equal_columns(s, where, problems);
}

}  // namespace invado
