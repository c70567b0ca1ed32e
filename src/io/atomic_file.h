// Files that are complete or not there: written under a temporary name, synced, then renamed; and files that only grow.
//
// A failure throws IoError: 73 when the file cannot be created (missing directory, name taken by a directory), 77 when
// permission is missing, 74 for everything that the disk does (full, I/O error, file size limit). The program must
// ignore SIGXFSZ, else a file size limit kills it before we can say so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace invado {

// IoError for a failed system call: "path: what: reason", with the exit code that errno stands for.
[[nodiscard]] IoError io_error(const std::filesystem::path& path, std::string_view what, int error_number);

// Temporary file in the target's directory -> posix_fallocate -> write -> fsync -> close -> rename -> fsync(directory).
// After a failure nothing new is under the final name and the temporary file is gone.
void atomic_write(const std::filesystem::path& target, std::span<const std::byte> bytes);
void atomic_write(const std::filesystem::path& target, std::string_view text);

// The two halves of it for a file that a library wrote itself: a free temporary name beside the target, and
// fsync -> rename -> fsync(directory) of the finished temporary file.
[[nodiscard]] std::filesystem::path temporary_beside(const std::filesystem::path& target);
void publish(const std::filesystem::path& temporary, const std::filesystem::path& target);

// A file that grows by whole rows. Every append goes to the system at once, so a reader sees complete rows; a row that
// could not be written completely is cut off again. The first failure is kept: later appends throw it once more.
class AppendFile {
 public:
  // A new file; an existing one is refused (73).
  [[nodiscard]] static AppendFile create(const std::filesystem::path& path);
  // An existing file, cut to `size` bytes: what is behind was written after the checkpoint that is resumed.
  [[nodiscard]] static AppendFile reopen(const std::filesystem::path& path, std::uint64_t size);

  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  void append(std::string_view rows);
  // What was appended is on the disk afterwards.
  void sync();
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  AppendFile(std::filesystem::path path, int descriptor, std::uint64_t size);

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  int failure_ = 0;  // errno of the first failure
};

}  // namespace invado
