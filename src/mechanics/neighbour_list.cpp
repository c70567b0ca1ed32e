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
// Places are rounded to less than 1e-5 um in a box of 1 cm, and distances in single precision, between places that are said
// from up to exact_within_um away, to less than 1e-3 um.
constexpr float rounding_um = 0.01F;
// Places are said from a cell no further away than this, or their differences would be too coarse: in bins of tissue all are
// nearer, those of few cells in a wide box can be wider.
constexpr double exact_within_um = 4096;
constexpr float nowhere_um = 1e15F;  // its square is still a number
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
  const auto moved = [](std::int32_t now, std::int32_t then) { return static_cast<float>(wrapping_difference(now, then)); };
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

  const double listed = farthest + static_cast<double>(skin_um);
  for (std::size_t a = 0; a < 3; ++a)
    together_within_[a] = static_cast<float>(
        then_.periodic[a] ? std::min(exact_within_um, then_.box[static_cast<int>(a)] / 2 - listed) : exact_within_um);
  grid_.build(then_, id, listed, densest);
  // A bin of the plain reach, wherever the cells go meanwhile, lies within three bins of reach and skin along each axis.
  crowded_ = grid_.most_in_neighbouring_bins(NeighbourGrid::smallest_pile) > NeighbourGrid::smallest_pile;
  if (crowded_) {
    grid_.build(places, id, farthest, densest);
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

// All that is near one bin, side by side: its cells look through the same ones.
struct NeighbourList::Around {
  // No more are near a bin, or a pile would be; seven more may be written behind them, and eight that are nowhere.
  static constexpr std::size_t most = NeighbourGrid::smallest_pile + 8;
  Place centre;                        // where one of the bin's cells is
  std::array<float, most> x, y, z;     // from there [um]
  std::array<float, most> reach;       // reach times radius: what is added to another cell's for a distance [um]
  std::array<std::uint32_t, most> at;  // record_bytes times row
  std::size_t count;

  [[nodiscard]] std::array<float, 3> from_centre(const Place& p, const std::array<float, 3>& quantum) const {
    return {quantum[0] * static_cast<float>(wrapping_difference(p.x, centre.x)),
            quantum[1] * static_cast<float>(wrapping_difference(p.y, centre.y)),
            quantum[2] * static_cast<float>(wrapping_difference(p.z, centre.z))};
  }
};

void NeighbourList::look_around(std::size_t row, Around& around) const {
  const NeighbourGrid::Slots slots = grid_.slots();
  const auto quantum = single(then_.quantum);
  const auto reach = static_cast<float>(reach_);
  around.centre = then_.of[row];
  const Ints8 x = ints8(around.centre.x), y = ints8(around.centre.y), z = ints8(around.centre.z);
  std::size_t count = 0;
  grid_.for_near(row, [&](std::size_t begin, std::size_t end) {
    for (std::size_t slot = begin, to = count; slot < end; slot += 8, to += 8) {
      store8(quantum[0] * to_floats(wrapping_difference(load8<Ints8>(slots.x + slot), x)), &around.x[to], 8);
      store8(quantum[1] * to_floats(wrapping_difference(load8<Ints8>(slots.y + slot), y)), &around.y[to], 8);
      store8(quantum[2] * to_floats(wrapping_difference(load8<Ints8>(slots.z + slot), z)), &around.z[to], 8);
      store8(reach * load8<Floats8>(slots.radius + slot), &around.reach[to], 8);
      store8(record_bytes * load8<Words8>(slots.row + slot), &around.at[to], 8);
    }
    count += end - begin;
  });
  store8(floats8(nowhere_um), &around.x[count], 8);
  around.count = count;
}

// Groups the rows of a block and appends the entries of its groups.
void NeighbourList::list_near(std::size_t block, std::vector<Entry>& entries) {
  const std::size_t n = then_.of.size(), first_row = block * block_size, rows = std::min(block_size, n - first_row);
  const auto quantum = single(then_.quantum);
  const auto reach = static_cast<float>(reach_);
  thread_local Around around;
  thread_local std::array<std::array<std::uint32_t, Around::most>, block_size> near;
  std::array<std::uint32_t, block_size> counts;

  // Bin by bin. Rows follow one another nearly as their bins do: an insertion sort.
  std::array<std::size_t, block_size> by_bin;
  for (std::size_t k = 0; k < rows; ++k) {
    std::size_t at = k;
    for (; at > 0 && grid_.bin(by_bin[at - 1]) > grid_.bin(first_row + k); --at) by_bin[at] = by_bin[at - 1];
    by_bin[at] = first_row + k;
  }
  for (std::size_t k = 0; k < rows; ++k) {
    const std::size_t row = by_bin[k];
    const Place& here = then_.of[row];
    std::array<float, 3> from = around.from_centre(here, quantum);
    const auto is_far = [&](std::size_t axis) { return !(std::fabs(from[axis]) <= together_within_[axis]); };
    if (k == 0 || grid_.bin(row) != grid_.bin(by_bin[k - 1]) || is_far(0) || is_far(1) || is_far(2)) {
      look_around(row, around);
      from = {};
    }
    const float own_reach = reach * here.radius + skin_um;
    const Words8 own = Words8{} + record_bytes * static_cast<std::uint32_t>(row);
    std::uint32_t* to = near[row - first_row].data();
    for (std::size_t other = 0; other < around.count; other += 8) {
      const Floats8 dx = load8<Floats8>(&around.x[other]) - from[0], dy = load8<Floats8>(&around.y[other]) - from[1],
                    dz = load8<Floats8>(&around.z[other]) - from[2], cut = load8<Floats8>(&around.reach[other]) + own_reach;
      const auto at = load8<Words8>(&around.at[other]);
      to += compress(at, (dx * dx + dy * dy + dz * dz < cut * cut) & (at != own), to);
    }
    counts[row - first_row] = static_cast<std::uint32_t>(to - near[row - first_row].data());
  }

  // By counts: a counting sort.
  std::array<std::uint8_t, Around::most + 2> begin{};
  for (std::size_t k = 0; k < rows; ++k) ++begin[counts[k] + 1];
  for (std::size_t c = 1; c < begin.size(); ++c) begin[c] = static_cast<std::uint8_t>(begin[c] + begin[c - 1]);
  std::array<std::uint8_t, block_size> order;
  for (std::size_t k = 0; k < rows; ++k) order[begin[counts[k]]++] = static_cast<std::uint8_t>(k);

  for (std::size_t at = 0; at < rows; at += group_size) {
    const std::size_t group = block * groups_in_block + at / group_size, first = entries.size();
    const std::size_t longest = counts[order[std::min(at + group_size, rows) - 1]];
    std::array<const std::uint32_t*, group_size> list;
    for (std::size_t lane = 0; lane < group_size; ++lane) {
      const std::size_t k = order[std::min(at + lane, rows - 1)];
      own_[group][lane] = record_bytes * static_cast<std::uint32_t>(first_row + k);
      for (std::size_t e = counts[k]; e < longest; e += 8) store8(Words8{} + own_[group][lane], &near[k][e], 8);
      list[lane] = near[k].data();
    }
    entries.resize(first + (longest + 7) / 8 * 8);
    for (std::size_t e = 0; e < longest; e += 8) {
      Words8 of_lane[8];
      for (std::size_t lane = 0; lane < 8; ++lane) of_lane[lane] = load8<Words8>(list[lane] + e);
      transpose(of_lane);
      for (std::size_t k = 0; k < 8; ++k) store8(of_lane[k], entries[first + e + k].data(), 8);
    }
    entries.resize(first + longest);
    stretch_[group] = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(longest)};
  }
}

}  // namespace invado
