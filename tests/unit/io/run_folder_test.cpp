// Who may work in a run folder, what of an earlier run stays, and the list of checksums.
// Planted mistakes seen to fail: a POSIX lock instead of an OFD lock, notes.txt taken for a file of a run that never began,
// names with .. allowed in the list.
#include "io/run_folder.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "exit_codes.h"
#include "made_up_world.h"

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace invado;
using test::code_of;
using Existing = RunFolder::Existing;

namespace {

void put(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const IoError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a run folder with results is refused or moved aside") {
  const test::ScratchFolder scratch;
  const fs::path path = scratch.path() / "runs" / "one";
  CHECK(create_run_folder(path, Existing::Refuse).moved_to.empty());
  {
    NewRunFolder made = create_run_folder(path, Existing::Refuse);  // empty: welcome
    CHECK(made.folder.path() == path);
    CHECK(fs::exists(path / ".lock"));
    // Somebody is at work: nothing is judged, nothing is moved.
    CHECK(code_of([&] { (void)create_run_folder(path, Existing::Refuse); }) == 75);
    CHECK(code_of([&] { (void)create_run_folder(path, Existing::MoveAside); }) == 75);
    atomic_write(made.folder.run_json(), "{}");
    atomic_write(made.folder.resolved_scenario(), "a: 1\n");
    made.lock.settle();
  }
  CHECK(!fs::exists(path / ".lock"));
  const std::string refusal = message_of([&] { (void)create_run_folder(path, Existing::Refuse); });
  CHECK(refusal.find("is not empty") != std::string::npos);
  CHECK(refusal.find("invado resume ") != std::string::npos);
  CHECK(refusal.find("--overwrite") != std::string::npos);
  CHECK(code_of([&] { (void)create_run_folder(path, Existing::Refuse); }) == 73);
  {
    NewRunFolder made = create_run_folder(path, Existing::MoveAside);
    made.lock.settle();
    CHECK(made.moved_to == scratch.path() / "runs" / "one.old-1");
    CHECK(fs::exists(made.moved_to / "scenario.resolved.yaml"));
    CHECK(!fs::exists(made.moved_to / ".lock"));
    CHECK(RunLock::holder(path).has_value());
    atomic_write(path / "x", "x");
  }
  CHECK(message_of([&] { (void)create_run_folder(path, Existing::Refuse); }).find("invado resume") == std::string::npos);
  CHECK(create_run_folder(path / "", Existing::MoveAside).moved_to == scratch.path() / "runs" / "one.old-2");
  CHECK(test::bytes_of(scratch.path() / "runs" / "one.old-2" / "x") == "x");
  CHECK(std::distance(fs::directory_iterator(path), fs::directory_iterator()) == 1);  // the lock of a run that never began

  put(scratch.path() / "file", "x");
  CHECK(code_of([&] { (void)create_run_folder(scratch.path() / "file", Existing::MoveAside); }) == 73);
  CHECK(code_of([&] { (void)create_run_folder(scratch.path() / "file" / "deeper", Existing::Refuse); }) == 73);
  fs::create_symlink("nowhere", scratch.path() / "dangling");
  CHECK(code_of([&] { (void)create_run_folder(scratch.path() / "dangling", Existing::Refuse); }) == 73);
  CHECK(test::bytes_of(scratch.path() / "file") == "x");
}

TEST_CASE("a folder whose run never began is taken over, one with anything else is not") {
  const test::ScratchFolder scratch;
  const fs::path path = scratch.path() / "run";
  const auto left_behind = [&](const std::vector<std::string>& names) {
    fs::remove_all(path);
    fs::create_directory(path);
    for (const std::string& name : names) {
      fs::create_directories((path / name).parent_path());
      put(path / name, "x");
    }
  };
  // Stopped before run.json: a marked lock that nobody holds, and what a run writes first.
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {".lock"},
           {".lock", ".tmp-7-0"},
           {".lock", "scenario.yaml", "scenario.resolved.yaml", "inputs/points_a.csv", ".tmp-7-0", "log.jsonl"}}) {
    left_behind(names);
    put(path / ".lock", "process 7 on nowhere since yesterday\na new run, not begun yet\n");
    const NewRunFolder made = create_run_folder(path, Existing::Refuse);
    CHECK(made.moved_to.empty());
    CHECK(std::distance(fs::directory_iterator(path), fs::directory_iterator()) == 1);  // our lock
  }
  // The same files without the mark are somebody's files, lock or not.
  for (const std::vector<std::string>& names :
       std::vector<std::vector<std::string>>{{"scenario.yaml"}, {".lock", "scenario.yaml"}}) {
    left_behind(names);
    CHECK(code_of([&] { (void)create_run_folder(path, Existing::Refuse); }) == 73);
    CHECK(test::bytes_of(path / "scenario.yaml") == "x");
  }
  for (const char* name : {"run.json", "series.csv", "snapshots/snap_000000.h5", "notes.txt"}) {
    left_behind({".lock", "scenario.yaml", name});
    put(path / ".lock", "process 7 on nowhere since yesterday\na new run, not begun yet\n");
    CHECK(code_of([&] { (void)create_run_folder(path, Existing::Refuse); }) == 73);
    CHECK(test::bytes_of(path / name) == "x");
    CHECK(test::bytes_of(path / "scenario.yaml") == "x");
  }
}

