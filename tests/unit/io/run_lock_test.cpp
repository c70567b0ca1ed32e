// One program at a time in a run folder: nobody gets in beside the holder, everybody does after it.
// Planted mistakes seen to fail: a POSIX lock instead of an OFD lock, no lock at all, the lock file left behind, a lock on a
// removed file taken for one; with flock alone: giving up at once, and no lock.
#include "io/run_lock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdarg>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exit_codes.h"
#include "made_up_world.h"

namespace fs = std::filesystem;
using namespace invado;
using test::code_in_child;
using test::code_of;

namespace {

// What happens in the moment between opening the lock file and locking it; once.
std::function<void()> meanwhile;
// A file system without open-file-description locks; and how often its flock() finds that somebody looks just now.
bool only_flock = false;
int others_look = 0;

}  // namespace

// Takes the place of the C library's in this program.
extern "C" int fcntl(int descriptor, int command, ...) {
  std::va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_OFD_SETLK && meanwhile) std::exchange(meanwhile, nullptr)();
  if (only_flock && (command == F_OFD_SETLK || command == F_OFD_GETLK)) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fcntl, descriptor, command, argument));
}
extern "C" int flock(int descriptor, int operation) noexcept {
  if (operation == (LOCK_EX | LOCK_NB) && others_look > 0) {
    --others_look;
    errno = EWOULDBLOCK;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
}

namespace {

const auto nothing = [] {};

int take_in_child(const fs::path& folder) {
  return code_in_child(nothing, [&] { (void)RunLock::take(folder); });
}

// Two ends of a pipe for one byte: somebody waits until somebody else says go.
struct Gate {
  int ends[2]{-1, -1};
  Gate() { REQUIRE(::pipe(ends) == 0); }
  ~Gate() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void say(const char* byte = "g") const { REQUIRE(::write(ends[1], byte, 1) == 1); }
  // The byte; '\0' when the other side is gone.
  char wait() const {
    char byte = '\0';
    return ::read(ends[0], &byte, 1) == 1 ? byte : '\0';
  }
  void close_writing() {
    ::close(ends[1]);
    ends[1] = -1;
  }
};

}  // namespace

TEST_CASE("who comes second is refused with 75 and told who was first; later everybody is welcome") {
  const test::ScratchFolder folder;
  CHECK(!RunLock::holder(folder.path()));
  {
    const RunLock lock = RunLock::take(folder.path());
    CHECK(!lock.was_abandoned());
    CHECK(take_in_child(folder.path()) == 75);
    CHECK(code_of([&] { (void)RunLock::take(folder.path()); }) == 75);  // in the same process as well
    std::string message;
    try {
      (void)RunLock::take(folder.path());
    } catch (const IoError& error) {
      message = error.what();
    }
    CHECK(message.find("is in use by process " + std::to_string(::getpid()) + " on ") != std::string::npos);
    const std::optional<std::string> holder = RunLock::holder(folder.path());
    REQUIRE(holder);
    CHECK(holder->starts_with("process " + std::to_string(::getpid()) + " on "));
    // Looking, reading and failing to get in have not released it (plain POSIX locks would be gone).
    (void)test::bytes_of(folder.path() / ".lock");
    CHECK(take_in_child(folder.path()) == 75);
  }
  CHECK(folder.entries() == 0);
  CHECK(!RunLock::holder(folder.path()));
  CHECK(take_in_child(folder.path()) == 0);
  CHECK(code_of([&] { (void)RunLock::take(folder.path() / "none"); }) == 73);
}

TEST_CASE("where only flock is offered it locks too, and who only looks keeps nobody out") {
  const test::ScratchFolder folder;
  only_flock = true;
  {
    others_look = 3;
    const RunLock lock = RunLock::take(folder.path());
    CHECK(others_look == 0);
    CHECK(take_in_child(folder.path()) == 75);
    CHECK(RunLock::holder(folder.path()));
  }
  CHECK(!RunLock::holder(folder.path()));
  others_look = 1000;  // somebody who stays works there
  CHECK(code_of([&] { (void)RunLock::take(folder.path()); }) == 75);
  others_look = 0;
  CHECK(code_of([&] { (void)RunLock::take(folder.path()); }) == 0);
  only_flock = false;
}

TEST_CASE("the lock file of a program that was killed means nothing") {
  const test::ScratchFolder folder;
  Gate ready;
  const pid_t child = ::fork();
  if (child == 0) {
    const RunLock lock = RunLock::take(folder.path());
    ready.say();
    for (;;) ::pause();
  }
  CHECK(ready.wait() == 'g');
  CHECK(code_of([&] { (void)RunLock::take(folder.path()); }) == 75);
  const std::optional<std::string> holder = RunLock::holder(folder.path());
  REQUIRE(holder);
  CHECK(holder->starts_with("process " + std::to_string(child) + " on "));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(fs::exists(folder.path() / ".lock"));
  CHECK(!RunLock::holder(folder.path()));
  {
    const RunLock lock = RunLock::take(folder.path());
    CHECK(lock.was_abandoned());
    CHECK(RunLock::holder(folder.path())->starts_with("process " + std::to_string(::getpid()) + " on "));
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("the lock goes with a folder that is renamed, and is removed there") {
  const test::ScratchFolder scratch;
  fs::create_directory(scratch.path() / "a");
  {
    const RunLock lock = RunLock::take(scratch.path() / "a");
    fs::rename(scratch.path() / "a", scratch.path() / "b");
    CHECK(take_in_child(scratch.path() / "b") == 75);
    fs::create_directory(scratch.path() / "a");
    const RunLock second = RunLock::take(scratch.path() / "a");
    CHECK(RunLock::holder(scratch.path() / "a"));
  }
  CHECK(fs::is_empty(scratch.path() / "a"));
  CHECK(fs::is_empty(scratch.path() / "b"));
}

TEST_CASE("a lock on a file that its holder has just removed is none") {
  const test::ScratchFolder folder;
  {  // The holder leaves between our open and our lock: we begin anew, with a file that others see.
    std::optional<RunLock> holder(RunLock::take(folder.path()));
    meanwhile = [&] { holder.reset(); };
    const RunLock lock = RunLock::take(folder.path());
    CHECK(!meanwhile);
    CHECK(fs::exists(folder.path() / ".lock"));
    CHECK(take_in_child(folder.path()) == 75);
  }
  {  // And a third one comes in that moment: it has the lock, not we.
    std::optional<RunLock> holder(RunLock::take(folder.path())), third;
    meanwhile = [&] {
      holder.reset();
      third.emplace(RunLock::take(folder.path()));
    };
    CHECK(code_of([&] { (void)RunLock::take(folder.path()); }) == 75);
    CHECK(take_in_child(folder.path()) == 75);
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("a lock file that is a link, a pipe or a directory is not written through and holds nobody up") {
  const test::ScratchFolder scratch;
  std::ofstream(scratch.path() / "precious") << "keep me";
  const fs::path folder = scratch.path() / "run";
  fs::create_directory(folder);
  fs::create_symlink("../precious", folder / ".lock");
  CHECK(code_of([&] { (void)RunLock::take(folder); }) == 73);
  CHECK(!RunLock::holder(folder));
  CHECK(test::bytes_of(scratch.path() / "precious") == "keep me");
  fs::remove(folder / ".lock");
  fs::create_directory(folder / ".lock");
  CHECK(code_of([&] { (void)RunLock::take(folder); }) == 73);
  CHECK(!RunLock::holder(folder));
  fs::remove(folder / ".lock");
  std::ofstream(folder / ".lock") << "\033[31mred\n" << std::string(1000, 'x');
  CHECK(code_of([&] { (void)RunLock::take(folder); }) == 0);
}

TEST_CASE("of twenty programs that come at the same moment one gets in, again and again") {
  const test::ScratchFolder folder;
  constexpr int programs = 20, rounds = 25;
  int winners = 0, others = 0;
  for (int round = 0; round < rounds; ++round) {
    // Every third round begins with the lock file of a killed program, every third with one that is just being removed.
    if (round % 3 == 1) std::ofstream(folder.path() / ".lock") << "stale\n";
    std::optional<RunLock> present;
    if (round % 3 == 2) present.emplace(RunLock::take(folder.path()));
    Gate go, answers;
    std::vector<pid_t> children;
    Gate finish;
    for (int p = 0; p < programs; ++p) {
      const pid_t child = ::fork();
      if (child == 0) {
        go.close_writing();
        finish.close_writing();
        (void)go.wait();
        int code = 0;
        {
          std::optional<RunLock> lock;
          code = code_of([&] { lock.emplace(RunLock::take(folder.path())); });
          answers.say(code == 0 ? "w" : code == 75 ? "b" : "?");
          (void)finish.wait();  // the winner keeps it until all have answered
        }
        ::_exit(code);
      }
      children.push_back(child);
    }
    go.close_writing();  // all start at once
    present.reset();
    int won = 0, busy = 0;
    for (int p = 0; p < programs; ++p) {
      const char answer = answers.wait();
      won += answer == 'w';
      busy += answer == 'b';
    }
    CHECK(won <= 1);
    CHECK(won + busy == programs);
    if (round % 3 != 2) CHECK(won == 1);  // in the other rounds all may have come while we were still in
    winners += won;
    others += busy;
    finish.close_writing();
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
    CHECK(!RunLock::holder(folder.path()));
  }
  CHECK(folder.entries() == 0);
  MESSAGE(rounds, " rounds of ", programs, " programs: ", winners, " got in, ", others, " were refused");
}

TEST_CASE("programs that come and go by the thousand are never two in one folder") {
  const test::ScratchFolder folder;
  constexpr int programs = 6, attempts = 1500;
  struct Shared {
    std::atomic<int> inside, together, turns, others;
  };
  void* const page = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page != MAP_FAILED);
  auto* const shared = new (page) Shared{};
  std::vector<pid_t> children;
  for (int p = 0; p < programs; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int n = 0; n < attempts; ++n) {
        const int code = code_of([&] {
          const RunLock lock = RunLock::take(folder.path());
          if (shared->inside.fetch_add(1) > 0) ++shared->together;
          for (int wait = n % 4; wait > 0; --wait) ::sched_yield();
          shared->inside.fetch_sub(1);
          ++shared->turns;
        });
        if (code != 0 && code != 75) ++shared->others;
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(shared->together == 0);
  CHECK(shared->others == 0);
  CHECK(shared->turns > programs);
  CHECK(folder.entries() == 0);
  MESSAGE((programs * attempts), " attempts: ", shared->turns.load(), " got in, ", shared->together.load(),
          " of them beside another");
  ::munmap(page, sizeof(Shared));
}
