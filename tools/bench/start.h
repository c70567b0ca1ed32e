// A benchmark's world: a scenario of scenarios/, its founders placed but not settled, every column filled.
#pragma once

#include <string>

#include "bench/measure.h"
#include "engine/stepper.h"
#include "model/world.h"

namespace invado::bench {

struct Started {
  World world;
  Stepper stepper;
  double resident_before = 0;  // [bytes]
};

// How founders sit when the clock starts.
struct Seats {
  double lattice_um = 0;  // cubic lattice of this spacing, each cell moved by up to a fifth of it along each axis; 0: as the
                          // scenario places them, overlaps and all
  bool settled = false;   // overlaps relaxed, as in a run
};

// `file`: below scenarios/.
[[nodiscard]] Started start(const std::string& file, const Options& options, const Seats& seats = {});

// Bytes of this program that are in memory.
[[nodiscard]] double resident_bytes();
// Bytes of all columns, of the lattice and of the factors.
[[nodiscard]] double array_bytes(const World& world);
[[nodiscard]] double mean_neighbours(const World& world);

}  // namespace invado::bench
