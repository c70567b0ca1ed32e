#include "app/sweep_study.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "scenario/text.h"
#include "sweep/csv.h"

namespace invado {
namespace {

// Columns of sweep.csv that are neither axis nor observable.
constexpr std::array<std::string_view, 7> other_columns{"point", "replicate", "id", "seed", "name", "state", "digest"};

// The levels of an axis among the values of points; `of`: what the sweep says about the axis.
StudyAxis axis_of(std::string name, const std::vector<std::string>& values, const SweepAxis& of) {
  StudyAxis axis;
  axis.name = std::move(name);
  axis.logarithmic = of.scale == static_cast<int>(SweepAxis::Scale::Log);
  axis.levels = values;
  std::ranges::sort(axis.levels);
  axis.levels.erase(std::unique(axis.levels.begin(), axis.levels.end()), axis.levels.end());
  std::vector<AxisNumber> numbers;
  for (const std::string& level : axis.levels) numbers.push_back(axis_number(level));
  const bool numeric =
      std::ranges::all_of(numbers, [&](const AxisNumber& n) { return n.is_number && n.unit == numbers.front().unit; });
  // In the order of the numbers, of the sweep's file, or of appearance.
  const auto rank = [&](const std::string& level) {
    if (numeric) return axis_number(level).value;
    const std::vector<std::string>& order = of.values.empty() ? values : of.values;
    return static_cast<double>(std::ranges::find(order, level) - order.begin());
  };
  std::ranges::sort(axis.levels, {}, rank);
  if (numeric) {
    axis.unit = numbers.front().unit;
    for (const std::string& level : axis.levels) axis.numbers.push_back(axis_number(level).value);
  }
  const bool known = !of.values.empty() || !of.from.empty();
  const auto last = static_cast<double>(axis.levels.size() - 1);
  for (std::size_t i = 0; i < axis.levels.size(); ++i) {
    double place = last > 0 ? static_cast<double>(i) / last : 0;
    if (known)
      place = of.coordinate(axis.levels[i]);
    else if (numeric && last > 0)
      place = (axis.numbers[i] - axis.numbers.front()) / (axis.numbers.back() - axis.numbers.front());
    axis.places.push_back(place);
  }
  return axis;
}

// Adds an axis to a study whose points exist already; `values`: one per point.
void add_axis(Study& study, StudyAxis axis, const std::vector<std::string>& values) {
  std::map<std::string_view, std::size_t> level;
  for (std::size_t i = 0; i < axis.levels.size(); ++i) level.emplace(axis.levels[i], i);
  for (std::size_t point = 0; point < values.size(); ++point) study.points[point].push_back(level.at(values[point]));
  study.axes.push_back(std::move(axis));
}

std::vector<std::size_t> counted(std::size_t n) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

Study study_of_sweep(const SweepPlan& plan, const std::vector<RunOutcome>& outcomes) {
  Study study;
  study.points.resize(plan.runs.empty() ? 0 : plan.runs.back().point + 1);
  study.rows = plan.rows.empty() ? counted(study.points.size()) : plan.rows;
  std::vector<std::string> names(study.points.size());
  for (const SweepRun& run : plan.runs) names[run.point] = run.name;
  if (std::ranges::none_of(names, &std::string::empty)) study.names = std::move(names);
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    if (!plan.axes[a].with.empty()) continue;
    std::vector<std::string> values(study.points.size());
    for (const SweepRun& run : plan.runs) values[run.point] = run.values[a];
    add_axis(study, axis_of(plan.axes[a].name, values, plan.axes[a]), values);
  }
  std::size_t at = 0;
  for (const SweepObservable& o : plan.observables) {
    if (o.take == static_cast<int>(SweepObservable::Take::Curve)) continue;
    StudyOutput& output = study.outputs.emplace_back();
    output.name = o.name;
    output.values.resize(study.points.size());
    for (std::size_t i = 0; i < plan.runs.size(); ++i)
      output.values[plan.runs[i].point].push_back(at < outcomes[i].values.size() ? outcomes[i].values[at] : unknown);
    ++at;
  }
  return study;
}

Study study_of_table(const std::string& text, const std::string& label, const std::vector<std::string>& axes,
                     std::vector<std::string> observables) {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> lines;
  const auto bad = [&](int line, const std::string& what) {
    return IoError(fmt::format("{}:{}:1: {}", label, line, what), Exit::BadData);
  };
  for (CsvReader csv(text); csv.next();) {
    if (!csv.problem().empty()) throw bad(csv.line(), csv.problem());
    if (header.empty()) {
      header = csv.fields();
      continue;
    }
    if (csv.fields().size() != header.size())
      throw bad(csv.line(), explain("has not as many values as the first line", fmt::format("{}", csv.fields().size()),
                                    fmt::format("{}", header.size())));
    rows.push_back(csv.fields());
    lines.push_back(csv.line());
  }
  if (rows.empty()) throw bad(1, "the table has no rows (the first line names the columns)");
  if (axes.empty()) throw Error(Exit::Usage, "--axes: is required for a table: the columns that were varied");
  const auto column = [&](const std::string& name, std::string_view option) {
    const auto at = std::ranges::find(header, name);
    if (at == header.end())
      throw Error(Exit::Usage, fmt::format("{}: {}", option,
                                           explain("the table has no such column", name, comma_list(header),
                                                   nearest_word(name, header))));
    return static_cast<std::size_t>(at - header.begin());
  };
  if (observables.empty())
    for (const std::string& name : header)
      if (std::ranges::find(axes, name) == axes.end() && std::ranges::find(other_columns, name) == other_columns.end())
        observables.push_back(name);

  // Points: rows with equal values on all axes.
  Study study;
  std::map<std::vector<std::string>, std::size_t> seen;
  std::vector<std::vector<std::string>> values;  // [point][axis]
  for (const std::vector<std::string>& row : rows) {
    std::vector<std::string> key;
    for (const std::string& name : axes) {
      std::string field = row[column(name, "--axes")];
      if (const AxisNumber n = axis_number(field); n.is_number)
        field = shortest(n.value) + (n.unit.empty() ? "" : " " + n.unit);
      key.push_back(std::move(field));
    }
    const auto [at, is_new] = seen.emplace(std::move(key), values.size());
    if (is_new) values.push_back(at->first);
    study.rows.push_back(at->second);
  }
  study.points.resize(values.size());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    std::vector<std::string> of_points;
    for (const std::vector<std::string>& point : values) of_points.push_back(point[a]);
    add_axis(study, axis_of(axes[a], of_points, {}), of_points);
  }
  for (const std::string& name : observables) {
    const std::size_t c = column(name, "--observables");
    StudyOutput& output = study.outputs.emplace_back();
    output.name = name;
    output.values.resize(study.points.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::string& field = rows[r][c];
      double value = unknown;
      const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
      if (!field.empty() && (error != std::errc{} || end != field.data() + field.size()))
        throw bad(lines[r], explain("is not a number in column " + printable(name), field));
      output.values[study.rows[r]].push_back(field.empty() ? unknown : value);
    }
  }
  // Replicates of a grid stand in rows of their own; in other designs a row is a visit.
  std::vector<std::size_t> visits = std::exchange(study.rows, counted(study.points.size()));
  if (design_of(study) == StudyDesign::Grid) return study;
  study.rows = std::move(visits);
  if (design_of(study) == StudyDesign::Scattered) study.rows = counted(study.points.size());
  return study;
}

}  // namespace invado
