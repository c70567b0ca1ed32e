#include "app/sweep_slurm.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "app/commands.h"
#include "app/signals.h"
#include "app/sweep_pool.h"
#include "base/checksum.h"
#include "io/atomic_file.h"
#include "io/run_lock.h"
#include "scenario/files.h"
#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The same for every sweep. What it starts are its arguments: our program, the folder, numbers.
constexpr const char* script =
    "#!/bin/sh\n"
    "# A job of a sweep of invado. It holds nothing of the sweep: what is computed is read from the sweep's folder.\n"
    "exec \"$@\"\n";

constexpr double wanted_job_s = 900;
constexpr std::size_t longest_submission = std::size_t{1} << 30;
constexpr std::chrono::minutes until_jobs_end{5};

// What was handed to Slurm at once: slurm/s1.json.
struct Submission {
  std::vector<std::string> ids;  // of runs, in the order of tasks
  std::size_t chunk = 1, array = 1;
  std::string state;  // of these runs, before
  Machine machine;
  std::vector<std::string> jobs;  // array after array; a gap at the end: Slurm took no more
};

fs::path record_of(const SweepFolder& folder, std::size_t number) {
  return folder.slurm() / fmt::format("s{}.json", number);
}

void write(const SweepFolder& folder, std::size_t number, const Submission& s) {
  const Machine& m = s.machine;
  const Json json{{"jobs", s.jobs},
                  {"chunk", s.chunk},
                  {"array", s.array},
                  {"state", s.state},
                  {"partition", m.partition},
                  {"account", m.account},
                  {"qos", m.qos},
                  {"constraint", m.constraint},
                  {"memory", m.memory},
                  {"time_min", m.time_min},
                  {"save_time_min", m.save_time_min},
                  {"cpus", m.cpus},
                  {"ids", s.ids}};
  atomic_write(record_of(folder, number), json.dump(1) + "\n");
}

Submission read(const SweepFolder& folder, std::size_t number) {
  const fs::path path = record_of(folder, number);
  try {
    const Json json = Json::parse(read_text_file(path, longest_submission));
    Submission s;
    Machine& m = s.machine;
    m.executor = static_cast<int>(Machine::Executor::Slurm);
    json.at("jobs").get_to(s.jobs);
    json.at("chunk").get_to(s.chunk);
    json.at("array").get_to(s.array);
    json.at("state").get_to(s.state);
    json.at("partition").get_to(m.partition);
    json.at("account").get_to(m.account);
    json.at("qos").get_to(m.qos);
    json.at("constraint").get_to(m.constraint);
    json.at("memory").get_to(m.memory);
    json.at("time_min").get_to(m.time_min);
    json.at("save_time_min").get_to(m.save_time_min);
    json.at("cpus").get_to(m.cpus);
    json.at("ids").get_to(s.ids);
    m.chunk = static_cast<std::int64_t>(s.chunk);
    if (s.chunk == 0 || s.array == 0) throw std::runtime_error("a chunk or an array without anything");
    return s;
  } catch (const Json::exception& error) {
    throw IoError(fmt::format("{}: {}", path.string(), printable(error.what())), Exit::BadData);
  } catch (const std::runtime_error& error) {
    throw IoError(fmt::format("{}: {}", path.string(), printable(error.what())), Exit::BadData);
  }
}

// By which the queue is asked; the folder is the sweep.
std::string job_name(const SweepFolder& folder) {
  Checksum checksum;
  checksum.add(fs::weakly_canonical(folder.path()).string());
  return "invado-" + checksum.hex().substr(0, 16);
}

// How far these runs are. It changes when one of them gets on.
std::string state_of(const SweepFolder& folder, const std::vector<const SweepRun*>& runs) {
  Checksum checksum;
  for (const SweepRun* run : runs)
    checksum.add(fmt::format("{} {} {}\n", run->id, folder.is_done(*run) || folder.failed(*run) ? "ended" : "open",
                             folder.newest_checkpoint(*run)));
  return checksum.hex();
}

std::vector<const SweepRun*> runs_with(const SweepPlan& plan, const std::vector<std::string>& ids) {
  std::map<std::string_view, const SweepRun*> by_id;
  for (const SweepRun& run : plan.runs) by_id[run.id] = &run;
  std::vector<const SweepRun*> runs;
  for (const std::string& id : ids)
    if (const auto at = by_id.find(id); at != by_id.end()) runs.push_back(at->second);
  return runs;
}

// A path in which Slurm shall replace nothing.
std::string without_patterns(const std::string& path) {
  std::string text;
  for (const char c : path) text += c == '%' ? std::string("%%") : std::string(1, c);
  return text;
}

