#include "mechanics/neighbour_pass.h"

#include <cmath>

#include <fmt/core.h>

#include "base/error.h"

namespace invado {

void find_neighbours(const Site& site, Workspace& work, double reach, const NeighbourList::Motion& motion) {
  const Population& c = site.cells;
  if (!work.places.take(c.x, c.y, c.z, c.radius, site.domain.size, site.domain.periodic())) refuse_place_or_body(site);
  work.list.refresh(work.places, c.id, reach, motion);
  work.resize(c.size());
}

void refuse_place_or_body(const Site& site) {
  const Population& c = site.cells;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const Vec3 x = c.position(i);
    if (!std::isfinite(x.x) || !std::isfinite(x.y) || !std::isfinite(x.z))
      throw ModelFault(fmt::format("cell {}: position ({}, {}, {}) is not finite", c.id[i], x.x, x.y, x.z));
    for (int axis = 0; axis < 3; ++axis)
      if (!(x[axis] >= 0 && x[axis] <= site.domain.size[axis]))
        throw ModelFault(fmt::format("cell {}: position ({}, {}, {}) is outside of the box", c.id[i], x.x, x.y, x.z));
    if (!(c.radius[i] > 0 && c.radius[i] < 1e9))
      throw ModelFault(fmt::format("cell {}: radius {} um, must be positive", c.id[i], c.radius[i]));
  }
  throw ModelFault("a position or radius is not a number");
}

}  // namespace invado
