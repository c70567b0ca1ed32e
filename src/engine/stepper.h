// Time: for each tick the due processes, then the commit of births and deaths.
#pragma once

#include <vector>

#include "engine/schedule.h"

namespace invado {

class Stepper {
 public:
  explicit Stepper(Schedule schedule);

  // Settle the founders, then fill all derived and initial columns at t = 0, in schedule order.
  void start(World& world) const;
  // Advance by one tick. A fault names step, process and what the process said.
  void step(World& world);

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  // Seconds of wall time spent in each entry since construction, and in the commit (last).
  [[nodiscard]] const std::vector<double>& seconds() const { return seconds_; }

 private:
  Schedule schedule_;
  std::vector<double> seconds_;
};

}  // namespace invado
