// In which order observables go through cells: one that follows from places and ids, never from how rows are stored, so
// that sums have the same bits; and in which neighbours follow one another, so that what is read lies close in memory.
#pragma once

#include <cstddef>
#include <vector>

#include "model/world.h"

namespace invado {

// Rows of the cells of a type (-1: of all types): bin by bin of a grid over the box, by id in each; without space by id.
[[nodiscard]] std::vector<std::size_t> rows_in_order(const Site& site, int type);

}  // namespace invado
