#include "app/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "scenario/memory.h"

namespace invado {

std::string wall_time_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {:02} s", static_cast<int>(seconds) / 60, static_cast<int>(seconds) % 60);
  if (seconds < 172800)
    return fmt::format("{} h {:02} min", static_cast<int>(seconds) / 3600, static_cast<int>(seconds) / 60 % 60);
  return fmt::format("{:.1f} d", seconds / 86400);
}

Progress::Progress(ProgressMode mode, double start_h)
    : mode_(mode), begin_(std::chrono::steady_clock::now()), last_(begin_) {
  pace_.add(start_h, 0);  // of a run that goes on, where its checkpoint is
  if (mode_ == ProgressMode::Auto && isatty(STDERR_FILENO) == 0) mode_ = ProgressMode::Plain;
}

bool Progress::due(double time_h) {
  if (mode_ == ProgressMode::None) return false;
  const auto now = std::chrono::steady_clock::now();
  pace_.add(time_h, std::chrono::duration<double>(now - begin_).count());
  const double pause = mode_ == ProgressMode::Auto ? 0.2 : (mode_ == ProgressMode::Json ? 1.0 : 10.0);
  if (std::chrono::duration<double>(now - last_).count() < pause) return false;
  last_ = now;
  return true;
}

void Progress::write(const ProgressState& state, bool last) {
  if (mode_ == ProgressMode::None) return;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  const double done = state.end_h > 0 ? state.time_h / state.end_h : 1;
  const double rest = pace_.seconds_left(state.end_h);
  const double rate = wall > 0 ? state.cell_steps / wall : 0;
  if (mode_ == ProgressMode::Json) {
    std::fputs(fmt::format("{{\"fraction\": {:.4f}, \"time_h\": {:.4f}, \"end_h\": {:.4f}, \"cells\": {}, \"front_um_q90\": "
                           "{}, \"cell_steps_per_s\": {:.0f}, "
                           "\"wall_s\": {:.2f}, \"eta_s\": {:.1f}, \"disk_bytes\": {}}}\n",
                           done, state.time_h, state.end_h, state.cells,
                           std::isnan(state.front_um) ? "null" : fmt::format("{:.1f}", state.front_um), rate, wall, rest,
                           state.disk_bytes)
                   .c_str(),
               stderr);
    return;
  }
  const std::string front = std::isnan(state.front_um) ? "" : fmt::format("  front {:.0f} um", state.front_um);
  const std::string line = fmt::format("{:5.1f} %  {:.1f} of {:.1f} h  {} cells{}  {:.2f} M cell-steps/s  {} on disk  {}",
                                       100 * done, state.time_h, state.end_h, state.cells, front, rate / 1e6,
                                       size_text(static_cast<double>(state.disk_bytes)),
                                       last ? "took " + wall_time_text(wall) : "ETA " + wall_time_text(rest));
  if (mode_ == ProgressMode::Auto) {
    std::fputs(("\r\x1b[2K" + line + (last ? "\n" : "")).c_str(), stderr);
  } else {
    std::fputs((line + "\n").c_str(), stderr);
  }
  std::fflush(stderr);
}

}  // namespace invado
