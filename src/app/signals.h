// What the outside world asks of a running simulation. Handlers only raise flags; the run looks at them after each step.
#pragma once

namespace invado {

// TERM, INT, USR1, XCPU: finish the step, write a checkpoint, end. A second TERM, INT or XCPU ends the program at once
// (128 + number). USR2: write a checkpoint and go on. PIPE, XFSZ and HUP are ignored: the write that fails says so.
void install_signals();
// From the first wish to stop on the program has this long; then SIGALRM ends it, whatever it waits for.
void end_when_asked_within(unsigned seconds);

[[nodiscard]] bool stop_requested();
// Whether a TERM, INT or XCPU was among what asked.
[[nodiscard]] bool stop_in_haste();
// Whether a checkpoint was asked for since the last call.
[[nodiscard]] bool checkpoint_requested();

}  // namespace invado
