// The clumps of a site without space: which rows travel together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/foldable.h"

namespace invado {

// Rows in the order of (group, id), cut into runs of one group. Scratch of one call.
class Clumps {
 public:
  Clumps(const Foldable<std::int64_t>& group, std::span<const std::int64_t> id) : rows_(group.size()) {
    for (std::size_t row = 0; row < rows_.size(); ++row) rows_[row] = row;
    std::ranges::sort(
        rows_, [&](std::size_t a, std::size_t b) { return group[a] != group[b] ? group[a] < group[b] : id[a] < id[b]; });
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (i == 0 || group[rows_[i]] != group[rows_[i - 1]]) begin_.push_back(i);
    begin_.push_back(rows_.size());
  }
  [[nodiscard]] std::size_t count() const { return begin_.size() - 1; }
  [[nodiscard]] std::span<const std::size_t> rows_of(std::size_t clump) const {
    return std::span(rows_).subspan(begin_[clump], begin_[clump + 1] - begin_[clump]);
  }

 private:
  std::vector<std::size_t> rows_, begin_;
};

// The smallest of the weights of some rows.
[[nodiscard]] inline double lightest(const Foldable<double>& weight, std::span<const std::size_t> rows) {
  double least = std::numeric_limits<double>::infinity();
  for (const std::size_t row : rows) least = std::min(least, weight[row]);
  return least;
}

}  // namespace invado
