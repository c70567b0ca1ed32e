#include "io/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace invado {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view checkpoint_prefix = "checkpoint_", checkpoint_suffix = ".ckpt";

// What lies in a folder, without our lock and without leftovers of interrupted writes.
std::vector<std::string> contents(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) throw io_error(folder, "cannot look into the output folder", error.value());
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name != ".lock" && !is_temporary_name(name)) names.push_back(name);
  }
  return names;
}

// A run writes these before its run.json. If there is nothing else, and the mark of a new run, it never began.
bool never_began(const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [](const std::string& name) {
    return name == "scenario.yaml" || name == "scenario.resolved.yaml" || name == "inputs" || name == "log.jsonl";
  });
}

}  // namespace

RunFolder RunFolder::open(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) throw IoError(fmt::format("{}: there is no such folder", path.string()), Exit::NotFound);
  if (!fs::is_directory(path, error)) throw IoError(fmt::format("{}: is not a folder", path.string()), Exit::NotFound);
  RunFolder folder(path);
  if (!fs::exists(folder.run_json(), error))
    throw IoError(fmt::format("{}: holds no run (there is no run.json in it)", path.string()), Exit::NotFound);
  return folder;
}

fs::path RunFolder::checkpoint(std::int64_t step) const {
  return checkpoints() / fmt::format("{}{:09}{}", checkpoint_prefix, step, checkpoint_suffix);
}

fs::path RunFolder::failed_checkpoint(std::int64_t step) const {
  return checkpoints() / fmt::format("failed_{:09}{}", step, checkpoint_suffix);
}

std::vector<fs::path> RunFolder::checkpoints_newest_first() const {
  std::vector<fs::path> paths;
  std::error_code error;
  fs::directory_iterator entries(checkpoints(), error);
  // Only a folder that is not there holds none: a run that began anew because it could not be read would lose its results.
  if (error && error != std::errc::no_such_file_or_directory)
    throw io_error(checkpoints(), "cannot look into the folder", error.value());
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(checkpoint_prefix) && name.ends_with(checkpoint_suffix)) paths.push_back(entry.path());
  }
  // Numbers are filled up with zeros: longer is later, else by digits.
  std::ranges::sort(paths, [](const fs::path& a, const fs::path& b) {
    const std::string x = a.filename().string(), y = b.filename().string();
    return x.size() != y.size() ? x.size() > y.size() : x > y;
  });
  return paths;
}

void RunFolder::remove_temporaries() const {
  for (const fs::path& folder : {path_, snapshots(), checkpoints(), inputs()}) invado::remove_temporaries(folder);
}

NewRunFolder create_run_folder(const fs::path& path, RunFolder::Existing existing) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (error && status.type() != fs::file_type::not_found)
    throw io_error(path, "cannot use this as output folder", error.value());
  if (fs::exists(status) && !fs::is_directory(path, error))
    throw IoError(fmt::format("{}: is in the way of the output folder (a file or a dangling link)", path.string()),
                  Exit::CannotCreate);
  make_directories(path);

  // The lock first: what another program is writing is neither judged nor moved.
  NewRunFolder made{RunFolder(path), RunLock::take(path), {}};
  const std::vector<std::string> names = contents(path);
  if (names.empty() || (made.lock.was_marked() && never_began(names))) {
    for (const std::string& name : names) fs::remove_all(path / name);
    made.folder.remove_temporaries();
    made.lock.mark();
    return made;
  }
  if (existing == RunFolder::Existing::Refuse)
    throw IoError(fmt::format("{}: is not empty ({}--overwrite moves it aside, -o names another folder)", path.string(),
                              fs::exists(made.folder.run_json())
                                  ? fmt::format("`invado resume {}` goes on with the run that is in it, ", path.string())
                                  : ""),
                  Exit::CannotCreate);
  fs::path plain = path;
  if (!plain.has_filename()) plain = plain.parent_path();  // "run/" -> "run"
  for (int n = 1; made.moved_to.empty(); ++n) {
    const fs::path aside = fmt::format("{}.old-{}", plain.string(), n);
    if (!fs::exists(fs::symlink_status(aside, error))) made.moved_to = aside;
  }
  fs::rename(plain, made.moved_to, error);
  if (error) throw io_error(path, "cannot move the earlier results aside", error.value());
  // Another program may come in between: what is there now is judged like any folder.
  NewRunFolder fresh = create_run_folder(path, RunFolder::Existing::Refuse);
  fresh.moved_to = made.moved_to;
  return fresh;
}

void write_checksums(const fs::path& path, std::span<const FinishedFile> files) {
  std::string text;
  for (const FinishedFile& file : files) text += file.checksum + "  " + file.name + "\n";
  atomic_write(path, text);
}

std::vector<FinishedFile> read_checksums(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  std::vector<FinishedFile> files;
  for (std::string line; std::getline(file, line);) {
    const bool digits = line.size() > 34 && std::ranges::all_of(line.substr(0, 32), [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                        });
    const bool plain = std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
    if (!digits || !plain || line.substr(32, 2) != "  " || line.find("..") != std::string::npos || line[34] == '/')
      throw IoError(fmt::format("{}:{}: is not a checksum and a name", path.string(), files.size() + 1), Exit::BadData);
    files.push_back({line.substr(34), 0, line.substr(0, 32)});
  }
  return files;
}

}  // namespace invado
