#include "analysis/clusters.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>

#include "base/bins.h"
#include "base/parallel.h"
#include "base/periodic.h"

namespace invado {
namespace {

// Disjoint sets of 0 .. n - 1, united by any number of threads: the root of a set is its smallest member, whoever came
// first. The parent of an entry is smaller than the entry; only a root gets another one, by compare and swap (Jayanti &
// Tarjan 2016, doi:10.1145/2933057.2933108).
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0u); }
  [[nodiscard]] std::uint32_t root(std::uint32_t i) {
    for (;;) {
      const std::uint32_t above = at(i).load(std::memory_order_relaxed);
      if (above == i) return i;
      const std::uint32_t next = at(above).load(std::memory_order_relaxed);
      if (next != above) at(i).store(next, std::memory_order_relaxed);
      i = next;
    }
  }
  void unite(std::uint32_t a, std::uint32_t b) {
    for (;;) {
      a = root(a), b = root(b);
      if (a == b) return;
      if (a > b) std::swap(a, b);
      std::uint32_t still = b;
      if (at(b).compare_exchange_strong(still, a, std::memory_order_relaxed)) return;
    }
  }

 private:
  std::atomic_ref<std::uint32_t> at(std::uint32_t i) { return std::atomic_ref(parent_[i]); }
  std::vector<std::uint32_t> parent_;
};

// Of each axis, 0 where it is not periodic.
struct Periods {
  Vec3 length, per_length;
  explicit Periods(const Domain& domain) {
    for (int axis = 0; axis < 3; ++axis)
      if (domain.periodic()[static_cast<std::size_t>(axis)])
        length[axis] = domain.size[axis], per_length[axis] = 1 / domain.size[axis];
  }
  [[nodiscard]] Vec3 nearest(Vec3 d) const {
    return {nearest_image(d.x, length.x, per_length.x), nearest_image(d.y, length.y, per_length.y),
            nearest_image(d.z, length.z, per_length.z)};
  }
};

// What is compared of cells.
struct Places {
  std::vector<double> x, y, z, radius;
  std::vector<std::uint32_t> entry;  // of `rows`

  void resize(std::size_t n) {
    for (std::vector<double>* const numbers : {&x, &y, &z, &radius}) numbers->resize(n);
    entry.resize(n);
  }
};

// All cells bin by bin.
struct BinnedPlaces : Places {
  std::vector<std::size_t> first;  // of each bin, then the end

  BinnedPlaces(const Population& cells, std::span<const std::size_t> rows, const Bins& bins) : first(bins.count() + 1, 0) {
    resize(rows.size());
    std::vector<std::size_t> bin(rows.size());
    for_rows(rows.size(), [&](std::size_t i) {
      const Vec3 p = cells.position(rows[i]);
      bin[i] = bins.index(bins.coordinate(0, p.x), bins.coordinate(1, p.y), bins.coordinate(2, p.z));
    });
    for (const std::size_t b : bin) ++first[b + 1];
    std::partial_sum(first.begin(), first.end(), first.begin());
    std::vector<std::size_t> next(first.begin(), first.end() - 1);
    for (std::size_t i = 0; i < rows.size(); ++i) entry[next[bin[i]]++] = static_cast<std::uint32_t>(i);
    for_rows(rows.size(), [&](std::size_t at) {
      const std::size_t row = rows[entry[at]];
      x[at] = cells.x[row], y[at] = cells.y[row], z[at] = cells.z[row], radius[at] = cells.radius[row];
    });
  }
};

// A bin and those beside it along an axis, each once.
struct Beside {
  std::array<int, 3> bin{};
  std::size_t count = 0;
  Beside(int centre, int bins, bool periodic) {
    for (int offset = -1; offset <= 1; ++offset) {
      const int b = periodic ? (centre + offset + bins) % bins : centre + offset;
      if (b >= 0 && b < bins && std::find(begin(), end(), b) == end()) bin[count++] = b;
    }
  }
  [[nodiscard]] const int* begin() const { return bin.data(); }
  [[nodiscard]] const int* end() const { return bin.data() + count; }
};

// The cells in and beside a line of bins along x, in columns across it: those around one bin are three columns that follow
// one another in memory. On a periodic axis the last column comes once more before the first, and the first behind the last.
class LineOfBins : public Places {
 public:
  void fill(const BinnedPlaces& cells, const Bins& bins, const Beside& lines_y, const Beside& lines_z, bool periodic) {
    const int columns = bins.shape[0];
    wide_ = columns > 2;
    std::size_t most = 0;
    for (const int k : lines_z)
      for (const int j : lines_y) most += cells.first[bins.index(columns, j, k)] - cells.first[bins.index(0, j, k)];
    resize(2 * most);  // all might be in the columns that come twice
    first_.assign(1, 0);
    std::size_t end = 0;
    for (int c = -1; c <= columns; ++c) {
      const bool once_more = c < 0 || c == columns;
      if (!once_more || (periodic && wide_))
        for (const int k : lines_z)
          for (const int j : lines_y) {
            const std::size_t bin = bins.index((c + columns) % columns, j, k);
            for (std::size_t a = cells.first[bin]; a < cells.first[bin + 1]; ++a, ++end) {
              x[end] = cells.x[a], y[end] = cells.y[a], z[end] = cells.z[a];
              radius[end] = cells.radius[a], entry[end] = cells.entry[a];
            }
          }
      first_.push_back(end);
    }
  }
  // Of the cells around bin i.
  [[nodiscard]] std::size_t begin(int i) const { return wide_ ? first_[static_cast<std::size_t>(i)] : 0; }
  [[nodiscard]] std::size_t end(int i) const { return wide_ ? first_[static_cast<std::size_t>(i) + 3] : first_.back(); }

