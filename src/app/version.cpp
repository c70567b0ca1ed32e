#include "app/version.h"

#include <fmt/core.h>
#include <xxhash.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "io/hdf5.h"

namespace invado {

std::string version_text() {
  return fmt::format(
      "invado {} ({})\ncompiler  {}\nflags     {}{}\nlibraries HDF5 {}, fmt {}.{}.{}, nlohmann-json {}.{}.{}, xxHash "
      "{}.{}.{}",
      INVADO_VERSION, INVADO_COMMIT, INVADO_COMPILER, INVADO_BUILD_FLAGS,
      std::string_view(INVADO_SANITIZERS).empty() ? "" : ", sanitizers " INVADO_SANITIZERS, hdf5::library_version(),
      FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, NLOHMANN_JSON_VERSION_MAJOR,
      NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
}

}  // namespace invado
