// How wide a wound in a monolayer still is.
#pragma once

#include "analysis/front.h"
#include "model/world.h"

namespace invado {

// Area outside the initial region that no cell covers (seen along z, cells as discs, to within pixels of 2 um), over the
// extent of the box along y, which is the length of the wound.  [um]
[[nodiscard]] double wound_width(const Site& site, const StartRegion& region);

}  // namespace invado
