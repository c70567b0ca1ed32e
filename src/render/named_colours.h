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

}  // namespace invado
