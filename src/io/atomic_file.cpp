#include "io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace invado {
namespace fs = std::filesystem;
namespace {

// errno of the failure, 0 when all bytes were written.
int write_all(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (written == 0) return EIO;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

int sync_all(int descriptor) {
  // A failed fsync is final: the kernel may have dropped the pages, a second call would claim success.
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

fs::path directory_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw io_error(directory, "cannot open the directory", errno);
  const int error = sync_all(descriptor);
  ::close(descriptor);
  // Some network file systems have no fsync for directories; they make renames durable by themselves.
  if (error != 0 && error != EINVAL && error != ENOTSUP) throw io_error(directory, "cannot sync the directory", error);
}

// Deletes a temporary file unless it was renamed.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  void rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) throw io_error(target, "cannot put the file in place", errno);
    renamed_ = true;
    sync_directory(directory_of(target));
  }

 private:
  fs::path path_;
  bool renamed_ = false;
};

fs::path temporary_name(const fs::path& target, int attempt) {
  return directory_of(target) / fmt::format(".tmp-{}-{}", static_cast<long>(::getpid()), attempt);
}

}  // namespace

IoError io_error(const fs::path& path, std::string_view what, int error_number) {
  Exit code = Exit::IoError;
  switch (error_number) {
    case EACCES:
    case EPERM:
    case EROFS: code = Exit::NoPermission; break;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EEXIST:
    case ENOTEMPTY:
    case ENAMETOOLONG:
    case ELOOP: code = Exit::CannotCreate; break;
    default: break;
  }
  return IoError(fmt::format("{}: {}: {}", path.string(), what, std::strerror(error_number)), code);
}

fs::path temporary_beside(const fs::path& target) {
  for (int attempt = 0; attempt < 10000; ++attempt) {
    fs::path name = temporary_name(target, attempt);
    struct stat unused {};
    if (::lstat(name.c_str(), &unused) != 0) {
      if (errno == ENOENT && ::access(directory_of(target).c_str(), F_OK) == 0) return name;
      throw io_error(target, "cannot create the file", errno);
    }
  }
  throw io_error(target, "too many temporary files beside it", EEXIST);
}

void atomic_write(const fs::path& target, std::span<const std::byte> bytes) {
  // O_EXCL and O_NOFOLLOW: never write through a file or link that somebody put there.
  int descriptor = -1;
  fs::path name;
  for (int attempt = 0; descriptor < 0; ++attempt) {
    name = temporary_name(target, attempt);
    descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EINTR) continue;
    if (descriptor < 0 && (errno != EEXIST || attempt >= 10000)) throw io_error(target, "cannot create the file", errno);
  }
  Temporary temporary(name);
  int error = 0;
  // Ask for the space first: a full disk says so before a byte is written. EINVAL, EOPNOTSUPP: not offered here.
  if (!bytes.empty()) {
    do error = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes.size()));
    while (error == EINTR);
    if (error == EINVAL || error == EOPNOTSUPP || error == ENOSYS) error = 0;
  }
  if (error == 0) error = write_all(descriptor, reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (error == 0) error = sync_all(descriptor);
  if (::close(descriptor) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error != 0) throw io_error(target, "cannot write the file", error);
  temporary.rename_to(target);
}

void atomic_write(const fs::path& target, std::string_view text) {
  atomic_write(target, std::as_bytes(std::span(text.data(), text.size())));
}

void publish(const fs::path& temporary, const fs::path& target) {
  Temporary file(temporary);
  const int descriptor = ::open(temporary.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) throw io_error(temporary, "cannot open the file", errno);
  const int error = sync_all(descriptor);
  ::close(descriptor);
  if (error != 0) throw io_error(target, "cannot write the file", error);
  file.rename_to(target);
}

AppendFile::AppendFile(fs::path path, int descriptor, std::uint64_t size)
    : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

AppendFile AppendFile::create(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) throw io_error(path, "cannot create the file", errno);
  return {path, descriptor, 0};
}

AppendFile AppendFile::reopen(const fs::path& path, std::uint64_t size) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) throw io_error(path, "cannot open the file", errno);
  AppendFile file(path, descriptor, size);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw io_error(path, "cannot examine the file", errno);
  if (static_cast<std::uint64_t>(status.st_size) < size)
    throw IoError(fmt::format("{}: has {} bytes, the checkpoint counts on {}", path.string(), status.st_size, size),
                  Exit::BadData);
  if (::ftruncate(descriptor, static_cast<off_t>(size)) != 0) throw io_error(path, "cannot cut the file", errno);
  return file;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      failure_(other.failure_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(failure_, other.failure_);
  return *this;
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::append(std::string_view rows) {
  if (failure_ == 0) failure_ = write_all(descriptor_, rows.data(), rows.size());
  if (failure_ != 0) {
    // Half a row would be read as a whole one. Cutting it off is all that can be done; the failure is reported anyway.
    const bool cut = ::ftruncate(descriptor_, static_cast<off_t>(size_)) == 0;
    throw io_error(path_, cut ? "cannot append to the file" : "cannot append to the file, its last row is incomplete",
                   failure_);
  }
  size_ += rows.size();
}

void AppendFile::sync() {
  if (failure_ == 0) failure_ = sync_all(descriptor_);
  if (failure_ != 0) throw io_error(path_, "cannot write the file", failure_);
}

}  // namespace invado
