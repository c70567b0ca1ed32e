// Colours that stand for names, not for numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/colours.h"

namespace invado {

// A colour per clone. There are more clones than colours that people can tell apart, so clones share them, as in
// confetti mice: neighbours of one colour are likely, not surely, of one founder.
[[nodiscard]] Rgb clone_colour(std::int64_t founder);
inline constexpr std::size_t clone_colours = 8;
// A colour per type of cells, in the order of the scenario.
[[nodiscard]] Rgb type_colour(std::size_t type);
// The same colours along a bar from 0 to 1, evenly: of type t at (t % clone_colours)/(clone_colours - 1).
[[nodiscard]] Rgb type_colour_at(double fraction);

}  // namespace invado