std::vector<std::string> words_of_sbatch(const SweepFolder& folder, const SweepPlan& plan, const Machine& m,
                                         std::int64_t cpus) {
  const std::string path = fs::weakly_canonical(folder.path()).string();
  std::vector<std::string> words{"sbatch",          "--parsable",         "--job-name=" + job_name(folder),
                                 "--chdir=" + path, "--nodes=1",          "--ntasks=1",
                                 "--requeue",       "--open-mode=append", fmt::format("--cpus-per-task={}", cpus)};
  if (m.time_min > 0) {
    words.push_back(fmt::format("--time={}", static_cast<std::int64_t>(std::ceil(m.time_min))));
  }
  for (const auto& [option, word] : {std::pair{"--partition=", &m.partition},
                                     {"--account=", &m.account},
                                     {"--qos=", &m.qos},
                                     {"--constraint=", &m.constraint},
                                     {"--mem=", &m.memory}})
    if (!word->empty()) words.push_back(option + *word);
  if (m.memory.empty() && plan.memory_bytes > 0) {
    const double at_once = static_cast<double>(std::max<std::int64_t>(1, cpus / plan.threads));
    words.push_back(fmt::format(
        "--mem={}M", static_cast<std::int64_t>(std::ceil(static_cast<double>(plan.memory_bytes) * at_once / 1048576))));
  }
  return words;
}

// The number of a new job. Throws Error 2 with what Slurm says.
std::string submit(std::vector<std::string> words, const std::vector<std::string>& job) {
  words.insert(words.end(), job.begin(), job.end());
  const ProgramAnswer answer = ask_program(words);
  const std::string number = answer.output.substr(0, answer.output.find_first_not_of("0123456789"));
  if (answer.code != 0 || number.empty())
    throw Error(Exit::Usage,
                fmt::format("Slurm refuses the job: {}", printable(answer.errors.empty() ? answer.output : answer.errors)));
  return number;
}

std::size_t chunk_of(const SweepFolder& folder, const SweepPlan& plan, const Machine& machine, std::size_t at_once) {
  if (machine.chunk > 0) return static_cast<std::size_t>(machine.chunk);
  const SweepCounts counts = count_runs(folder, plan);
  if (counts.done == 0 || counts.wall_s <= 0) return at_once;
  const double rounds = std::clamp(wanted_job_s * static_cast<double>(counts.done) / counts.wall_s, 1.0, 100000.0);
  return at_once * static_cast<std::size_t>(rounds);
}

std::size_t next_number(const SweepFolder& folder) {
  std::size_t number = 1;
  while (fs::exists(record_of(folder, number))) ++number;
  return number;
}

// Runs of a submission that its jobs left unfinished: which of them can go on, and what is to be said about the others.
std::vector<const SweepRun*> judge(const SweepFolder& folder, const SweepPlan& plan, const Submission& s,
                                   std::size_t& cancelled) {
  const std::map<std::string, std::string> states = final_states(s.jobs);
  const std::vector<const SweepRun*> known = runs_with(plan, s.ids);
  std::map<std::string_view, const SweepRun*> by_id;
  for (const SweepRun* run : known) by_id[run->id] = run;
  std::vector<const SweepRun*> go_on;
  for (std::size_t i = 0; i < s.ids.size(); ++i) {
    const auto at = by_id.find(s.ids[i]);
    if (at == by_id.end() || folder.is_done(*at->second)) continue;
    const SweepRun& run = *at->second;
    const std::size_t task = i / s.chunk, array = task / s.array;
    const std::string name = array < s.jobs.size() ? fmt::format("{}_{}", s.jobs[array], task % s.array) : std::string();
    const auto state = states.find(name);
    const JobEnd end = state == states.end() ? JobEnd::GoOn : meaning_of(state->second);
    const std::optional<FailedRecord> failed = folder.failed(run);
    const bool killed = failed ? failed->code == 128 + SIGKILL : folder.attempts(run) > 0;
    if (end == JobEnd::OutOfMemory && killed)
      folder.record_failure(run, {static_cast<int>(Exit::NoMemory),
                                  fmt::format("job {} ran out of memory; --mem asks for more", name), true, 0});
    else if (!failed && end == JobEnd::Cancelled)
      ++cancelled;
    else if (!failed)
      go_on.push_back(&run);
  }
  return go_on;
}

std::string why_not(const SweepFolder& folder, const Submission& s) {
  const std::map<std::string, std::string> states = final_states(s.jobs);
  std::set<std::string> words;
  for (const auto& [name, state] : states)
    if (state != "COMPLETED") words.insert(state);
  std::string text =
      fmt::format("its job ended without getting on ({})",
                  words.empty() ? std::string("Slurm does not say how") : fmt::format("{}", fmt::join(words, ", ")));
  if (!s.jobs.empty())
    if (const std::string said = last_line(folder.slurm() / fmt::format("{}_0.txt", s.jobs.front())); !said.empty())
      text += ": " + said;
  return text;
}

}  // namespace