TEST_CASE("an earlier run is opened only when there is one") {
  const test::ScratchFolder scratch;
  CHECK(code_of([&] { (void)RunFolder::open(scratch.path() / "none"); }) == 66);
  CHECK(code_of([&] { (void)RunFolder::open(scratch.path()); }) == 66);
  put(scratch.path() / "run.json", "{}");
  CHECK(RunFolder::open(scratch.path()).path() == scratch.path());
  CHECK(code_of([&] { (void)RunFolder::open(scratch.path() / "run.json"); }) == 66);
}

TEST_CASE("checkpoints are listed from the newest, by number, and nothing else is") {
  const test::ScratchFolder scratch;
  const RunFolder folder(scratch.path());
  CHECK(folder.checkpoints_newest_first().empty());
  fs::create_directory(folder.checkpoints());
  CHECK(folder.checkpoint(123).filename() == "checkpoint_000000123.ckpt");
  for (const std::int64_t step : {0, 9, 10, 999999999, 2000000000}) put(folder.checkpoint(step), "x");
  put(folder.failed_checkpoint(77), "x");
  put(folder.checkpoints() / ".tmp-1-0", "x");
  put(folder.checkpoints() / "checkpoint_000000011.ckpt.bak", "x");
  std::vector<fs::path> expected;
  for (const std::int64_t step : {2000000000, 999999999, 10, 9, 0}) expected.push_back(folder.checkpoint(step));
  CHECK(folder.checkpoints_newest_first() == expected);
}

TEST_CASE("leftovers go from every directory of a run") {
  const test::ScratchFolder scratch;
  const RunFolder folder(scratch.path());
  for (const fs::path& directory : {folder.path(), folder.snapshots(), folder.checkpoints(), folder.inputs()}) {
    fs::create_directories(directory);
    put(directory / ".tmp-3-1", "x");
    put(directory / "kept", "x");
  }
  folder.remove_temporaries();
  for (const fs::path& directory : {folder.path(), folder.snapshots(), folder.checkpoints(), folder.inputs()}) {
    CHECK(!fs::exists(directory / ".tmp-3-1"));
    CHECK(fs::exists(directory / "kept"));
  }
}

TEST_CASE("the list of checksums comes back, and what is no such list is refused") {
  const test::ScratchFolder scratch;
  const fs::path path = scratch.path() / "checksums.txt";
  put(scratch.path() / "a b.csv", "some text\n");
  FinishedFile file = examine_file(scratch.path() / "a b.csv");
  file.name = "a b.csv";
  const std::vector<FinishedFile> files{file, {"snapshots/snap_000000.h5", 7, std::string(32, '0')}};
  write_checksums(path, files);
  CHECK(test::bytes_of(path) == file.checksum + "  a b.csv\n" + std::string(32, '0') + "  snapshots/snap_000000.h5\n");
  const std::vector<FinishedFile> back = read_checksums(path);
  REQUIRE(back.size() == 2);
  CHECK(back[0].name == "a b.csv");
  CHECK(back[0].checksum == file.checksum);
  CHECK(back[1].name == "snapshots/snap_000000.h5");
  // The checksum is that of the program xxh128sum: known answer of XXH3-128 for the empty file.
  put(scratch.path() / "empty", "");
  CHECK(examine_file(scratch.path() / "empty").checksum == "99aa06d3014798d86001c324468d497f");

  const std::string good(32, 'a');
  for (const std::string& bad : {"rubbish\n"s, good + "\n", good + " x\n", good + "  \n", good.substr(1) + "  x\n",
                                 std::string(32, 'g') + "  x\n", good + "  ../x\n", good + "  a/../../x\n",
                                 good + "  /etc/passwd\n", good + "  \x1b[31m\n", good + "  x\n" + std::string(40, '\0')}) {
    put(path, bad);
    CHECK_MESSAGE(code_of([&] { (void)read_checksums(path); }) == 65, bad);
  }
  CHECK(code_of([&] { (void)read_checksums(scratch.path() / "none"); }) == 66);
  CHECK(code_of([&] { (void)read_checksums(scratch.path()); }) == 65);
}
