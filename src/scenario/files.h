// Files that a scenario names: where they are looked for, and which are refused.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace invado {

// The text of a regular file of at most `longest` bytes. Throws IoError: 66 when there is none or it is no regular file, 77
// without permission, 74 when reading fails, and ConfigError (64) when it is too long.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path, std::size_t longest);

// As short as it stays clear, for messages: below the working directory relative to it.
[[nodiscard]] std::string shown_path(const std::filesystem::path& path);

// Folder of the shipped parameter sets: INVADO_CONFIGS, else beside the installed program, else the source tree.
[[nodiscard]] std::filesystem::path shipped_configs();

struct FoundFile {
  std::filesystem::path path;  // as it was named; empty: not found or refused
  std::filesystem::path real;  // the same without links: what was judged, and what is to be read
  std::string problem;         // why, for the user
  Exit code = Exit::BadScenario;
};

// The text of a found file, as read_text_file. Opened step by step from the root, following no link: one that was put there
// since the file was found is refused (66).
[[nodiscard]] std::string read_found_file(const FoundFile& file, std::size_t longest);

// Whether everybody may write a file: then anybody can change what a run is made of.
[[nodiscard]] bool writable_by_all(const std::filesystem::path& path);

// A file named in `from`: beside that file, then in the nearest folder `scenarios` above it, then in the shipped configs.
// Names that are absolute, climb with `..`, or leave these folders and the working directory through a symbolic link are
// refused, unless the file lies in one of `allowed`.
[[nodiscard]] FoundFile find_named_file(std::string_view name, const std::filesystem::path& from,
                                        const std::vector<std::filesystem::path>& allowed);

}  // namespace invado
