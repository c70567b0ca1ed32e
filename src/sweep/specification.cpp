#include "sweep/specification.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "base/maths.h"
#include "scenario/files.h"
#include "scenario/quantity.h"
#include "scenario/text.h"
#include "scenario/yaml_block.h"
#include "scenario/yaml_tree.h"
#include "sweep/sweep_draft.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_points_checked = 300;
constexpr std::size_t enough_problems = 20;
constexpr std::array<std::string_view, 7> take_words{"end", "at", "maximum", "minimum", "mean", "slope", "curve"};
constexpr std::array<std::string_view, 2> scale_words{"linear", "log"};
// Columns of the table that are always there.
constexpr std::array<std::string_view, 8> reserved_names{"point", "replicate", "id",     "seed",
                                                         "name",  "state",     "digest", "time_h"};

void describe_axis(ParamVisitor& v, SweepAxis& axis) {
  v.words("path", axis.paths, {}, "what it sets: one dotted path of the scenario, or a list that all get the value");
  v.words("values", axis.values, {}, "levels, each with its unit");
  v.text("from", axis.from, "a range instead of levels: its lower end, with unit");
  v.text("to", axis.to, "its upper end, in the same unit");
  v.integer("steps", axis.steps, 2, static_cast<std::int64_t>(most_sweep_runs), "levels of a range in a grid, ends included",
            "design");
  v.choice("scale", axis.scale, scale_words, "how a range is divided", "linear");
  v.boolean("whole", axis.whole, "a range is rounded to whole numbers", "design");
  v.text("with", axis.with, "moves together with this axis instead of by itself");
}

void describe_observable(ParamVisitor& v, SweepObservable& o) {
  v.text("column", o.column, "column of series.csv");
  v.choice("take", o.take, take_words, "what to take of it", "end");
  v.number("time", o.time_h, Unit::Hour, non_negative, "for take: at", "required there");
  v.number("from", o.from_h, Unit::Hour, non_negative, "first time that counts", "0 h");
  v.number("until", o.until_h, Unit::Hour, non_negative, "last time that counts", "the end");
}

// The whole language. Axes come before the design: its points name them.
void describe_sweep(ParamVisitor& v, SweepSpecification& s, SweepDraft& d) {
  v.integer("sweep", d.version, 1, 1, "version of this language", "required");
  describe_common(v, s, d);
  v.integer("replicates", s.replicates, 1, static_cast<std::int64_t>(most_sweep_runs), "runs of each point, other seeds",
            "1");
  v.boolean("common_random_numbers", s.common_random_numbers, "all points share the seeds of the replicates", "false");
  v.named("axes", "what is varied", {}, [&](const std::string& name, ParamVisitor& axis) {
    s.axes.emplace_back().name = name;
    describe_axis(axis, s.axes.back());
  });
  const auto point_count = [&](ParamVisitor& w) {
    w.integer("points", d.points, 1, static_cast<std::int64_t>(most_sweep_runs), "how many", "required");
  };
  const auto chosen = [&](SweepDesign design) { return [&d, design] { d.design = design; }; };
  const std::array<Form, 7> designs{
      Form{.kind = Form::Kind::Word, .word = "grid", .choose = chosen(SweepDesign::Grid)},
      Form{.kind = Form::Kind::Tagged,
           .word = "list",
           .body =
               [&](ParamVisitor& w) {
                 w.named("points", "each a value per axis", {}, [&](const std::string& name, ParamVisitor& point) {
                   SweepPoint& p = s.points.emplace_back();
                   p.name = name;
                   p.values.resize(s.axes.size());
                   for (std::size_t a = 0; a < s.axes.size(); ++a) point.text(s.axes[a].name, p.values[a], "value");
                 });
               },
           .choose = chosen(SweepDesign::List)},
      Form{.kind = Form::Kind::Tagged,
           .word = "csv",
           .body = [&](ParamVisitor& w) { w.text("file", d.csv, "a column per axis, and perhaps `name`"); },
           .choose = chosen(SweepDesign::Csv)},
      Form{.kind = Form::Kind::Tagged,
           .word = "latin_hypercube",
           .body = point_count,
           .choose = chosen(SweepDesign::LatinHypercube)},
      Form{.kind = Form::Kind::Tagged,
           .word = "sobol",
           .body =
               [&](ParamVisitor& w) {
                 point_count(w);
                 w.integer("skip", d.skip, 0, std::int64_t{1} << 31, "points of the sequence that are left out", "0");
               },
           .choose = chosen(SweepDesign::Sobol)},
      Form{.kind = Form::Kind::Tagged,
           .word = "morris",
           .body =
               [&](ParamVisitor& w) {
                 w.integer("trajectories", d.trajectories, 1, static_cast<std::int64_t>(most_sweep_runs),
                           "how many, of as many steps as there are axes", "required");
                 w.integer("levels", d.levels, 2, 1000, "of the grid that they walk on; even", "4");
               },
           .choose = chosen(SweepDesign::Morris)},
      Form{.kind = Form::Kind::Tagged,
           .word = "saltelli",
           .body =
               [&](ParamVisitor& w) {
                 w.integer("points", d.points, 1, static_cast<std::int64_t>(most_sweep_runs),
                           "how many blocks, each of axes + 2 points (2 axes + 2 with second_order)", "required");
                 w.boolean("second_order", d.second_order, "also for the indices of pairs", "false");
                 w.integer("skip", d.skip, 0, std::int64_t{1} << 31, "points of the sequence that are left out",
                           "the power of two from `points` on");
               },
           .choose = chosen(SweepDesign::Saltelli)},
  };
  v.forms("design", designs, "which combinations of values", "grid");
  v.named("observables", "columns of the table", {}, [&](const std::string& name, ParamVisitor& observable) {
    s.observables.emplace_back().name = name;
    describe_observable(observable, s.observables.back());
  });
}

