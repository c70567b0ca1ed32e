// What cells feel of their neighbours, summed over pairs, eight pairs at a time: entry k of a group of eight cells, or eight
// neighbours of one cell.
//
// Differences of places are exact, the law is in single precision, and sums are in fixed point, so that neither the order
// of neighbours nor what else is in a list can change a bit, and action equals reaction exactly. Per pair the error is that
// of the law, some 1e-7 of the largest contact speed; tests/unit/mechanics compares with sums in double precision.
// A cell paired with itself, as it is where a list is filled up, gives exactly nothing.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "base/eight.h"
#include "base/random.h"
#include "base/vec3.h"
#include "mechanics/contact.h"
#include "mechanics/neighbour_list.h"
#include "mechanics/places.h"

namespace invado {

// What of a cell's surface enters a contact: a pair has the geometric means of its two cells. 16 bytes.
struct alignas(16) Grip {
  float root_repulsion, root_adhesion, root_per_reach;
  std::int32_t anchored;
  friend bool operator==(const Grip&, const Grip&) = default;
};

// All cells of a site as their contacts see them.
struct PairCells {
  const Places& places;
  std::span<const std::int64_t> id;
  std::span<const Grip> grip;  // by row, or one that all cells have
  Seed seed;                   // of directions of pairs on one point
  std::uint32_t step;
  bool planar;
};

// Numbers up to `largest` are summed as multiples of the power of two that gives 2^25 or fewer of it: at most 32 fit into an
// integer before they are carried to a double, which holds the sum of 2^28 exactly.
struct FixedUnit {
  static constexpr int most_before_carry = 32;
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
  Floats8 x, y, z;     // unit vector away from the other cell
  Floats8 relative;    // distance over the sum of radii
  Floats8 touching;    // sum of radii [um]
  Ints8 apart;         // mask: not on one point
  Ints8 on_one_point;  // mask: of two cells; the unit vector is zero
};

class PairGeometrist {
 public:
  PairGeometrist(const Places& places, const std::uint32_t* own)
      : place_(places.of.data()), own_(load8<Ints8>(own)), quantum_{} {
    for (std::size_t a = 0; a < 3; ++a) quantum_[a] = static_cast<float>(places.quantum[a]);
    gather_records(place_, own, here_);
  }

  [[nodiscard]] PairGeometry to(const std::uint32_t* other) const {
    Ints8 there[4];
    gather_records(place_, other, there);
    const Floats8 x = quantum_[0] * to_floats(wrapping_difference(here_[0], there[0]));
    const Floats8 y = quantum_[1] * to_floats(wrapping_difference(here_[1], there[1]));
    const Floats8 z = quantum_[2] * to_floats(wrapping_difference(here_[2], there[2]));
    const Floats8 d2 = x * x + y * y + z * z;
    const Ints8 apart = d2 > Floats8{};
    const Floats8 d = root(d2 + 1e-30F);  // not zero, and the same number where it is not
    const Floats8 touching = std::bit_cast<Floats8>(here_[3]) + std::bit_cast<Floats8>(there[3]);
    const Floats8 per_both = 1.0F / (d * touching);  // one division for 1/d and d/touching
    const Floats8 per_d = touching * per_both;
    return {per_d * x, per_d * y, per_d * z, d2 * per_both, touching, apart, ~apart & (load8<Ints8>(other) != own_)};
  }
  [[nodiscard]] Ints8 own() const { return own_; }

 private:
  const Place* place_;
  Ints8 own_, here_[4];
  float quantum_[3];
};

// Contact velocity, direction away from the neighbours, crowding, and the neighbours themselves.
template <bool alike>  // all cells have one grip
class ContactSums {
 public:
  ContactSums(const PairCells& cells, FixedUnit speed, const std::uint32_t* own)
      : cells_(cells), geometry_(cells.places, own), speed_(speed), unit_(1) {
    gather_records(cells.grip.data(), alike ? none.data() : own, grip_);
    if (alike) other_[0] = grip_[0], other_[1] = grip_[1], other_[2] = grip_[2], other_[3] = grip_[3];
  }

