// The only place where the population of a site changes size.
#pragma once

#include <vector>

#include "model/world.h"

namespace invado {

// Rows of a mother and her new daughter after a commit.
struct Division {
  std::size_t mother;
  std::size_t daughter;
};

// Apply the queued births and departures of a site in cell-id order; both queues are empty afterwards. A cell that is
// queued both to divide and to leave leaves. The mother keeps id and track and moves by -offset, the daughter gets the
// next id, all columns of the mother, and moves by +offset; both stay inside a periodic box. Returns the divisions, in
// mother-id order, with rows as they are after the departures are gone.
std::vector<Division> commit(World& world, Site& site);

}  // namespace invado
