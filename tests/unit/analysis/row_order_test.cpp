// The order in which observables go through cells: each once, the same whatever the order of rows, neighbours close to one
// another.
// Planted mistakes seen to fail: the first bin not sorted, another type counted in, bins ten times as wide, no order without
// space.
#include "analysis/row_order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/random.h"
#include "model/columns.h"

using namespace invado;

namespace {

// 2000 cells of two types in a box, stored backwards when asked for.
Site box_of_cells(bool backwards) {
  Site site;
  site.domain.size = {300, 200, 150};
  constexpr std::int64_t count = 2000;
  for (std::int64_t n = 0; n < count; ++n) {
    const std::int64_t id = backwards ? count - 1 - n : n;
    const auto u = uniform4(Seed{8}, 0, Purpose::Placement, id);
    const std::size_t row = append_row(site.cells);
    site.cells.id[row] = id;
    site.cells.type[row] = static_cast<std::uint8_t>(id % 3 == 0 ? 1 : 0);
    site.cells.x[row] = 300 * u[0], site.cells.y[row] = 200 * u[1], site.cells.z[row] = 150 * u[2];
    site.cells.radius[row] = 4 + 2 * u[3];
  }
  return site;
}

std::vector<std::int64_t> ids(const Site& site, int type) {
  std::vector<std::int64_t> found;
  for (const std::size_t row : rows_in_order(site, type)) found.push_back(site.cells.id[row]);
  return found;
}

}  // namespace

TEST_CASE("each cell of the type once, in the same order whatever the order of rows") {
  const Site site = box_of_cells(false), other = box_of_cells(true);
  for (const int type : {-1, 0, 1}) {
    const std::vector<std::int64_t> found = ids(site, type);
    CHECK(found == ids(other, type));
    std::vector<std::int64_t> sorted = found;
    std::ranges::sort(sorted);
    CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
    CHECK(sorted.size() == (type == -1 ? 2000 : type == 0 ? 1333 : 667));
  }
}

TEST_CASE("neighbours in the order are near in space") {
  const Site site = box_of_cells(false);
  const std::vector<std::size_t> rows = rows_in_order(site, -1);
  double sum = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) sum += norm(site.cells.position(rows[i]) - site.cells.position(rows[i - 1]));
  CHECK(sum / static_cast<double>(rows.size()) < 30);  // two cells at random are 140 um apart, two of a bin of 24 um 16
}

TEST_CASE("where there is no space the order is that of ids") {
  Site site = box_of_cells(true);
  site.compartment = Compartment::Blood;
  site.domain = {};
  REQUIRE(site.domain.spaceless());
  const std::vector<std::int64_t> found = ids(site, -1);
  CHECK(std::ranges::is_sorted(found));
  CHECK(found.size() == 2000);
}

TEST_CASE("nobody, and cells at places that are no numbers") {
  Site site = box_of_cells(false);
  site.cells.x[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK(rows_in_order(site, -1).size() == 2000);
  CHECK(rows_in_order(site, 2).empty());
}
