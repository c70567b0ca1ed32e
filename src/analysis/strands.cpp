#include "analysis/strands.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

#include "base/bins.h"

namespace invado {
namespace {

std::vector<char> body_of(const Site& site, const Mass& mass) {
  const std::uint32_t enough = site.domain.planar ? surrounded_in_plane : surrounded;
  const std::size_t n = mass.member.size();
  std::vector<char> body(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (mass.member[i] == 0) continue;
    bool deep = !(mass.depth[i] > 0) || mass.groups.contacts[i] >= enough;
    for (std::size_t k = 0; k < mass.groups.contacts[i] && !deep; ++k)
      deep = mass.groups.contacts[mass.groups.touching[i][k]] >= enough;
    body[i] = deep ? 1 : 0;
  }
  return body;
}

// The nearest of some cells of a site, on periodic axes by the nearest image.
class NearestCell {
 public:
  NearestCell(const Site& site, const std::vector<std::size_t>& rows)
      : site_(site),
        bins_(site.domain.size, bin_width(site, rows), rows.size()),
        first_(bins_.count() + 1, 0),
        rows_(rows.size()) {
    for (const std::size_t row : rows) ++first_[bin_of(row) + 1];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    for (const std::size_t row : rows) rows_[next[bin_of(row)]++] = row;
  }

  // Infinite when there is none.
  [[nodiscard]] double distance(Vec3 x) const {
    double square = std::numeric_limits<double>::infinity(), narrowest = square;
    int rings = 0;
    std::array<int, 3> home{};
    for (int axis = 0; axis < 3; ++axis) {
      if (bins(axis) > 1) narrowest = std::min(narrowest, site_.domain.size[axis] / bins(axis));
      rings = std::max(rings, bins(axis));
      home[static_cast<std::size_t>(axis)] = bins_.coordinate(axis, x[axis]);
    }
    // Ring by ring of bins around its own; what lies outside of k rings is farther away than k bins.
    for (int ring = 0; ring <= rings; ++ring) {
      if (const double seen = (ring - 1) * narrowest; ring > 1 && square <= seen * seen) break;
      for (int k = -ring; k <= ring; ++k)
        for (int j = -ring; j <= ring; ++j)
          for (int i = -ring; i <= ring; i += std::abs(k) == ring || std::abs(j) == ring ? 1 : std::max(2 * ring, 1))
            look(x, {home[0] + i, home[1] + j, home[2] + k}, square);
    }
    return std::sqrt(square);
  }

 private:
  static double bin_width(const Site& site, const std::vector<std::size_t>& rows) {
    double largest = 0;
    for (const std::size_t row : rows) largest = std::max(largest, site.cells.radius[row]);
    return 2 * contact_reach * largest;
  }
  [[nodiscard]] int bins(int axis) const { return bins_.shape[static_cast<std::size_t>(axis)]; }
  [[nodiscard]] std::size_t bin_of(std::size_t row) const {
    const Vec3 x = site_.cells.position(row);
    return bins_.index(bins_.coordinate(0, x.x), bins_.coordinate(1, x.y), bins_.coordinate(2, x.z));
  }
  // At the cells of a bin.
  void look(Vec3 x, std::array<int, 3> place, double& square) const {
    for (int axis = 0; axis < 3; ++axis) {
      int& bin = place[static_cast<std::size_t>(axis)];
      if (site_.domain.periodic()[static_cast<std::size_t>(axis)]) bin = (bin % bins(axis) + bins(axis)) % bins(axis);
      if (bin < 0 || bin >= bins(axis)) return;
    }
    const std::size_t here = bins_.index(place[0], place[1], place[2]);
    for (std::size_t at = first_[here]; at < first_[here + 1]; ++at) {
      const Vec3 d = nearest_difference(site_.domain, x, site_.cells.position(rows_[at]));
      square = std::min(square, dot(d, d));
    }
  }

  const Site& site_;
  Bins bins_;
  std::vector<std::size_t> first_, rows_;  // of each bin where its rows begin
};

}  // namespace

std::vector<Strand> find_strands(const Site& site, std::span<const std::size_t> rows, const Mass& mass) {
  const Population& cells = site.cells;
  const std::vector<char> body = body_of(site, mass);
  const std::size_t n = rows.size();

  // Only cells of strands are left, and these have all their contacts listed.
  static_assert(surrounded <= listed_contacts && surrounded_in_plane <= listed_contacts);
  const auto for_contacts = [&](std::size_t i, auto&& visit) {
    for (std::size_t k = 0; k < mass.groups.contacts[i]; ++k) visit(std::size_t{mass.groups.touching[i][k]});
  };
  std::vector<std::size_t> body_rows;
  const std::vector<std::uint32_t>& first = mass.groups.first;
  std::vector<char> with_body(n, 0);  // groups, at their first entry; others have nothing to stick out of
  for (std::size_t i = 0; i < n; ++i)
    if (body[i] != 0) {
      body_rows.push_back(rows[i]);
      with_body[first[i]] = 1;
    }
  const NearestCell nearest(site, body_rows);
  std::vector<std::size_t> strand_cells;
  std::vector<double> distance(n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    if (mass.member[i] != 0 && body[i] == 0 && with_body[first[i]] != 0) {
      strand_cells.push_back(i);
      distance[i] = nearest.distance(cells.position(rows[i]));
    }

  // From the farthest cell inwards; what has been seen so far falls into pieces, each named by its farthest cell.
  const auto farther = [&](std::size_t a, std::size_t b) {
    return distance[a] != distance[b] ? distance[a] > distance[b] : cells.id[rows[a]] < cells.id[rows[b]];
  };
  std::ranges::sort(strand_cells, farther);
  std::vector<std::size_t> piece(n, n);  // n: not seen yet
  const auto tip_of = [&](std::size_t i) {
    while (piece[i] != i) i = piece[i] = piece[piece[i]];
    return i;
  };
  std::vector<Strand> strands;
  const auto end = [&](std::size_t tip, double meeting) {
    if (distance[tip] - meeting >= strand_radii * cells.radius[rows[tip]])
      strands.push_back({cells.id[rows[tip]], distance[tip]});
  };
  for (const std::size_t i : strand_cells) {
    piece[i] = i;
    for_contacts(i, [&](std::size_t j) {
      if (piece[j] == n) return;
      std::size_t a = tip_of(i), b = tip_of(j);
      if (a == b) return;
      if (farther(b, a)) std::swap(a, b);
      end(b, distance[i]);
      piece[b] = a;
    });
  }
  for (const std::size_t i : strand_cells)
    if (piece[i] == i) end(i, 0);
  std::ranges::sort(strands, [](const Strand& a, const Strand& b) {
    return a.length_um != b.length_um ? a.length_um > b.length_um : a.tip < b.tip;
  });
  return strands;
}

}  // namespace invado