bool has(const WrittenKeys& where, const std::string& axis, std::string_view key) {
  return where.node({"axes", axis, key}) != nullptr;
}

// "2G" -> bytes.
std::optional<std::uint64_t> bytes_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const double factor = unit == "G" ? 1e9 : unit == "M" ? 1e6 : unit == "k" ? 1e3 : 0;
  if (error != std::errc{} || factor == 0 || !(value > 0 && value < 1e9)) return std::nullopt;
  return static_cast<std::uint64_t>(value * factor);
}

// Times are all in one unit, and lengths are: else a day and 24 h were two levels, and no column of numbers could hold both.
// None comes twice. (What the scenario does not understand, it refuses itself.)
void judge_levels(const std::vector<std::string>& levels, const std::function<void(std::string)>& wrong) {
  std::vector<AxisNumber> numbers;
  for (const std::string& level : levels) {
    const AxisNumber number = axis_number(level);
    const auto same = [&](const AxisNumber& n) { return n.unit == number.unit && n.value == number.value; };
    if (!number.is_number) continue;
    if (std::ranges::any_of(numbers, same)) wrong(explain("is in the list twice", level));
    if (!numbers.empty() && units_differ(number, numbers.front()))
      wrong(explain("is not in the unit of the other levels", level, numbers.front().unit));
    numbers.push_back(number);
  }
}

// One axis by itself. `needs_levels`: the design takes values or a range from it (a list and a table bring their own).
void judge_axis(const SweepAxis& axis, SweepDesign design, const WrittenKeys& where, Problems& problems) {
  const std::string key = "axes." + axis.name;
  const auto wrong = [&](std::string_view at, std::string what) {
    problems.add(where({"axes", axis.name, at}), key + (at.empty() ? "" : "." + std::string(at)), std::move(what));
  };
  if (!is_plain_name(axis.name))
    wrong("", explain("is no name for a column", axis.name, "a letter, then letters, digits, _ and -"));
  if (std::ranges::find(reserved_names, axis.name) != reserved_names.end())
    wrong("", explain("the table has a column of this name already", axis.name));
  if (axis.paths.empty()) wrong("path", "is required (a dotted path of the scenario, such as matrix.density)");
  const bool own_points = design == SweepDesign::List || design == SweepDesign::Csv;
  const bool range = has(where, axis.name, "from") || has(where, axis.name, "to");
  const bool levels = has(where, axis.name, "values");
  if (own_points) {
    for (const std::string_view at : {"values", "from", "to", "steps", "scale", "whole", "with"})
      if (has(where, axis.name, at)) wrong(at, "has no meaning here: the points of this design bring their own values");
    return;
  }
  if (levels && range) return wrong("values", "either values or a range from ... to, not both");
  if (!levels && !range) return wrong("", "needs values, or a range from ... to");
  if (levels) {
    if (axis.values.empty()) wrong("values", "the list is empty");
    judge_levels(axis.values, [&](std::string what) { wrong("values", std::move(what)); });
    for (const std::string_view at : {"steps", "scale", "whole"})
      if (has(where, axis.name, at)) wrong(at, "belongs to a range, not to values");
    return;
  }
  if (!has(where, axis.name, "from")) return wrong("from", "is required for a range");
  if (!has(where, axis.name, "to")) return wrong("to", "is required for a range");
  const AxisNumber from = axis_number(axis.from), to = axis_number(axis.to);
  if (!from.is_number) wrong("from", explain("is not a number", axis.from, "a number with its unit"));
  if (!to.is_number) wrong("to", explain("is not a number", axis.to, "a number with its unit"));
  if (!from.is_number || !to.is_number) return;
  if (from.unit != to.unit) wrong("to", explain("is not in the unit of `from`", axis.to, from.unit));
  if (from.value == to.value) wrong("to", explain("the range is empty", axis.to));
  if (axis.scale == static_cast<int>(SweepAxis::Scale::Log) && !(from.value > 0 && to.value > 0))
    wrong("scale", explain("a logarithmic range needs both ends above zero", fmt::format("{} to {}", axis.from, axis.to)));
  if (design == SweepDesign::Grid && axis.steps == 0) wrong("steps", "is required for a range in a grid");
  if (design != SweepDesign::Grid && has(where, axis.name, "steps"))
    wrong("steps", "has no meaning in this design: it has as many values as points");
}

