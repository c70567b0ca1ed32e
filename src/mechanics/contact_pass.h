// What contacts do to the cells of a site: how fast each is pushed, and what it feels of its neighbours.
#pragma once

#include "base/random.h"
#include "mechanics/workspace.h"
#include "model/state.h"

namespace invado {

// What is asked of contacts in a step.
struct Contacts {
  bool push = true;     // cells push and pull each other; otherwise they only feel each other
  bool turn = false;    // somebody looks at where the neighbours are
  double harmless = 0;  // pushes up to here need not be known exactly [radii/min]
  Seed seed;            // of directions of pairs on one point
  std::uint32_t step = 0;
};

// Writes `work.push`, and of the cells pressure, neighbours and anchored_neighbours, and with `turn` away. Returns the
// largest |contact velocity| / radius [1/min], or 0 where none is above `harmless`.
double feel_contacts(Site& site, Workspace& work, const Contacts& how);

}  // namespace invado
