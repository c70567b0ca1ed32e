// Where the cells of a site are in fixed point, and who may be near whom.
#pragma once

#include "mechanics/workspace.h"
#include "model/state.h"

namespace invado {

// Takes fixed-point places and radii of the cells, and finds who may be near whom within reach x (sum of radii). Throws
// ModelFault, with the cell's name, where one is outside of the box or has no body.
void find_neighbours(const Site& site, Workspace& work, double reach, const NeighbourList::Motion& motion);

// Names the cell whose position or radius is no number.
[[noreturn]] void refuse_place_or_body(const Site& site);

}  // namespace invado