  void add(const std::uint32_t* other) {
    if (!alike) gather_records(cells_.grip.data(), other, other_);
    const PairGeometry pair = geometry_.to(other);
    const Floats8 repulsion = speed_.per_unit * product(0), adhesion = speed_.per_unit * product(1), per_reach = product(2);
    const Floats8 speed = contact_speed(pair.relative, repulsion, adhesion, per_reach);
    const Floats8 overlap = positive_part(1.0F - pair.relative);
    const Ints8 neighbour = pair.apart & (pair.relative < static_cast<float>(neighbour_reach));
    push_[0] += to_ints(speed * pair.x);
    push_[1] += to_ints(speed * pair.y);
    push_[2] += to_ints(speed * pair.z);
    away_[0] += neighbour & to_ints(unit_.per_unit * pair.x);
    away_[1] += neighbour & to_ints(unit_.per_unit * pair.y);
    away_[2] += neighbour & to_ints(unit_.per_unit * pair.z);
    crowding_ += pair.apart & to_ints(unit_.per_unit * (overlap * overlap));
    neighbours_ -= neighbour;
    if (!alike) anchored_ += neighbour & other_[3];
    if (any(pair.on_one_point)) [[unlikely]]
      add_on_one_point(other, pair.on_one_point, repulsion - adhesion);
  }

  // To be called after most_before_carry entries at the latest.
  void carry() {
    for (int axis = 0; axis < 3; ++axis) {
      push_sum_[axis] = push_sum_[axis] + to_doubles(push_[axis]);
      away_sum_[axis] = away_sum_[axis] + to_doubles(away_[axis]);
      push_[axis] = away_[axis] = Ints8{};
    }
    crowding_sum_ = crowding_sum_ + to_doubles(crowding_);
    crowding_ = Ints8{};
  }

  // The sum of all lanes of another one, into one lane of this.
  void take(int lane, const ContactSums& all) {
    for (int axis = 0; axis < 3; ++axis) {
      push_sum_[axis].set(lane, sum(all.push_sum_[axis]));
      away_sum_[axis].set(lane, sum(all.away_sum_[axis]));
    }
    crowding_sum_.set(lane, sum(all.crowding_sum_));
    neighbours_[lane] = sum(all.neighbours_);
    anchored_[lane] = sum(all.anchored_);
  }

  // What the eight cells feel.
  [[nodiscard]] Doubles8 push(int axis) const { return speed_.size * push_sum_[axis]; }        // contact velocity [um/min]
  [[nodiscard]] Doubles8 away(int axis) const { return unit_.size * away_sum_[axis]; }         // sum of unit vectors, away
  [[nodiscard]] Doubles8 crowding() const { return unit_.size * crowding_sum_; }               // sum of squared overlaps
  [[nodiscard]] Ints8 neighbours() const { return neighbours_; }                               // closer than neighbour_reach
  [[nodiscard]] Ints8 anchored() const { return alike ? neighbours_ * grip_[3] : anchored_; }  // of these

 private:
  static constexpr std::array<std::uint32_t, 8> none{};

  [[nodiscard]] Floats8 product(int part) const {
    return std::bit_cast<Floats8>(grip_[part]) * std::bit_cast<Floats8>(other_[part]);
  }

  void add_on_one_point(const std::uint32_t* other, Ints8 which, Floats8 speed) {
    for (int lane = 0; lane < 8; ++lane) {
      if (which[lane] == 0) continue;
      const Vec3 e = pair_direction(cells_.seed, cells_.step, cells_.id[static_cast<std::size_t>(geometry_.own()[lane])],
                                    cells_.id[other[lane]], cells_.planar);
      for (int axis = 0; axis < 3; ++axis) {
        push_[axis][lane] += static_cast<std::int32_t>(speed[lane] * static_cast<float>(e[axis]));
        away_[axis][lane] += static_cast<std::int32_t>(unit_.per_unit * static_cast<float>(e[axis]));
      }
      crowding_[lane] += static_cast<std::int32_t>(unit_.per_unit);
      neighbours_[lane] += 1;
      if (!alike) anchored_[lane] += other_[3][lane];
    }
  }

