#include "sweep/fit.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "scenario/files.h"
#include "scenario/quantity.h"
#include "scenario/text.h"
#include "scenario/yaml_block.h"
#include "scenario/yaml_tree.h"
#include "sweep/csv.h"
#include "sweep/sweep_draft.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_csv = std::size_t{16} << 20;
constexpr std::size_t most_data = 10000;  // measured values
constexpr std::size_t most_parameters = 20;
// Columns of posterior.csv that are always there.
constexpr std::array<std::string_view, 4> reserved_names{"weight", "distance", "generation", "point"};
constexpr std::array<std::string_view, 3> prior_words{"uniform", "log_uniform", "normal"};  // in the order of Prior::Law

// As written.
struct PriorText {
  int law = 0;
  std::string mean, sd;
};
struct DataText {
  std::string file, value, time = "time_h", error;
  double scale = 0, if_empty = unknown;
};

void describe_fit(ParamVisitor& v, FitSpecification& fit, SweepDraft& d, std::vector<PriorText>& priors,
                  std::vector<DataText>& data) {
  v.integer("fit", d.version, 1, 1, "version of this language", "required");
  describe_common(v, fit.runs, d);
  v.named("parameters", "what is unknown", {}, [&](const std::string& name, ParamVisitor& p) {
    SweepAxis& axis = fit.runs.axes.emplace_back();
    axis.name = name;
    PriorText& prior = priors.emplace_back();
    p.words("path", axis.paths, {}, "what it sets: one dotted path of the scenario, or a list that all get the value");
    p.choice("prior", prior.law, prior_words, "what is believed before", "uniform");
    p.text("from", axis.from, "lower end of the range, with unit");
    p.text("to", axis.to, "its upper end, in the same unit");
    p.text("mean", prior.mean, "of a normal prior, in the same unit");
    p.text("sd", prior.sd, "of a normal prior, in the same unit");
  });
  v.named("measured", "curves to compare with", {}, [&](const std::string& name, ParamVisitor& m) {
    FitData& curve = fit.data.emplace_back();
    curve.name = name;
    DataText& text = data.emplace_back();
    m.text("column", curve.column, "column of series.csv");
    m.text("file", text.file, "table (CSV) with the measured values");
    m.text("value", text.value, "its column with the values (default: the name of `column`)");
    m.text("time", text.time, "its column with the times in hours (default: time_h)");
    m.text("error", text.error, "its column with the errors, in the unit of the values");
    m.number("scale", text.scale, Unit::One, positive, "instead of errors: a difference that counts as 1", "none");
    m.number("if_empty", text.if_empty, Unit::One, any_number, "what an empty field of series.csv counts as",
             "such a run is infinitely far");
  });
  v.integer("population", fit.population, 4, 100000, "particles of the first generation", "200");
  v.number("keep", fit.keep, Unit::One, Range{0.05, 0.95}, "share of the particles that is kept", "0.5 (Lenormand 2013)");
  v.section("stop", "when it is enough; the first that holds", [&](ParamVisitor& s) {
    s.integer("generations", fit.generations, 1, 1000, "as many as this", "10");
    s.number("tolerance", fit.tolerance, Unit::One, non_negative, "all kept particles are nearer than this", "0");
    s.number("acceptance", fit.acceptance, Unit::One, fraction,
             "fewer new particles than this share are nearer than the tolerance before", "0.05 (Lenormand 2013)");
  });
}

