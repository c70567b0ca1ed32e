#include "model/storage_order.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "base/bins.h"
#include "base/parallel.h"
#include "model/columns.h"

namespace invado {
namespace {

// As wide as the bins in which mechanics looks for neighbours of cells of this radius, at the usual reach of 1.25 and with a
// skin of 3 um (mechanics/neighbour_list.cpp). Other widths are as right and a little slower.
double bin_um(double widest_radius) { return 1.25 * 2 * widest_radius + 3; }

}  // namespace

void sort_rows(Site& site) {
  Population& cells = site.cells;
  const std::size_t n = cells.size();
  if (site.domain.spaceless() || n < 2) return;
  const auto [x0, x1] = std::ranges::minmax(cells.x);
  const auto [y0, y1] = std::ranges::minmax(cells.y);
  const auto [z0, z1] = std::ranges::minmax(cells.z);
  const Bins bins(site.domain.size, {x0, y0, z0}, {x1, y1, z1}, site.domain.periodic(),
                  bin_um(std::ranges::max(cells.radius)), n);

  thread_local std::vector<std::uint32_t> bin_scratch, first_scratch, order_scratch;
  std::vector<std::uint32_t>&bin = bin_scratch, &first = first_scratch, &order = order_scratch;
  bin.resize(n);
  for_rows(n, [&](std::size_t row) {
    bin[row] = static_cast<std::uint32_t>(
        bins.index(bins.coordinate(0, cells.x[row]), bins.coordinate(1, cells.y[row]), bins.coordinate(2, cells.z[row])));
  });
  std::size_t descents = 0;
  for (std::size_t row = 1; row < n; ++row) descents += bin[row] < bin[row - 1] ? 1 : 0;
  if (descents * 4 < n) return;

  // Counting sort: first place of each bin, then the rows one after the other.
  first.assign(bins.count() + 1, 0);
  for (const std::uint32_t b : bin) ++first[b + 1];
  for (std::size_t b = 1; b < first.size(); ++b) first[b] += first[b - 1];
  order.resize(n);
  for (std::size_t row = 0; row < n; ++row) order[first[bin[row]]++] = static_cast<std::uint32_t>(row);

  // One column after the other through one buffer, which is as large as the widest.
  thread_local std::vector<std::byte> buffer_scratch;
  std::vector<std::byte>& buffer = buffer_scratch;
  buffer.resize(n * sizeof(std::uint64_t));
  for_each_column(cells, [&]<class Numbers>(const ColumnInfo&, Numbers& numbers) {
    using T = typename Numbers::value_type;
    if (is_folded(numbers)) return;
    T* const column = numbers.data();
    static_assert(sizeof(T) <= sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);
    std::byte* const sorted = buffer.data();
    for_rows(n, [&](std::size_t row) { std::memcpy(sorted + row * sizeof(T), &column[order[row]], sizeof(T)); });
    for_blocks((n + rows_per_block - 1) / rows_per_block, [&](std::size_t block) {
      const std::size_t row = block * rows_per_block, rows = std::min(rows_per_block, n - row);
      std::memcpy(&column[row], sorted + row * sizeof(T), rows * sizeof(T));
    });
  });
}

std::vector<std::size_t> rows_by_id(const Population& cells) {
  const std::vector<std::int64_t>& id = cells.id;
  const std::size_t n = id.size();
  std::vector<std::size_t> rows(n);
  if (n == 0) return rows;
  // Ids are counted up and most cells live: of bins of equal width, about as many as rows, few have more than a handful.
  const auto [low, high] = std::ranges::minmax(id);
  const auto above = [from = static_cast<std::uint64_t>(low)](std::int64_t of) {
    return static_cast<std::uint64_t>(of) - from;
  };
  int shift = 0;
  while (above(high) >> shift >= 2 * n) ++shift;
  std::vector<std::size_t> next((above(high) >> shift) + 2, 0);
  for (const std::int64_t one : id) ++next[(above(one) >> shift) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (std::size_t row = 0; row < n; ++row) rows[next[above(id[row]) >> shift]++] = row;
  // Each bin now ends where the next one began.
  if (shift > 0)
    for (std::size_t bin = 0, begin = 0; begin < n; begin = next[bin++])
      std::sort(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(next[bin]),
                [&](std::size_t a, std::size_t b) { return id[a] < id[b]; });
  return rows;
}

}  // namespace invado
