// A world with cells but without space, and the signalling and response processes on it: enough to test both.
#pragma once

#include <fmt/core.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/columns.h"
#include "model/process.h"
#include "path_setter.h"

namespace invado {
std::unique_ptr<Process> make_signalling();
std::unique_ptr<Process> make_response();
}  // namespace invado

namespace invado::test {

using Settings = std::map<std::string, std::string>;
using Types = std::vector<Settings>;

struct SignalWorld {
  World world;
  std::unique_ptr<Process> signalling = make_signalling();
  std::unique_ptr<Process> response = make_response();
  std::vector<std::string> complaints;

  // One cell type per element of `types`; `settings` are paths below cell_types.<type>.
  explicit SignalWorld(const Types& types, double step_min = 6, bool wells = false) {
    world.seed = {20110127};
    world.wells = wells;
    world.clock.tick_us = static_cast<std::int64_t>(step_min * 60e6 + 0.5);
    world.sites.resize(1);
    signalling->resize_types(types.size());
    response->resize_types(types.size());
    for (std::size_t t = 0; t < types.size(); ++t) {
      world.types.push_back({});
      world.types.back().name = fmt::format("type{}", t);
      world.populations.push_back({fmt::format("p{}", t), static_cast<std::uint8_t>(t), -1});
      PathSetter setter(types[t]);
      signalling->describe_type(setter, t);
      response->describe_type(setter, t);
      complaints.insert(complaints.end(), setter.complaints.begin(), setter.complaints.end());
      for (const std::string& path : setter.unused()) complaints.push_back("not asked for: " + path);
    }
  }
  Population& cells() { return world.sites[0].cells; }

  void add_cells(std::size_t count, std::size_t type = 0, std::uint64_t treated = 0) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = append_row(cells());
      cells().id[row] = world.next_id++;
      cells().parent[row] = -1;
      cells().type[row] = static_cast<std::uint8_t>(type);
      cells().origin[row] = static_cast<std::uint8_t>(type);
      cells().treated[row] = treated;
    }
  }
  void start() {
    signalling->configure(world);
    response->configure(world);
    signalling->start(world);
    response->start(world);
  }
  void run(double hours) {
    const auto steps = static_cast<std::int64_t>(hours * 3600e6 / static_cast<double>(world.clock.tick_us) + 0.5);
    for (std::int64_t i = 0; i < steps; ++i) {
      const Tick tick{world.seed, static_cast<std::uint32_t>(world.clock.tick), world.clock.time_min(),
                      world.clock.minutes(1)};
      signalling->apply(world, tick);
      response->apply(world, tick);
      ++world.clock.tick;
    }
  }
  double state(State s, std::size_t row = 0) { return cells().state[+s][row]; }
  double derived(Derived d, std::size_t row = 0) { return cells().derived[+d][row]; }
  double phenotype(Phenotype p, std::size_t row = 0) { return cells().phenotype[+p][row]; }
};

}  // namespace invado::test