  const PairCells& cells_;
  PairGeometrist geometry_;
  FixedUnit speed_, unit_;
  Ints8 grip_[4], other_[4];
  Ints8 push_[3]{}, away_[3]{}, crowding_{}, neighbours_{}, anchored_{};
  Doubles8 push_sum_[3]{}, away_sum_[3]{}, crowding_sum_{};
};

// How far cells give way to each other: a share of what is missing to `apart` x (sum of radii), and the largest overlap.
class GivingWay {
 public:
  GivingWay(const PairCells& cells, FixedUnit length, float share, float apart, const std::uint32_t* own)
      : cells_(cells), geometry_(cells.places, own), length_(length), share_(share), apart_(apart) {}

  void add(const std::uint32_t* other) {
    const PairGeometry pair = geometry_.to(other);
    const Floats8 give = length_.per_unit * share_ * pair.touching * positive_part(apart_ - pair.relative);
    way_[0] += to_ints(give * pair.x);
    way_[1] += to_ints(give * pair.y);
    way_[2] += to_ints(give * pair.z);
    const Floats8 overlap = 1.0F - pair.relative;
    const Ints8 two = pair.apart | pair.on_one_point;
    largest_overlap_ = ((overlap > largest_overlap_) & two) ? overlap : largest_overlap_;
    if (any(pair.on_one_point)) [[unlikely]]
      for (int lane = 0; lane < 8; ++lane) {
        if (pair.on_one_point[lane] == 0) continue;
        const Vec3 e = pair_direction(cells_.seed, cells_.step, cells_.id[static_cast<std::size_t>(geometry_.own()[lane])],
                                      cells_.id[other[lane]], cells_.planar);
        for (int axis = 0; axis < 3; ++axis)
          way_[axis][lane] += static_cast<std::int32_t>(give[lane] * static_cast<float>(e[axis]));
      }
  }

  void carry() {
    for (int axis = 0; axis < 3; ++axis) {
      way_sum_[axis] = way_sum_[axis] + to_doubles(way_[axis]);
      way_[axis] = Ints8{};
    }
  }

  void take(int lane, const GivingWay& all) {
    for (int axis = 0; axis < 3; ++axis) way_sum_[axis].set(lane, sum(all.way_sum_[axis]));
    for (int from = 0; from < 8; ++from)
      if (all.largest_overlap_[from] > largest_overlap_[lane]) largest_overlap_[lane] = all.largest_overlap_[from];
  }

  [[nodiscard]] Doubles8 way(int axis) const { return length_.size * way_sum_[axis]; }    // [um]
  [[nodiscard]] float largest_overlap(int lane) const { return largest_overlap_[lane]; }  // at least 0

 private:
  const PairCells& cells_;
  PairGeometrist geometry_;
  FixedUnit length_;
  float share_, apart_;
  Ints8 way_[3]{};
  Floats8 largest_overlap_{};
  Doubles8 way_sum_[3]{};
};

// Sums over all that may be near the cells of one group: rows 8 group and following, as many as there are. Law: ContactSums
// or GivingWay; make(rows) makes one that is empty.
template <class Make>
auto sum_over_near(const NeighbourList& list, std::size_t group, std::size_t rows, Make&& make) {
  std::array<std::uint32_t, 8> own{};
  for (std::size_t lane = 0; lane < 8; ++lane) own[lane] = static_cast<std::uint32_t>(std::min(rows - 1, 8 * group + lane));
  auto sums = make(own.data());
  if (!list.crowded()) {
    int added = 0;
    for (const NeighbourList::Entry& entry : list.near(group)) {
      sums.add(entry.data());
      if (++added % FixedUnit::most_before_carry == 0) sums.carry();
    }
    sums.carry();
    return sums;
  }
  for (std::size_t lane = 0; lane < 8; ++lane) {
    const std::uint32_t row = own[lane];
    std::array<std::uint32_t, 8> one{}, other{};
    one.fill(row);
    auto all = make(one.data());
    int added = 0;
    list.grid().for_near(row, [&](std::uint32_t begin, std::uint32_t end) {
      for (std::uint32_t slot = begin; slot < end; slot += 8) {
        for (std::uint32_t k = 0; k < 8; ++k) other[k] = slot + k < end ? list.grid().row()[slot + k] : row;
        all.add(other.data());
        if (++added % FixedUnit::most_before_carry == 0) all.carry();
      }
    });
    all.carry();
    sums.take(static_cast<int>(lane), all);
  }
  return sums;
}

}  // namespace invado
