// What a run's record says of the machine.
#pragma once

#include <string>

namespace invado {

[[nodiscard]] std::string host_name();
// Name of the processor; empty where the system does not tell.
[[nodiscard]] std::string processor_name();

}  // namespace invado
