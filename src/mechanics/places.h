// Where cells are, in fixed point: differences of integers are exact, and on a periodic axis, where the whole range of the
// integer is one period, a difference that wraps around is the one to the nearest image.
//
// Resolution: 2^-32 of a period; on other axes the power of two that just holds the box in 2^31 (5e-7 um in a box of 1 mm).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/eight.h"
#include "base/vec3.h"

namespace invado {

inline constexpr std::uint32_t record_bytes = 16;  // of a Place, and of whatever else contacts look up in a table by row

// What every contact needs of a neighbour, in one cache line.
struct alignas(record_bytes) Place {
  std::int32_t x, y, z;
  float radius;  // [um]
  friend bool operator==(const Place&, const Place&) = default;
};
static_assert(sizeof(Place) == record_bytes);

struct Places {
  std::vector<Place> of;            // by row
  std::array<double, 3> quantum{};  // [um] of one unit, per axis
  std::array<bool, 3> periodic{};
  Vec3 box;

  // Takes positions and radii. False: some position is not in the box, or some radius not positive; nothing may be done
  // then.
  [[nodiscard]] bool take(std::span<const double> x, std::span<const double> y, std::span<const double> z,
                          std::span<const double> radius, Vec3 box, std::array<bool, 3> periodic);

  // a - b along an axis [um].
  [[nodiscard]] double between(std::int32_t a, std::int32_t b, int axis) const {
    return quantum[static_cast<std::size_t>(axis)] * wrapping_difference(a, b);
  }
};

}  // namespace invado
