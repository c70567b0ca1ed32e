#include "io/provenance.h"

#include <fmt/core.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace invado {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void write_run_json(const fs::path& path, const Provenance& p) {
  Json json;
  json["format"] = "invado run";
  json["format_version"] = 1;
  json["argv"] = p.argv;
  json["version"] = p.version;
  json["commit"] = p.commit;
  json["compiler"] = p.compiler;
  json["flags"] = p.flags;
  json["libraries"] = p.libraries;
  json["host"] = p.host;
  json["cpu"] = p.cpu;
  json["threads"] = p.threads;
  json["scenario"] = p.scenario;
  json["seed"] = p.seed;
  json["run_id"] = p.run_id;
  json["start"] = p.start;
  json["end"] = p.end.empty() ? Json(nullptr) : Json(p.end);
  json["exit"] = p.exit ? Json(*p.exit) : Json(nullptr);
  json["schedule"] = p.schedule;
  json["precision"] = p.precision;
  json["time_h"] = p.time_h;
  json["duration_h"] = p.duration_h;
  json["end_h"] = p.end_h;
  json["step"] = p.step;
  json["digest"] = p.digest;
  json["resumed"] = Json::array();
  for (const Provenance::Resumption& r : p.resumed)
    json["resumed"].push_back(
        {{"time", r.time}, {"host", r.host}, {"version", r.version}, {"threads", r.threads}, {"step", r.step}});
  json["figures"] = Json::object();
  for (const auto& [name, value] : p.figures) json["figures"][name] = value;
  // Bytes that are no UTF-8 (a file name on the command line) become the replacement character.
  atomic_write(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Provenance read_run_json(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  // A fraction would be cut, one beyond all integers has no meaning at all.
  const auto whole = [&](const Json& number) {
    if (!number.is_number_integer())
      throw IoError(fmt::format("{}: not the record of a run: a whole number is expected", path.string()), Exit::BadData);
    return number.get<std::int64_t>();
  };
  try {
    const Json json = Json::parse(text);
    Provenance p;
    json.at("argv").get_to(p.argv);
    json.at("version").get_to(p.version);
    json.at("commit").get_to(p.commit);
    json.at("compiler").get_to(p.compiler);
    json.at("flags").get_to(p.flags);
    json.at("libraries").get_to(p.libraries);
    json.at("host").get_to(p.host);
    json.at("cpu").get_to(p.cpu);
    p.threads = static_cast<int>(whole(json.at("threads")));
    json.at("scenario").get_to(p.scenario);
    p.seed = static_cast<std::uint64_t>(whole(json.at("seed")));
    json.at("run_id").get_to(p.run_id);
    json.at("start").get_to(p.start);
    if (!json.at("end").is_null()) json.at("end").get_to(p.end);
    if (!json.at("exit").is_null()) p.exit = static_cast<int>(whole(json.at("exit")));
    json.at("schedule").get_to(p.schedule);
    json.at("precision").get_to(p.precision);
    json.at("time_h").get_to(p.time_h);
    json.at("duration_h").get_to(p.duration_h);
    json.at("end_h").get_to(p.end_h);
    p.step = whole(json.at("step"));
    json.at("digest").get_to(p.digest);
    for (const Json& r : json.at("resumed"))
      p.resumed.push_back({r.at("time").get<std::string>(), r.at("host").get<std::string>(),
                           r.at("version").get<std::string>(), static_cast<int>(whole(r.at("threads"))),
                           whole(r.at("step"))});
    for (const auto& [name, value] : json.at("figures").items()) p.figures.emplace_back(name, value.get<double>());
    return p;
  } catch (const Json::exception& problem) {
    throw IoError(fmt::format("{}: not the record of a run: {}", path.string(), problem.what()), Exit::BadData);
  }
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

RunLog::RunLog(const fs::path& path)
    : file_(fs::exists(path) ? AppendFile::continue_lines(path) : AppendFile::create(path)) {}

void RunLog::write(const std::string& event, const Json& details) {
  Json line;
  line["time"] = utc_now();
  line["event"] = event;
  for (const auto& [key, value] : details.items()) line[key] = value;
  file_.append(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace invado
