// Options that say where a sweep runs: a machine file, and what the command line knows better.
#pragma once

#include <string>

#include "sweep/machine.h"

namespace CLI {
class App;
}

namespace invado {

class MachineOptions {
 public:
  void add_to(CLI::App& command);
  // The machine that was named, with what the options change. Throws what read_machine throws, and Error 2.
  [[nodiscard]] Machine read() const;

 private:
  std::string machine_, executor_, chunk_, cpus_, partition_, account_, qos_, time_, memory_;
};

}  // namespace invado
