// A scenario made alive: founders placed, every column filled, ready to step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/stepper.h"
#include "scenario/scenario.h"

namespace invado {

struct Simulation {
  World world;
  Stepper stepper;
};

// Places the founders and starts all processes. Takes world and schedule out of the scenario.
[[nodiscard]] Simulation start_simulation(Scenario& scenario);

// What a run will need, before anything large is allocated.
struct MemoryNeed {
  struct Part {
    std::string name;
    double bytes;
  };
  std::vector<Part> parts;
  [[nodiscard]] double total() const;
};
[[nodiscard]] MemoryNeed predict_memory(const Scenario& scenario);

// Largest amount that a run may take [bytes]: `limit` ("16G") when given, else 80 % of memory and cgroup limit.
[[nodiscard]] double memory_limit(const std::string& limit);

// Throws Error (exit 71) with the table when the need is above the limit.
void refuse_what_cannot_fit(const MemoryNeed& need, double limit);
[[nodiscard]] std::string to_text(const MemoryNeed& need);

}  // namespace invado
