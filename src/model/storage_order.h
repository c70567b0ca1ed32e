// Where rows lie in memory. Cells that are near in space are kept near in storage, so that a loop over neighbours finds
// what it needs in the cache. No result depends on the order of rows.
#pragma once

#include <cstddef>
#include <vector>

#include "model/world.h"

namespace invado {

// Sorts the rows of a site along the lines x, then y, then z of the bins in which neighbours are looked for (base/bins.h).
// Rows are only moved when one in four is out of place.
void sort_rows(Site& site);

// The rows in the order of their ids, in which files and digests have them.
[[nodiscard]] std::vector<std::size_t> rows_by_id(const Population& cells);

}  // namespace invado
