#include "model/storage_order.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/parallel.h"
#include "model/columns.h"

namespace invado {
namespace {

constexpr double bin_um = 30;

}  // namespace

void sort_rows(Site& site) {
  Population& cells = site.cells;
  const std::size_t n = cells.size();
  if (site.domain.spaceless() || n < 2) return;
  std::array<std::size_t, 3> bins{};
  for (int axis = 0; axis < 3; ++axis)
    bins[static_cast<std::size_t>(axis)] =
        static_cast<std::size_t>(std::clamp(std::ceil(site.domain.size[axis] / bin_um), 1.0, 4096.0));
  const std::array<const std::vector<double>*, 3> position{&cells.x, &cells.y, &cells.z};

  thread_local std::vector<std::uint64_t> key_scratch;  // bin, then row: a sort of these is stable
  std::vector<std::uint64_t>& key = key_scratch;
  key.resize(n);
  for_rows(n, [&](std::size_t row) {
    std::uint64_t bin = 0;
    for (std::size_t a = 3; a-- > 0;) {
      const double at = (*position[a])[row] / site.domain.size[static_cast<int>(a)] * static_cast<double>(bins[a]);
      bin = bin * bins[a] + static_cast<std::uint64_t>(held_between(at, 0.0, static_cast<double>(bins[a] - 1)));
    }
    key[row] = bin << 32 | row;
  });
  std::size_t descents = 0;
  for (std::size_t row = 1; row < n; ++row) descents += key[row] >> 32 < key[row - 1] >> 32 ? 1 : 0;
  if (descents * 16 < n) return;
  std::ranges::sort(key);
  for_each_column(cells, [&]<class T>(const ColumnInfo&, std::vector<T>& column) {
    thread_local std::vector<T> sorted;
    sorted.resize(n);
    T* const out = sorted.data();
    for_rows(n, [&](std::size_t row) { out[row] = column[key[row] & 0xffffffffu]; });
    std::swap(column, sorted);
  });
}

}  // namespace invado
