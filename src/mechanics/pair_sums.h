// What cells feel of their neighbours, summed over pairs, eight pairs at a time: entry k of a group of eight cells, or eight
// neighbours of one cell.
//
// Differences of places are exact, the law is in single precision, and sums are in fixed point, so that neither the order
// of neighbours nor what else is in a list can change a bit, and action equals reaction exactly. Per pair the error is that
// of the law, some 1e-7 of the largest contact speed; tests/unit/mechanics compares with sums in double precision.
// A cell paired with itself, as it is where a list is filled up, gives exactly nothing.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

#include "base/eight.h"
#include "base/random.h"
#include "base/vec3.h"
#include "mechanics/contact.h"
#include "mechanics/neighbour_list.h"
#include "mechanics/places.h"

namespace invado {

// What of a cell's surface enters a contact: a pair has the geometric means of its two cells. 16 bytes.
struct alignas(record_bytes) Grip {
  float root_repulsion, root_adhesion, root_per_reach;
  std::int32_t anchored;
  friend bool operator==(const Grip&, const Grip&) = default;
};
static_assert(sizeof(Grip) == record_bytes);

// All cells of a site as their contacts see them, by row.
struct PairCells {
  const Places& places;
  std::span<const std::int64_t> id;
  std::span<const Grip> grip;  // or one that all cells have
  Seed seed;                   // of directions of pairs on one point
  std::uint32_t step;
  bool planar;
};

// Numbers up to `largest` are summed as multiples of the power of two that gives 2^25 or fewer of it: at most 32 fit into an
// integer before they are carried to a double, which holds the sum of 2^28 exactly.
struct FixedUnit {
  static constexpr std::size_t most_before_carry = 32;
  explicit FixedUnit(double largest) {
    int exponent = 0;
    (void)std::frexp(largest, &exponent);
    size = std::ldexp(1.0, exponent - 25);
    per_unit = static_cast<float>(1 / size);
  }
  double size;
  float per_unit;
};

// Where the other cells of eight pairs are.
struct PairGeometry {
  Floats8 x, y, z;   // unit vector away from the other cell; zero where the two are on one point
  Floats8 relative;  // distance over the sum of radii
  Floats8 touching;  // sum of radii [um]
  Ints8 apart;       // mask: not on one point
};

// Up to as many entries as are summed before they are carried, measured in passes of their own: where the others are, then
// roots and divisions. In one pass with the law that follows, a processor stands still for the root of each entry, because
// the others that it could begin meanwhile need more registers than it has (Zen 3: 77 cycles an entry in one pass).
struct MeasuredPairs {
  std::array<Floats8, FixedUnit::most_before_carry> x, y, z, d2, touching, per_both;
  Ints8 on_one_point;  // mask: two cells in one of the entries are

  // Inlined, so that the law that follows finds the arrays where they are.
  [[gnu::always_inline]] MeasuredPairs(const Places& places, const NeighbourList::Entry& own,
                                       std::span<const NeighbourList::Entry> others) {
    Ints8 here[4];
    gather_records(places.of.data(), own.data(), here);
    const auto self = load8<Ints8>(own.data());
    const auto radius = std::bit_cast<Floats8>(here[3]);
    const auto quantum = [&](std::size_t axis) { return static_cast<float>(places.quantum[axis]); };
    const std::array<float, 3> um{quantum(0), quantum(1), quantum(2)};
    on_one_point = Ints8{};
    for (std::size_t k = 0; k < others.size(); ++k) {
      Ints8 there[4];
      gather_records(places.of.data(), others[k].data(), there);
      x[k] = um[0] * to_floats(wrapping_difference(here[0], there[0]));
      y[k] = um[1] * to_floats(wrapping_difference(here[1], there[1]));
      z[k] = um[2] * to_floats(wrapping_difference(here[2], there[2]));
      d2[k] = x[k] * x[k] + y[k] * y[k] + z[k] * z[k];
      touching[k] = radius + std::bit_cast<Floats8>(there[3]);
      on_one_point |= (d2[k] == Floats8{}) & (load8<Ints8>(others[k].data()) != self);
    }
    for (std::size_t k = 0; k < others.size(); ++k) {
      const Floats8 d = root(d2[k] + 1e-30F);  // not zero, and the same number where it is not
      per_both[k] = 1.0F / (d * touching[k]);  // one division for 1/d and d/touching
    }
  }

  [[nodiscard]] PairGeometry operator[](std::size_t k) const {
    const Floats8 per_d = touching[k] * per_both[k];
    return {per_d * x[k], per_d * y[k], per_d * z[k], d2[k] * per_both[k], touching[k], d2[k] > Floats8{}};
  }
};

// Contact velocity, direction away from the neighbours, crowding, and the neighbours themselves.
//   alike    all cells have one grip
//   turning  somebody looks at the direction; otherwise it is none
template <bool alike, bool turning>
class ContactSums {
 public:
  struct Few {  // sums of one MeasuredPairs, in the registers
    Ints8 push[3]{}, away[3]{}, crowding{}, neighbours{}, anchored{};
  };

