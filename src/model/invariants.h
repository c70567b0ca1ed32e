// What holds of a World at any time, whatever the scenario: finite, inside, not negative, balanced. Checked while a run goes
// on, so that a broken state is never saved and never shown.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/world.h"

namespace invado {

enum class Checks {
  Off,
  Cheap,  // a sixteenth of the rows and voxels per round, in rotation: what stays wrong is seen within 16 rounds
  Full,
};

struct Violation {
  // A column of model/columns.h, or "clock", "ids", "head count", "queues", "events", "diagnostics", "matrix", "fields".
  std::string quantity;
  std::string text;  // which cell or voxel, what is there, what must be
};

// The first violation: by quantity, then smallest id or voxel, whatever the threads and the order of rows.
[[nodiscard]] std::optional<Violation> find_violation(const World& world, Checks checks, std::int64_t round);

// Full checks of a simulation that is being stepped, fast enough to be left on: a matrix takes 45 bytes per voxel, and to
// look at all of it costs as much as a step. After a process, within a step: everything about what the process declares to
// write, but no lattice of more than 2 MB.
[[nodiscard]] std::optional<Violation> find_violation_after(const World& world, std::span<const std::string_view> written);
// At the end of a step: all cells, and one part of the voxels per round, in rotation over 64 rounds.
[[nodiscard]] std::optional<Violation> find_violation_at_end(const World& world, std::int64_t round);

}  // namespace invado
