// What became of a run, in words.
#pragma once

#include <string>

#include "io/provenance.h"
#include "io/run_folder.h"

namespace invado {

struct RunState {
  std::string text;
  std::string go_on;  // the command that goes on with it; empty: nothing to go on with
  bool running = false;
};

[[nodiscard]] RunState state_of(const RunFolder& folder, const Provenance& p);

}  // namespace invado