  ContactSums(const PairCells& cells, FixedUnit speed, const NeighbourList::Entry& own)
      : grips_(cells.grip), speed_(speed), unit_(1) {
    gather_records(grips_.data(), alike ? none.data() : own.data(), grip_);
    push_[0] = push_[1] = push_[2] = away_[0] = away_[1] = away_[2] = Doubles8{};  // as {} of arrays, g++ calls memset
  }

  void add(const PairGeometry& pair, const NeighbourList::Entry& other, Few& few) const {
    Ints8 theirs[4];
    if (!alike) gather_records(grips_.data(), other.data(), theirs);
    const auto both = [&](int part) {
      return std::bit_cast<Floats8>(grip_[part]) * std::bit_cast<Floats8>(alike ? grip_[part] : theirs[part]);
    };
    const Floats8 speed = contact_speed(pair.relative, speed_.per_unit * both(0), speed_.per_unit * both(1), both(2));
    const Floats8 overlap = positive_part(1.0F - pair.relative);
    const Ints8 neighbour = pair.apart & (pair.relative < static_cast<float>(neighbour_reach));
    few.push[0] += to_ints(speed * pair.x);
    few.push[1] += to_ints(speed * pair.y);
    few.push[2] += to_ints(speed * pair.z);
    if (turning) {
      few.away[0] += neighbour & to_ints(unit_.per_unit * pair.x);
      few.away[1] += neighbour & to_ints(unit_.per_unit * pair.y);
      few.away[2] += neighbour & to_ints(unit_.per_unit * pair.z);
    }
    few.crowding += pair.apart & to_ints(unit_.per_unit * (overlap * overlap));
    few.neighbours -= neighbour;
    if (!alike) few.anchored += neighbour & theirs[3];
  }

  // Two cells on one point, whose direction from each other is drawn.
  void add_on_one_point(int lane, Vec3 away, const PairGeometry&, std::uint32_t other, Few& few) const {
    const Grip& theirs = grips_[alike ? 0 : other / record_bytes];
    const float repulsion = speed_.per_unit * (std::bit_cast<float>(grip_[0][lane]) * theirs.root_repulsion);
    const float adhesion = speed_.per_unit * (std::bit_cast<float>(grip_[1][lane]) * theirs.root_adhesion);
    for (int axis = 0; axis < 3; ++axis) {
      few.push[axis][lane] += static_cast<std::int32_t>((repulsion - adhesion) * static_cast<float>(away[axis]));
      if (turning) few.away[axis][lane] += static_cast<std::int32_t>(unit_.per_unit * static_cast<float>(away[axis]));
    }
    few.crowding[lane] += static_cast<std::int32_t>(unit_.per_unit);
    few.neighbours[lane] += 1;
    if (!alike) few.anchored[lane] += theirs.anchored;
  }

  void carry(const Few& few) {
    for (int axis = 0; axis < 3; ++axis) {
      push_[axis] = push_[axis] + to_doubles(few.push[axis]);
      away_[axis] = away_[axis] + to_doubles(few.away[axis]);
    }
    crowding_ = crowding_ + to_doubles(few.crowding);
    neighbours_ += few.neighbours;
    anchored_ += few.anchored;
  }

  // The sum of all lanes of another one, into one lane of this.
  void take(int lane, const ContactSums& all) {
    for (int axis = 0; axis < 3; ++axis) {
      push_[axis].set(lane, sum(all.push_[axis]));
      away_[axis].set(lane, sum(all.away_[axis]));
    }
    crowding_.set(lane, sum(all.crowding_));
    neighbours_[lane] = sum(all.neighbours_);
    anchored_[lane] = sum(all.anchored_);
  }

  // What the eight cells feel.
  [[nodiscard]] Doubles8 push(int axis) const { return speed_.size * push_[axis]; }            // contact velocity [um/min]
  [[nodiscard]] Doubles8 away(int axis) const { return unit_.size * away_[axis]; }             // sum of unit vectors, away
  [[nodiscard]] Doubles8 crowding() const { return unit_.size * crowding_; }                   // sum of squared overlaps
  [[nodiscard]] Ints8 neighbours() const { return neighbours_; }                               // closer than neighbour_reach
  [[nodiscard]] Ints8 anchored() const { return alike ? neighbours_ * grip_[3] : anchored_; }  // of these

 private:
  static constexpr NeighbourList::Entry none{};

  std::span<const Grip> grips_;
  FixedUnit speed_, unit_;
  Ints8 grip_[4];
  Doubles8 push_[3], away_[3], crowding_{};
  Ints8 neighbours_{}, anchored_{};
};

// How far cells give way to each other: a share of what is missing to `apart` x (sum of radii), and the largest overlap.
class GivingWay {
 public:
  struct Few {
    Ints8 way[3]{};
    Floats8 largest_overlap{};
  };

