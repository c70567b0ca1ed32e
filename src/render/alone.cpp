#include "render/alone.h"

#include <algorithm>
#include <numeric>

#include "analysis/clusters.h"

namespace invado {

std::vector<bool> alone_among(std::span<const Sphere> cells) {
  std::vector<bool> alone(cells.size(), true);
  if (cells.empty()) return alone;
  Vec3 low = cells[0].centre, high = low;
  for (const Sphere& cell : cells)
    for (int axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], cell.centre[axis]);
      high[axis] = std::max(high[axis], cell.centre[axis]);
    }
  Site site;
  for (int axis = 0; axis < 3; ++axis) site.domain.size[axis] = std::max(high[axis] - low[axis], 1.0);
  for (const auto& [centre, radius] : cells) {
    site.cells.id.push_back(static_cast<std::int64_t>(site.cells.id.size()));
    site.cells.x.push_back(centre.x - low.x);
    site.cells.y.push_back(centre.y - low.y);
    site.cells.z.push_back(centre.z - low.z);
    site.cells.radius.push_back(radius);
  }
  std::vector<std::size_t> rows(cells.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const Clusters groups = find_clusters(site, rows);
  for (std::size_t i = 0; i < cells.size(); ++i) alone[i] = groups.contacts[i] == 0;
  return alone;
}

}  // namespace invado
