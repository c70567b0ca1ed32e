// Where all cells of a run with several sites are, by heads: what came to each site, what went, and what is there.
//
//   founders + births + arrivals + copies - deaths - left - passed_on = there
// Splitting is told in the row of the blood, where it happens: whoever enters it arrives as one cell and may become copies,
// and so may whoever leaves it. All other arrivals are cells, or copies, that the blood has passed on.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "io/table.h"
#include "model/queues.h"

namespace invado {

struct HeadCount {
  std::string site;
  double founders = 0, births = 0, arrivals = 0, copies = 0;
  std::array<double, leaving_count> gone{};  // by Leaving; Passed: that another site has got, copies too
  double there = 0;

  // there - (what came - what went); 0: the sum closes.
  [[nodiscard]] double remainder() const;
};

// At the last row of series.csv: the sites in the order of its columns, and last the sum of all of them ("all"). Founders
// are those that the run counted (what `head_count_balance` was measured against). Empty when there are no rows, or no
// blood, and with it one site only.
[[nodiscard]] std::vector<HeadCount> head_counts(const Table& series);

}  // namespace invado
