// The same bits always: the digests of every shipped scenario during its first 120 steps, and of one in which the whole
// metastatic cascade happens meanwhile (hasty.h), are the same on 1, 2, 3, 4 and 8 threads and when the rows are shuffled,
// and the last one is the golden digest of golden_digests.csv. Golden digests change only together with the section "Changes
// results" of src/README.md. Write a dated line there, then bless:  INVADO_UPDATE=1 <build>/tests/repeat_same_bits Seen to
// fail, of 44 checks: the walk's random numbers keyed by the thread (35), the scalar product of the steady solver as an
// OpenMP reduction (26), contact forces summed in double in the order of rows (6), and -ffp-contract=fast for mechanics (1,
// the golden digests; blessing it without a line in the section was refused).
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <omp.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "engine/stepper.h"
#include "hasty.h"
#include "model/columns.h"
#include "model/digest.h"
#include "scenario/scenario.h"

using namespace invado;

namespace {

constexpr std::int64_t ticks = 120, look_every = 40;
const std::filesystem::path golden_file = INVADO_SOURCE_DIR "/tests/repeat/golden_digests.csv";

struct Trial {
  std::string name;
  std::filesystem::path file;
  std::vector<std::string> set;
};

std::vector<Trial> trials() {
  const std::filesystem::path folder = INVADO_SOURCE_DIR "/scenarios";
  std::vector<Trial> all{{"metastasis_breast.yaml hasty", folder / "metastasis_breast.yaml", hasty_breast()}};
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") all.push_back({entry.path().filename().string(), entry.path(), {}});
  std::ranges::sort(all, {}, &Trial::name);
  return all;
}

// Rows in an order of their own; ids stay with their cells.
void shuffle_rows(Population& cells, std::uint32_t deal) {
  std::vector<std::size_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {},
                    [&](std::size_t row) { return words4(Seed{99}, deal, Purpose::Placement, cells.id[row]).w0; });
  for_each_column(cells, [&](const ColumnInfo&, auto& column) {
    auto old = column;
    for (std::size_t i = 0; i < order.size(); ++i) column[i] = old[order[i]];
  });
}

// Digests at ticks 40, 80 and 120; shuffled: rows are dealt anew at the start and after each look.
std::vector<std::string> digests(const Trial& trial, int threads, bool shuffled) {
  omp_set_num_threads(threads);
  LoadOptions options;
  options.set = trial.set;
  Scenario scenario = load_scenario(trial.file, options);
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  Stepper stepper(std::move(scenario.schedule));
  stepper.start(world);
  std::vector<std::string> all;
  for (std::int64_t t = 0; t < ticks; ++t) {
    if (shuffled && t % look_every == 0)
      for (Site& site : world.sites) shuffle_rows(site.cells, static_cast<std::uint32_t>(t));
    stepper.step(world);
    if ((t + 1) % look_every == 0) all.push_back(digest(world));
  }
  return all;
}

// Hash of the section "Changes results" of src/README.md, from its heading to the next one.
std::string hash_of_the_section() {
  std::ifstream file(INVADO_SOURCE_DIR "/src/README.md");
  std::string section;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line == "## Changes results";
    if (inside) section += line + "\n";
  }
  REQUIRE_MESSAGE(!section.empty(), "src/README.md has no section 'Changes results'");
  const XXH128_hash_t h = XXH3_128bits(section.data(), section.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

struct Golden {
  std::string section;                        // its hash when these digests were blessed
  std::map<std::string, std::string> digest;  // by the name of the trial
};

constexpr const char* section_mark = "# section 'Changes results' of src/README.md when these were blessed: ";

Golden read_golden() {
  Golden golden;
  std::ifstream file(golden_file);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(section_mark)) golden.section = line.substr(std::string(section_mark).size());
    if (line.starts_with("#") || line.starts_with("scenario,")) continue;
    const std::size_t comma = line.find(','), second = line.find(',', comma + 1);
    if (second != std::string::npos && line.substr(comma + 1, second - comma - 1) == std::to_string(ticks))
      golden.digest[line.substr(0, comma)] = line.substr(second + 1);
  }
  return golden;
}

void write_golden(const Golden& golden) {
  std::ofstream file(golden_file);
  file << "# State digest of every shipped scenario, and of a hasty one, after so many base steps: checked and written by "
          "same_bits.cpp.\n"
       << section_mark << golden.section << "\nscenario,ticks,digest\n";
  for (const auto& [name, hex] : golden.digest) file << name << ',' << ticks << ',' << hex << '\n';
}

bool update_wanted() {
  const char* wish = std::getenv("INVADO_UPDATE");
  return wish != nullptr && std::string(wish) == "1";
}

}  // namespace

TEST_CASE("digests depend neither on threads nor on the order of rows, and are the golden ones") {
  const std::vector<Trial> all = trials();
  REQUIRE(all.size() >= 9);
  const Golden golden = read_golden();
  Golden now{hash_of_the_section(), {}};
  bool another_result = false, repeats = true;
  for (const Trial& trial : all) {
    const std::string& name = trial.name;
    CAPTURE(name);
    const auto reference = digests(trial, 1, false);
    for (const int threads : {2, 3, 4, 8}) {
      const bool same = digests(trial, threads, false) == reference;
      CHECK_MESSAGE(same, threads, " threads give other digests than one");
      repeats = repeats && same;
    }
    const bool same = digests(trial, 2, true) == reference;
    CHECK_MESSAGE(same, "shuffled rows give other digests");
    repeats = repeats && same;
    now.digest[name] = reference.back();
    const auto blessed = golden.digest.find(name);
    another_result = another_result || (blessed != golden.digest.end() && blessed->second != reference.back());
  }
  if (update_wanted()) {
    REQUIRE_MESSAGE(repeats, "not blessed: the digests do not repeat");
    if (another_result && golden.section == now.section)
      FAIL("not blessed: results changed, and the section 'Changes results' of src/README.md does not say so");
    write_golden(now);
    return;
  }
  CHECK_MESSAGE(golden.digest == now.digest,
                "another result: if that is meant, write a line into 'Changes results' of src/README.md and bless");
  CHECK_MESSAGE(golden.section == now.section,
                "'Changes results' of src/README.md says something new: bless, so that the next change needs its own line");
}
