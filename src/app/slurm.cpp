#include "app/slurm.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "scenario/text.h"

namespace invado {
namespace {

// Whatever else Slurm says of a job, it may still run, or run again.
constexpr std::array<std::string_view, 10> ended{"COMPLETED", "CANCELLED", "FAILED",    "TIMEOUT",       "DEADLINE",
                                                 "NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "OUT_OF_MEMORY", "REVOKED"};
constexpr int array_when_unknown = 1000;  // Slurm's own default is 1001

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(by);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

int whole(std::string_view text, int otherwise) {
  int number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A job that starts jobs must not hand its own description on.
std::vector<std::string> environment_for_slurm() {
  std::vector<std::string> kept;
  const bool inside = std::getenv("SLURM_JOB_ID") != nullptr;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view one(*at);
    if (!inside || !one.starts_with("SLURM_") || one.starts_with("SLURM_CONF=")) kept.emplace_back(one);
  }
  return kept;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

// "COMPLETED", of "CANCELLED by 1000", "PREEMPTED+".
std::string state_word(std::string_view text) {
  return std::string(text.substr(0, text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")));
}

}  // namespace

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  return path != nullptr && std::ranges::any_of(split(path, ':'), [&](const std::string& folder) {
           return ::access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0;
         });
}

ProgramAnswer ask_program(const std::vector<std::string>& given) {
  std::vector<std::string> words = given, variables = environment_for_slurm();
  const std::vector<char*> argv = pointers(words), environment = pointers(variables);
  std::array<int, 2> out{}, errors{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(errors.data(), O_CLOEXEC) != 0)
    throw Error(Exit::NoMemory, "cannot open a pipe");
  const pid_t pid = ::fork();
  if (pid < 0) throw Error(Exit::NoMemory, "cannot start " + words.front());
  if (pid == 0) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0 && ::dup2(nothing, 0) == 0 && ::dup2(out[1], 1) == 1 && ::dup2(errors[1], 2) == 2)
      ::execvpe(argv[0], argv.data(), environment.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(errors[1]);
  ProgramAnswer answer;
  std::array<pollfd, 2> open{pollfd{out[0], POLLIN, 0}, pollfd{errors[0], POLLIN, 0}};
  const std::array<std::string*, 2> texts{&answer.output, &answer.errors};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (::poll(open.data(), open.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t n = ::read(open[i].fd, buffer.data(), buffer.size());
      if (n > 0) texts[i]->append(buffer.data(), static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) {
        ::close(open[i].fd);
        open[i].fd = -1;
      }
    }
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  answer.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return answer;
}

bool SlurmTask::has_ended() const { return std::ranges::find(ended, state) != ended.end(); }

std::vector<SlurmTask> jobs_in_queue(const std::string& name) {
  const ProgramAnswer answer = ask_program({"squeue", "--noheader", "--array", "--name=" + name, "--format=%F|%K|%T|%r"});
  if (answer.code != 0)
    throw IoError(fmt::format("cannot ask Slurm which jobs work on this sweep: squeue: {}", printable(answer.errors)),
                  Exit::Locked);
  std::vector<SlurmTask> tasks;
  for (const std::string& line : split(answer.output, '\n')) {
    const std::vector<std::string> fields = split(line, '|');
    if (fields.size() < 4) continue;
    SlurmTask task{fields[0], whole(fields[1], 0), state_word(fields[2]), fields[3]};
    if (!task.has_ended()) tasks.push_back(std::move(task));
  }
  return tasks;
}

std::map<std::string, std::string> final_states(const std::vector<std::string>& jobs) {
  std::map<std::string, std::string> states;
  if (jobs.empty()) return states;
  const std::string list = fmt::format("{}", fmt::join(jobs, ","));
  // A job that was requeued has a line per start; the last one counts.
  for (const std::string& line :
       split(ask_program({"sacct", "--noheader", "--parsable2", "--allocations", "--jobs=" + list, "--format=JobID,State"})
                 .output,
             '\n'))
    if (const std::vector<std::string> fields = split(line, '|'); fields.size() == 2)
      states[fields[0]] = state_word(fields[1]);
  for (const std::string& line :
       split(ask_program({"squeue", "--noheader", "--array", "--states=all", "--jobs=" + list, "--format=%F_%K|%T"}).output,
             '\n'))
    if (const std::vector<std::string> fields = split(line, '|'); fields.size() == 2)
      states[fields[0]] = state_word(fields[1]);
  return states;
}

int longest_array() {
  constexpr std::string_view key = "MaxArraySize";
  for (const std::string& line : split(ask_program({"scontrol", "show", "config"}).output, '\n'))
    if (line.starts_with(key))
      if (const std::size_t at = line.find_first_of("0123456789"); at != std::string::npos)
        return std::max(1, whole(std::string_view(line).substr(at), array_when_unknown));
  return array_when_unknown;
}

JobEnd meaning_of(const std::string& state) {
  if (state == "OUT_OF_MEMORY") return JobEnd::OutOfMemory;
  if (state == "CANCELLED") return JobEnd::Cancelled;
  return JobEnd::GoOn;  // TIMEOUT, DEADLINE, NODE_FAIL, BOOT_FAIL, PREEMPTED, FAILED, COMPLETED with runs missing, or
                        // unknown
}

}  // namespace invado
