// What a scenario says that the program would not have said by itself: values of scenario.resolved.yaml that differ from the
// defaults of the parameter table, with where they were set and what they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace invado {

// One value of a resolved scenario.
struct ResolvedValue {
  std::string path;    // cell_types.sts.signalling.pten
  std::string value;   // as written there, without quotes
  std::string origin;  // "file:line:column", "--set path", or "default: source"

  [[nodiscard]] bool is_default() const { return origin.starts_with("default: "); }
};

// The file that every run leaves, as scenario/resolved.cpp prints it: two spaces per level, one value and one comment per
// line. Throws IoError 65 for a line of another form; `file` is named then.
[[nodiscard]] std::vector<ResolvedValue> read_resolved(std::string_view text, std::string_view file);

// Value at a path; empty when there is none.
[[nodiscard]] std::string value_of(const std::vector<ResolvedValue>& values, std::string_view path);

// Whether a cell of some type has the signalling network. Where none has, its columns are 0 throughout.
[[nodiscard]] bool has_signals(const std::vector<ResolvedValue>& values);
// What cells are coloured by when nobody says: the AKT level, and by type where there are no signals.
[[nodiscard]] std::string default_colour(const std::vector<ResolvedValue>& values);

// A row of `invado schema --table`; a `*` in its path stands for any one name.
struct ParameterRow {
  std::string path, unit, range, fallback, meaning, source;  // fallback: the default; empty: there is none
};
[[nodiscard]] std::vector<ParameterRow> read_parameter_table(std::string_view table);

struct ChangedParameter {
  ResolvedValue value;
  ParameterRow row;  // empty path: not in the table
};
// Values that were set and are not the default. `names`, free texts and the seed are in other places of a report.
[[nodiscard]] std::vector<ChangedParameter> changed_parameters(const std::vector<ResolvedValue>& values,
                                                               const std::vector<ParameterRow>& table);

}  // namespace invado
