#include "io/run_folder.h"

#include <fmt/format.h>

#include "io/atomic_file.h"

namespace invado {
namespace fs = std::filesystem;

RunFolder RunFolder::create(const fs::path& path, Existing existing) {
  std::error_code error;
  RunFolder folder(path);
  const fs::file_status status = fs::symlink_status(path, error);
  if (error && status.type() != fs::file_type::not_found)
    throw io_error(path, "cannot use this as output folder", error.value());
  if (fs::exists(status)) {
    if (!fs::is_directory(path, error))
      throw IoError(fmt::format("{}: is in the way of the output folder (a file or a dangling link)", path.string()),
                    Exit::CannotCreate);
    const bool empty = fs::is_empty(path, error);
    if (error) throw io_error(path, "cannot look into the output folder", error.value());
    if (!empty) {
      if (existing == Existing::Refuse)
        throw IoError(fmt::format("{}: is not empty (--overwrite moves it aside, -o names another folder)", path.string()),
                      Exit::CannotCreate);
      fs::path plain = path;
      if (!plain.has_filename()) plain = plain.parent_path();  // "run/" -> "run"
      for (int n = 1; folder.moved_to_.empty(); ++n) {
        const fs::path aside = fmt::format("{}.old-{}", plain.string(), n);
        if (!fs::exists(fs::symlink_status(aside, error))) folder.moved_to_ = aside;
      }
      fs::rename(plain, folder.moved_to_, error);
      if (error) throw io_error(path, "cannot move the earlier results aside", error.value());
    }
  }
  fs::create_directories(path, error);
  if (error) throw io_error(path, "cannot create the output folder", error.value());
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) throw IoError(fmt::format("{}: no such folder", path.string()), Exit::NotFound);
  return RunFolder(path);
}

void RunFolder::write_scenario(std::string_view original, std::string_view resolved) const {
  atomic_write(scenario(), original);
  atomic_write(resolved_scenario(), resolved);
}

}  // namespace invado
