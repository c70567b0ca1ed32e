// Every process changes only the columns that it declares, in scenarios of every kind; what nobody writes and all cells have
// alike is kept once, and no number can tell.
// Seen to fail: "mechanics" without "path_um" in its list; "motility" that does not declare that it fills speed_factor.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/stepper.h"
#include "model/columns.h"
#include "model/digest.h"
#include "scenario/memory.h"
#include "scenario/scenario.h"

using namespace invado;

namespace {

using Bytes = std::vector<unsigned char>;

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  const auto* const first = reinterpret_cast<const unsigned char*>(values.data());
  return {first, first + values.size() * sizeof(T)};
}

// What the world holds, by the names that processes declare. Rows are taken in id order: sorting the storage is free.
std::map<std::string, Bytes> contents(const World& world) {
  std::map<std::string, Bytes> all;
  const auto append = [&](const std::string& name, const Bytes& more) {
    Bytes& bytes = all[name];
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  for (const Site& site : world.sites) {
    std::vector<std::size_t> order(site.cells.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::size_t row) { return site.cells.id[row]; });
    for_each_column(site.cells, [&]<class Numbers>(const ColumnInfo& info, const Numbers& column) {
      std::vector<typename Numbers::value_type> sorted;
      for (std::size_t row : order) sorted.push_back(column[row]);
      append(std::string(info.name), bytes_of(sorted));
    });
    append("matrix", bytes_of(site.matrix.density));
    append("matrix", bytes_of(site.matrix.crosslinking));
    append("matrix", bytes_of(site.matrix.fibre));
    for (const Field& field : site.fields) append("fields", bytes_of(field.value));
  }
  return all;
}

void check_declared(const std::map<std::string, Bytes>& before, const World& world, std::string_view what,
                    const std::vector<std::string_view>& declared) {
  for (const auto& one : contents(world)) {  // clang 14 captures no structured binding
    const std::string& column = one.first;
    if (one.second != before.at(column))
      CHECK_MESSAGE(std::ranges::find(declared, column) != declared.end(), what, " changed ", column);
  }
}

void spread_all(Population& cells) {
  for_each_column(cells, []<class Numbers>(const ColumnInfo&, Numbers& column) {
    if constexpr (requires { column.spread(); }) column.spread();
  });
}

// Bytes of the numbers of cells that lie in memory.
double bytes_kept(const World& world) {
  double bytes = 0;
  for (const Site& site : world.sites)
    for_each_column(site.cells, [&]<class Numbers>(const ColumnInfo&, const Numbers& column) {
      bytes += static_cast<double>(kept_numbers(column, 0, column.size()).size() * sizeof(typename Numbers::value_type));
    });
  return bytes;
}

constexpr std::array scenarios{"sarcoma_spheroid.yaml",  "breast_invasive.yaml", "lung_adenocarcinoma_val_sirna.yaml",
                               "metastasis_breast.yaml", "lung_foci.yaml",       "persistent_walk.yaml",
                               "wells_breast_loop.yaml", "bench/m1.yaml",        "bench/c1.yaml",
                               "two_quiet_types"};

Scenario few_cells_of(const std::string& name, std::optional<std::uint64_t> memory_bytes = {}) {
  LoadOptions few;
  few.memory_bytes = memory_bytes;
  if (name == "many_wells") {
    few.set = {"population.well.count=1000000"};
    return load_scenario(INVADO_SOURCE_DIR "/scenarios/wells_breast_loop.yaml", few);
  }
  if (name == "two_quiet_types") {  // and some of them come later
    few.set = {"cell_types.still={signalling: off, motility: {fixed: {speed: 0 um/min}}}",
               "population.later={type: still, count: 300, from: 5 min, place: {box: {from: [0 um, 0 um, 0 um], to: [330 "
               "um, 330 um, "
               "100 um]}}}",
               "population.cells.count=2000"};
    return load_scenario(INVADO_SOURCE_DIR "/scenarios/bench/m1.yaml", few);
  }
  if (name.starts_with("bench/")) few.set = {"population.cells.count=4000"};
  if (name == "sarcoma_spheroid.yaml" || name == "breast_invasive.yaml" || name.starts_with("lung_aden"))
    few.set = {"population.core.count=60"};
  return load_scenario(std::filesystem::path(INVADO_SOURCE_DIR "/scenarios") / name, few);
}

}  // namespace

