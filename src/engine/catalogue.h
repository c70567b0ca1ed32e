// Which processes exist. Links the physics rooms, includes none of them.
#pragma once

#include <memory>
#include <vector>

#include "model/process.h"

namespace invado {

// One object of every process of the catalogue, in the order of a step.
[[nodiscard]] std::vector<std::unique_ptr<Process>> make_processes();

}  // namespace invado
