// How much memory a scenario will need, before anything large is allocated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "scenario/scenario.h"

namespace invado {

// Larger snapshots are built on disk. [bytes]
inline constexpr std::uint64_t snapshot_in_memory_limit = std::uint64_t{1} << 28;

// What a run keeps; counts are doubles, because 10^18 voxels must not overflow.
struct MemoryQuestion {
  double cells = 0;        // all that come
  double kept = 0;         // of each: its numbers in columns [bytes]
  bool spaceless = false;  // in wells or in the blood: no neighbours, no front
  double waiting = 0;      // of these: founders that come later, each in a row of its own until then
  double matrix_voxels = 0, factor_voxels = 0, factors = 0;
  bool steady = false;     // some factor is solved to its steady state
  bool snapshots = false;  // some are written
  bool series = false;     // rows of series.csv are
  double image = 0;        // of a picture that the matrix is made from [bytes]
};

// The largest amount held at once [bytes].
struct MemoryNeed {
  double program = 0, cells = 0, matrix = 0, fields = 0;
  double snapshot = 0;  // while one is written
  double row = 0;       // while one of series.csv is made
  double image = 0;     // a picture, before the first step

  // Together with what another site takes.
  MemoryNeed& operator+=(const MemoryNeed& site);
  [[nodiscard]] double results() const { return std::max(snapshot, row); }  // one after the other
  [[nodiscard]] double total() const { return program + cells + matrix + fields + results() + image; }
  // "cells 1.2 MiB, matrix ..., together ...".
  [[nodiscard]] std::string text() const;
};

// What the columns of a cell take that no scenario can fold. [bytes]
[[nodiscard]] double bytes_of_unfolded_columns();
// What they take in this scenario, whose processes are configured: what no process writes and no two cells differ in is
// folded (base/foldable.h). [bytes]
[[nodiscard]] double bytes_of_kept_columns(const Scenario& scenario);

// Some type divides, and the process is on. Processes are configured.
[[nodiscard]] bool cells_divide(const Scenario& scenario);

// Of tissue: cells with about ten neighbours, a matrix that is smooth except in places. Within 10 % of the resident size of
// such runs above 100 MB; random lattices, which do not compress, take more while a snapshot is written, loose cells less.
[[nodiscard]] MemoryNeed predict_memory(const MemoryQuestion& question);
// What the run needs with so many times its founders, where they are put. Processes are configured.
[[nodiscard]] MemoryNeed memory_of(const Scenario& scenario, double times = 1);

// "needs more memory than there is (got ...; allowed ...)".
[[nodiscard]] std::string too_little_memory(const MemoryNeed& need, std::uint64_t limit);

// 80 % of the machine's memory or of the limit of our control group, whichever is less. [bytes]
[[nodiscard]] std::uint64_t available_memory();

// "3.4 GiB".
[[nodiscard]] std::string size_text(double bytes);

}  // namespace invado
