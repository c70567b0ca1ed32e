// A scenario of the source tree, run to its end or for some steps, as the program does it but without output.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/stepper.h"
#include "scenario/scenario.h"

namespace invado::test {

inline std::filesystem::path shipped(const std::string& name) {
  return std::filesystem::path(INVADO_SOURCE_DIR "/scenarios") / name;
}

class Run {
 public:
  explicit Run(const std::filesystem::path& file, std::vector<std::string> set = {})
      : scenario_(load_scenario(file, {std::move(set), {}, {}, false, {}})),
        world(std::move(scenario_.world)),
        stepper_(std::move(scenario_.schedule)) {
    place_founders(scenario_, world);
    stepper_.start(world);
  }

  // One base step; false when the duration is over.
  bool step() {
    if (world.clock.tick * world.clock.tick_us >= scenario_.duration_us) return false;
    stepper_.step(world);
    return true;
  }
  void to_the_end() {
    while (step()) {
    }
  }
  void until(double minutes) {
    while (world.clock.time_min() < minutes && step()) {
    }
  }

 private:
  Scenario scenario_;

 public:
  World world;

 private:
  Stepper stepper_;
};

}  // namespace invado::test
