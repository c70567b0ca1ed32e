#include "io/run_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "io/atomic_file.h"
#include "io/provenance.h"

namespace invado {
namespace {

constexpr const char* lock_name = ".lock";
constexpr std::string_view new_run_mark = "a new run, not begun yet\n";

struct ::flock whole_file(short type) {
  struct ::flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool not_offered(int error) { return error == EINVAL || error == ENOLCK || error == ENOTSUP || error == ENOSYS; }

// 0: ours now; else errno, EAGAIN when somebody else holds it.
int try_to_lock(int descriptor) {
  struct ::flock lock = whole_file(F_WRLCK);
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return 0;
  if (!not_offered(errno)) return errno == EACCES ? EAGAIN : errno;
  // Who only looks (holder()) holds a shared lock for microseconds: who still holds it after a tenth of a second works here.
  int error = 0;
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    error = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (error != EWOULDBLOCK && error != EINTR) break;
  }
  return error;
}

std::string who_we_are() {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  const char* job = std::getenv("SLURM_JOB_ID");
  return fmt::format("process {} on {} since {}{}\n", static_cast<long>(::getpid()), host, utc_now(),
                     job != nullptr ? fmt::format(", Slurm job {:.40}", job) : "");
}

std::string read_lock(int descriptor) {
  char text[512];
  const ssize_t got = ::pread(descriptor, text, sizeof text, 0);
  return {text, got > 0 ? static_cast<std::size_t>(got) : 0};
}

// Who holds it is told for people: that it could not be written (a full disk) does not matter. Without the mark, files
// that a run leaves which never began are taken for somebody's.
void write_lock(int descriptor, const std::string& text) {
  const bool written = ::ftruncate(descriptor, 0) == 0 &&
                       ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written || ::fsync(descriptor) != 0) errno = 0;
}

// What the holder wrote; "another program" while it has not written yet.
std::string read_holder(int descriptor) {
  std::string line = read_lock(descriptor);
  line.resize(std::min(line.find('\n'), line.size()));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return line.empty() ? "another program" : line;
}

}  // namespace

RunLock RunLock::take(const std::filesystem::path& folder) {
  int directory = -1;
  do directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (directory < 0 && errno == EINTR);
  if (directory < 0) throw io_error(folder, "cannot open the folder", errno);
  RunLock lock(directory, -1, false);
  for (;;) {
    lock.abandoned_ = true;
    int descriptor = ::openat(directory, lock_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    const bool missing = descriptor < 0 && errno == ENOENT;
    if (missing) {
      lock.abandoned_ = false;
      descriptor = ::openat(directory, lock_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (descriptor < 0 && errno == EEXIST) continue;  // somebody was faster
    }
    if (descriptor < 0 && errno == EINTR) continue;
    // The lock is only the first thing that a program writes here: that nothing can be written is what matters.
    if (descriptor < 0 && missing) throw io_error(folder, "cannot write into the folder", errno);
    if (descriptor < 0) throw io_error(folder / lock_name, "cannot open the lock file", errno);
    if (const int error = try_to_lock(descriptor); error != 0) {
      const std::string who = read_holder(descriptor);
      ::close(descriptor);
      if (error == EAGAIN || error == EWOULDBLOCK)
        throw IoError(fmt::format("{}: is in use by {}", folder.string(), who), Exit::Locked);
      if (not_offered(error))
        throw IoError(
            fmt::format("{}: this file system offers no locks; take an output folder on another one (-o)", folder.string()),
            Exit::CannotCreate);
      throw io_error(folder / lock_name, "cannot lock", error);
    }
    // The holder before us may have removed the file between our open and our lock: then ours is a lock on nothing.
    struct stat ours {
    }, present{};
    if (::fstat(descriptor, &ours) == 0 && ::fstatat(directory, lock_name, &present, AT_SYMLINK_NOFOLLOW) == 0 &&
        ours.st_ino == present.st_ino && ours.st_dev == present.st_dev) {
      lock.descriptor_ = descriptor;
      break;
    }
    ::close(descriptor);
  }
  lock.was_marked_ = read_lock(lock.descriptor_).find(new_run_mark) != std::string::npos;
  // A mark stays until the folder was judged by it.
  if (!lock.was_marked_) write_lock(lock.descriptor_, who_we_are());
  return lock;
}

std::optional<std::string> RunLock::holder(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / lock_name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct ::flock lock = whole_file(F_RDLCK);
  bool held = false;
  if (::fcntl(descriptor, F_OFD_GETLK, &lock) == 0)
    held = lock.l_type != F_UNLCK;
  else if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0)
    held = true;
  std::optional<std::string> who;
  if (held) who = read_holder(descriptor);
  ::close(descriptor);
  return who;
}

RunLock::RunLock(RunLock&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      abandoned_(other.abandoned_),
      was_marked_(other.was_marked_),
      marked_(other.marked_) {}

void RunLock::mark() {
  marked_ = true;
  write_lock(descriptor_, who_we_are() + std::string(new_run_mark));
}

void RunLock::settle() {
  if (marked_ || was_marked_) write_lock(descriptor_, who_we_are());
  marked_ = was_marked_ = false;
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) {
    if (!marked_) ::unlinkat(directory_, lock_name, 0);
    ::close(descriptor_);
  }
  if (directory_ >= 0) ::close(directory_);
}

}  // namespace invado
