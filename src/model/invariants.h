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

// Within a step cells may be queued to divide or to leave.
enum class Moment { BetweenSteps, WithinStep };

// The first violation: by quantity, then smallest id or voxel, whatever the threads and the order of rows.
[[nodiscard]] std::optional<Violation> find_violation(const World& world, Checks checks, std::int64_t round,
                                                      Moment moment = Moment::BetweenSteps);

// Within a step, everything about the quantities that a process declares to write, and the head count.
[[nodiscard]] std::optional<Violation> find_violation_in(const World& world, std::span<const std::string_view> quantities);

}  // namespace invado
