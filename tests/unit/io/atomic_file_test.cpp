// Files are complete or not there, and every failure carries its exit code.
// Planted mistakes seen to fail: reopen without comparing the checksum, half a line of the log kept, everything hidden taken
// for a leftover, an AtomicFile or a TemporaryFile that leaves its temporary file, every .tmp-* taken for ours.
#include "io/atomic_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exit_codes.h"
#include "made_up_world.h"

namespace fs = std::filesystem;
using namespace invado;
using test::code_in_child;
using test::code_of;

namespace {

void limit_file_size(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

std::string sum_of(std::string_view text) {
  Checksum checksum;
  checksum.add(text);
  return checksum.hex();
}

// What a checkpoint remembers of an append file that holds this text.
FinishedFile so_far(std::string_view text) { return {"", text.size(), sum_of(text)}; }

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
  const fs::path stale = TemporaryFile(folder.path() / "x").path();
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
    CHECK(file.state().name == "rows.csv");
    CHECK(file.state().bytes == 8);
    CHECK(file.state().checksum == sum_of("a,b\n1,2\n"));
    file.sync();
  }
  CHECK(code_of([&] { (void)AppendFile::create(path); }) == 73);
  {
    AppendFile again = AppendFile::reopen(path, so_far("a,b\n"));  // resume: what came after the checkpoint goes
    again.append("3,4\n");
    CHECK(test::bytes_of(path) == "a,b\n3,4\n");
    CHECK(again.state().checksum == sum_of("a,b\n3,4\n"));
  }
  // What does not continue what is there is refused, and the file stays as it is.
  CHECK(code_of([&] { (void)AppendFile::reopen(path, so_far("a,b\n3,4\n5,6\n")); }) == 65);
  CHECK(code_of([&] { (void)AppendFile::reopen(path, so_far("A,b\n")); }) == 65);
  CHECK(test::bytes_of(path) == "a,b\n3,4\n");
  CHECK(code_of([&] { (void)AppendFile::reopen(folder.path() / "none", so_far("")); }) == 73);
  fs::create_symlink("rows.csv", folder.path() / "link");
  CHECK(code_of([&] { (void)AppendFile::reopen(folder.path() / "link", so_far("a,b\n")); }) == 73);
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK(code_of([&] { (void)AppendFile::reopen(folder.path() / "pipe", so_far("")); }) == 65);

