// What mechanics keeps of one site between the passes of a step: where its cells are in fixed point, who may be near whom,
// what their surfaces are like, and how contacts push them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mechanics/neighbour_list.h"
#include "mechanics/pair_sums.h"
#include "mechanics/places.h"

namespace invado {

inline constexpr double longest_push = 0.5;  // a contact never moves a cell further than this at once [radii]

// Working arrays of one site; they only grow. What the neighbour list carries from call to call it checks before use.
struct Workspace {
  Places places;
  NeighbourList list;
  std::vector<Grip> grip;                         // by row, or one that all cells have
  std::vector<Grip> of_type;                      // without what varies from cell to cell
  double strongest = 0;                           // largest speed that any of them can give a pair [um/min]
  std::array<std::vector<float>, 3> push;         // by row: contact velocity [um/min]
  std::vector<double> largest;                    // by group or block of the list: of what its cells are asked
  std::array<std::vector<double>, 3> moved;       // by row: displacement so far, unwrapped [um]; in steps that are cut
  std::array<std::vector<std::uint8_t>, 3> left;  // by row: went out along this axis; where there is an open face

  void resize(std::size_t n) {
    for (auto& column : push) column.resize(n);
    largest.resize(list.groups());
  }
};

}  // namespace invado
