#include "model/storage_order.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "base/parallel.h"
#include "model/columns.h"

namespace invado {
namespace {

constexpr double bin_um = 30;  // at least

}  // namespace

void sort_rows(Site& site) {
  Population& cells = site.cells;
  const std::size_t n = cells.size();
  if (site.domain.spaceless() || n < 2) return;
  // Never many more bins than cells: in a large box they are larger.
  const double most_bins = 2 * static_cast<double>(n) + 4096;
  std::array<double, 3> bins{};
  for (double edge = bin_um;; edge *= 1.25) {
    for (int axis = 0; axis < 3; ++axis)
      bins[static_cast<std::size_t>(axis)] = std::max(1.0, std::ceil(site.domain.size[axis] / edge));
    if (bins[0] * bins[1] * bins[2] <= most_bins) break;
  }
  const std::array<const std::vector<double>*, 3> position{&cells.x, &cells.y, &cells.z};

  thread_local std::vector<std::uint32_t> bin_scratch, first_scratch, order_scratch;
  std::vector<std::uint32_t>&bin = bin_scratch, &first = first_scratch, &order = order_scratch;
  bin.resize(n);
  for_rows(n, [&](std::size_t row) {
    double at = 0;
    for (std::size_t a = 3; a-- > 0;)
      at = at * bins[a] +
           std::floor(held_between((*position[a])[row] / site.domain.size[static_cast<int>(a)] * bins[a], 0.0, bins[a] - 1));
    bin[row] = static_cast<std::uint32_t>(at);
  });
  std::size_t descents = 0;
  for (std::size_t row = 1; row < n; ++row) descents += bin[row] < bin[row - 1] ? 1 : 0;
  if (descents * 16 < n) return;

  // Counting sort: first place of each bin, then the rows one after the other.
  first.assign(static_cast<std::size_t>(bins[0] * bins[1] * bins[2]) + 1, 0);
  for (const std::uint32_t b : bin) ++first[b + 1];
  for (std::size_t b = 1; b < first.size(); ++b) first[b] += first[b - 1];
  order.resize(n);
  for (std::size_t row = 0; row < n; ++row) order[first[bin[row]]++] = static_cast<std::uint32_t>(row);

  // One column after the other through one buffer, which is as large as the widest.
  thread_local std::vector<std::byte> buffer_scratch;
  std::vector<std::byte>& buffer = buffer_scratch;
  buffer.resize(n * sizeof(std::uint64_t));
  for_each_column(cells, [&]<class T>(const ColumnInfo&, std::vector<T>& column) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);
    std::byte* const sorted = buffer.data();
    for_rows(n, [&](std::size_t row) { std::memcpy(sorted + row * sizeof(T), &column[order[row]], sizeof(T)); });
    for_rows(n, [&](std::size_t row) { std::memcpy(&column[row], sorted + row * sizeof(T), sizeof(T)); });
  });
}

}  // namespace invado
