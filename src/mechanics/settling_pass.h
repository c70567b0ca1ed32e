// Founders make room for each other before the first step.
#pragma once

#include "base/random.h"
#include "mechanics/workspace.h"
#include "model/state.h"

namespace invado {

// Founders part until no pair overlaps by more than 10 % (or a bounded number of iterations has passed: a box may be too
// full). Each iteration moves the two cells of an overlapping pair apart; `seed` gives the direction of those on one point.
// Matrix ignored.
void part_founders(Site& site, Workspace& work, Seed seed);

}  // namespace invado
