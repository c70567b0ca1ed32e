// The one move of a step, or of a part of it: by the walk and by the pushes of contacts, with what faces of the box do to
// both.
#pragma once

#include "mechanics/workspace.h"
#include "model/state.h"

namespace invado {

struct Substep {
  double length, dt;  // [min]: of this sub-step, and of the whole step
  bool long_pushes;   // some push is to be cut
  bool first, last;   // of the step
};

// Walk and contacts move each cell for the length of the sub-step. A wall mirrors the walk (and its direction), and stops
// what pushes. The last sub-step tells how the whole step went. Throws ModelFault where a walk is longer than the box, or
// leads to where there is no number.
void move(Site& site, Workspace& work, const Substep& step);

// Cells that went out of an open face are queued to leave.
void let_leave(Site& site, const Workspace& work);

}  // namespace invado