void judge_links(const SweepSpecification& s, SweepDesign design, const WrittenKeys& where, Problems& problems) {
  std::vector<std::string> free;
  for (const SweepAxis& axis : s.axes)
    if (axis.with.empty()) free.push_back(axis.name);
  for (const SweepAxis& axis : s.axes) {
    if (axis.with.empty()) continue;
    const auto leader = std::ranges::find_if(s.axes, [&](const SweepAxis& a) { return a.name == axis.with; });
    const Origin origin = where({"axes", axis.name, "with"});
    const std::string key = "axes." + axis.name + ".with";
    if (leader == s.axes.end() || !leader->with.empty())
      problems.add(origin, key,
                   explain("is no axis that moves by itself", axis.with, comma_list(free), nearest_word(axis.with, free)));
    else if (design == SweepDesign::Grid && leader->levels() != axis.levels())
      problems.add(origin, key,
                   explain(fmt::format("must have as many levels as axis {}", axis.with), fmt::format("{}", axis.levels()),
                           fmt::format("{}", leader->levels())));
  }
}

void judge_observables(const SweepSpecification& s, const WrittenKeys& where, Problems& problems) {
  for (const SweepObservable& o : s.observables) {
    const std::string key = "observables." + o.name;
    const auto wrong = [&](std::string_view at, std::string what) {
      problems.add(where({"observables", o.name, at}), key + (at.empty() ? "" : "." + std::string(at)), std::move(what));
    };
    if (!is_plain_name(o.name))
      wrong("", explain("is no name for a column", o.name, "a letter, then letters, digits, _ and -"));
    if (std::ranges::find(reserved_names, o.name) != reserved_names.end() ||
        std::ranges::any_of(s.axes, [&](const SweepAxis& a) { return a.name == o.name; }))
      wrong("", explain("the table has a column of this name already", o.name));
    if (o.column.empty()) wrong("column", "is required (a column of series.csv, such as front_um_q90)");
    const auto take = static_cast<SweepObservable::Take>(o.take);
    const bool at = take == SweepObservable::Take::At, end = take == SweepObservable::Take::End;
    if (at && std::isnan(o.time_h)) wrong("time", "is required for take: at");
    if (!at && !std::isnan(o.time_h)) wrong("time", "belongs to take: at");
    for (const std::string_view window : {"from", "until"})
      if ((at || end) && where.node({"observables", o.name, window}) != nullptr)
        wrong(window, "belongs to maximum, minimum, mean, slope and curve");
    if (!(o.from_h < o.until_h)) wrong("until", "must be later than `from`");
  }
}

// What the scenario says about `--set` values goes to where the sweep file says them; `label` is the key there.
struct Blame {
  std::string path, label;
  Origin origin;
};
void add_refusal(const Error& error, const std::vector<Blame>& blames, const Origin& otherwise, std::string_view label,
                 Problems& problems) {
  std::istringstream lines(error.what());
  for (std::string line; std::getline(lines, line);) {
    const auto blame =
        std::ranges::find_if(blames, [&](const Blame& b) { return line.starts_with("--set " + printable(b.path) + ": "); });
    if (blame == blames.end())
      problems.add(otherwise, label, line, error.code());
    else
      problems.add(blame->origin, blame->label, line.substr(std::string_view("--set ").size()), error.code());
  }
}

}  // namespace

