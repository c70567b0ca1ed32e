// What happens to a tissue, in which order and how often.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/process.h"

namespace invado {

struct ScheduleEntry {
  std::unique_ptr<Process> process;
  std::int64_t every_ticks = 1;
  bool on = true;  // off: configured and started, never applied
};

struct Schedule {
  std::vector<ScheduleEntry> entries;  // in the order of a step
};

// One line per entry: order, name, cadence. Printed at the start and stored in every output.
[[nodiscard]] std::string to_text(const Schedule& schedule, std::int64_t tick_us);

}  // namespace invado
