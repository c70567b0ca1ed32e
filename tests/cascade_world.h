// A made-up world for tests of the way to other sites: a tumour and one organ, both boxes without matrix, and the blood; and
// the processes of that way.
#pragma once

#include "small_world.h"

namespace invado {

std::unique_ptr<Process> make_intravasation();
std::unique_ptr<Process> make_circulation();
std::unique_ptr<Process> make_extravasation();
std::unique_ptr<Process> make_colonisation();

// `cells` in site `at` (0 tumour, 1 organ, 2 blood), all with these levels.
inline World cascade_world(std::size_t cells, std::size_t at, std::uint64_t seed, double tick_min) {
  World world = small_world(0, seed, tick_min);
  world.sites.resize(3);
  world.sites[0].name = "primary";
  world.sites[1].name = "lung";
  world.sites[1].domain = world.sites[0].domain;
  world.sites[2].name = "blood";
  world.sites[2].compartment = Compartment::Blood;
  Site& site = world.sites[at];
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t row = append_row(site.cells);
    site.cells.id[row] = site.cells.founder[row] = world.next_id++;
    site.cells.parent[row] = -1;
    site.cells.group[row] = at == 0 ? -1 : site.cells.id[row];
    site.cells.weight[row] = 1;
    site.cells.radius[row] = world.blood_stream.reference_radius;
    site.cells.state[+State::MmpExpression][row] = 0.35;  // half of what is possible
    site.cells.phenotype[+Phenotype::FreeSpeed][row] = 20;
    site.cells.phenotype[+Phenotype::PoreLimit][row] = 7;
    ++site.ledger.of_type(0).founders;
  }
  site.ledger.founders = static_cast<std::int64_t>(cells);
  return world;
}

inline void set_all(Population& cells, Phenotype phenotype, double value) {
  for (float& x : cells.phenotype[+phenotype]) x = static_cast<float>(value);
}
inline void set_all(Population& cells, State state, double value) {
  for (double& x : cells.state[+state]) x = value;
}

}  // namespace invado