void describe_common(ParamVisitor& v, SweepSpecification& s, SweepDraft& d) {
  v.text("name", s.name, "one line for people");
  v.text("about", s.about, "what it asks");
  v.text("base", d.base, "scenario: looked for as `extends` is");
  v.integer("seed", s.seed, 0, std::numeric_limits<std::int64_t>::max(), "master seed of all chance", "1");
  v.integer("threads", s.threads, 1, 1024, "of one run", "1");
  v.number("time_limit", d.time_limit_min, Unit::Min, positive, "of one run, by the clock on the wall", "none");
  v.text("memory", d.memory, "of one run: a number and k, M or G");
  v.boolean("keep_checkpoints", s.keep_checkpoints, "of finished runs", "false");
  v.named(
      "set", "values that differ from the scenario in all points, by dotted path", {},
      [&](const std::string& path, ParamVisitor& value) { value.text("", s.set.emplace_back(path, "").second, "value"); });
}

void judge_common(SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems) {
  for (const auto& [path, value] : s.set) s.set_origins.push_back(where({"set", path}));
  s.time_limit_s = d.time_limit_min * 60;
  if (!d.memory.empty()) {
    const std::optional<std::uint64_t> bytes = bytes_of(d.memory);
    if (!bytes)
      problems.add(where({"memory"}), "memory",
                   explain("is not an amount", d.memory, "a number and k, M or G, for example 2G"));
    s.memory_bytes = bytes.value_or(0);
  }
  const FoundFile found = find_named_file(d.base, s.file, s.allow_dirs);
  if (found.path.empty())
    problems.add(s.base_origin, "base", found.problem, found.code);
  else
    s.base = fs::absolute(found.path);
}

AxisNumber axis_number(std::string_view text) {
  AxisNumber out;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  out.is_number = error == std::errc{} && std::isfinite(out.value) && find_unit(unit) != nullptr;
  out.unit = unit;
  return out;
}

std::optional<std::string> common_unit(const std::vector<std::string>& values) {
  std::optional<std::string> unit;
  for (const std::string& value : values) {
    const AxisNumber number = axis_number(value);
    if (!number.is_number || (unit && number.unit != *unit)) return std::nullopt;
    unit = number.unit;
  }
  return unit;
}

bool units_differ(const AxisNumber& a, const AxisNumber& b) {
  return a.is_number && b.is_number && a.unit != b.unit && find_unit(a.unit)->dimension == find_unit(b.unit)->dimension;
}

std::string unit_suffix(const std::string& unit) {
  std::string out;
  for (const char c : unit)
    if (c != '^') out += c == '/' ? '_' : c;
  return out.empty() ? out : "_" + out;
}

std::string SweepAxis::at(double u) const {
  if (!values.empty())
    return values[std::min(static_cast<std::size_t>(u * static_cast<double>(values.size())), values.size() - 1)];
  const AxisNumber low = axis_number(from), high = axis_number(to);
  double x = 0;
  if (scale == static_cast<int>(Scale::Log)) {
    const double a = invado::log(low.value), b = invado::log(high.value);
    x = invado::exp(a + u * (b - a));
  } else {
    x = low.value + u * (high.value - low.value);
  }
  x = std::clamp(x, std::min(low.value, high.value), std::max(low.value, high.value));
  if (u == 0) x = low.value;
  if (u == 1) x = high.value;
  if (whole) x = std::nearbyint(x);
  return shortest(x) + (low.unit.empty() ? "" : " " + low.unit);
}

std::string SweepAxis::level(std::size_t i) const {
  return values.empty() ? at(static_cast<double>(i) / static_cast<double>(steps - 1)) : values[i];
}

std::string in_words(const SweepObservable& o) {
  if (o.take == static_cast<int>(SweepObservable::Take::At)) return fmt::format("{} at {} h", o.column, shortest(o.time_h));
  std::string text = fmt::format("{}, {}", o.column, take_words[static_cast<std::size_t>(o.take)]);
  if (o.from_h > 0) text += fmt::format(" from {} h", shortest(o.from_h));
  if (std::isfinite(o.until_h)) text += fmt::format(" until {} h", shortest(o.until_h));
  return text;
}

