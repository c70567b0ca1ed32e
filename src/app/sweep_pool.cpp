#include "app/sweep_pool.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "app/signals.h"
#include "io/atomic_file.h"
#include "io/run_folder.h"
#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr int most_without_progress = 3;
constexpr int most_disk_failures = 10;                     // one after the other: the disk is full, not one run bad
constexpr std::chrono::milliseconds look_every{10};        // a run takes longer than this
constexpr std::chrono::seconds until_killed{60};           // from the wish to stop, with a checkpoint, to the end by force
constexpr std::chrono::milliseconds before_next_try{500};  // while somebody else still works on a run

struct Child {
  std::size_t index = 0;
  SteadyClock::time_point begin, asked;
  bool was_asked = false;    // to stop
  bool out_of_time = false;  // that is why
};

struct Waiting {
  std::size_t index = 0;
  SteadyClock::time_point not_before{};
};

// What earlier attempts of a run in this program came to.
struct History {
  int without_progress = 0;
  bool tried_later = false;
  std::string newest_checkpoint;
};

class Pool {
 public:
  Pool(const SweepFolder& folder, const SweepPlan& plan, const std::vector<std::size_t>& due, int at_once)
      : folder_(folder), plan_(plan), at_once_(static_cast<std::size_t>(at_once)) {
    for (const std::size_t index : due) waiting_.push_back({index, {}});
  }

  PoolResult work(const std::function<void(const SweepCounts&)>& report) {
    while (!children_.empty() || (!waiting_.empty() && !stopping_)) {
      if (!stopping_ && (stop_requested() || wish_to_cancel())) stop(Exit::Stopped);
      begin_what_fits();
      gather();
      limit_time();
      counts_.running = children_.size();
      report(counts_);
      std::this_thread::sleep_for(look_every);
    }
    if (!stopping_ && counts_.failed > 0) result_.code = Exit::PartlyFailed;
    return result_;
  }

 private:
  bool wish_to_cancel() const {
    std::error_code none;
    return fs::exists(folder_.cancel_wish(), none);
  }

  void stop(Exit code) {
    stopping_ = true;
    result_.code = code;
    for (auto& [pid, child] : children_) ask(pid, child);
  }

  static void ask(pid_t pid, Child& child) {
    if (child.was_asked) return;
    child.was_asked = true;
    child.asked = SteadyClock::now();
    // Not TERM: a batch system that ends a job sends that to all its processes, and a second one means haste.
    ::kill(pid, SIGUSR1);
  }

  void begin_what_fits() {
    for (std::size_t i = 0; i < waiting_.size() && children_.size() < at_once_ && !stopping_;) {
      if (waiting_[i].not_before > SteadyClock::now()) {
        ++i;
        continue;
      }
      const std::size_t index = waiting_[i].index;
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      begin(index);
    }
  }