  GivingWay(FixedUnit length, float share, float apart) : length_(length), share_(share), apart_(apart) {}

  void add(const PairGeometry& pair, const NeighbourList::Entry&, Few& few) const {
    const Floats8 give = length_.per_unit * share_ * pair.touching * positive_part(apart_ - pair.relative);
    few.way[0] += to_ints(give * pair.x);
    few.way[1] += to_ints(give * pair.y);
    few.way[2] += to_ints(give * pair.z);
    const Floats8 overlap = 1.0F - pair.relative;
    few.largest_overlap = ((overlap > few.largest_overlap) & pair.apart) ? overlap : few.largest_overlap;
  }

  void add_on_one_point(int lane, Vec3 away, const PairGeometry& pair, std::uint32_t, Few& few) const {
    const float give = length_.per_unit * share_ * pair.touching[lane] * apart_;
    for (int axis = 0; axis < 3; ++axis)
      few.way[axis][lane] += static_cast<std::int32_t>(give * static_cast<float>(away[axis]));
    few.largest_overlap[lane] = 1;
  }

  void carry(const Few& few) {
    for (int axis = 0; axis < 3; ++axis) way_[axis] = way_[axis] + to_doubles(few.way[axis]);
    largest_overlap_ = few.largest_overlap > largest_overlap_ ? few.largest_overlap : largest_overlap_;
  }

  void take(int lane, const GivingWay& all) {
    for (int axis = 0; axis < 3; ++axis) way_[axis].set(lane, sum(all.way_[axis]));
    for (int from = 0; from < 8; ++from)
      if (all.largest_overlap_[from] > largest_overlap_[lane]) largest_overlap_[lane] = all.largest_overlap_[from];
  }

  [[nodiscard]] Doubles8 way(int axis) const { return length_.size * way_[axis]; }        // [um]
  [[nodiscard]] float largest_overlap(int lane) const { return largest_overlap_[lane]; }  // at least 0

 private:
  FixedUnit length_;
  float share_, apart_;
  Floats8 largest_overlap_{};
  Doubles8 way_[3]{};
};

// Adds up to FixedUnit::most_before_carry entries of the rows `own`.
template <class Law>
void add_few(Law& law, const PairCells& cells, const NeighbourList::Entry& own,
             std::span<const NeighbourList::Entry> others) {
  const MeasuredPairs pairs(cells.places, own, others);
  typename Law::Few few;
  for (std::size_t k = 0; k < others.size(); ++k) law.add(pairs[k], others[k], few);
  law.carry(few);
  if (!any(pairs.on_one_point)) [[likely]]
    return;
  few = {};
  for (std::size_t k = 0; k < others.size(); ++k)
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const int l = static_cast<int>(lane);
      const std::uint32_t other = others[k][lane];
      if (pairs[k].apart[l] != 0 || other == own[lane]) continue;
      const Vec3 away = pair_direction(cells.seed, cells.step, cells.id[own[lane] / record_bytes],
                                       cells.id[other / record_bytes], cells.planar);
      law.add_on_one_point(l, away, pairs[k], other, few);
    }
  law.carry(few);
}

// A pile is near: the sums of one cell after the other, over all that the grid says it sees.
template <class Law, class Make>
[[gnu::noinline]] void sum_over_crowd(Law& sums, const PairCells& cells, const NeighbourGrid& grid,
                                      const NeighbourList::Entry& own, const Make& make) {
  std::array<NeighbourList::Entry, FixedUnit::most_before_carry> others;
  for (std::size_t lane = 0; lane < own.size(); ++lane) {
    NeighbourList::Entry one;
    one.fill(own[lane]);
    Law all = make(one);
    std::size_t filled = 0;
    grid.for_near(own[lane] / record_bytes, [&](std::uint32_t begin, std::uint32_t end) {
      for (std::uint32_t slot = begin; slot < end; slot += 8) {
        for (std::uint32_t k = 0; k < 8; ++k)
          others[filled][k] = slot + k < end ? record_bytes * grid.slots().row[slot + k] : own[lane];
        if (++filled < others.size()) continue;
        add_few(all, cells, one, others);
        filled = 0;
      }
    });
    add_few(all, cells, one, {others.data(), filled});
    sums.take(static_cast<int>(lane), all);
  }
}

// Sums over all that may be near the cells of one group. make(rows) makes a ContactSums or GivingWay that is empty.
template <class Make>
auto sum_over_near(const NeighbourList& list, const PairCells& cells, std::size_t group, const Make& make) {
  const NeighbourList::Entry& own = list.own(group);
  auto sums = make(own);
  if (list.crowded()) {
    sum_over_crowd(sums, cells, list.grid(), own, make);
  } else {
    constexpr std::size_t most = FixedUnit::most_before_carry;
    const auto near = list.near(group);
    for (std::size_t k = 0; k < near.size(); k += most)
      add_few(sums, cells, own, near.subspan(k, std::min(most, near.size() - k)));
  }
  return sums;
}

}  // namespace invado
