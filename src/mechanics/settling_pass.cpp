#include "mechanics/settling_pass.h"

#include <algorithm>
#include <array>

#include "base/parallel.h"
#include "base/periodic.h"
#include "mechanics/neighbour_pass.h"
#include "mechanics/overdamped.h"

namespace invado {
namespace {

// Founders are relaxed until no pair overlaps by more than overlap_at_start. Pairs are content a little before that: with a
// target of no overlap at all a full box (two thirds and more of its volume in cells) jams, and its worst pair takes
// hundreds of iterations. A share above a half over-relaxes (the two together go further than to their target), which
// reaches the end in 20 to 50 iterations of a dense box; from 1 on isolated pairs would swing.
constexpr double overlap_at_start = 0.10;
constexpr float content_at = 0.92F;  // distance, in R_i + R_j
constexpr float giving_way = 0.8F;   // share of what is missing to it that each of the two gives way per iteration
constexpr int most_relaxations = 1000;

}  // namespace

void part_founders(Site& site, Workspace& work, Seed seed) {
  Population& c = site.cells;
  const Domain& domain = site.domain;
  const double widest = *std::ranges::max_element(c.radius);
  const FixedUnit length(2 * widest);
  for (int iteration = 0; iteration < most_relaxations; ++iteration) {
    find_neighbours(site, work, 1, {});
    const PairCells cells{work.places, c.id, {}, seed, static_cast<std::uint32_t>(iteration), domain.planar};
    for_rows(work.list.groups(), [&](std::size_t group) {
      const GivingWay giving = sum_over_near(
          work.list, cells, group, [&](const NeighbourList::Entry&) { return GivingWay(length, giving_way, content_at); });
      float largest = 0;
      for (std::size_t lane = 0; lane < work.list.count(group); ++lane) {
        const std::size_t i = work.list.own(group)[lane] / record_bytes;
        const int k = static_cast<int>(lane);
        const Vec3 way = bounded({giving.way(0)[k], giving.way(1)[k], domain.planar ? 0.0 : giving.way(2)[k]},
                                 longest_push * c.radius[i]);
        for (int axis = 0; axis < 3; ++axis) work.push[static_cast<std::size_t>(axis)][i] = static_cast<float>(way[axis]);
        largest = std::max(largest, giving.largest_overlap(k));
      }
      work.largest[group] = static_cast<double>(largest);
    });
    const double largest = *std::ranges::max_element(work.largest);
    if (!(largest > overlap_at_start)) return;
    const std::array<double*, 3> position{c.x.data(), c.y.data(), c.z.data()};
    for_rows(c.size(), [&](std::size_t i) {
      for (int axis = 0; axis < (domain.planar ? 2 : 3); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const double at = position[a][i] + work.push[a][i];
        position[a][i] =
            domain.boundary[a] == Boundary::Periodic ? wrap(at, domain.size[axis]).x : held_inside(at, domain.size[axis]);
      }
    });
  }
}

}  // namespace invado