  void begin(std::size_t index) {
    const SweepRun& run = plan_.runs[index];
    make_directories(folder_.of(run));
    const std::string log = folder_.log(run).string(), path = fs::absolute(folder_.path()).string();
    std::array<std::string, 5> words{"invado", "sweep", "point", path, fmt::format("{}", index)};
    std::array<char*, 6> argv{};
    std::ranges::transform(words, argv.begin(), [](std::string& word) { return word.data(); });
    const pid_t ours = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) throw io_error(folder_.path(), "cannot start a process", errno);
    if (pid == 0) {
      // Between fork and exec only what is safe there. A group of its own: Ctrl-C is for us, who ask the children. When we
      // are killed the kernel asks them, so that they save what they have.
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGUSR1);
      if (::getppid() != ours) ::_exit(128 + SIGUSR1);
      const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0666);
      const int nothing = ::open("/dev/null", O_RDONLY);
      if (file < 0 || nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(file, 1) < 0 || ::dup2(file, 2) < 0)
        ::_exit(static_cast<int>(Exit::IoError));
      if (plan_.memory_bytes > 0) {
        const rlimit limit{plan_.memory_bytes, plan_.memory_bytes};
        ::setrlimit(RLIMIT_DATA, &limit);
      }
      ::execv("/proc/self/exe", argv.data());
      ::_exit(static_cast<int>(Exit::NotFound));
    }
    ++result_.started;
    children_[pid] = {index, SteadyClock::now(), {}, false, false};
  }

  void gather() {
    for (auto at = children_.begin(); at != children_.end();) {
      int status = 0;
      const pid_t ended = ::waitpid(at->first, &status, WNOHANG);
      if (ended == 0 || (ended < 0 && errno == EINTR)) {
        ++at;
        continue;
      }
      const Child child = at->second;
      at = children_.erase(at);
      judge(child, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
  }

  void limit_time() {
    const SteadyClock::time_point now = SteadyClock::now();
    for (auto& [pid, child] : children_) {
      if (!child.was_asked && plan_.time_limit_s > 0 &&
          std::chrono::duration<double>(now - child.begin).count() > plan_.time_limit_s) {
        child.out_of_time = true;
        ask(pid, child);
      }
      if (child.was_asked && now - child.asked > until_killed) ::kill(pid, SIGKILL);
    }
  }

  // What the end of a child means for its run (reliability.md, section 5).
  void judge(const Child& child, int code) {
    const SweepRun& run = plan_.runs[child.index];
    History& history = histories_[child.index];
    if (code == 0 && folder_.is_done(run)) {
      disk_failures_ = 0;
      ++counts_.done;
      if (const std::optional<DoneRecord> done = folder_.done(run)) counts_.wall_s += done->wall_s;
      return;
    }
    const std::string too_long = fmt::format("took longer than the time limit of {} s", shortest(plan_.time_limit_s));
    if (child.out_of_time && code == static_cast<int>(Exit::Stopped))
      return fail(run, {code, too_long + "; what it has is kept, a longer limit goes on", false, plan_.time_limit_s});
    if (stopping_ && child.was_asked) return;  // the next `sweep run` goes on with it
    if (code == static_cast<int>(Exit::Locked)) {
      // Left by a controller that was killed: it is saving what it has.
      waiting_.push_back({child.index, SteadyClock::now() + before_next_try});
      return;
    }
    const bool memory = code == static_cast<int>(Exit::NoMemory);
    const bool disk = code == static_cast<int>(Exit::IoError) || code == static_cast<int>(Exit::CannotCreate);
    if (memory || disk) {
      disk_failures_ = disk ? disk_failures_ + 1 : 0;
      if (disk_failures_ >= most_disk_failures) stop(Exit::IoError);
      if (history.tried_later) return fail(run, {code, last_line(folder_.log(run)), true, 0});
      history.tried_later = true;
      waiting_.push_back({child.index, SteadyClock::now() + before_next_try});
      return;
    }
    const bool interrupted = code >= 128 || code == 0 || code == static_cast<int>(Exit::Stopped) ||
                             code == static_cast<int>(Exit::StoppedNoCheckpoint);
    if (!interrupted) return fail(run, {code, last_line(folder_.log(run)), false, 0});
    const std::string checkpoint = folder_.newest_checkpoint(run);
    history.without_progress = checkpoint != history.newest_checkpoint ? 1 : history.without_progress + 1;
    history.newest_checkpoint = checkpoint;
    if (history.without_progress >= most_without_progress) {
      const std::string how = child.out_of_time ? too_long
                              : code >= 128     ? fmt::format("ended by signal {}", code - 128)
                                                : fmt::format("ended with {}", code);
      return fail(run, {code, fmt::format("{} {} times without progress", how, most_without_progress), false,
                        child.out_of_time ? plan_.time_limit_s : 0});
    }
    waiting_.push_front({child.index, {}});
  }

  void fail(const SweepRun& run, const FailedRecord& record) {
    folder_.record_failure(run, record);
    ++counts_.failed;
  }

  const SweepFolder& folder_;
  const SweepPlan& plan_;
  std::size_t at_once_;
  std::deque<Waiting> waiting_;
  std::map<pid_t, Child> children_;
  std::map<std::size_t, History> histories_;
  bool stopping_ = false;
  SweepCounts counts_;  // of what this pool has done
  int disk_failures_ = 0;
  PoolResult result_;
};

}  // namespace

PoolResult run_pool(const SweepFolder& folder, const SweepPlan& plan, const std::vector<std::size_t>& due, int at_once,
                    const std::function<void(const SweepCounts&)>& report) {
  return Pool(folder, plan, due, at_once).work(report);
}

}  // namespace invado
