// What one cell that was shed comes to, in the report and in `info`.
// Seen to fail with: cells that come back from an organ counted as shed; late injections forgotten; two for three.
#include "report/efficiency.h"

#include <doctest/doctest.h>

using namespace invado;

TEST_CASE("shed are those out of the tumour and those injected, not those who come back from an organ") {
  // 30 at the start and 12 later, of whom 7 died and 26 went to the lung; 3 came from there.
  const Table series{{"time_h", "lung.cells", "lung.arrivals", "lung.passed", "lung.head_count_balance", "blood.cells",
                      "blood.arrivals", "blood.passed", "blood.deaths_shear", "blood.head_count_balance"},
                     {{0, 0, 0, 0, 0, 30, 0, 0, 0, 0}, {24, 23, 26, 3, 0, 12, 3, 26, 7, 0}}};
  CHECK(injected(series) == 42);
  CHECK(injected({{"time_h"}, {{0}}}) == 0);
  CHECK(injected({}) == 0);
  CascadeEvents events;
  events.out_of = {{"lung", 4}, {"primary", 12}, {"bone", 2}};
  CHECK(shed(events, 32.5) == 44.5);
}

TEST_CASE("an efficiency has its error, or a limit where nothing has begun") {
  CascadeEvents events;
  events.counts[{"lung", "begun"}] = {.weight = 2.5, .error = 0.8, .entries = 9};
  CHECK(efficiency_text(begun_in(events, "lung"), 1e-3) == "0.0025 ± 0.0008");
  CHECK(efficiency_text(begun_in(events, "bone"), 1e-3) == "0, below 0.003");
  CHECK(efficiency_text(begun_in(events, "bone"), 0) == "0");
}