double SweepAxis::coordinate(const std::string& value) const {
  constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();
  if (!values.empty()) {
    const auto at = std::ranges::find(values, value);
    if (at == values.end()) return nowhere;
    return values.size() == 1 ? 0.0 : static_cast<double>(at - values.begin()) / static_cast<double>(values.size() - 1);
  }
  const AxisNumber x = axis_number(value), low = axis_number(from), high = axis_number(to);
  if (!x.is_number || !low.is_number || !high.is_number) return nowhere;
  if (scale == static_cast<int>(Scale::Linear)) return (x.value - low.value) / (high.value - low.value);
  return invado::log(x.value / low.value) / invado::log(high.value / low.value);
}

// Two ways of writing the same path are one path: `--set` knows only one.
void judge_paths(const SweepSpecification& s, const WrittenKeys& where, Problems& problems) {
  // The seed of every run follows from that of the sweep.
  std::map<std::string, std::string> owners{{"seed", "`seed` and `replicates` of this file"}};
  for (const auto& [path, value] : s.set)
    if (const auto [at, is_new] = owners.emplace(path, "set"); !is_new)
      problems.add(where({"set", path}), "set." + path, explain(fmt::format("is set by {} already", at->second), value));
  for (const SweepAxis& axis : s.axes)
    for (const std::string& path : axis.paths)
      if (const auto [at, is_new] = owners.emplace(path, s.block + "." + axis.name); !is_new)
        problems.add(where({s.block, axis.name, "path"}), fmt::format("{}.{}.path", s.block, axis.name),
                     explain(fmt::format("is set by {} already", at->second), path));
}

Node read_sweep_file(const fs::path& file, const std::vector<fs::path>& allow_dirs, std::string_view kind,
                     SweepSpecification& s, Problems& problems) {
  s.file = file;
  s.allow_dirs = allow_dirs;
  s.text = read_text_file(file, longest_document);
  const Source& source = s.sources.emplace_back(Source{Source::Kind::File, shown_path(file), file});
  Node root = parse_yaml(s.text, source, problems);
  if (!problems.empty()) problems.raise();
  if (root.kind != Node::Kind::Map) {
    problems.add({&source, 1, 1}, {}, fmt::format("is not a map of keys and values (a {0} begins with '{0}: 1')", kind));
    problems.raise();
  }
  return root;
}

SweepSpecification read_specification(const fs::path& file, const std::vector<fs::path>& allow_dirs) {
  SweepSpecification s;
  Problems problems;
  Node root = read_sweep_file(file, allow_dirs, "sweep", s, problems);
  SweepDraft d;
  YamlBlock block(&root, "", root.origin, problems);
  describe_sweep(block, s, d);
  report_unknown_keys(root, "", problems);

  const WrittenKeys where(root);
  s.base_origin = where({"base"});
  s.design_origin = where({"design"});
  for (SweepAxis& axis : s.axes) axis.origin = where({"axes", axis.name});
  for (SweepObservable& o : s.observables) {
    o.origin = where({"observables", o.name});
    o.key = "observables." + o.name;
  }
  for (SweepPoint& point : s.points) point.origin = where({"design", "list", "points", point.name});
  for (const std::string_view required : {"sweep", "name", "base", "axes"})
    if (root.find(required) == nullptr) problems.add(root.origin, required, "is required");
  if (root.find("axes") != nullptr && s.axes.empty() && problems.empty())
    problems.add(where({"axes"}), "axes", "has no axis");
  if (!problems.empty()) problems.raise();

  for (const SweepAxis& axis : s.axes) judge_axis(axis, d.design, where, problems);
  judge_paths(s, where, problems);
  judge_links(s, d.design, where, problems);
  judge_observables(s, where, problems);
  judge_common(s, d, where, problems);
  judge_counts(s, d, where, problems);
  if (d.design == SweepDesign::List) {
    if (s.points.empty()) problems.add(s.design_origin, "design.list.points", "needs at least one point");
    for (const SweepPoint& point : s.points)
      for (std::size_t a = 0; a < s.axes.size(); ++a)
        if (point.values[a].empty())
          problems.add(point.origin, "design.list.points." + point.name,
                       fmt::format("has no value for axis {}", s.axes[a].name));
  }
  if (!problems.empty()) problems.raise();

  make_points(s, d, where, problems);
  if (static_cast<double>(s.points.size()) * static_cast<double>(s.replicates) > static_cast<double>(most_sweep_runs))
    problems.add(s.design_origin, "design",
                 explain("too many runs", fmt::format("{} points of {}", s.points.size(), s.replicates),
                         fmt::format("at most {}", most_sweep_runs)));
  if (!problems.empty()) problems.raise();
  return s;
}

