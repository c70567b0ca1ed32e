// Which exit code an action of a test ends with, here or in a child process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

namespace invado::test {

// Exit code of the IoError that `act` throws; 0 when it throws none.
template <class Act>
int code_of(Act&& act) {
  try {
    act();
  } catch (const IoError& error) {
    return static_cast<int>(error.code());
  }
  return 0;
}

// The same in a child process that is first put into a bad place by `prepare`.
template <class Prepare, class Act>
int code_in_child(Prepare&& prepare, Act&& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    prepare();
    ::_exit(code_of(act));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace invado::test
