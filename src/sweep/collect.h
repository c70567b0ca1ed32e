// From many runs to one table: one row per run, one column per axis and observable. Pure: rows of series.csv in, text out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sweep/plan.h"

namespace invado {

// series.csv of a run.
struct Curves {
  std::vector<std::string> names;
  std::vector<std::vector<double>> rows;
};

// NaN when the run has no value: no such column, no row in the window, an empty field at that time. Between two rows `at` is
// interpolated linearly; a slope is the least-squares line through the rows of the window, per hour.
[[nodiscard]] double observe(const SweepObservable& observable, const Curves& curves);

// How a run ended, for the table.
struct RunOutcome {
  std::string state = "missing";  // done | failed | missing
  std::string digest;
  std::vector<double> values;                   // one per observable that is no curve; empty unless done
  std::vector<std::vector<double>> curve_rows;  // time_h and one value per curve
};

[[nodiscard]] RunOutcome finished_run(const SweepPlan& plan, const std::string& digest, const Curves& curves);

// A column of the table: numbers, or words.
struct TableColumn {
  std::string name, unit;
  std::vector<double> numbers;
  std::vector<std::string> words;
  [[nodiscard]] bool is_text() const { return !words.empty(); }
};

// point, replicate, id, seed, name (lists), axes, observables, state, digest; as many rows as runs. An axis whose values are
// all numbers of one unit becomes numbers, with the unit in the name of the column.
[[nodiscard]] std::vector<TableColumn> sweep_table(const SweepPlan& plan, const std::vector<RunOutcome>& outcomes);
// point, replicate, time_h and the curves; nothing when no curve is asked for.
[[nodiscard]] std::vector<TableColumn> curve_table(const SweepPlan& plan, const std::vector<RunOutcome>& outcomes);

[[nodiscard]] std::string to_csv(const std::vector<TableColumn>& columns);

}  // namespace invado