 private:
  bool wide_ = false;               // more than two columns: else each is beside each
  std::vector<std::size_t> first_;  // of each column, then the end
};

// Entries of the cells from begin to end - 1 that touch a cell, itself left out; in scratch that only grows.
std::span<const std::uint32_t> find_touching(const Places& around, std::size_t begin, std::size_t end,
                                             const Periods& periods, Vec3 x, double radius, std::uint32_t itself,
                                             std::vector<std::uint32_t>& scratch) {
  constexpr std::size_t most = 256;
  std::array<double, most> apart;  // square of the distance, beyond that at which they touch
  scratch.resize(std::max(scratch.size(), end - begin));
  std::uint32_t* const touching = scratch.data();
  std::size_t found = 0;
  for (; begin < end; begin += most) {
    const std::size_t count = std::min(most, end - begin);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t b = begin + k;
      const Vec3 d = periods.nearest(x - Vec3{around.x[b], around.y[b], around.z[b]});
      const double reach = contact_reach * (radius + around.radius[b]);
      apart[k] = dot(d, d) - reach * reach;
    }
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint32_t other = around.entry[begin + k];
      touching[found] = other;
      found += ((apart[k] <= 0) & (other != itself)) ? 1 : 0;
    }
  }
  return std::span(scratch).first(found);
}

}  // namespace

Vec3 nearest_difference(const Domain& domain, Vec3 a, Vec3 b) { return Periods(domain).nearest(a - b); }

Clusters find_clusters(const Site& site, std::span<const std::size_t> rows) {
  const std::size_t n = rows.size();
  Clusters result;
  result.first.resize(n);
  result.contacts.resize(n);
  result.touching.resize(n);
  if (n == 0) return result;

  double largest_radius = 0;
  for (const std::size_t row : rows) largest_radius = std::max(largest_radius, site.cells.radius[row]);
  const Bins bins(site.domain.size, contact_reach * 2 * largest_radius, n);
  const BinnedPlaces cells(site.cells, rows, bins);
  const Periods periods(site.domain);
  const auto periodic = site.domain.periodic();
  DisjointSets groups(n);
  // Each cell writes what is its own.
  const auto nj = static_cast<std::size_t>(bins.shape[1]), nk = static_cast<std::size_t>(bins.shape[2]);
  for_blocks(nj * nk, [&](std::size_t line) {
    const int j = static_cast<int>(line % nj), k = static_cast<int>(line / nj);
    const std::size_t begin = cells.first[bins.index(0, j, k)], end = cells.first[bins.index(bins.shape[0], j, k)];
    if (begin == end) return;
    thread_local LineOfBins around;
    thread_local std::vector<std::uint32_t> scratch;
    around.fill(cells, bins, {j, bins.shape[1], periodic[1]}, {k, bins.shape[2], periodic[2]}, periodic[0]);
    for (int i = 0; i < bins.shape[0]; ++i)
      for (std::size_t a = cells.first[bins.index(i, j, k)]; a < cells.first[bins.index(i + 1, j, k)]; ++a) {
        const std::uint32_t p = cells.entry[a];
        const auto touching = find_touching(around, around.begin(i), around.end(i), periods,
                                            {cells.x[a], cells.y[a], cells.z[a]}, cells.radius[a], p, scratch);
        result.contacts[p] = static_cast<std::uint32_t>(touching.size());
        std::ranges::copy(touching.first(std::min(touching.size(), listed_contacts)), result.touching[p].begin());
        for (const std::uint32_t q : touching)
          if (q < p) groups.unite(p, q);
      }
  });
  for_rows(n, [&](std::size_t i) { result.first[i] = groups.root(static_cast<std::uint32_t>(i)); });

  // By groups, at their first entries.
  std::vector<std::int64_t> smallest_id(n), count(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = result.first[i];
    const std::int64_t id = site.cells.id[rows[i]];
    smallest_id[first] = count[first] == 0 ? id : std::min(smallest_id[first], id);
    ++count[first];
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    if (count[i] > 1) ++result.clusters;
    if (count[i] > result.largest || (count[i] == result.largest && smallest_id[i] < smallest_id[result.largest_first])) {
      result.largest = count[i];
      result.largest_first = i;
    }
  }
  return result;
}

}  // namespace invado
