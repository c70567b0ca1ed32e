// A made-up world for tests of processes: one site without matrix and fields, cells of one type at one point.
#pragma once

#include <memory>
#include <vector>

#include "model/columns.h"
#include "model/commit.h"
#include "model/process.h"

namespace invado {

inline World small_world(std::size_t cells, std::uint64_t seed, double tick_min) {
  World world;
  world.types.resize(1);
  world.types[0].name = "cell";
  world.seed = Seed{seed};
  world.clock.tick_us = static_cast<std::int64_t>(tick_min * 60e6);
  world.sites.resize(1);
  Site& site = world.sites[0];
  site.domain.size = {1000, 1000, 1000};
  site.domain.boundary = {Boundary::Open, Boundary::Open, Boundary::Open};
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t row = append_row(site.cells);
    site.cells.id[row] = site.cells.founder[row] = world.next_id++;
    site.cells.parent[row] = -1;
    site.cells.x[row] = site.cells.y[row] = site.cells.z[row] = 500;
    site.cells.radius[row] = world.types[0].radius;
    site.cells.group[row] = -1;
    site.cells.weight[row] = 1;
    site.cells.phenotype[+Phenotype::DivisionRate][row] = 1;
    site.cells.phenotype[+Phenotype::PoreLimit][row] = 7;
  }
  site.ledger.founders = static_cast<std::int64_t>(cells);
  return world;
}

// One tick, as the stepper does it: every process, clock, commit, inheritance.
inline void tick_once(World& world, const std::vector<const Process*>& processes) {
  Clock& clock = world.clock;
  const Tick tick{world.seed, static_cast<std::uint32_t>(clock.tick), clock.time_min(), clock.minutes(1)};
  for (const Process* process : processes) process->apply(world, tick);
  ++clock.tick;
  pass_on(world);
  for (Site& site : world.sites)
    for (const Division& division : commit(world, site))
      for (const Process* process : processes) process->inherit(world, site, division.mother, division.daughter, tick);
}

// Number of living cells of each founder's clone.
inline std::vector<std::int64_t> clone_sizes(const World& world, std::size_t founders) {
  std::vector<std::int64_t> size(founders, 0);
  for (const std::int64_t founder : world.sites[0].cells.founder) ++size[static_cast<std::size_t>(founder)];
  return size;
}

}  // namespace invado
