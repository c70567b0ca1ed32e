// Three families of failure that never mix: our bug, the user's input, broken physics.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

namespace invado {

// Exit codes of the program (README, section "Exit codes"); a failure carries its own.
enum class Exit : int {
  Done = 0,
  PartlyFailed = 1,
  Usage = 2,
  BadScenario = 64,
  BadData = 65,
  NotFound = 66,
  ModelFault = 70,
  NoMemory = 71,
  CannotCreate = 73,
  IoError = 74,
  Locked = 75,
  NoPermission = 77,
  Stopped = 85,
  StoppedNoCheckpoint = 86,
};

// Base of everything that we throw: a sentence for the user and the exit code that goes with it.
class Error : public std::runtime_error {
 public:
  Error(Exit code, const std::string& what) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] Exit code() const { return code_; }

 private:
  Exit code_;
};

// The user's scenario, command-line value or data is wrong. what() holds complete lines, one per problem.
class ConfigError : public Error {
 public:
  explicit ConfigError(const std::string& lines, Exit code = Exit::BadScenario) : Error(code, lines) {}
};

// The physics broke an invariant. The stepper adds step and process; the thrower names cell or voxel and value.
class ModelFault : public Error {
 public:
  explicit ModelFault(const std::string& what) : Error(Exit::ModelFault, what) {}
};

// Reading or writing a file failed.
class IoError : public Error {
 public:
  explicit IoError(const std::string& what, Exit code = Exit::IoError) : Error(code, what) {}
};

}  // namespace invado

// Our own bug. Always on: none of these sits in an inner loop.
#define INVADO_ENSURE(condition)                                                                        \
  do {                                                                                                  \
    if (!(condition)) {                                                                                 \
      std::fprintf(stderr, "invado: bug at %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                                     \
    }                                                                                                   \
  } while (false)
