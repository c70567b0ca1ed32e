// Files that are complete or not there: written under a temporary name, synced, then renamed; and files that only grow.
//
// A failure throws IoError: 73 when the file cannot be created (missing directory, name taken by a directory), 77 when
// permission is missing, 74 for everything that the disk does (full, I/O error, file size limit). The program must
// ignore SIGXFSZ, else a file size limit kills it before we can say so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "base/error.h"

namespace invado {

// IoError for a failed system call: "path: what: reason", with the exit code that errno stands for.
[[nodiscard]] IoError io_error(const std::filesystem::path& path, std::string_view what, int error_number);

// A file that is there under its name only when it is complete: temporary file in the target's directory ->
// posix_fallocate -> write -> fsync -> close -> rename -> fsync(directory). Without commit() nothing is left of it.
class AtomicFile {
 public:
  // `size`: bytes that will be written; a full disk says so here, before a byte is written.
  AtomicFile(std::filesystem::path target, std::uint64_t size);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);
  void commit();

 private:
  void flush();
  void put(std::span<const std::byte> bytes);

  std::filesystem::path target_, temporary_;
  int descriptor_ = -1;
  std::vector<std::byte> waiting_;  // small pieces are collected: a checkpoint has hundreds of them
};

// A finished file and what is in it.
struct FinishedFile {
  std::string name;  // relative to the run folder, or the path that was given
  std::uint64_t bytes = 0;
  std::string checksum;  // XXH3, 128 bits, 32 hexadecimal digits
};

// A whole file at once.
FinishedFile atomic_write(const std::filesystem::path& target, std::span<const std::byte> bytes);
FinishedFile atomic_write(const std::filesystem::path& target, std::string_view text);

// The same for a file that a library writes itself, under path(): a free temporary name beside the target. publish() does
// fsync -> rename -> fsync(directory); without it nothing is left of the file.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path target);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void publish();

 private:
  std::filesystem::path target_, path_;  // path_ is empty once it is published
};

// Size and checksum of the first `bytes` bytes of a file (all of it when absent). 66 when it is not there, 65 when it
// is shorter or not a regular file.
FinishedFile examine_file(const std::filesystem::path& path, std::optional<std::uint64_t> bytes = {});

// The whole text of a regular file; 66 when it is not there.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);

// One directory, durably; nothing happens when it is there.
void make_directory(const std::filesystem::path& path);
// The same with what is missing above it.
void make_directories(const std::filesystem::path& path);

// Whether a name is one that an interrupted write leaves behind: `.tmp-<process>-<number>`. No others are ours to delete.
[[nodiscard]] bool is_temporary_name(std::string_view name);
// Deletes what has such a name in this directory.
void remove_temporaries(const std::filesystem::path& directory);

// A file that grows by whole rows. Every append goes to the system at once, so a reader sees complete rows; a row that
// could not be written completely is cut off again. The first failure is kept: later appends throw it once more.
class AppendFile {
 public:
  // A new file; an existing one is refused (73).
  [[nodiscard]] static AppendFile create(const std::filesystem::path& path);
  // An existing file, cut to what the checkpoint counts on: what is behind was written after it. 65 when the file is
  // shorter or its beginning has changed.
  [[nodiscard]] static AppendFile reopen(const std::filesystem::path& path, const FinishedFile& expected);
  // An existing file as it is, but for an incomplete last line, which is cut off.
  [[nodiscard]] static AppendFile continue_lines(const std::filesystem::path& path);

  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  void append(std::string_view rows);
  // What was appended is on the disk afterwards.
  void sync();
  // Its file name, its size and the checksum of all that is in it.
  [[nodiscard]] FinishedFile state() const { return {path_.filename().string(), size_, checksum_.hex()}; }

 private:
  AppendFile(std::filesystem::path path, int descriptor);

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  Checksum checksum_;
  int failure_ = 0;  // errno of the first failure
};

}  // namespace invado
