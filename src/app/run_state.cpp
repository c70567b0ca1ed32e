#include "app/run_state.h"

#include <fmt/core.h>

#include "app/session.h"
#include "base/error.h"

namespace invado {

RunState state_of(const RunFolder& folder, const Provenance& p) {
  const std::string go_on = resume_command(folder.path());
  if (const auto who = RunLock::holder(folder.path())) return {"running: " + *who, "", true};
  if (!p.exit) return {"killed, or its machine went down", go_on};
  switch (static_cast<Exit>(*p.exit)) {
    case Exit::Done:
      if (p.end_h < p.duration_h)
        return {
            fmt::format("finished at {:.4g} h, as --until said; the scenario goes on to {:.4g} h", p.time_h, p.duration_h),
            fmt::format("{} --until \"{} h\"", go_on, p.duration_h)};
      return {"finished", ""};
    case Exit::Stopped: return {"stopped, with a checkpoint", go_on};
    case Exit::StoppedNoCheckpoint: return {"stopped, and the last checkpoint could not be written", go_on};
    case Exit::IoError: return {"stopped by the disk (exit code 74; the reason is in log.jsonl)", go_on};
    default: return {fmt::format("failed, exit code {} (the reason is in log.jsonl)", *p.exit), ""};
  }
}

}  // namespace invado
