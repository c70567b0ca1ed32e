#include "sweep/plan.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "scenario/text.h"
#include "sweep/designs.h"

namespace invado {
namespace {

using Json = nlohmann::ordered_json;

constexpr int plan_format = 2;

std::string hash_of(std::string_view text) {
  Checksum checksum;
  checksum.add(text);
  return checksum.hex();
}

// Each part with its length in front of it: no two lists of parts give the same text.
std::string framed(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += fmt::format("{}:{}\n", part.size(), part);
  return text;
}

// JSON has neither NaN nor infinity: these stand for "not given".
Json number_or_null(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
double number_or(const Json& json, double otherwise) { return json.is_null() ? otherwise : json.get<double>(); }

Json header_of(const SweepPlan& plan) {
  Json axes = Json::array(), observables = Json::array();
  for (const SweepAxis& axis : plan.axes)
    axes.push_back({{"name", axis.name},
                    {"path", axis.paths},
                    {"values", axis.values},
                    {"from", axis.from},
                    {"to", axis.to},
                    {"scale", axis.scale},
                    {"with", axis.with}});
  for (const SweepObservable& o : plan.observables)
    observables.push_back({{"name", o.name},
                           {"column", o.column},
                           {"take", o.take},
                           {"time_h", number_or_null(o.time_h)},
                           {"from_h", o.from_h},
                           {"until_h", number_or_null(o.until_h)}});
  return {{"format", "invado sweep"},
          {"format_version", plan_format},
          {"name", plan.name},
          {"about", plan.about},
          {"release", plan.release},
          {"base", plan.base},
          {"base_digest", plan.base_digest},
          {"allow_dirs", plan.allow_dirs},
          {"set", plan.set},
          {"threads", plan.threads},
          {"time_limit_s", plan.time_limit_s},
          {"memory_bytes", plan.memory_bytes},
          {"keep_checkpoints", plan.keep_checkpoints},
          {"axes", std::move(axes)},
          {"observables", std::move(observables)},
          {"rows", plan.rows},
          {"runs", plan.runs.size()}};
}

SweepPlan plan_of(const Json& json) {
  SweepPlan plan;
  if (json.at("format") != "invado sweep" || json.at("format_version") != plan_format)
    throw std::runtime_error(fmt::format("is not a plan of format {}", plan_format));
  json.at("name").get_to(plan.name);
  json.at("about").get_to(plan.about);
  json.at("release").get_to(plan.release);
  json.at("base").get_to(plan.base);
  json.at("base_digest").get_to(plan.base_digest);
  json.at("allow_dirs").get_to(plan.allow_dirs);
  json.at("set").get_to(plan.set);
  json.at("threads").get_to(plan.threads);
  json.at("time_limit_s").get_to(plan.time_limit_s);
  json.at("memory_bytes").get_to(plan.memory_bytes);
  json.at("keep_checkpoints").get_to(plan.keep_checkpoints);
  json.at("runs").get_to(plan.count);
  json.at("rows").get_to(plan.rows);
  for (const Json& axis : json.at("axes")) {
    SweepAxis& a = plan.axes.emplace_back();
    axis.at("name").get_to(a.name);
    axis.at("path").get_to(a.paths);
    axis.at("values").get_to(a.values);
    axis.at("from").get_to(a.from);
    axis.at("to").get_to(a.to);
    axis.at("scale").get_to(a.scale);
    axis.at("with").get_to(a.with);
  }
  for (const Json& observable : json.at("observables")) {
    SweepObservable& o = plan.observables.emplace_back();
    observable.at("name").get_to(o.name);
    observable.at("column").get_to(o.column);
    observable.at("take").get_to(o.take);
    o.time_h = number_or(observable.at("time_h"), o.time_h);
    observable.at("from_h").get_to(o.from_h);
    o.until_h = number_or(observable.at("until_h"), o.until_h);
  }
  return plan;
}

SweepRun run_of(const Json& json, std::size_t axes) {
  SweepRun run;
  json.at("point").get_to(run.point);
  json.at("replicate").get_to(run.replicate);
  json.at("id").get_to(run.id);
  json.at("seed").get_to(run.seed);
  json.at("name").get_to(run.name);
  json.at("values").get_to(run.values);
  // The id names a folder.
  const bool hex = run.id.size() == 32 && run.id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex || run.values.size() != axes) throw std::runtime_error("a run has no good id, or not one value per axis");
  return run;
}

}  // namespace

std::vector<std::string> SweepPlan::settings(const SweepRun& run) const {
  std::vector<std::string> all = set;
  for (std::string& one : assignments(axes, run.values)) all.push_back(std::move(one));
  return all;
}

SweepPlan make_plan(const SweepSpecification& s, const std::string& base_digest, const std::string& release) {
  SweepPlan plan;
  plan.name = s.name;
  plan.about = s.about;
  plan.release = release;
  plan.base = s.base.string();
  plan.base_digest = base_digest;
  for (const auto& folder : s.allow_dirs) plan.allow_dirs.push_back(std::filesystem::absolute(folder).string());
  for (const auto& [path, value] : s.set) plan.set.push_back(path + "=" + value);
  plan.threads = s.threads;
  plan.time_limit_s = s.time_limit_s;
  plan.memory_bytes = s.memory_bytes;
  plan.keep_checkpoints = s.keep_checkpoints;
  for (const SweepAxis& axis : s.axes) {
    plan.axes.push_back(axis);
    plan.axes.back().origin = {};
  }
  plan.observables = s.observables;
  plan.rows = s.rows;
  plan.count = s.points.size() * static_cast<std::size_t>(s.replicates);
  for (std::size_t p = 0; p < s.points.size(); ++p) {
    // What the point sets, whatever the axes are called and wherever it stands in the list.
    const std::vector<std::string> set = assignments(s.axes, s.points[p].values);
    const std::string content = hash_of(framed(set));
    std::uint64_t point = 0;
    std::from_chars(content.data(), content.data() + 16, point, 16);
    for (std::uint32_t r = 0; r < static_cast<std::uint32_t>(s.replicates); ++r) {
      SweepRun run;
      run.point = p;
      run.replicate = r;
      run.seed = run_seed(static_cast<std::uint64_t>(s.seed), point, r, s.common_random_numbers);
      run.id = hash_of(framed({"invado sweep point", release, base_digest, content, fmt::format("{}", run.seed)}));
      run.name = s.points[p].name;
      run.values = s.points[p].values;
      plan.runs.push_back(std::move(run));
    }
  }
  return plan;
}

std::string to_text(const SweepPlan& plan) {
  std::string text = header_of(plan).dump() + "\n";
  for (const SweepRun& run : plan.runs)
    text += Json{{"point", run.point}, {"replicate", run.replicate}, {"id", run.id},
                 {"seed", run.seed},   {"name", run.name},           {"values", run.values}}
                .dump() +
            "\n";
  return text + Json{{"checksum", hash_of(text)}}.dump() + "\n";
}

SweepPlan read_plan(const std::string& text, const std::string& label, std::optional<std::size_t> only) {
  const auto bad = [&](const std::string& what) { return IoError(fmt::format("{}: {}", label, what), Exit::BadData); };
  try {
    const std::size_t end = text.size() > 1 ? text.rfind('\n', text.size() - 2) : std::string::npos;
    if (end == std::string::npos || !text.ends_with('\n')) throw bad("is not a whole plan");
    const Json last = Json::parse(text.substr(end + 1));
    if (last.at("checksum") != hash_of(std::string_view(text).substr(0, end + 1))) throw bad("its checksum is another");
    std::size_t begin = text.find('\n') + 1;
    SweepPlan plan = plan_of(Json::parse(text.substr(0, begin)));
    for (std::size_t index = 0; begin <= end; ++index) {
      const std::size_t stop = text.find('\n', begin);
      if (!only || *only == index)
        plan.runs.push_back(run_of(Json::parse(text.substr(begin, stop - begin)), plan.axes.size()));
      begin = stop + 1;
    }
    if (plan.runs.size() != (only ? 1 : plan.count)) throw bad(only ? "has no such run" : "has not as many runs as it says");
    return plan;
  } catch (const IoError&) {
    throw;
  } catch (const std::exception& error) {
    throw bad(printable(error.what()));
  }
}

}  // namespace invado
