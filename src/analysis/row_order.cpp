#include "analysis/row_order.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/bins.h"
#include "model/storage_order.h"

namespace invado {

std::vector<std::size_t> rows_in_order(const Site& site, int type) {
  const Population& cells = site.cells;
  const auto wanted = [&](std::size_t row) { return type < 0 || cells.type[row] == type; };
  std::vector<std::size_t> rows;
  if (site.domain.spaceless()) {
    rows = rows_by_id(cells);
    std::erase_if(rows, [&](std::size_t row) { return !wanted(row); });
    return rows;
  }
  rows.reserve(cells.size());
  for (std::size_t row = 0; row < cells.size(); ++row)
    if (wanted(row)) rows.push_back(row);
  if (rows.empty()) return rows;

  double largest = 0;
  for (const std::size_t row : rows) largest = std::max(largest, cells.radius[row]);
  const Bins bins(site.domain.size, 4 * largest, rows.size());
  std::vector<std::uint32_t> bin(rows.size()), next(bins.count() + 1, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Vec3 x = cells.position(rows[i]);
    bin[i] =
        static_cast<std::uint32_t>(bins.index(bins.coordinate(0, x.x), bins.coordinate(1, x.y), bins.coordinate(2, x.z)));
    ++next[bin[i] + 1];
  }
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<std::size_t> ordered(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) ordered[next[bin[i]]++] = rows[i];
  // Each bin now ends where the next one began.
  for (std::size_t b = 0, begin = 0; b < bins.count(); begin = next[b++])
    std::ranges::sort(ordered.begin() + static_cast<std::ptrdiff_t>(begin),
                      ordered.begin() + static_cast<std::ptrdiff_t>(next[b]), {},
                      [&](std::size_t row) { return cells.id[row]; });
  return ordered;
}

}  // namespace invado
