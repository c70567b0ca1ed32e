// Packing of eight numbers by a mask, against a plain loop, for all 256 masks; transposition; and bins of a box.
//
// Seen to fail with: the lanes of a set taken in reverse; fours that are put together from the same half; no shape at all
// where a limit is no number; bins counted from the wall instead of from the first used one.
#include "base/eight.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/bins.h"

using namespace invado;

TEST_CASE("numbers whose mask is set stand side by side, in order") {
  const Words8 x{10, 11, 12, 13, 14, 15, 16, 17};
  for (unsigned set = 0; set < 256; ++set) {
    Ints8 mask{};
    std::array<std::uint32_t, 8> expected{};
    std::size_t count = 0;
    for (int lane = 0; lane < 8; ++lane)
      if ((set >> lane & 1U) != 0) {
        mask[lane] = -1;
        expected[count++] = x[lane];
      }
    std::array<std::uint32_t, 9> to;
    to.fill(99);
    REQUIRE(compress(x, mask, to.data()) == count);
    for (std::size_t k = 0; k < count; ++k) REQUIRE(to[k] == expected[k]);
    REQUIRE(to[8] == 99);
  }
}

TEST_CASE("rows of eight become columns") {
  Words8 rows[8];
  for (std::uint32_t row = 0; row < 8; ++row)
    for (std::uint32_t lane = 0; lane < 8; ++lane) rows[row][static_cast<int>(lane)] = 10 * row + lane;
  transpose(rows);
  for (std::uint32_t row = 0; row < 8; ++row)
    for (std::uint32_t lane = 0; lane < 8; ++lane) {
      const std::uint32_t found = rows[row][static_cast<int>(lane)];
      CHECK(found == 10 * lane + row);
    }
}

TEST_CASE("bins tile the box, and only those between the outermost points are used") {
  const Bins bins({100, 60, 30}, {42, 0, 12}, {77, 60, 12}, {false, true, false}, 10, 1000);
  CHECK(bins.across == std::array{10, 6, 3});
  CHECK(bins.first == std::array{4, 0, 1});
  CHECK(bins.shape == std::array{4, 6, 1});
  CHECK(bins.count() == 24);
  CHECK(bins.coordinate(0, 42) == 0);
  CHECK(bins.coordinate(0, 59.9) == 1);
  CHECK(bins.coordinate(0, 77) == 3);
  CHECK(bins.coordinate(0, 100) == 3);  // beyond: in the outermost
  CHECK(bins.coordinate(0, 0) == 0);
  CHECK(bins.coordinate(1, 60) == 5);
  CHECK(bins.coordinate(2, std::numeric_limits<double>::quiet_NaN()) == 0);
  // A limit that is no number.
  const double no_number = std::numeric_limits<double>::quiet_NaN();
  const Bins bad({100, 60, 30}, {42, 0, 12}, {no_number, 60, 12}, {false, false, false}, 10, 1000);
  CHECK(bad.shape == std::array{1, 6, 1});
  CHECK(bad.coordinate(0, no_number) == 0);
  // Few points in a wide box, and no width at all: never many bins.
  CHECK(Bins({1e5, 1e5, 1e5}, 10, 3).count() <= 8 * 3 + 4096);
  CHECK(Bins({1e5, 1e5, 1e5}, 0, 0).count() <= 4096);
  CHECK(Bins({100, 100, 100}, 25, 1000).shape == std::array{4, 4, 4});
}
