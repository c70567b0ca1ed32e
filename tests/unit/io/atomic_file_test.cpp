// Files are complete or not there, and every failure carries its exit code.
#include "io/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "io/run_folder.h"
#include "made_up_world.h"

namespace fs = std::filesystem;
using namespace invado;

namespace {

// Exit code of the IoError that `act` throws; 0 when it throws none.
template <class Act>
int code_of(Act&& act) {
  try {
    act();
  } catch (const IoError& error) {
    return static_cast<int>(error.code());
  }
  return 0;
}

// The same in a child process that is first put into a bad place by `prepare`.
template <class Prepare, class Act>
int code_in_child(Prepare&& prepare, Act&& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    prepare();
    ::_exit(code_of(act));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void limit_file_size(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

TEST_CASE("a file is replaced as a whole and leaves no temporary file") {
  const test::ScratchFolder folder;
  const fs::path file = folder.path() / "a.txt";
  atomic_write(file, "one");
  atomic_write(file, "two, longer");
  CHECK(test::bytes_of(file) == "two, longer");
  atomic_write(file, "");
  CHECK(test::bytes_of(file).empty());
  CHECK(folder.entries() == 1);
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK((status.st_mode & 0777) == (0666u & ~mask));
}

TEST_CASE("a link at the target is replaced, never written through") {
  const test::ScratchFolder folder;
  atomic_write(folder.path() / "precious", "keep me");
  fs::create_symlink("precious", folder.path() / "link");
  atomic_write(folder.path() / "link", "new");
  CHECK(test::bytes_of(folder.path() / "precious") == "keep me");
  CHECK(!fs::is_symlink(folder.path() / "link"));
}

TEST_CASE("a name in use by a stale temporary file does not matter") {
  const test::ScratchFolder folder;
  const fs::path stale = temporary_beside(folder.path() / "x");
  std::ofstream(stale) << "left behind";
  atomic_write(folder.path() / "x", "fresh");
  CHECK(test::bytes_of(folder.path() / "x") == "fresh");
  CHECK(test::bytes_of(stale) == "left behind");
}

TEST_CASE("failures have the exit code of the contract and leave nothing") {
  const test::ScratchFolder folder;
  CHECK(code_of([&] { atomic_write(folder.path() / "missing" / "a", "x"); }) == 73);
  fs::create_directory(folder.path() / "taken");
  CHECK(code_of([&] { atomic_write(folder.path() / "taken", "x"); }) == 73);
  CHECK(code_of([&] { atomic_write(folder.path() / std::string(300, 'n'), "x"); }) == 73);
  CHECK(folder.entries() == 1);  // only the directory `taken`

  // A disk that is full, played by a limit of the file size: 74, and the old content stays.
  atomic_write(folder.path() / "a", "old");
  const std::string large(100000, 'x');
  CHECK(code_in_child([] { limit_file_size(4096); }, [&] { atomic_write(folder.path() / "a", large); }) == 74);
  CHECK(test::bytes_of(folder.path() / "a") == "old");
  CHECK(folder.entries() == 2);

  if (::getuid() == 0) {
    fs::permissions(folder.path(),
                    fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read | fs::perms::others_exec);
    const auto become_nobody = [] {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
    };
    CHECK(code_in_child(become_nobody, [&] { atomic_write(folder.path() / "b", "x"); }) == 77);
    CHECK(code_in_child(become_nobody, [&] { (void)AppendFile::create(folder.path() / "b"); }) == 77);
  }
}

TEST_CASE("an append file grows by whole rows and keeps its first failure") {
  const test::ScratchFolder folder;
  const fs::path path = folder.path() / "rows.csv";
  {
    AppendFile file = AppendFile::create(path);
    file.append("a,b\n");
    file.append("1,2\n");
    CHECK(test::bytes_of(path) == "a,b\n1,2\n");  // visible at once
    CHECK(file.size() == 8);
    file.sync();
  }
  CHECK(code_of([&] { (void)AppendFile::create(path); }) == 73);
  {
    AppendFile again = AppendFile::reopen(path, 4);  // resume: what came after the checkpoint goes
    again.append("3,4\n");
    CHECK(test::bytes_of(path) == "a,b\n3,4\n");
  }
  CHECK(code_of([&] { (void)AppendFile::reopen(path, 100); }) == 65);
  CHECK(code_of([&] { (void)AppendFile::reopen(folder.path() / "none", 0); }) == 73);

  const int code = code_in_child([] { limit_file_size(20); },
                                 [&] {
                                   AppendFile file = AppendFile::reopen(path, 8);
                                   int failures = 0;
                                   for (const char* row : {"5,6\n", "a row that is too long for the limit\n", "7\n"}) {
                                     try {
                                       file.append(row);
                                     } catch (const IoError&) {
                                       ++failures;
                                     }
                                   }
                                   if (failures == 2) file.sync();  // throws the first failure again
                                 });
  CHECK(code == 74);
  CHECK(test::bytes_of(path) == "a,b\n3,4\n5,6\n");  // no half row, and nothing after the failure
}

TEST_CASE("a run folder with results is refused or moved aside") {
  const test::ScratchFolder scratch;
  const fs::path path = scratch.path() / "runs" / "one";
  const RunFolder first = RunFolder::create(path, RunFolder::Existing::Refuse);
  CHECK(first.moved_to().empty());
  (void)RunFolder::create(path, RunFolder::Existing::Refuse);  // empty: welcome
  first.write_scenario("a: 1\n", "a: 1  # default\n");
  CHECK(test::bytes_of(path / "scenario.yaml") == "a: 1\n");
  CHECK(test::bytes_of(path / "scenario.resolved.yaml") == "a: 1  # default\n");
  CHECK(code_of([&] { (void)RunFolder::create(path, RunFolder::Existing::Refuse); }) == 73);
  CHECK(RunFolder::create(path, RunFolder::Existing::MoveAside).moved_to() == scratch.path() / "runs" / "one.old-1");
  atomic_write(path / "x", "x");
  CHECK(RunFolder::create(path / "", RunFolder::Existing::MoveAside).moved_to() == scratch.path() / "runs" / "one.old-2");
  CHECK(fs::exists(scratch.path() / "runs" / "one.old-1" / "scenario.yaml"));
  CHECK(fs::is_empty(path));
  atomic_write(scratch.path() / "file", "x");
  CHECK(code_of([&] { (void)RunFolder::create(scratch.path() / "file", RunFolder::Existing::MoveAside); }) == 73);
  CHECK(code_of([&] { (void)RunFolder::create(scratch.path() / "file" / "deeper", RunFolder::Existing::Refuse); }) == 73);
  fs::create_symlink("nowhere", scratch.path() / "dangling");
  CHECK(code_of([&] { (void)RunFolder::create(scratch.path() / "dangling", RunFolder::Existing::Refuse); }) == 73);
  CHECK(code_of([&] { (void)RunFolder::open(scratch.path() / "none"); }) == 66);
}
