// Foci are groups of cells of which one at least has begun; their sizes are counted by weight, in classes that double.
//
// Seen to fail with: heads for weights; the waiting counted as foci; copies of one entry taken for two; 8 cells in the class
// of 4; the median without weights.
#include "report/foci.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace invado;

namespace {

CellsAt made_up(const std::vector<std::array<double, 3>>& group_weight_dormancy) {
  CellsAt cells;
  cells.type.assign(group_weight_dormancy.size(), 0);
  for (const auto& [column, name] : {std::pair(0, "group"), std::pair(1, "weight"), std::pair(2, "dormancy")}) {
    cells.columns.push_back({name, "1", "", {}});
    for (const auto& cell : group_weight_dormancy)
      cells.columns.back().values.push_back(cell[static_cast<std::size_t>(column)]);
  }
  return cells;
}

}  // namespace

TEST_CASE("a focus is a group that has begun, and weighs what its first cell does") {
  const std::vector<Focus> foci = foci_of(made_up({{7, 0.5, 0}, {3, 0.25, 1}, {7, 0.5, 0}, {4, 1, 2}, {4, 1, 0}}));
  REQUIRE(foci.size() == 3);
  CHECK(foci[0].group == 3);
  CHECK(!foci[0].begun);
  CHECK(foci[1].cells == 2);
  CHECK(foci[1].begun);  // a clump of which one is still dormant
  CHECK(foci[2].weight == 0.5);
  CellsAt older = made_up({{7, 0.5, 0}});
  older.columns.pop_back();
  CHECK(foci_of(older).empty());
}

TEST_CASE("sizes are counted by weight in doubling classes, with the error over entries") {
  CascadeEvents events;
  events.entries = {{1, 100}, {2, 100}, {3, 300}};  // 1 and 2 are copies of one cell; nobody knows 4 and 5
  const std::vector<Focus> foci{{1, 1, 0.25, true}, {2, 1, 0.25, true}, {3, 1, 1, true},  //
                                {4, 7, 1, true},    {5, 8, 0.25, true}, {6, 1, 2, false}};
  const FocusSizes sizes = sizes_of(foci, events);
  REQUIRE(sizes.classes.size() == 4);
  CHECK(sizes.classes[0].from == 1);
  CHECK(sizes.classes[0].to == 1);
  CHECK(sizes.classes[3].from == 8);
  CHECK(sizes.classes[3].to == 15);
  CHECK(sizes.classes[0].count.weight == 1.5);
  CHECK(sizes.classes[0].count.entries == 2);
  CHECK(sizes.classes[0].count.error == doctest::Approx(std::sqrt(0.25 + 1)));
  CHECK(sizes.classes[1].count.weight == 0);
  CHECK(sizes.classes[2].count.weight == 1);
  CHECK(sizes.classes[3].count.error == 0.25);
  CHECK(sizes.foci == 5);
  CHECK(sizes.weight == 2.75);
  CHECK(sizes.mean == doctest::Approx((1.5 + 7 + 2) / 2.75));
  CHECK(sizes.median == 1);  // 1.5 of 2.75; without weights it would be the third of five, 1 too
  CHECK(sizes.largest == 8);
  CHECK(sizes.idle == 2);
  // Most foci are single cells, most of the weight is not.
  const std::vector<Focus> uneven{{1, 1, 0.25, true}, {2, 1, 0.25, true}, {3, 1, 0.25, true}, {4, 6, 1, true}};
  CHECK(sizes_of(uneven, events).median == 6);
  CHECK(sizes_of({}, events).classes.empty());
}
