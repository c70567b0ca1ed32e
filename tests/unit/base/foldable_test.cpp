// A column answers the same whether it is folded or not.
// Seen to fail: fold without looking whether all agree; push_back that does not spread; resize that keeps a number other
// than 0 for new rows; a comparison of numbers instead of bits (-0).
#include "base/foldable.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/parallel.h"

using namespace invado;

namespace {

std::vector<double> numbers(const Foldable<double>& column) {
  std::vector<double> all;
  for (const double x : column) all.push_back(x);
  return all;
}

}  // namespace

TEST_CASE("a column in which all rows agree is kept once, and answers for every row") {
  Foldable<double> column;
  for (int row = 0; row < 100; ++row) column.push_back(2.5);
  CHECK_FALSE(column.folded());
  CHECK(column.kept().size() == 100);
  column.fold();
  CHECK(column.folded());
  CHECK(column.kept().size() == 1);
  CHECK(column.size() == 100);
  CHECK(numbers(column) == std::vector<double>(100, 2.5));
  CHECK(kept_numbers(column, 10, 90).size() == 1);
  CHECK(kept_numbers(column, 10, 10).empty());
  column.spread();
  CHECK_FALSE(column.folded());
  CHECK(numbers(column) == std::vector<double>(100, 2.5));
  CHECK(kept_numbers(column, 10, 90).size() == 80);

  column[17] = 3;
  column.fold();
  CHECK_FALSE(column.folded());
  CHECK(column[17] == 3);

  // The same number is not the same bits.
  Foldable<double> zeros{0.0, -0.0};
  zeros.fold();
  CHECK_FALSE(zeros.folded());
  CHECK(std::signbit(zeros[1]));
}

TEST_CASE("a folded column spreads when it is written") {
  const auto folded = [] {
    Foldable<double> column{7, 7, 7};
    column.fold();
    REQUIRE(column.folded());
    return column;
  };
  Foldable<double> column = folded();
  column[1] = 8;
  CHECK(numbers(column) == std::vector<double>{7, 8, 7});

  column = folded();
  column.push_back(7);
  CHECK(column.folded());
  CHECK(column.size() == 4);
  column.push_back(9);
  CHECK(numbers(column) == std::vector<double>{7, 7, 7, 7, 9});

  column = folded();
  column.data()[2] = 1;
  CHECK(numbers(column) == std::vector<double>{7, 7, 1});

  // New rows have 0.
  column = folded();
  column.resize(5);
  CHECK(numbers(column) == std::vector<double>{7, 7, 7, 0, 0});
  column = folded();
  column.resize(2);
  CHECK(column.folded());
  CHECK(numbers(column) == std::vector<double>{7, 7});
  column.resize(0);
  CHECK(column.empty());
  column.push_back(4);
  column.push_back(4);
  CHECK(column.folded());
  CHECK(numbers(column) == std::vector<double>{4, 4});

  column = folded();
  column.assign(2, 5);
  CHECK(numbers(column) == std::vector<double>{5, 5});
  column.clear();
  CHECK(column.empty());
  CHECK(folded() == Foldable<double>{7, 7, 7});
  CHECK_FALSE(folded() == Foldable<double>{7, 7, 8});
}

TEST_CASE("an empty column that was folded takes what comes") {
  Foldable<std::int64_t> column;
  column.fold();
  CHECK(column.folded());
  column.resize(3);
  CHECK(column == Foldable<std::int64_t>{0, 0, 0});
  column.clear();
  column.spread();
  column.push_back(-1);
  column.push_back(2);
  CHECK(column == Foldable<std::int64_t>{-1, 2});
}

TEST_CASE("threads read a folded column") {
  Foldable<float> column;
  column.assign(10000, 0.5F);
  column.fold();
  std::vector<float> seen(column.size());
  const Foldable<float>& read = column;
  for_rows(seen.size(), [&](std::size_t row) { seen[row] = read[row]; });
  CHECK(seen == std::vector<float>(10000, 0.5F));
  CHECK(column.folded());
}