void require_slurm() {
  for (const char* program : {"sbatch", "squeue", "scancel", "scontrol"})
    if (!is_on_path(program))
      throw IoError(
          fmt::format("--executor slurm: there is no {} on the PATH. It is on the login nodes of a cluster that runs "
                      "Slurm (perhaps after `module load slurm`); --executor local needs none",
                      program),
          Exit::NotFound);
}

std::vector<SlurmTask> jobs_of(const SweepFolder& folder) {
  if (!fs::is_directory(folder.slurm()) || !is_on_path("squeue")) return {};
  return jobs_in_queue(job_name(folder));
}

std::string jobs_text(const std::vector<SlurmTask>& tasks) {
  if (tasks.empty()) return {};
  std::set<std::string> jobs, reasons;
  std::size_t waiting = 0;
  for (const SlurmTask& task : tasks) {
    jobs.insert(task.job);
    if (!task.is_waiting()) continue;
    ++waiting;
    if (!task.reason.empty() && task.reason != "None") reasons.insert(printable(task.reason));
  }
  return fmt::format("jobs {} of Slurm: {} running, {} waiting{}", fmt::join(jobs, ", "), tasks.size() - waiting, waiting,
                     reasons.empty() ? std::string() : fmt::format(" ({})", fmt::join(reasons, ", ")));
}

void submit_runs(const SweepFolder& folder, const SweepPlan& plan, const std::vector<std::size_t>& due,
                 const Machine& machine) {
  const std::string path = fs::weakly_canonical(folder.path()).string();
  // A backslash switches the patterns of --output off, wherever it stands.
  if (std::ranges::any_of(path, [](unsigned char c) { return c < 32 || c == 127 || c == '\\'; }) ||
      !control_character(path).empty())
    throw Error(Exit::Usage,
                fmt::format("{}: a folder with a backslash or control characters in its name is not handed to Slurm",
                            printable(path)));
  const std::int64_t cpus = machine.cpus > 0 ? machine.cpus : plan.threads;
  const auto at_once = static_cast<std::size_t>(std::max<std::int64_t>(1, cpus / plan.threads));
  Submission s;
  s.machine = machine;
  s.chunk = chunk_of(folder, plan, machine, at_once);
  s.array = static_cast<std::size_t>(longest_array());
  for (const std::size_t index : due) s.ids.push_back(plan.runs[index].id);
  s.state = state_of(folder, runs_with(plan, s.ids));
  make_directories(folder.slurm());
  const fs::path file = folder.slurm() / "job.sh";
  atomic_write(file, script);
  const std::size_t number = next_number(folder);
  write(folder, number, s);

  const std::vector<std::string> common = words_of_sbatch(folder, plan, machine, cpus);
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  const std::string out = "--output=" + without_patterns(path) + "/slurm/";
  const std::size_t tasks = (s.ids.size() + s.chunk - 1) / s.chunk;
  std::string refusal;
  for (std::size_t first = 0; first < tasks && refusal.empty(); first += s.array) {
    std::vector<std::string> words = common;
    words.push_back(fmt::format("--array=0-{}", std::min(s.array, tasks - first) - 1));
    words.push_back(out + "%A_%a.txt");
    // Only to our program, which asks the runs: the script became it. Early, so that there is time to save.
    words.push_back(fmt::format("--signal=B:USR1@{}", static_cast<std::int64_t>(std::ceil(machine.save_time_min * 60))));
    try {
      s.jobs.push_back(submit(
          words, {file.string(), program, "sweep", "task", path, fmt::format("{}", number), fmt::format("{}", first)}));
    } catch (const Error& error) {
      // Perhaps it is only too many at once: what was taken runs, and the look at the end submits the rest.
      if (s.jobs.empty()) throw;
      refusal = error.what();
    }
    write(folder, number, s);
  }
  std::vector<std::string> words = common;
  words.push_back(fmt::format("--dependency=afterany:{}", fmt::join(s.jobs, ":")));
  words.push_back(out + "%j_check.txt");
  std::string check;
  try {
    check = submit(words, {file.string(), program, "sweep", "check", path, fmt::format("{}", number)});
  } catch (const Error& error) {
    // The arrays run all the same.
    check = "nothing";
    fmt::print(stderr, "{}; nobody looks when these have ended: type `invado sweep run` again then\n", error.what());
  }
  fmt::print("submitted    {} runs in {} jobs of up to {}, {} at once in each; arrays {}, afterwards {}\n", s.ids.size(),
             tasks, s.chunk, at_once, fmt::join(s.jobs, ", "), check);
  if (!refusal.empty()) fmt::print(stderr, "{}; the rest is submitted when these have ended\n", refusal);
}

