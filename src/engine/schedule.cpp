#include "engine/schedule.h"

#include <fmt/core.h>

namespace invado {

std::string to_text(const Schedule& schedule, std::int64_t tick_us) {
  std::string text;
  int order = 1;
  for (const ScheduleEntry& entry : schedule.entries) {
    const double every = static_cast<double>(entry.every_ticks * tick_us) / 60e6;
    if (entry.on)
      text += fmt::format("{}. {} every {:g} min\n", order++, entry.process->name(), every);
    else
      text += fmt::format("-  {} off\n", entry.process->name());
  }
  return text;
}

}  // namespace invado
