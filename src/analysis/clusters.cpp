#include "analysis/clusters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/bins.h"

namespace invado {
namespace {

std::size_t root(std::vector<std::size_t>& parent, std::size_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

}  // namespace

Vec3 nearest_difference(const Domain& domain, Vec3 a, Vec3 b) {
  Vec3 d = a - b;
  const auto periodic = domain.periodic();
  for (int axis = 0; axis < 3; ++axis)
    if (periodic[static_cast<std::size_t>(axis)])
      d[axis] -= domain.size[axis] * std::floor(d[axis] / domain.size[axis] + 0.5);
  return d;
}

Clusters find_clusters(const Site& site, std::span<const std::size_t> rows) {
  const Population& cells = site.cells;
  const std::size_t n = rows.size();
  Clusters result;
  result.group.resize(n);
  result.contacts.resize(n, 0);
  result.touching.resize(n);
  if (n == 0) return result;

  double largest_radius = 0;
  for (const std::size_t row : rows) largest_radius = std::max(largest_radius, cells.radius[row]);
  const Bins bins(site.domain.size, contact_reach * 2 * largest_radius, n);
  std::vector<std::array<int, 3>> at(n);
  std::vector<std::size_t> first(bins.count() + 1, 0), members(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (int axis = 0; axis < 3; ++axis)
      at[i][static_cast<std::size_t>(axis)] = bins.coordinate(axis, cells.position(rows[i])[axis]);
    ++first[bins.index(at[i][0], at[i][1], at[i][2]) + 1];
  }
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (std::size_t i = 0; i < n; ++i) members[next[bins.index(at[i][0], at[i][1], at[i][2])]++] = i;

  const auto periodic = site.domain.periodic();
  // Neighbouring bins along one axis, each once.
  struct Around {
    std::array<int, 3> bin{};
    std::size_t count = 0;
    [[nodiscard]] const int* begin() const { return bin.data(); }
    [[nodiscard]] const int* end() const { return bin.data() + count; }
  };
  const auto around = [&](int axis, int centre) {
    Around found;
    const int count = bins.shape[static_cast<std::size_t>(axis)];
    for (int offset = -1; offset <= 1; ++offset) {
      int bin = centre + offset;
      if (periodic[static_cast<std::size_t>(axis)]) bin = (bin + count) % count;
      if (bin >= 0 && bin < count && std::find(found.begin(), found.end(), bin) == found.end())
        found.bin[found.count++] = bin;
    }
    return found;
  };

  const auto touch = [&result](std::size_t p, std::size_t q) {
    std::uint32_t& count = result.contacts[p];
    if (count < listed_contacts) result.touching[p][count] = static_cast<std::uint32_t>(q);
    ++count;
  };
  std::vector<std::size_t> parent(n);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (int k = 0; k < bins.shape[2]; ++k)
    for (int j = 0; j < bins.shape[1]; ++j) {
      const Around near_k = around(2, k), near_j = around(1, j);
      for (int i = 0; i < bins.shape[0]; ++i) {
        const std::size_t here = bins.index(i, j, k);
        if (first[here] == first[here + 1]) continue;
        for (const int kk : near_k)
          for (const int jj : near_j)
            for (const int ii : around(0, i)) {
              const std::size_t there = bins.index(ii, jj, kk);
              if (there < here) continue;  // each pair of bins once
              for (std::size_t a = first[here]; a < first[here + 1]; ++a)
                for (std::size_t b = there == here ? a + 1 : first[there]; b < first[there + 1]; ++b) {
                  const std::size_t p = members[a], q = members[b];
                  const Vec3 d = nearest_difference(site.domain, cells.position(rows[p]), cells.position(rows[q]));
                  const double reach = contact_reach * (cells.radius[rows[p]] + cells.radius[rows[q]]);
                  if (!(dot(d, d) <= reach * reach)) continue;
                  touch(p, q);
                  touch(q, p);
                  const std::size_t rp = root(parent, p), rq = root(parent, q);
                  parent[std::max(rp, rq)] = std::min(rp, rq);
                }
            }
      }
    }

  // Name each group by its smallest id: independent of rows and of the order of unions.
  std::vector<std::int64_t> smallest(n, -1), count(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t r = root(parent, i);
    const std::int64_t id = cells.id[rows[i]];
    smallest[r] = count[r] == 0 ? id : std::min(smallest[r], id);
    ++count[r];
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t r = root(parent, i);
    result.group[i] = smallest[r];
    if (r != i) continue;
    if (count[i] > 1) ++result.clusters;
    if (count[i] > result.largest || (count[i] == result.largest && smallest[i] < result.largest_group)) {
      result.largest = count[i];
      result.largest_group = smallest[i];
    }
  }
  return result;
}

}  // namespace invado