TEST_CASE("a process fills and writes what it declares and nothing else") {
  std::set<std::string> ran;
  for (const char* name : scenarios) {
    INFO(std::string(name));
    Scenario scenario = few_cells_of(name);
    World world = std::move(scenario.world);
    place_founders(scenario, world);
    for (Site& site : world.sites) site.queues = {};
    const Schedule& schedule = scenario.schedule;
    for (const ScheduleEntry& entry : schedule.entries) {
      const auto before = contents(world);
      entry.process->start(world);
      auto declared = entry.process->fills();
      if (entry.process->name() == "transport") declared.push_back("fields");
      check_declared(before, world, fmt::format("the start of {}", entry.process->name()), declared);
    }
    for (const ScheduleEntry& entry : schedule.entries) {
      if (!entry.on) continue;
      const auto before = contents(world);
      for (Site& site : world.sites) spread_columns(site.cells, entry.process->writes());
      entry.process->apply(world, {world.seed, 12, 6.0, world.clock.minutes(entry.every_ticks)});
      check_declared(before, world, entry.process->name(), entry.process->writes());
      ran.insert(std::string(entry.process->name()));
    }
  }
  CHECK(ran.size() >= 15);
}

// What all cells have alike is kept once (base/foldable.h). Nobody can tell, whether threads share the rows or not. Cells
// divide, come later, and go to other sites meanwhile.
TEST_CASE("a world with folded columns goes the same way as one in which each cell has its own numbers") {
  const int before = omp_get_max_threads();
  for (const char* name : scenarios) {
    INFO(std::string(name));
    std::string folded;
    double kept = 0, all = 0;
    for (const bool fold : {true, false}) {
      omp_set_num_threads(fold ? 3 : 1);
      Scenario scenario = few_cells_of(name);
      World world = std::move(scenario.world);
      place_founders(scenario, world);
      Stepper stepper(std::move(scenario.schedule));
      stepper.start(world);
      if (!fold)
        for (Site& site : world.sites) spread_all(site.cells);
      for (int step = 0; step < 130; ++step) stepper.step(world);
      if (fold)
        folded = digest(world);
      else
        CHECK(digest(world) == folded);
      (fold ? kept : all) = bytes_kept(world);
    }
    CHECK(kept < all);
  }
  omp_set_num_threads(before);
}

// Seen to fail (the run ends): fill that leaves a site marked as ready.
TEST_CASE("a world that is filled twice is ready for threads again") {
  const int before = omp_get_max_threads();
  std::string first;
  for (const int threads : {1, 3}) {
    omp_set_num_threads(threads);
    Scenario scenario = few_cells_of("bench/m1.yaml");
    World world = std::move(scenario.world);
    place_founders(scenario, world);
    Stepper stepper(std::move(scenario.schedule));
    stepper.start(world);
    stepper.fill(world);
    for (int step = 0; step < 5; ++step) stepper.step(world);
    if (first.empty()) first = digest(world);
    CHECK(digest(world) == first);
  }
  omp_set_num_threads(before);
}

// Seen to fail: a refusal only where cells outweigh lattices; a first look, before processes are configured, that counts
// neighbours for cells in wells.
TEST_CASE("a scenario is refused exactly where plan says that memory is too little") {
  for (const std::string name : {"sarcoma_spheroid.yaml", "metastasis_breast.yaml", "bench/m1.yaml", "many_wells"}) {
    INFO(name);
    const double needed = memory_of(few_cells_of(name)).total();
    CHECK_NOTHROW((void)few_cells_of(name, static_cast<std::uint64_t>(1.001 * needed)));
    CHECK_THROWS_AS((void)few_cells_of(name, static_cast<std::uint64_t>(0.999 * needed)), ConfigError);
  }
}

// predict_memory counts with it.
TEST_CASE("what is kept of each cell is known before the run") {
  for (const char* name : scenarios) {
    INFO(std::string(name));
    Scenario scenario = few_cells_of(name);
    const double expected = bytes_of_kept_columns(scenario);
    World world = std::move(scenario.world);
    scenario.world.sites.clear();
    place_founders(scenario, world);
    Stepper stepper(std::move(scenario.schedule));
    stepper.start(world);
    for (int step = 0; step < 130; ++step) stepper.step(world);
    double cells = 0;
    for (const Site& site : world.sites) cells += static_cast<double>(site.cells.size());
    const double per_cell = bytes_kept(world) / cells;
    CHECK(expected >= 0.98 * per_cell);
    CHECK(expected <= 1.15 * per_cell);
  }
}
