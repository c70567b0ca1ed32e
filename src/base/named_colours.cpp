#include "base/named_colours.h"

#include <array>

namespace invado {
namespace {

// Okabe & Ito 2008, and a grey: eight that colour-blind people can tell apart.
constexpr std::array<Rgb, clone_colours> apart{{{0x00, 0x72, 0xB2},
                                                {0xE6, 0x9F, 0x00},
                                                {0x00, 0x9E, 0x73},
                                                {0xCC, 0x79, 0xA7},
                                                {0x56, 0xB4, 0xE9},
                                                {0xD5, 0x5E, 0x00},
                                                {0xF0, 0xE4, 0x42},
                                                {0x80, 0x80, 0x80}}};

}  // namespace

Rgb clone_colour(std::int64_t founder) {
  // Ids of neighbours follow one another: a multiplication by a large odd number scatters them (Knuth, TAOCP 6.4).
  const std::uint64_t mixed = static_cast<std::uint64_t>(founder) * 0x9E3779B97F4A7C15u;
  return apart[(mixed >> 40) % clone_colours];
}

Rgb type_colour(std::size_t type) { return apart[type % clone_colours]; }

Rgb type_colour_at(double fraction) { return type_colour(static_cast<std::size_t>(fraction * (clone_colours - 1) + 0.5)); }

}  // namespace invado
