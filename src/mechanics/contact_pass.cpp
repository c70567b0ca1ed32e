#include "mechanics/contact_pass.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/parallel.h"
#include "model/matrix_points.h"

namespace invado {
namespace {

// Leaves of the pushes on the cells in rows first .. first + count - 1 what the matrix lets through: the steric factor at
// the edge that is pushed forward, and in membranes and walls also where the nucleus is.
void let_through(const Site& site, std::size_t first, std::size_t count, std::array<std::vector<float>, 3>& push) {
  const Population& c = site.cells;
  const std::array<bool, 3> periodic = site.domain.periodic();
  const auto of = [&](const auto& column) { return take_many(column, first, count); };
  const ManyVectors centre{of(c.x), of(c.y), of(c.z)}, pushed{of(push[0]), of(push[1]), of(push[2])};
  const Many radius = of(c.radius), pore_limit = of(c.phenotype[+Phenotype::PoreLimit]);
  ManyVectors edge;
  Many room;
  for (std::size_t k = 0; k < many; ++k) {
    const Vec3 ahead = radius[k] * unit({pushed[0][k], pushed[1][k], pushed[2][k]});
    edge[0][k] = centre[0][k] + ahead.x;
    edge[1][k] = centre[1][k] + ahead.y;
    edge[2][k] = centre[2][k] + ahead.z;
  }
  steric_factors_at(site.matrix, edge, pore_limit, periodic, room);
  if (site.matrix.any(inert))
    for (std::size_t k = 0; k < count; ++k)
      room[k] = std::min(room[k],
                         inert_factor_at(site.matrix, {centre[0][k], centre[1][k], centre[2][k]}, pore_limit[k], periodic));
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t k = 0; k < count; ++k) push[axis][first + k] = static_cast<float>(pushed[axis][k] * room[k]);
}

template <bool alike, bool turning>
double feel_contacts_with(Site& site, Workspace& work, const Contacts& how) {
  Population& c = site.cells;
  const std::size_t n = c.size();
  const PairCells cells{work.places, c.id, work.grip, how.seed, how.step, site.domain.planar};
  const std::size_t groups = work.list.groups(), axes = site.domain.planar ? 2 : 3;
  const FixedUnit speed(work.strongest);
  constexpr std::size_t in_block = NeighbourList::groups_in_block;
  const std::size_t blocks = (groups + in_block - 1) / in_block;
  for_blocks(blocks, [&](std::size_t block) {
    const std::size_t begin = NeighbourList::block_size * block, end = std::min(begin + NeighbourList::block_size, n);
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (!how.push || axis >= axes) std::fill(&work.push[axis][begin], &work.push[axis][begin] + (end - begin), 0.0F);
    for (std::size_t group = in_block * block; group < std::min(in_block * (block + 1), groups); ++group) {
      const auto felt = sum_over_near(work.list, cells, group, [&](const NeighbourList::Entry& own) {
        return ContactSums<alike, turning>(cells, speed, own);
      });
      const auto tell = [&, rows = work.list.own(group), count = work.list.count(group)](const auto& of_lanes,
                                                                                         auto* column) {
        for (std::size_t lane = 0; lane < count; ++lane)
          column[rows[lane] / record_bytes] = of_lanes[static_cast<int>(lane)];
      };
      for (std::size_t axis = 0; axis < (how.push ? axes : 0); ++axis)
        tell(to_floats(felt.push(static_cast<int>(axis))), work.push[axis].data());
      const Ints8 neighbours = felt.neighbours();
      tell(to_floats(felt.crowding() / pressure_of_packing), c.pressure.data());
      tell(neighbours, c.neighbours.data());
      tell(felt.anchored(), c.anchored_neighbours.data());
      if (turning) {
        const Doubles8 share = 1.0 / to_doubles(neighbours > 1 ? neighbours : ints8(1));
        tell(share * felt.away(0), c.away_x.data());
        tell(share * felt.away(1), c.away_y.data());
        tell(share * felt.away(2), c.away_z.data());
      }
    }
    if (!site.matrix.none() && how.push)
      for (std::size_t first = begin; first < end; first += many)
        let_through(site, first, std::min(many, end - first), work.push);
    const float *const x = &work.push[0][begin], *const y = &work.push[1][begin], *const z = &work.push[2][begin];
    const double* const radius = &c.radius[begin];
    int strong = 0;
    for (std::size_t k = 0; k < end - begin; ++k) {
      const auto most = static_cast<float>(how.harmless * radius[k]);
      strong |= x[k] * x[k] + y[k] * y[k] + z[k] * z[k] <= most * most ? 0 : 1;
    }
    double fastest = 0;
    if (strong != 0)
      for (std::size_t k = 0; k < end - begin; ++k) fastest = std::max(fastest, norm({x[k], y[k], z[k]}) / radius[k]);
    work.largest[block] = fastest;
  });
  return *std::max_element(work.largest.begin(), work.largest.begin() + static_cast<std::ptrdiff_t>(blocks));
}

}  // namespace

double feel_contacts(Site& site, Workspace& work, const Contacts& how) {
  if (work.grip.size() == 1)
    return how.turn ? feel_contacts_with<true, true>(site, work, how) : feel_contacts_with<true, false>(site, work, how);
  return how.turn ? feel_contacts_with<false, true>(site, work, how) : feel_contacts_with<false, false>(site, work, how);
}

}  // namespace invado