  const int code = code_in_child([] { limit_file_size(20); },
                                 [&] {
                                   AppendFile file = AppendFile::reopen(path, so_far("a,b\n3,4\n"));
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

TEST_CASE("a log that a kill has cut goes on after its last whole line") {
  const test::ScratchFolder folder;
  const fs::path path = folder.path() / "log.jsonl";
  for (const auto& [before, kept] :
       std::vector<std::pair<std::string, std::string>>{{"{1}\n{2}\n", "{1}\n{2}\n"},
                                                        {"{1}\n{2", "{1}\n"},
                                                        {"{1", ""},
                                                        {"", ""},
                                                        {"{1}\n" + std::string(9000, 'x'), "{1}\n"}}) {
    std::ofstream(path, std::ios::binary) << before;
    AppendFile file = AppendFile::continue_lines(path);
    CHECK(test::bytes_of(path) == kept);
    CHECK(file.state().bytes == kept.size());
    CHECK(file.state().checksum == sum_of(kept));
    file.append("{3}\n");
    CHECK(test::bytes_of(path) == kept + "{3}\n");
  }
  CHECK(code_of([&] { (void)AppendFile::continue_lines(folder.path() / "none"); }) == 73);
}

TEST_CASE("a file that is written piece by piece is there when it is complete, and not before") {
  const test::ScratchFolder folder;
  const fs::path path = folder.path() / "whole";
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); };
  atomic_write(path, "old");
  {
    AtomicFile file(path, 6);
    file.write(bytes("one"));
    CHECK(test::bytes_of(path) == "old");
    CHECK(folder.entries() == 2);  // the temporary file beside it
    file.write(bytes("two"));
    file.commit();
    CHECK(test::bytes_of(path) == "onetwo");
    CHECK(folder.entries() == 1);
  }
  {
    AtomicFile file(path, 1000);
    file.write(bytes("never finished"));
  }
  CHECK(test::bytes_of(path) == "onetwo");
  CHECK(folder.entries() == 1);
  // A disk that is full says so before a byte is written, and leaves nothing.
  CHECK(code_in_child([] { limit_file_size(4096); }, [&] { AtomicFile file(path, 100000); }) == 74);
  CHECK(test::bytes_of(path) == "onetwo");
  CHECK(folder.entries() == 1);
  const FinishedFile told = atomic_write(path, "three");
  CHECK(told.bytes == 5);
  CHECK(told.checksum == sum_of("three"));
}

TEST_CASE("a file that somebody else finished is synced into place") {
  const test::ScratchFolder folder;
  const fs::path target = folder.path() / "snap.h5";
  atomic_write(target, "old");
  {
    TemporaryFile temporary(target);
    CHECK(temporary.path().parent_path() == folder.path());
    std::ofstream(temporary.path()) << "new";
    temporary.publish();
  }
  CHECK(test::bytes_of(target) == "new");
  CHECK(folder.entries() == 1);
  {
    TemporaryFile given_up(target);
    std::ofstream(given_up.path()) << "half";
  }
  CHECK(test::bytes_of(target) == "new");
  CHECK(folder.entries() == 1);
  CHECK(code_of([&] { TemporaryFile(target).publish(); }) == 73);
  CHECK(code_of([&] { TemporaryFile(folder.path() / "none" / "a"); }) == 73);
}

TEST_CASE("a directory is made once, and never where a file is") {
  const test::ScratchFolder folder;
  make_directory(folder.path() / "a");
  make_directory(folder.path() / "a");
  CHECK(fs::is_directory(folder.path() / "a"));
  atomic_write(folder.path() / "file", "x");
  fs::create_symlink("nowhere", folder.path() / "dangling");
  CHECK(code_of([&] { make_directory(folder.path() / "file"); }) == 73);
  CHECK(code_of([&] { make_directory(folder.path() / "dangling"); }) == 73);
  CHECK(code_of([&] { make_directory(folder.path() / "missing" / "a"); }) == 73);
  CHECK(code_of([&] { make_directory(folder.path() / "file" / "a"); }) == 73);
}

TEST_CASE("only regular files are examined, and nothing waits for a pipe") {
  const test::ScratchFolder folder;
  const fs::path path = folder.path() / "a";
  atomic_write(path, "12345");
  CHECK(examine_file(path).bytes == 5);
  CHECK(examine_file(path).checksum == sum_of("12345"));
  CHECK(examine_file(path, 3).checksum == sum_of("123"));
  CHECK(examine_file(path, 0).bytes == 0);
  CHECK(code_of([&] { (void)examine_file(path, 6); }) == 65);
  CHECK(code_of([&] { (void)examine_file(folder.path() / "none"); }) == 66);
  CHECK(code_of([&] { (void)examine_file(folder.path()); }) == 65);
  CHECK(code_of([&] { (void)examine_file("/dev/zero"); }) == 65);
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK(code_of([&] { (void)examine_file(folder.path() / "pipe"); }) == 65);
  // More than one piece of the reader.
  const std::string large(3000000, 'x');
  atomic_write(path, large);
  CHECK(examine_file(path).checksum == sum_of(large));
}

TEST_CASE("leftovers of interrupted writes go, nothing else does") {
  const test::ScratchFolder folder;
  for (const char* name :
       {".tmp-1-0", ".tmp-99-3", "a.tmp-1", "tmp-1", ".lock", ".tmp-foo", ".tmp-1", ".tmp-1-", ".tmp-1-0.h5"})
    std::ofstream(folder.path() / name) << "x";
  fs::create_directory(folder.path() / ".tmp-folder");
  remove_temporaries(folder.path());
  CHECK(!fs::exists(folder.path() / ".tmp-1-0"));
  CHECK(!fs::exists(folder.path() / ".tmp-99-3"));
  CHECK(folder.entries() == 8);
  remove_temporaries(folder.path() / "none");  // nothing there: nothing to do
}
