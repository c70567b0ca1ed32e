// `invado export DIR WHAT`: its options, and what they do.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace CLI {
class App;
}

namespace invado {

struct ExportOptions {
  std::filesystem::path folder, output;
  std::string what, form, time, site, array, part, columns;
  bool overwrite = false, checkpoints = false;
};

struct ExportCommand {
  CLI::App* command = nullptr;

  void add_to(CLI::App& app);
  Exit dispatch() const;

 private:
  ExportOptions options_;
};

}  // namespace invado