void judge_parameter(FitSpecification& fit, std::size_t i, const PriorText& text, const WrittenKeys& where,
                     Problems& problems) {
  SweepAxis& axis = fit.runs.axes[i];
  const auto wrong = [&](std::string_view at, std::string what) {
    problems.add(where({"parameters", axis.name, at}),
                 fmt::format("parameters.{}{}{}", axis.name, at.empty() ? "" : ".", at), std::move(what));
  };
  if (!is_plain_name(axis.name))
    wrong("", explain("is no name for a column", axis.name, "a letter, then letters, digits, _ and -"));
  if (axis.paths.empty()) wrong("path", "is required (a dotted path of the scenario, such as matrix.density)");
  Prior& prior = fit.priors.emplace_back();
  prior.law = static_cast<Prior::Law>(text.law);
  std::string& unit = fit.units.emplace_back();
  const auto number = [&](std::string_view at, const std::string& written, double& value) {
    if (written.empty()) return wrong(at, "is required");
    const AxisNumber n = axis_number(written);
    if (!n.is_number) return wrong(at, explain("is not a number", written, "a number with its unit"));
    if (at == "from") unit = n.unit;
    if (n.unit != unit) return wrong(at, explain("is not in the unit of `from`", written, unit));
    value = n.value;
  };
  const bool normal = prior.law == Prior::Law::Normal;
  const std::size_t before = problems.count();
  number("from", axis.from, prior.from);
  number("to", axis.to, prior.to);
  if (normal) {
    number("mean", text.mean, prior.mean);
    number("sd", text.sd, prior.sd);
  }
  for (const auto& [at, written] : {std::pair("mean", &text.mean), std::pair("sd", &text.sd)})
    if (!normal && !written->empty()) wrong(at, "belongs to a normal prior");
  if (problems.count() > before) return;
  const std::string column = axis.name + unit_suffix(unit);
  if (std::ranges::find(reserved_names, column) != reserved_names.end())
    wrong("", explain("posterior.csv has a column of this name already", column));
  for (std::size_t k = 0; k < i; ++k)
    if (fit.runs.axes[k].name + unit_suffix(fit.units[k]) == column)
      wrong("", explain(fmt::format("its column in posterior.csv would be that of {}", fit.runs.axes[k].name), column));
  if (!(prior.from < prior.to)) wrong("to", explain("must be more than `from`", axis.to));
  if (prior.law == Prior::Law::LogUniform && !(prior.from > 0))
    wrong("from", explain("a logarithmic range needs both ends above zero", axis.from));
  if (normal && !(prior.sd > 0)) wrong("sd", explain("must be above zero", text.sd));
  if (normal && !(prior.mean >= prior.from && prior.mean <= prior.to))
    wrong("mean", explain("lies outside the range", text.mean, fmt::format("{} to {}", axis.from, axis.to)));
}

std::optional<double> number_in(const std::string& field) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc{} || end != field.data() + field.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

void read_data(FitSpecification& fit, std::size_t i, const DataText& text, const WrittenKeys& where, Problems& problems) {
  FitData& curve = fit.data[i];
  const auto wrong = [&](std::string_view at, std::string what, Exit code = Exit::BadScenario) {
    problems.add(where({"measured", curve.name, at}), fmt::format("measured.{}{}{}", curve.name, at.empty() ? "" : ".", at),
                 std::move(what), code);
  };
  curve.if_empty = text.if_empty;
  if (!is_plain_name(curve.name))
    wrong("", explain("is no name for a column", curve.name, "a letter, then letters, digits, _ and -"));
  if (curve.column.empty()) wrong("column", "is required (a column of series.csv, such as front_um_q90)");
  if (text.error.empty() == (text.scale == 0))
    wrong("", "needs either `error`, a column of the file, or `scale`, one number");
  if (text.file.empty()) return wrong("file", "is required: a table (CSV) with the measured values");
  const FoundFile found = find_named_file(text.file, fit.runs.file, fit.runs.allow_dirs);
  if (found.path.empty()) return wrong("file", found.problem, found.code);
  const Source& source = fit.runs.sources.emplace_back(Source{Source::Kind::File, shown_path(found.path), found.path});
  std::string table;
  try {
    table = read_found_file(found, longest_csv);
  } catch (const Error& error) {
    return wrong("file", error.what(), error.code());
  }
  const auto bad = [&](int line, std::string what) { problems.add({&source, line, 1}, {}, std::move(what), Exit::BadData); };
  std::vector<std::string> header;
  std::size_t time = 0, value = 0, error = std::string::npos;
  for (CsvReader csv(table); csv.next();) {
    const std::vector<std::string>& fields = csv.fields();
    if (!csv.problem().empty()) return bad(csv.line(), csv.problem());
    if (header.empty()) {
      header = fields;
      bool good = true;
      const auto column = [&](std::string_view key, const std::string& name) {
        const auto at = std::ranges::find(header, name);
        if (at == header.end()) {
          good = false;
          bad(csv.line(),
              explain(fmt::format("has no column for `{}`", key), name, comma_list(header), nearest_word(name, header)));
        }
        return static_cast<std::size_t>(at - header.begin());
      };
      time = column("time", text.time);
      value = column("value", text.value.empty() ? curve.column : text.value);
      if (!text.error.empty()) error = column("error", text.error);
      if (!good) return;
      continue;
    }
    if (fields.size() != header.size()) {
      bad(csv.line(), explain("has not as many values as the first line", fmt::format("{}", fields.size()),
                              fmt::format("{}", header.size())));
      continue;
    }
    if (fields[value].empty()) continue;  // nothing was measured then
    const auto field = [&](std::size_t c, bool above_zero) {
      const std::optional<double> x = number_in(fields[c]);
      if (!x || (above_zero && !(*x > 0)))
        bad(csv.line(),
            explain(fmt::format("is not a number{} in column {}", above_zero ? " above zero" : "", printable(header[c])),
                    fields[c]));
      return x.value_or(1);
    };
    curve.time_h.push_back(field(time, false));
    curve.value.push_back(field(value, false));
    curve.error.push_back(error == std::string::npos ? text.scale : field(error, true));
    if (curve.time_h.back() < 0) bad(csv.line(), explain("a time before the beginning", fields[time]));
    if (problems.many()) return;
  }
  if (curve.value.empty() && problems.empty()) bad(1, "the table has no values (the first line names the columns)");
  if (curve.value.size() > most_data) bad(1, fmt::format("more than {} values", most_data));
}

}  // namespace

