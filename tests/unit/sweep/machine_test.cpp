// What a machine file may say.
#include "sweep/machine.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"

using namespace invado;

namespace {

namespace fs = std::filesystem;

Machine read(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / ("invado_machine_" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(file) << text;
  struct Gone {
    const fs::path& file;
    ~Gone() { fs::remove(file); }
  } gone{file};
  return read_machine(file);
}

// What is said, without the name of the file.
std::string said(const std::string& text) {
  try {
    static_cast<void>(read(text));
    return "accepted";
  } catch (const ConfigError& error) {
    const std::string lines = error.what();
    return lines.substr(lines.find(".yaml:") + 6);
  }
}

}  // namespace

TEST_CASE("every shipped machine is one, by its name and by its path") {
  const fs::path folder = fs::path(INVADO_SOURCE_DIR) / "configs" / "machines";
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    CAPTURE(entry.path());
    CHECK(!read_machine(entry.path()).name.empty());
    CHECK(fs::equivalent(find_machine(entry.path().stem().string()), entry.path()));
    CHECK(find_machine(entry.path().string()) == entry.path());
    ++count;
  }
  CHECK(count >= 2);
  CHECK_THROWS_WITH_AS(
      static_cast<void>(find_machine("slurn")),
      "--machine: no such file, and no machine of this name is shipped (got 'slurn', allowed laptop, slurm; "
      "did you mean 'slurm'?)",
      IoError);
  CHECK_THROWS_AS(static_cast<void>(find_machine("../machines/slurm")), IoError);
}

TEST_CASE("a machine says what it says") {
  const Machine m = read(
      "machine: 1\nname: here\nexecutor: slurm\nslurm: {partition: a.b, account: p_1, memory: 8G, time: 1.5 h, save_time: "
      "30 s, "
      "cpus: 8, chunk: 20}\n");
  CHECK(m.executor == static_cast<int>(Machine::Executor::Slurm));
  CHECK(m.partition == "a.b");
  CHECK(m.account == "p_1");
  CHECK(m.memory == "8G");
  CHECK(m.time_min == doctest::Approx(90));
  CHECK(m.save_time_min == doctest::Approx(0.5));
  CHECK(m.cpus == 8);
  CHECK(m.chunk == 20);
  CHECK(read("machine: 1\nname: here\nlocal: {jobs: 3}\n").jobs == 3);
}

TEST_CASE("what a machine may not say is named where it stands") {
  CHECK(said("name: x\n").starts_with("1:1: machine: is required"));
  CHECK(said("machine: 1\nname: x\nslurm: {partitoin: a}\n")
            .starts_with("3:9: slurm.partitoin: unknown key (did you mean 'partition'?"));
  CHECK(said("machine: 1\nname: x\nexecutor: pbs\n").starts_with("3:11: executor: "));
  CHECK(said("machine: 1\nname: x\nslurm: {time: 4}\n").starts_with("3:15: slurm.time: "));
  CHECK(said("machine: 2\nname: x\n").starts_with("1:10: machine: "));
  CHECK(said("machine: 1\nname: x\nslurm:\n  account: -rf\n")
            .starts_with("4:12: slurm.account: may not be handed to a batch system (got '-rf'"));
}

TEST_CASE("words for a batch system") {
  for (const char* good : {"a", "gpu", "project-1.b@c:d+e,f_G", "8G"}) CHECK(is_batch_word(good));
  for (const char* bad :
       {"", "-p", "--wrap=x", "a b", "a;b", "a\nb", "$(x)", "`x`", "a&b", "a|b", "a/b", "\"", "'", "%j", "a=b", "\xc3\xa4"})
    CHECK(!is_batch_word(bad));
  CHECK(is_batch_word(std::string(64, 'a')));
  CHECK(!is_batch_word(std::string(65, 'a')));
}
