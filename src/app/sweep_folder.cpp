#include "app/sweep_folder.h"

#include <fmt/core.h>
#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/progress.h"
#include "io/atomic_file.h"
#include "io/run_folder.h"
#include "io/run_lock.h"
#include "scenario/files.h"
#include "scenario/text.h"
#include "scenario/yaml_tree.h"

namespace invado {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t longest_record = 1 << 20;
constexpr std::size_t longest_plan = std::size_t{4} << 30;

// A record that cannot be read is as none: the run is looked at again.
template <class Record, class Read>
std::optional<Record> read_record(const fs::path& path, Read read) {
  std::error_code none;
  if (!fs::exists(path, none)) return std::nullopt;
  try {
    return read(Json::parse(read_text_file(path, longest_record)));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// a7 -> 7; 0: is no attempt. What was put aside is a7.damaged.
int attempt_number(const std::string& name, bool aside_too) {
  int number = 0;
  if (!name.starts_with('a')) return 0;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
  return error == std::errc{} && (rest.empty() || (aside_too && rest == ".damaged")) ? number : 0;
}

int newest(const fs::path& folder, bool aside_too) {
  int number = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    number = std::max(number, attempt_number(entry.path().filename().string(), aside_too));
  return number;
}

}  // namespace

SweepFolder SweepFolder::open(const fs::path& path) {
  SweepFolder folder(path);
  if (!fs::is_regular_file(folder.plan_file()))
    throw IoError(fmt::format("{}: is no folder of a sweep (there is no points.jsonl in it; `invado sweep plan` makes one)",
                              path.string()),
                  Exit::NotFound);
  return folder;
}

fs::path SweepFolder::attempt(const SweepRun& run, int number) const { return of(run) / fmt::format("a{}", number); }
int SweepFolder::newest_attempt(const SweepRun& run) const { return newest(of(run), false); }
int SweepFolder::attempts(const SweepRun& run) const { return newest(of(run), true); }

std::string SweepFolder::newest_checkpoint(const SweepRun& run) const {
  const int number = newest_attempt(run);
  if (number == 0) return {};
  const std::vector<fs::path> checkpoints = RunFolder(attempt(run, number)).checkpoints_newest_first();
  return checkpoints.empty() ? std::string() : fmt::format("a{}/{}", number, checkpoints.front().filename().string());
}

void SweepFolder::put_aside(const SweepRun& run, int number) const {
  fs::path aside = attempt(run, number);
  aside += ".damaged";
  fs::rename(attempt(run, number), aside);
}

void SweepFolder::put_all_aside(const SweepRun& run) const {
  for (int number = newest_attempt(run); number > 0; number = newest_attempt(run)) put_aside(run, number);
}

SweepPlan SweepFolder::plan(std::optional<std::size_t> only) const {
  return read_plan(read_text_file(plan_file(), longest_plan), plan_file().string(), only);
}

bool SweepFolder::is_done(const SweepRun& run) const {
  std::error_code none;
  return fs::exists(of(run) / "done.json", none);
}

std::optional<DoneRecord> SweepFolder::done(const SweepRun& run) const {
  return read_record<DoneRecord>(of(run) / "done.json", [](const Json& json) {
    DoneRecord record;
    json.at("attempt").get_to(record.attempt);
    json.at("digest").get_to(record.digest);
    json.at("run_id").get_to(record.run_id);
    json.at("wall_s").get_to(record.wall_s);
    json.at("series_checksum").get_to(record.series_checksum);
    return record;
  });
}

void SweepFolder::publish(const SweepRun& run, const DoneRecord& record) const {
  const Json json{{"attempt", record.attempt}, {"digest", record.digest},
                  {"run_id", record.run_id},   {"exit", 0},
                  {"wall_s", record.wall_s},   {"series_checksum", record.series_checksum},
                  {"host", record.host},       {"version", record.version},
                  {"commit", record.commit},   {"end", record.end}};
  const fs::path own = attempt(run, record.attempt) / "done.json", won = of(run) / "done.json";
  atomic_write(own, json.dump(1) + "\n");
  if (::link(own.c_str(), won.c_str()) == 0) return;
  if (errno != EEXIST) {  // a file system without hard links
    atomic_write(won, json.dump(1) + "\n");
    return;
  }
  const std::optional<DoneRecord> other = done(run);
  if (other && other->digest != record.digest)
    throw IoError(fmt::format("{}: two attempts of one run have different digests, {} and {}: the machine or the program is "
                              "at fault (`sweep run --retry-failed` computes it anew)",
                              of(run).string(), other->digest, record.digest),
                  Exit::BadData);
  if (!other) atomic_write(won, json.dump(1) + "\n");
}

void SweepFolder::forget_done(const SweepRun& run) const { fs::remove(of(run) / "done.json"); }

std::optional<FailedRecord> SweepFolder::failed(const SweepRun& run) const {
  return read_record<FailedRecord>(of(run) / "failed.json", [](const Json& json) {
    FailedRecord record;
    json.at("code").get_to(record.code);
    json.at("reason").get_to(record.reason);
    json.at("passing").get_to(record.passing);
    json.at("time_limit_s").get_to(record.time_limit_s);
    return record;
  });
}

void SweepFolder::record_failure(const SweepRun& run, const FailedRecord& record) const {
  make_directories(of(run));
  const Json json{
      {"code", record.code}, {"reason", record.reason}, {"passing", record.passing}, {"time_limit_s", record.time_limit_s}};
  atomic_write(of(run) / "failed.json", json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void SweepFolder::forget_failure(const SweepRun& run) const {
  std::error_code none;
  fs::remove(of(run) / "failed.json", none);
}

bool SweepFolder::results_are_whole(const SweepRun& run, const DoneRecord& record) const {
  if (record.series_checksum.empty()) return true;
  try {
    return examine_file(RunFolder(attempt(run, record.attempt)).series()).checksum == record.series_checksum;
  } catch (const Error&) {
    return false;
  }
}

bool SweepFolder::is_running(const SweepRun& run) const {
  const int number = newest_attempt(run);
  return number > 0 && RunLock::holder(attempt(run, number)).has_value();
}

fs::path sweep_folder_of(const fs::path& sweep, const fs::path& output) {
  if (fs::is_directory(sweep)) return sweep;
  return output.empty() ? fs::path("sweeps") / sweep.stem() : output;
}

std::string changed_since_planned(const fs::path& sweep, const SweepFolder& folder) {
  if (fs::is_directory(sweep)) return {};
  if (read_text_file(sweep, longest_document) == read_text_file(folder.specification(), longest_document)) return {};
  const std::string place = folder.path() == sweep_folder_of(sweep, {}) ? "" : " -o " + folder.path().string();
  return fmt::format(
      "{}: has changed since {} was planned: `invado sweep plan {}{}` takes the change up, and {} instead of the "
      "file means what was planned",
      shown_path(sweep), folder.path().string(), shown_path(sweep), place, folder.path().string());
}

std::string last_line(const fs::path& log) {
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  constexpr std::streamoff enough = 4096;
  if (!file || size <= 0) return {};
  file.seekg(std::max(std::streamoff{0}, size - enough));
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return printable(last);
}

SweepCounts count_runs(const SweepFolder& folder, const SweepPlan& plan) {
  SweepCounts counts;
  counts.all = plan.runs.size();
  std::error_code none;
  for (const SweepRun& run : plan.runs) {
    if (const std::optional<DoneRecord> done = folder.done(run)) {
      ++counts.done;
      counts.wall_s += done->wall_s;
    } else if (!fs::exists(folder.of(run), none)) {
      continue;
    } else if (const std::optional<FailedRecord> failed = folder.failed(run)) {
      ++counts.failed;
      if (!failed->stands(plan)) ++counts.again;
    } else if (folder.is_running(run)) {
      ++counts.running;
    }
  }
  return counts;
}

std::string status_text(const SweepCounts& c, int at_once) {
  const std::size_t left = c.all - c.done - c.failed;
  const std::string again = c.again == 0 ? "" : fmt::format(" ({} of them to be tried again)", c.again);
  std::string text = fmt::format("{} of {} done, {} failed{}, {} running, {} to do", c.done, c.all, c.failed, again,
                                 c.running, left - std::min(left, c.running));
  if (left > 0 && c.done > 0)
    text += fmt::format("; {} to go", wall_time_text(std::ceil(c.wall_s / static_cast<double>(c.done) *
                                                               static_cast<double>(left) / static_cast<double>(at_once))));
  return text;
}

int runs_at_once(const SweepPlan& plan, int wanted) {
  if (wanted > 0) return wanted;
  int cores = omp_get_num_procs();
  if (const char* text = std::getenv("SLURM_CPUS_PER_TASK")) {
    int slurm = 0;
    std::from_chars(text, text + std::char_traits<char>::length(text), slurm);
    if (slurm > 0) cores = slurm;
  }
  return std::max(1, cores / static_cast<int>(std::min<std::int64_t>(plan.threads, 1024)));
}

}  // namespace invado
