// Scripts by which a shell completes the command line; made from the command line itself, so that they never lag behind it.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace invado {

// `shell`: bash, zsh or fish. Throws Error 2 for another one.
[[nodiscard]] std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace invado
