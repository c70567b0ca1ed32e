// Programs that need an X server, on machines that have none: a display of our own, which nobody sees.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace invado {

// An Xvfb as long as this object lives, on a free display number; DISPLAY and XAUTHORITY point to it meanwhile. Nobody else
// may connect to it. Nothing when there is no Xvfb on the PATH (package xvfb).
class OffScreen {
 public:
  OffScreen();
  ~OffScreen();
  OffScreen(const OffScreen&) = delete;
  OffScreen& operator=(const OffScreen&) = delete;

 private:
  pid_t server_ = -1;
  int cookie_ = -1;  // the secret of the display, in memory
};

// Runs a program to its end with `input` as its standard input; returns its exit code, 128 + n for signal n, 127 when it is
// not there.
int run_program(const std::vector<std::string>& words, const std::string& input = {});

}  // namespace invado
