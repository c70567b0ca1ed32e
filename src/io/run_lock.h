// Only one program at a time works in a run folder.
//
// The lock is an open-file-description lock (F_OFD_SETLK) on `.lock` in the folder: the kernel releases it when the
// program ends, however it ends, and no other open or close of the file can lose it (plain POSIX locks are lost then).
// Where the file system does not offer it, flock() is tried. The file tells who holds it. It is removed at a regular end;
// after a kill it stays and locks nothing.
//
// It also tells whose the files are: a folder that was empty when a run came is marked in it until the run's record is in
// place. What lies in a marked folder that nobody holds was left by a run that never began.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace invado {

class RunLock {
 public:
  // Throws IoError: 75 when another program holds it (its host, process and start are named), 73 when the file system
  // offers no locks, else as for any file.
  [[nodiscard]] static RunLock take(const std::filesystem::path& folder);
  // Who holds the lock, if anybody does. Looks without disturbing.
  [[nodiscard]] static std::optional<std::string> holder(const std::filesystem::path& folder);

  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

  // Whether the lock file of a program that was killed was found in the folder, and whether that one had marked it.
  [[nodiscard]] bool was_abandoned() const { return abandoned_; }
  [[nodiscard]] bool was_marked() const { return was_marked_; }

  // The folder is empty: what will be in it is ours. From now on the file stays, however the program ends, until settle().
  void mark();
  // The record of the run is in place.
  void settle();

 private:
  RunLock(int directory, int descriptor, bool abandoned)
      : directory_(directory), descriptor_(descriptor), abandoned_(abandoned) {}

  int directory_ = -1;  // stays right when the folder is renamed
  int descriptor_ = -1;
  bool abandoned_ = false, was_marked_ = false, marked_ = false;
};

}  // namespace invado
