// What a sweep file says: which scenario, which values, how often, what to measure. Read as strictly as a scenario, by the
// same reader, and judged against the scenario before anything runs.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/problems.h"
#include "scenario/scenario.h"

namespace invado {

// A number with its unit as it was written: {0.5, "mg/ml"}. Without a number: is text.
struct AxisNumber {
  bool is_number = false;
  double value = 0;
  std::string unit;
};
[[nodiscard]] AxisNumber axis_number(std::string_view text);
// The unit of values that are all numbers in one unit; nothing when they are words, or no values at all.
[[nodiscard]] std::optional<std::string> common_unit(const std::vector<std::string>& values);
// Both are numbers of one kind in different units: 1 d and 24 h.
[[nodiscard]] bool units_differ(const AxisNumber& a, const AxisNumber& b);
// "um^2/min" -> "_um2_min": how column names carry a unit.
[[nodiscard]] std::string unit_suffix(const std::string& unit);

struct SweepAxis {
  enum class Scale : int { Linear, Log };

  std::string name;                 // column of the table
  std::vector<std::string> paths;   // values of the scenario that it sets, all to the same
  std::vector<std::string> values;  // levels as they are written; empty: a range
  std::string from, to;             // range
  std::int64_t steps = 0;           // levels of a range in a grid; 0: not given
  int scale = 0;                    // Scale
  bool whole = false;               // range: rounded to whole numbers
  std::string with;                 // moves together with this axis; empty: by itself
  Origin origin;

  // The value at a coordinate in [0, 1], and of a level of a grid.
  [[nodiscard]] std::string at(double u) const;
  [[nodiscard]] std::size_t levels() const { return values.empty() ? static_cast<std::size_t>(steps) : values.size(); }
  [[nodiscard]] std::string level(std::size_t i) const;
  // Where a value lies, 0 at `from` or the first level and 1 at `to` or the last one; NaN: not on this axis.
  [[nodiscard]] double coordinate(const std::string& value) const;
};

// One number, or one curve, of the rows of series.csv.
struct SweepObservable {
  enum class Take : int { End, At, Maximum, Minimum, Mean, Slope, Curve };

  std::string name, column;
  int take = 0;                                              // Take
  double time_h = std::numeric_limits<double>::quiet_NaN();  // At
  double from_h = 0;                                         // Maximum, Minimum, Mean, Slope, Curve: first row
  double until_h = std::numeric_limits<double>::infinity();  // and last row
  Origin origin;
  std::string key;  // where the file says it: observables.front, in a fit measured.msd
};

// "pakt_mean at 24 h", "front_um_q90, slope from 4 h"
[[nodiscard]] std::string in_words(const SweepObservable& observable);

// One combination of values; a name only in a list.
struct SweepPoint {
  std::string name;
  std::vector<std::string> values;  // one per axis
  Origin origin;
};

struct SweepSpecification {
  std::string block = "axes";  // where the file has its axes: in a fit `parameters`
  std::string name, about;
  std::string text;                  // the file as read
  std::filesystem::path file, base;  // of the sweep, of its scenario
  std::vector<std::filesystem::path> allow_dirs;
  std::int64_t seed = 1;
  std::int64_t replicates = 1;
  bool common_random_numbers = false;
  std::int64_t threads = 1;        // of one run
  double time_limit_s = 0;         // of one run; 0: none
  std::uint64_t memory_bytes = 0;  // of one run; 0: as `invado run` judges
  bool keep_checkpoints = false;
  std::vector<std::pair<std::string, std::string>> set;  // path and value, the same for all points
  std::vector<SweepAxis> axes;
  std::vector<SweepObservable> observables;
  std::vector<SweepPoint> points;
  std::vector<std::size_t> rows;  // designs that visit points more than once: these points, in this order

  std::deque<Source> sources;  // what origins point to
  Origin base_origin, design_origin;
  std::vector<Origin> set_origins;
};

inline constexpr std::size_t most_sweep_runs = 1000000;

// Throws ConfigError with all problems of the file (64; 65 when only its CSV is wrong, 66 when only its scenario is
// missing), or IoError when it cannot be read.
[[nodiscard]] SweepSpecification read_specification(const std::filesystem::path& file,
                                                    const std::vector<std::filesystem::path>& allow_dirs = {});

// `--set` values of a point: path=value.
[[nodiscard]] std::vector<std::string> assignments(const std::vector<SweepAxis>& axes,
                                                   const std::vector<std::string>& values);

// Loads the scenario with the values of the specification: as it is, with each level and each end of a range by itself, then
// whole points (all of them up to 300, else 300 that lie evenly). What the scenario refuses is reported where the sweep file
// says it. Returns the scenario without any axis.
struct CheckedBase {
  Scenario scenario;
  std::size_t points_checked = 0;
};
[[nodiscard]] CheckedBase check_against_scenario(const SweepSpecification& specification);

// Columns that series.csv of this scenario does not have are refused.
void check_columns(const SweepSpecification& specification, const std::vector<std::string>& columns, double duration_h);

}  // namespace invado