std::vector<std::string> assignments(const std::vector<SweepAxis>& axes, const std::vector<std::string>& values) {
  std::vector<std::string> set;
  for (std::size_t a = 0; a < axes.size(); ++a)
    for (const std::string& path : axes[a].paths) set.push_back(path + "=" + values.at(a));
  return set;
}

CheckedBase check_against_scenario(const SweepSpecification& s) {
  Problems problems;
  LoadOptions options;
  options.allow_dirs = s.allow_dirs;
  if (s.memory_bytes > 0) options.memory_bytes = s.memory_bytes;
  std::vector<Blame> fixed;
  for (std::size_t i = 0; i < s.set.size(); ++i) {
    options.set.push_back(s.set[i].first + "=" + s.set[i].second);
    fixed.push_back({s.set[i].first, "set." + s.set[i].first, s.set_origins[i]});
  }
  const auto fits = [&](const std::vector<std::string>& more, const std::vector<Blame>& blames, const Origin& otherwise,
                        std::string_view label) -> std::optional<Scenario> {
    LoadOptions with = options;
    with.set.insert(with.set.end(), more.begin(), more.end());
    try {
      return load_scenario(s.base, with);
    } catch (const ConfigError& error) {
      add_refusal(error, blames, otherwise, label, problems);
      return std::nullopt;
    }
  };
  std::optional<Scenario> base = fits({}, fixed, s.base_origin, "base");
  if (!base) problems.raise();

  for (const SweepAxis& axis : s.axes) {
    const bool range = axis.values.empty() && !axis.from.empty();
    const std::vector<std::string> values = range ? std::vector<std::string>{axis.from, axis.to} : axis.values;
    for (std::size_t i = 0; i < values.size() && problems.count() < enough_problems; ++i) {
      std::vector<Blame> blames;
      std::vector<std::string> set;
      for (const std::string& path : axis.paths) {
        blames.push_back(
            {path, fmt::format("{}.{}.{}", s.block, axis.name, range ? (i == 0 ? "from" : "to") : "values"), axis.origin});
        set.push_back(path + "=" + values[i]);
      }
      static_cast<void>(fits(set, blames, axis.origin, s.block + "." + axis.name));
    }
  }
  if (!problems.empty()) problems.raise();

  const std::size_t checked = std::min(s.points.size(), most_points_checked);
  for (std::size_t i = 0; i < checked && problems.count() < enough_problems; ++i) {
    const SweepPoint& point = s.points[i * s.points.size() / checked];
    std::vector<Blame> blames;
    for (const SweepAxis& axis : s.axes)
      for (const std::string& path : axis.paths) blames.push_back({path, axis.name, point.origin});
    static_cast<void>(fits(assignments(s.axes, point.values), blames, point.origin,
                           point.name.empty() ? fmt::format("point {}", i * s.points.size() / checked) : point.name));
  }
  if (!problems.empty()) problems.raise();
  return {std::move(*base), checked};
}

void check_columns(const SweepSpecification& s, const std::vector<std::string>& columns, double duration_h) {
  Problems problems;
  for (const SweepObservable& o : s.observables) {
    if (std::ranges::find(columns, o.column) == columns.end())
      problems.add(o.origin, o.key + ".column",
                   explain("series.csv of this scenario has no such column", o.column, comma_list(columns),
                           nearest_word(o.column, columns)));
    const bool duration_varies = std::ranges::any_of(
        s.axes, [](const SweepAxis& a) { return std::ranges::find(a.paths, std::string("duration")) != a.paths.end(); });
    if (!duration_varies && o.time_h > duration_h)
      problems.add(
          o.origin, o.key + ".time",
          explain("is after the end of the run", fmt::format("{} h", o.time_h), fmt::format("at most {} h", duration_h)));
    if (!duration_varies && o.from_h > duration_h)
      problems.add(
          o.origin, o.key + ".from",
          explain("is after the end of the run", fmt::format("{} h", o.from_h), fmt::format("at most {} h", duration_h)));
  }
  if (!problems.empty()) problems.raise();
}

}  // namespace invado
