// What counts as a colony in an organ, in curves, pictures and reports.
#pragma once

#include <cstddef>

namespace invado {

// A group of cells is a colony from so many cells on: three divisions.
inline constexpr std::size_t colony_from = 8;

}  // namespace invado
