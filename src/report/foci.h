// Foci: groups of cells in an organ that stem from one arrival, and how many of them are of which size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "io/snapshot_read.h"
#include "report/cascade_events.h"

namespace invado {

// A cell or a clump that came to an organ (or a cell that was put there), and what it has become: the cells of one `group`.
struct Focus {
  std::int64_t group = 0;
  std::size_t cells = 0;  // heads
  double weight = 1;      // of its first cell; a division does not share it
  bool begun = false;     // one of its cells neither waits nor is dormant
};

// By group. Empty when the snapshot has no columns of the cascade.
[[nodiscard]] std::vector<Focus> foci_of(const CellsAt& cells);

// What has begun in doubling classes of cells: 1, 2-3, 4-7, 8-15 ..., so that a colony (analysis/colony.h) begins with the
// fourth class. As many classes as the largest needs.
struct FocusSizes {
  struct Class {
    std::size_t from = 1, to = 1;  // cells, both ends are in it
    StageCount count;              // by weight, with the error over entries
  };
  std::vector<Class> classes;
  std::size_t foci = 0;                                  // without weights
  double weight = 0, mean = 0, median = 0, largest = 0;  // mean and median by weight [cells]
  double idle = 0;                                       // weight of foci that have not begun
};
[[nodiscard]] FocusSizes sizes_of(std::span<const Focus> foci, const CascadeEvents& events);

}  // namespace invado
