#include "analysis/strands.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

namespace invado {
namespace {

constexpr double far_away = std::numeric_limits<double>::infinity();

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

}  // namespace

std::vector<Strand> find_strands(const Site& site, std::span<const std::size_t> rows, const Mass& mass) {
  const Population& cells = site.cells;
  const std::vector<char> body = body_of(site, mass);
  const std::size_t n = rows.size();

  // Distance to the body (Dijkstra). Only cells of strands are left, and these have all their contacts listed.
  static_assert(surrounded <= listed_contacts && surrounded_in_plane <= listed_contacts);
  const auto for_contacts = [&](std::size_t i, auto&& visit) {
    for (std::size_t k = 0; k < mass.groups.contacts[i]; ++k) visit(std::size_t{mass.groups.touching[i][k]});
  };
  const auto step = [&](std::size_t i, std::size_t j) {
    return norm(nearest_difference(site.domain, cells.position(rows[i]), cells.position(rows[j])));
  };
  std::vector<std::size_t> strand_cells;
  for (std::size_t i = 0; i < n; ++i)
    if (mass.member[i] != 0 && body[i] == 0) strand_cells.push_back(i);
  std::vector<double> distance(n, far_away);
  std::priority_queue<std::pair<double, std::size_t>, std::vector<std::pair<double, std::size_t>>, std::greater<>> next;
  for (const std::size_t i : strand_cells) {
    for_contacts(i, [&](std::size_t j) {
      if (body[j] != 0) distance[i] = std::min(distance[i], step(i, j));
    });
    if (distance[i] < far_away) next.emplace(distance[i], i);
  }
  while (!next.empty()) {
    const double so_far = next.top().first;
    const std::size_t i = next.top().second;
    next.pop();
    if (so_far > distance[i]) continue;
    for_contacts(i, [&](std::size_t j) {
      if (body[j] != 0) return;
      const double there = so_far + step(i, j);
      if (there < distance[j]) distance[j] = there, next.emplace(there, j);
    });
  }

  // From the farthest cell inwards; what has been seen so far falls into pieces, each named by its farthest cell.
  std::erase_if(strand_cells, [&](std::size_t i) { return !(distance[i] < far_away); });  // no body to stick out of
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
