// What a run's record says of the machine.
#pragma once

#include <string>

namespace invado {

[[nodiscard]] std::string host_name();
// Name of the processor; empty where the system does not tell.
[[nodiscard]] std::string processor_name();

// Between parallel loops the threads of libgomp spin for milliseconds; when other programs want the cores too, each
// loop then waits for a time slice (measured with four busy programs on two cores: 26 s instead of 3.3 s for the same
// run). A few microseconds of spinning keep the speed of a quiet machine. The library reads the wish when it is loaded,
// so the program starts itself once more with the wish in its environment: before anything is locked, written or said.
// Whoever sets either variable is obeyed.
void spin_briefly();

}  // namespace invado
