// Contact of two spheres: short-range repulsion and longer-range adhesion, as speeds (overdamped motion).
//
//     speed(d) = a (1 - d/R)^2 [d < R]  -  c (1 - d/S)^2 [d < S],     R = R_i + R_j,  S = reach R
//
// Published form of PhysiCell (Ghaffarizadeh et al. 2018 PLoS Comput Biol 14:e1005991). Force-free distance:
// d/R = (1 - sqrt(c/a)) / (1 - sqrt(c/a)/reach).   Limit: spheres, no friction between cells.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/eight.h"
#include "base/random.h"
#include "base/vec3.h"

namespace invado {

inline constexpr double neighbour_reach = 1.25;           // neighbours: closer than 1.25 (R_i + R_j)
inline constexpr double pressure_of_packing = 0.0272888;  // sum of (1 - d/R)^2 at dense packing: the unit of pressure

// Positive: apart. distance: d/R; per_reach: 1/reach. For a number or for eight at once.
template <class Number>
Number contact_speed(Number distance, Number repulsion, Number adhesion, Number per_reach) {
  const Number overlap = positive_part(1.0F - distance);
  const Number nearness = positive_part(1.0F - distance * per_reach);
  return repulsion * (overlap * overlap) - adhesion * (nearness * nearness);
}

// Direction in which cell `id` leaves cell `other` when both are on one point: addressed by the pair, and exactly
// opposite for the two.
inline Vec3 pair_direction(Seed seed, std::uint32_t step, std::int64_t id, std::int64_t other, bool planar) {
  const auto low = static_cast<std::uint64_t>(id < other ? id : other);
  const auto high = static_cast<std::uint64_t>(id < other ? other : id);
  const std::uint64_t pair = low * 0x9E3779B97F4A7C15u + high;
  const auto r = uniform4(seed, step, Purpose::PairDirection, static_cast<std::int64_t>(pair));
  Vec3 e;
  if (planar) {
    const SinCos turn = sincos_turn(r[0]);
    e = {turn.cos, turn.sin, 0};
  } else {
    const auto d = direction(r[0], r[1]);
    e = {d[0], d[1], d[2]};
  }
  return id < other ? e : -e;
}

}  // namespace invado
