// Proves that the race detector of tools/dev/tsan works before it is believed: `race` has two data races in loops like
// ours and must be reported, `clean` does the same work without and must not.
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/parallel.h"

namespace {

constexpr std::size_t rows = 20000;

// Every row adds to one number: lost additions, and another order each time.
double racy_sum() {
  double sum = 0;
  invado::for_rows(rows, [&](std::size_t i) { sum += static_cast<double>(i % 7); });
  return sum;
}

// Every row also writes its neighbour's place: two threads meet where their chunks touch.
double racy_neighbours() {
  std::vector<double> place(rows + 1, 0.0);
  invado::for_rows(rows, [&](std::size_t i) {
    place[i] += 1;
    place[i + 1] += 1;
  });
  return place[rows / 2];
}

double clean() {
  std::vector<double> place(rows, 0.0);
  invado::for_rows(rows, [&](std::size_t i) { place[i] = static_cast<double>(i % 7); });
  return invado::ordered_sum(rows, [&](std::size_t i) { return place[i]; });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const bool racy = std::strcmp(argv[1], "race") == 0;
  for (int turn = 0; turn < 5; ++turn) std::printf("%g\n", racy ? racy_sum() + racy_neighbours() : clean());
  return 0;
}