FitSpecification read_fit(const fs::path& file, const std::vector<fs::path>& allow_dirs) {
  FitSpecification fit;
  SweepSpecification& s = fit.runs;
  s.block = "parameters";
  Problems problems;
  Node root = read_sweep_file(file, allow_dirs, "fit", s, problems);
  SweepDraft d;
  std::vector<PriorText> priors;
  std::vector<DataText> data;
  YamlBlock block(&root, "", root.origin, problems);
  describe_fit(block, fit, d, priors, data);
  report_unknown_keys(root, "", problems);
  const WrittenKeys where(root);
  s.base_origin = where({"base"});
  for (const std::string_view required : {"fit", "name", "base", "parameters", "measured"})
    if (root.find(required) == nullptr) problems.add(root.origin, required, "is required");
  if (!problems.empty()) problems.raise();

  judge_common(s, d, where, problems);
  if (s.axes.empty()) problems.add(where({"parameters"}), "parameters", "has no parameter");
  if (s.axes.size() > most_parameters)
    problems.add(where({"parameters"}), "parameters",
                 explain("too many", fmt::format("{}", s.axes.size()), fmt::format("at most {}", most_parameters)));
  judge_paths(s, where, problems);
  if (fit.data.empty()) problems.add(where({"measured"}), "measured", "has no curve");
  for (std::size_t i = 0; i < s.axes.size(); ++i) {
    s.axes[i].origin = where({"parameters", s.axes[i].name});
    judge_parameter(fit, i, priors[i], where, problems);
  }
  for (std::size_t i = 0; i < fit.data.size(); ++i) {
    fit.data[i].origin = where({"measured", fit.data[i].name});
    read_data(fit, i, data[i], where, problems);
  }
  if (!problems.empty()) problems.raise();
  for (const FitData& curve : fit.data)
    for (std::size_t t = 0; t < curve.time_h.size(); ++t) {
      SweepObservable& o = s.observables.emplace_back();
      o.name = fmt::format("{}_{}", curve.name, t);
      o.column = curve.column;
      o.take = static_cast<int>(SweepObservable::Take::At);
      o.time_h = curve.time_h[t];
      o.origin = curve.origin;
      o.key = "measured." + curve.name;
    }
  return fit;
}

std::string fit_value(const FitSpecification& fit, std::size_t parameter, double value) {
  return shortest(value) + (fit.units[parameter].empty() ? "" : " " + fit.units[parameter]);
}

double fit_distance(const FitSpecification& fit, std::vector<double>& simulated) {
  if (simulated.size() != fit.runs.observables.size()) return std::numeric_limits<double>::infinity();
  double curves = 0;
  std::size_t at = 0;
  for (const FitData& curve : fit.data) {
    double squares = 0;
    for (std::size_t t = 0; t < curve.value.size(); ++t, ++at) {
      if (std::isnan(simulated[at])) simulated[at] = curve.if_empty;
      const double z = (simulated[at] - curve.value[t]) / curve.error[t];
      squares += z * z;
    }
    curves += squares / static_cast<double>(curve.value.size());
  }
  const double distance = std::sqrt(curves / static_cast<double>(fit.data.size()));
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

}  // namespace invado
