// How much memory a scenario will need, before anything large is allocated.
#pragma once

#include <cstdint>
#include <string>

namespace invado {

struct MemoryNeed {
  double cells = 0, matrix = 0, fields = 0;  // [bytes]; doubles, because 10^18 voxels must not overflow

  [[nodiscard]] double total() const { return cells + matrix + fields; }
  // "cells 1.2 MiB, matrix ..., fields ..., together ...".
  [[nodiscard]] std::string text() const;
};

// Founders with all their columns, twice over for neighbour lists and growth; matrix and factor voxels with the copies that
// solvers keep.
[[nodiscard]] MemoryNeed predict_memory(double cells, double matrix_voxels, double factor_voxels, double fields);

// 80 % of the machine's memory or of the limit of our control group, whichever is less. [bytes]
[[nodiscard]] std::uint64_t available_memory();

// "3.4 GiB".
[[nodiscard]] std::string size_text(double bytes);

}  // namespace invado
