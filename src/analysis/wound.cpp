#include "analysis/wound.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/parallel.h"

namespace invado {

double wound_width(const Site& site, const StartRegion& region) {
  constexpr double pixel = 2;  // [um]
  const Vec3 size = site.domain.size;
  const auto periodic = site.domain.periodic();
  const int nx = static_cast<int>(std::ceil(size.x / pixel)), ny = static_cast<int>(std::ceil(size.y / pixel));
  const double hx = size.x / nx, hy = size.y / ny;
  std::vector<std::uint8_t> covered(static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny), 0);
  const auto at = [&](int i, int j) -> std::uint8_t& {
    return covered[static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(i)];
  };
  // Pixel along an axis: wrapped on a periodic one, -1 outside on others.
  const auto on_axis = [](int i, int n, bool wraps) { return wraps ? ((i % n) + n) % n : (i < 0 || i >= n ? -1 : i); };
  const Population& cells = site.cells;
  for (std::size_t r = 0; r < cells.size(); ++r) {
    const double x = cells.x[r], y = cells.y[r], radius = cells.radius[r];
    if (!std::isfinite(x) || !std::isfinite(y)) continue;  // covers nothing
    for (int j = static_cast<int>(std::floor((y - radius) / hy)); j * hy <= y + radius; ++j)
      for (int i = static_cast<int>(std::floor((x - radius) / hx)); i * hx <= x + radius; ++i) {
        const double dx = (i + 0.5) * hx - x, dy = (j + 0.5) * hy - y;
        const int column = on_axis(i, nx, periodic[0]), row = on_axis(j, ny, periodic[1]);
        if (dx * dx + dy * dy <= radius * radius && column >= 0 && row >= 0) at(column, row) = 1;
      }
  }
  std::vector<std::int64_t> open(static_cast<std::size_t>(ny));
  for_rows(open.size(), [&](std::size_t row) {
    const int j = static_cast<int>(row);
    open[row] = 0;
    for (int i = 0; i < nx; ++i)
      if (at(i, j) == 0 && region.depth({(i + 0.5) * hx, (j + 0.5) * hy, size.z / 2}) > 0) ++open[row];
  });
  std::int64_t pixels = 0;
  for (const std::int64_t n : open) pixels += n;
  return static_cast<double>(pixels) * hx * hy / size.y;
}

}  // namespace invado
