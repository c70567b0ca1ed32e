#include "mechanics/neighbour_list.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include <fmt/core.h>

#include "base/eight.h"
#include "base/error.h"
#include "base/parallel.h"

namespace invado {
namespace {

// What is saved by long lists of rarely renewed neighbours and lost by looking at pairs that are not near: flat between 2
// and 4 um at tissue density.
constexpr float skin_um = 3;
// After what part of its expected life a list has the cells where they are (a half, and as much more as lives are cut short
// by sorting), and how far from where they are it may have them at first, in half skins: some do not go on as they did.
constexpr double part_of_life = 0.6;
constexpr float farthest_ahead = 0.8F;
// Places are rounded to less than 1e-5 um in a box of 1 cm, and distances in single precision by as much.
constexpr float rounding_um = 0.01F;
constexpr std::size_t most_rows = (std::size_t{1} << 32) / record_bytes;

std::array<float, 3> single(const std::array<double, 3>& a) {
  return {static_cast<float>(a[0]), static_cast<float>(a[1]), static_cast<float>(a[2])};
}

}  // namespace

// A pair that is within its reach now, and is d0 apart where the list has it, with the skin s, has
//     d0 <= reach (R_i + R_j) + m_i + m_j,        m: how far a cell is from where the list has it.
// The list holds all pairs within reach (R0_i + R0_j) + s. That is enough as long as m + reach (R - R0) <= s/2 for every
// cell.
bool NeighbourList::still_good(const Places& places) const {
  const auto quantum = single(then_.quantum);
  const auto reach = static_cast<float>(reach_);
  const auto moved = [](std::int32_t now, std::int32_t then) {
    return static_cast<float>(static_cast<std::int32_t>(static_cast<std::uint32_t>(now) - static_cast<std::uint32_t>(then)));
  };
  return largest_of_blocks(then_.of.size(), [&](std::size_t begin, std::size_t end) {
           const Place* const now = places.of.data();
           const Place* const then = then_.of.data();
           int far = 0;
           for (std::size_t i = begin; i < end; ++i) {
             const float x = quantum[0] * moved(now[i].x, then[i].x), y = quantum[1] * moved(now[i].y, then[i].y),
                         z = quantum[2] * moved(now[i].z, then[i].z);
             const float slack = skin_um / 2 - rounding_um - reach * positive_part(now[i].radius - then[i].radius);
             far |= slack > 0 && x * x + y * y + z * z < slack * slack ? 0 : 1;
           }
           return static_cast<double>(far);
         }) == 0;
}

// Takes the places on to where they are in the middle of a life as long as the last ones.
void NeighbourList::look_ahead(const Motion& motion) {
  if (motion.x.empty()) return;
  const auto ahead = static_cast<float>(part_of_life * life_ * motion.dt_min);
  const float most = farthest_ahead * skin_um / 2;
  std::array<double, 3> per_quantum;
  std::array<std::int64_t, 3> size;
  for (std::size_t a = 0; a < 3; ++a) {
    per_quantum[a] = 1 / then_.quantum[a];
    size[a] = static_cast<std::int64_t>(then_.box[static_cast<int>(a)] * per_quantum[a]);
  }
  // On a periodic axis integers wrap as places do; on another one places stay in the box.
  const auto taken = [&](std::int32_t at, float by, std::size_t a) {
    const std::int64_t there = at + static_cast<std::int64_t>(static_cast<double>(by) * per_quantum[a]);
    if (then_.periodic[a]) return static_cast<std::int32_t>(static_cast<std::uint32_t>(there));
    return there >= 0 && there <= size[a] ? static_cast<std::int32_t>(there) : at;
  };
  for_rows(then_.of.size(), [&](std::size_t i) {
    Place& p = then_.of[i];
    float x = ahead * motion.x[i], y = ahead * motion.y[i], z = ahead * motion.z[i];
    const float far = std::sqrt(x * x + y * y + z * z);
    if (!(far < 1e6F)) return;
    const float cut = far > most ? most / far : 1.0F;
    p.x = taken(p.x, cut * x, 0);
    p.y = taken(p.y, cut * y, 1);
    p.z = taken(p.z, cut * z, 2);
  });
}

void NeighbourList::refresh(const Places& places, std::span<const std::int64_t> id, double reach, const Motion& motion) {
  const std::size_t n = places.of.size();
  if (n > most_rows) throw ModelFault(fmt::format("{} cells in one site, mechanics can hold {}", n, most_rows));
  if (!crowded_ && then_.of.size() == n && then_.quantum == places.quantum && then_.periodic == places.periodic &&
      reach_ == reach && still_good(places)) {
    ++served_;
    return;
  }
  reach_ = reach;
  then_ = places;
  life_ = (life_ + static_cast<double>(served_)) / 2;
  look_ahead(motion);
  served_ = 1;
  float widest = 0, smallest = n > 0 ? then_.of[0].radius : 1.0F;
  for (const Place& p : then_.of) {
    widest = std::max(widest, p.radius);
    smallest = std::min(smallest, p.radius);
  }
  const double farthest = reach * 2 * static_cast<double>(widest);
  // Eight times dense packing of the smallest cells: beyond it, cells are piled on points [1/um^3].
  const double volume =
      4.18879 * static_cast<double>(smallest) * static_cast<double>(smallest) * static_cast<double>(smallest);
  const double densest = 8 / volume;

  grid_.build(then_, id, farthest + static_cast<double>(skin_um), densest, true);
  // A bin of the plain reach, wherever the cells go meanwhile, lies within three bins of reach and skin along each axis.
  crowded_ = grid_.most_in_neighbouring_bins(NeighbourGrid::smallest_pile) > NeighbourGrid::smallest_pile;
  if (crowded_) {
    grid_.build(places, id, farthest, densest, false);
    own_.resize(groups());
    for (std::size_t group = 0; group < groups(); ++group)
      for (std::size_t lane = 0; lane < group_size; ++lane)
        own_[group][lane] = record_bytes * static_cast<std::uint32_t>(group * group_size + std::min(lane, count(group) - 1));
  } else {
    list_pairs();
  }
}

// Some blocks at a time find their entries and copy them to where there is room next. Where that is differs from run to run
// and matters to nobody. Too little room: all over again with more.
void NeighbourList::list_pairs() {
  constexpr std::size_t at_a_time = 8;
  const std::size_t blocks = (then_.of.size() + block_size - 1) / block_size;
  stretch_.resize(groups());
  own_.resize(groups());
  for (;;) {
    std::atomic<std::size_t> used = 0;
    for_blocks((blocks + at_a_time - 1) / at_a_time, [&](std::size_t turn) {
      thread_local std::vector<Entry> entries_scratch;
      std::vector<Entry>& entries = entries_scratch;
      entries.clear();
      const std::size_t first = turn * at_a_time, end = std::min(blocks, first + at_a_time);
      for (std::size_t block = first; block < end; ++block) list_near(block, entries);
      const std::size_t at = used.fetch_add(entries.size());
      if (at + entries.size() > near_.size()) return;
      std::ranges::copy(entries, near_.begin() + static_cast<std::ptrdiff_t>(at));
      for (std::size_t group = first * groups_in_block; group < std::min(groups(), end * groups_in_block); ++group)
        stretch_[group].begin += static_cast<std::uint32_t>(at);
    });
    if (used <= near_.size()) return;
    near_.clear();
    near_.resize(used + used / 16);
  }
}

// Groups the rows of a block and appends the entries of its groups.
void NeighbourList::list_near(std::size_t block, std::vector<Entry>& entries) {
  const std::size_t n = then_.of.size(), first_row = block * block_size, rows = std::min(block_size, n - first_row);
  const auto quantum = single(then_.quantum);
  const auto reach = static_cast<float>(reach_);
  const Ints8 lane_number{0, 1, 2, 3, 4, 5, 6, 7};
  // No more are around a cell, or a pile would be near; eight more may be written.
  constexpr std::size_t most = NeighbourGrid::smallest_pile;
  thread_local std::array<std::array<std::uint32_t, most + 8>, block_size> near;
  std::array<std::uint32_t, block_size> counts;
  struct OfSlots {
    std::uint32_t begin, end;
  };
  std::array<OfSlots, NeighbourGrid::most_stretches> stretch;
  const NeighbourGrid::Slots slots = grid_.slots();
  for (std::size_t k = 0; k < rows; ++k) {
    const std::size_t row = first_row + k;
    const Place here = then_.of[row];
    const Ints8 x = ints8(here.x), y = ints8(here.y), z = ints8(here.z), own = ints8(static_cast<std::int32_t>(row));
    std::uint32_t* to = near[k].data();
    std::size_t stretches = 0;
    grid_.for_near(row, [&](std::uint32_t begin, std::uint32_t end) {
      stretch[stretches] = {begin, end};
      stretches += begin < end ? 1 : 0;
    });
    for (std::size_t s = 0; s < stretches; ++s) {
      const std::uint32_t end = stretch[s].end;
      Ints8 number = lane_number + static_cast<std::int32_t>(stretch[s].begin);
      for (std::uint32_t slot = stretch[s].begin; slot < end; slot += 8, number += 8) {
        const auto other = load8<Ints8>(slots.row + slot);
        const Floats8 dx = quantum[0] * to_floats(wrapping_difference(load8<Ints8>(slots.x + slot), x));
        const Floats8 dy = quantum[1] * to_floats(wrapping_difference(load8<Ints8>(slots.y + slot), y));
        const Floats8 dz = quantum[2] * to_floats(wrapping_difference(load8<Ints8>(slots.z + slot), z));
        const Floats8 cut = reach * (here.radius + load8<Floats8>(slots.radius + slot)) + skin_um;
        const Ints8 is_near =
            (dx * dx + dy * dy + dz * dz < cut * cut) & ~(other == own) & (number < static_cast<std::int32_t>(end));
        to += compress(other, is_near, to);
      }
    }
    counts[k] = static_cast<std::uint32_t>(to - near[k].data());
  }

  // By counts: a counting sort.
  std::array<std::uint8_t, most + 2> begin{};
  for (std::size_t k = 0; k < rows; ++k) ++begin[counts[k] + 1];
  for (std::size_t c = 1; c < begin.size(); ++c) begin[c] = static_cast<std::uint8_t>(begin[c] + begin[c - 1]);
  std::array<std::uint8_t, block_size> order;
  for (std::size_t k = 0; k < rows; ++k) order[begin[counts[k]]++] = static_cast<std::uint8_t>(k);

  for (std::size_t at = 0; at < rows; at += group_size) {
    const std::size_t group = block * groups_in_block + at / group_size, first = entries.size();
    Entry& own = own_[group];
    for (std::size_t lane = 0; lane < group_size; ++lane)
      own[lane] = record_bytes * static_cast<std::uint32_t>(first_row + order[std::min(at + lane, rows - 1)]);
    const std::size_t longest = counts[order[std::min(at + group_size, rows) - 1]];
    entries.resize(first + longest, own);
    for (std::size_t lane = 0; lane < std::min(group_size, rows - at); ++lane) {
      const std::size_t k = order[at + lane];
      for (std::size_t e = 0; e < counts[k]; ++e) entries[first + e][lane] = record_bytes * near[k][e];
    }
    stretch_[group] = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(longest)};
  }
}

}  // namespace invado