void cancel_jobs(const SweepFolder& folder) {
  const ProgramAnswer answer = ask_program({"scancel", "--name=" + job_name(folder)});
  if (answer.code != 0) throw IoError(fmt::format("scancel: {}", printable(answer.errors)), Exit::Locked);
  const auto end = std::chrono::steady_clock::now() + until_jobs_end;
  while (!jobs_of(folder).empty()) {
    if (std::chrono::steady_clock::now() > end)
      throw IoError(fmt::format("{} after {} minutes", jobs_text(jobs_of(folder)), until_jobs_end.count()), Exit::Locked);
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

// One task of an array: its chunk of runs, as many at once as it has cores. Begun again after anything, it goes on.
Exit sweep_task(const fs::path& path, std::size_t submission, std::size_t first) {
  install_signals();
  const SweepFolder folder = SweepFolder::open(path);
  const SweepPlan plan = folder.plan();
  const Submission s = read(folder, submission);
  const char* const text = std::getenv("SLURM_ARRAY_TASK_ID");
  std::size_t task = 0;
  if (text == nullptr || std::from_chars(text, text + std::char_traits<char>::length(text), task).ec != std::errc{})
    throw Error(Exit::Usage, "`invado sweep task` is what a job of Slurm does; SLURM_ARRAY_TASK_ID says no number");
  const std::size_t begin = std::min(s.ids.size(), (first + task) * s.chunk), end = std::min(s.ids.size(), begin + s.chunk);
  const std::vector<const SweepRun*> mine = runs_with(
      plan, {s.ids.begin() + static_cast<std::ptrdiff_t>(begin), s.ids.begin() + static_cast<std::ptrdiff_t>(end)});
  std::vector<std::size_t> due;
  for (const SweepRun* run : mine)
    if (!folder.is_done(*run) && !folder.failed(*run)) due.push_back(static_cast<std::size_t>(run - plan.runs.data()));
  const std::string before = state_of(folder, mine);
  const PoolResult result = run_pool(folder, plan, due, runs_at_once(plan, 0), [](const SweepCounts&) {});
  std::error_code none;
  const bool unwanted = fs::exists(folder.cancel_wish(), none);
  fmt::print("task {}: {} runs, {} started, exit {}\n", first + task, mine.size(), result.started,
             static_cast<int>(result.code));
  // Time is up: into the queue again, at the same place of the array. (Whom Slurm itself turns out, it puts back itself.)
  if (const char* const job = std::getenv("SLURM_JOB_ID");
      result.code == Exit::Stopped && !stop_in_haste() && !unwanted && job != nullptr && is_batch_word(job)) {
    if (state_of(folder, mine) == before) {
      fmt::print(stderr, "no run got on in this job's time: it is not queued again\n");
    } else if (const ProgramAnswer answer = ask_program({"scontrol", "requeue", job}); answer.code != 0) {
      fmt::print(stderr, "scontrol requeue: {}\n", printable(answer.errors));
    }
  }
  return result.code;
}

namespace {

// The last job must not give up because somebody looks at the sweep at that moment.
RunLock lock_when_free(const fs::path& path) {
  constexpr int patience_s = 300;
  for (int waited = 0;; ++waited) {
    try {
      return RunLock::take(path);
    } catch (const IoError& error) {
      if (error.code() != Exit::Locked || waited == patience_s) throw;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace

// When all tasks have ended: what is left is handed over again as long as that helps, then the table is made.
Exit sweep_check(const fs::path& path, std::size_t submission) {
  const SweepFolder folder = SweepFolder::open(path);
  const RunLock lock = lock_when_free(path);
  const SweepPlan plan = folder.plan();
  const Submission s = read(folder, submission);
  std::size_t cancelled = 0;
  const std::vector<const SweepRun*> left = judge(folder, plan, s, cancelled);
  if (cancelled > 0) fmt::print("{} runs were left when their jobs were cancelled\n", cancelled);
  std::error_code none;
  if (!left.empty() && !fs::exists(folder.cancel_wish(), none)) {
    if (state_of(folder, runs_with(plan, s.ids)) != s.state) {
      std::vector<std::size_t> due;
      for (const SweepRun* run : left) due.push_back(static_cast<std::size_t>(run - plan.runs.data()));
      submit_runs(folder, plan, due, s.machine);
      return Exit::Done;
    }
    const std::string why = why_not(folder, s);
    for (const SweepRun* run : left) folder.record_failure(*run, {static_cast<int>(Exit::Stopped), why, true, 0});
  }
  SweepOptions collect;
  collect.sweep = path;
  return sweep_collect(collect);
}

}  // namespace invado
