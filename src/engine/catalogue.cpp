#include "engine/catalogue.h"

namespace invado {

#define PROCESS(name, room, maker) std::unique_ptr<Process> maker();
#include "engine/catalogue.def"
#undef PROCESS

std::vector<std::unique_ptr<Process>> make_processes() {
  std::vector<std::unique_ptr<Process>> all;
#define PROCESS(name, room, maker) all.push_back(maker());
#include "engine/catalogue.def"
#undef PROCESS
  return all;
}

}  // namespace invado
