// Every process changes only the columns that it declares, on every shipped scenario.
// Seen to fail: "mechanics" without "path_um" in its list.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/stepper.h"
#include "model/columns.h"
#include "scenario/scenario.h"

using namespace invado;

namespace {

using Bytes = std::vector<unsigned char>;

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// What the world holds, by the names that processes declare. Rows are taken in id order: sorting the storage is free.
std::map<std::string, Bytes> contents(const World& world) {
  std::map<std::string, Bytes> all;
  const Site& site = world.sites[0];
  std::vector<std::size_t> order(site.cells.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t row) { return site.cells.id[row]; });
  for_each_column(site.cells, [&]<class T>(const ColumnInfo& info, const std::vector<T>& column) {
    std::vector<T> sorted;
    for (std::size_t row : order) sorted.push_back(column[row]);
    all[std::string(info.name)] = bytes_of(sorted);
  });
  Bytes& matrix = all["matrix"];
  const auto append = [&](Bytes more) { matrix.insert(matrix.end(), more.begin(), more.end()); };
  append(bytes_of(site.matrix.density));
  append(bytes_of(site.matrix.crosslinking));
  append(bytes_of(site.matrix.fibre));
  Bytes& fields = all["fields"];
  for (const Field& field : site.fields) {
    const Bytes more = bytes_of(field.value);
    fields.insert(fields.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace

TEST_CASE("a process writes what it declares and nothing else") {
  std::set<std::string> ran;
  for (const char* name : {"sarcoma_spheroid.yaml", "breast_invasive.yaml", "lung_adenocarcinoma_val_sirna.yaml"}) {
    LoadOptions few;
    few.set = {"population.core.count=60"};
    Scenario scenario = load_scenario(std::filesystem::path(INVADO_SOURCE_DIR "/scenarios") / name, few);
    World world = std::move(scenario.world);
    place_founders(scenario, world);
    const Stepper stepper(std::move(scenario.schedule));
    stepper.start(world);
    for (const ScheduleEntry& entry : stepper.schedule().entries) {
      if (!entry.on) continue;
      const auto before = contents(world);
      entry.process->apply(world, {world.seed, 12, 6.0, world.clock.minutes(entry.every_ticks)});
      const auto after = contents(world);
      const auto declared = entry.process->writes();
      for (const auto& one : after) {  // clang 14 captures no structured binding
        const std::string& column = one.first;
        if (one.second != before.at(column))
          CHECK_MESSAGE(std::ranges::find(declared, column) != declared.end(), entry.process->name(), " changed ", column);
      }
      ran.insert(std::string(entry.process->name()));
    }
  }
  CHECK(ran.size() >= 10);
}
