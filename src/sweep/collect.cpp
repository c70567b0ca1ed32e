#include "sweep/collect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "scenario/text.h"
#include "sweep/csv.h"

namespace invado {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

struct Sample {
  double time, value;
};

// The rows that have a value, in the window [from, until].
std::vector<Sample> samples_of(const SweepObservable& o, const Curves& curves) {
  const auto time = std::ranges::find(curves.names, "time_h"), column = std::ranges::find(curves.names, o.column);
  std::vector<Sample> samples;
  if (time == curves.names.end() || column == curves.names.end()) return samples;
  // Times are written as the shortest decimals of ticks: an edge of the window belongs to it.
  constexpr double edge = 1e-9;
  for (const std::vector<double>& row : curves.rows) {
    const Sample sample{row[static_cast<std::size_t>(time - curves.names.begin())],
                        row[static_cast<std::size_t>(column - curves.names.begin())]};
    if (!std::isnan(sample.value) && sample.time >= o.from_h - edge && sample.time <= o.until_h + edge)
      samples.push_back(sample);
  }
  return samples;
}

double at_time(const std::vector<Sample>& samples, double time) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::fabs(samples[i].time - time) <= 1e-9) return samples[i].value;
    if (i > 0 && samples[i - 1].time < time && time < samples[i].time) {
      const double part = (time - samples[i - 1].time) / (samples[i].time - samples[i - 1].time);
      return samples[i - 1].value + part * (samples[i].value - samples[i - 1].value);
    }
  }
  return no_value;
}

double mean_of(const std::vector<Sample>& samples, double Sample::*member) {
  double sum = 0;
  for (const Sample& sample : samples) sum += sample.*member;
  return sum / static_cast<double>(samples.size());
}

double slope_of(const std::vector<Sample>& samples) {
  if (samples.size() < 2) return no_value;
  const double t = mean_of(samples, &Sample::time), y = mean_of(samples, &Sample::value);
  double both = 0, square = 0;
  for (const Sample& sample : samples) {
    both += (sample.time - t) * (sample.value - y);
    square += (sample.time - t) * (sample.time - t);
  }
  return square > 0 ? both / square : no_value;
}

bool is_curve(const SweepObservable& o) { return o.take == static_cast<int>(SweepObservable::Take::Curve); }

TableColumn axis_column(const SweepPlan& plan, std::size_t axis) {
  TableColumn column;
  column.name = plan.axes[axis].name;
  for (const SweepRun& run : plan.runs) column.words.push_back(run.values[axis]);
  if (const std::optional<std::string> unit = common_unit(column.words)) {
    for (const std::string& word : std::exchange(column.words, {})) column.numbers.push_back(axis_number(word).value);
    column.unit = *unit;
    column.name += unit_suffix(column.unit);
  }
  return column;
}

}  // namespace

double observe(const SweepObservable& o, const Curves& curves) {
  const std::vector<Sample> samples = samples_of(o, curves);
  if (samples.empty()) return no_value;
  switch (static_cast<SweepObservable::Take>(o.take)) {
    case SweepObservable::Take::End: return samples.back().value;
    case SweepObservable::Take::At: return at_time(samples, o.time_h);
    case SweepObservable::Take::Maximum: return std::ranges::max_element(samples, {}, &Sample::value)->value;
    case SweepObservable::Take::Minimum: return std::ranges::min_element(samples, {}, &Sample::value)->value;
    case SweepObservable::Take::Mean: return mean_of(samples, &Sample::value);
    case SweepObservable::Take::Slope: return slope_of(samples);
    case SweepObservable::Take::Curve: break;
  }
  return no_value;
}

RunOutcome finished_run(const SweepPlan& plan, const std::string& digest, const Curves& curves) {
  RunOutcome outcome{"done", digest, {}, {}};
  std::vector<std::vector<Sample>> all;
  std::vector<double> times;
  for (const SweepObservable& o : plan.observables) {
    if (!is_curve(o)) {
      outcome.values.push_back(observe(o, curves));
      continue;
    }
    for (const Sample& sample : all.emplace_back(samples_of(o, curves))) times.push_back(sample.time);
  }
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  for (const double time : times) {
    std::vector<double>& row = outcome.curve_rows.emplace_back();
    row.push_back(time);
    for (const std::vector<Sample>& samples : all) {
      const auto at = std::ranges::find(samples, time, &Sample::time);
      row.push_back(at == samples.end() ? no_value : at->value);
    }
  }
  return outcome;
}

std::vector<TableColumn> sweep_table(const SweepPlan& plan, const std::vector<RunOutcome>& outcomes) {
  INVADO_ENSURE(plan.runs.size() == outcomes.size());
  TableColumn point{"point", "", {}, {}}, replicate{"replicate", "", {}, {}}, id{"id", "", {}, {}}, seed{"seed", "", {}, {}},
      name{"name", "", {}, {}}, state{"state", "", {}, {}}, digest{"digest", "", {}, {}};
  bool named = false;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const SweepRun& run = plan.runs[i];
    point.numbers.push_back(static_cast<double>(run.point));
    replicate.numbers.push_back(run.replicate);
    id.words.push_back(run.id);
    seed.words.push_back(fmt::format("{}", run.seed));  // beyond what a double holds
    name.words.push_back(run.name);
    state.words.push_back(outcomes[i].state);
    digest.words.push_back(outcomes[i].digest);
    named = named || !run.name.empty();
  }
  std::vector<TableColumn> table{std::move(point), std::move(replicate), std::move(id), std::move(seed)};
  if (named) table.push_back(std::move(name));
  for (std::size_t axis = 0; axis < plan.axes.size(); ++axis) table.push_back(axis_column(plan, axis));
  std::size_t at = 0;
  for (const SweepObservable& o : plan.observables) {
    if (is_curve(o)) continue;
    TableColumn column{o.name, "", {}, {}};
    for (const RunOutcome& outcome : outcomes)
      column.numbers.push_back(at < outcome.values.size() ? outcome.values[at] : no_value);
    table.push_back(std::move(column));
    ++at;
  }
  table.push_back(std::move(state));
  table.push_back(std::move(digest));
  return table;
}

std::vector<TableColumn> curve_table(const SweepPlan& plan, const std::vector<RunOutcome>& outcomes) {
  std::vector<TableColumn> table{{"point", "", {}, {}}, {"replicate", "", {}, {}}, {"time_h", "h", {}, {}}};
  for (const SweepObservable& o : plan.observables)
    if (is_curve(o)) table.push_back({o.name, "", {}, {}});
  if (table.size() == 3) return {};
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    for (const std::vector<double>& row : outcomes[i].curve_rows) {
      table[0].numbers.push_back(static_cast<double>(plan.runs[i].point));
      table[1].numbers.push_back(plan.runs[i].replicate);
      for (std::size_t c = 0; c < row.size(); ++c) table[2 + c].numbers.push_back(row[c]);
    }
  return table;
}

std::string to_csv(const std::vector<TableColumn>& columns) {
  std::string text;
  for (const TableColumn& column : columns) {
    if (!text.empty()) text += ',';
    text += csv_field(column.name);
  }
  text += '\n';
  const std::size_t rows = columns.empty() ? 0 : std::max(columns[0].numbers.size(), columns[0].words.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) text += ',';
      const TableColumn& column = columns[c];
      if (column.is_text())
        text += csv_field(column.words[row]);
      else if (!std::isnan(column.numbers[row]))
        text += shortest(column.numbers[row] == 0 ? 0.0 : column.numbers[row]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace invado
