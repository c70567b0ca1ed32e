#include "io/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

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

// open() that a signal does not end early.
int open_file(const fs::path& path, int flags) {
  int descriptor = -1;
  do descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

int sync_all(int descriptor) {
  // A failed fsync is final: the kernel may have dropped the pages, a second call would claim success. Only one that a
  // signal ended has not failed.
  while (::fsync(descriptor) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

fs::path directory_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

void sync_directory(const fs::path& directory) {
  const int descriptor = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) throw io_error(directory, "cannot open the directory", errno);
  const int error = sync_all(descriptor);
  ::close(descriptor);
  // Some network file systems have no fsync for directories; they make renames durable by themselves.
  if (error != 0 && error != EINVAL && error != ENOTSUP) throw io_error(directory, "cannot sync the directory", error);
}

void put_in_place(const fs::path& temporary, const fs::path& target) {
  if (::rename(temporary.c_str(), target.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    throw io_error(target, "cannot put the file in place", error);
  }
  sync_directory(directory_of(target));
}

constexpr std::string_view temporary_prefix = ".tmp-";

fs::path temporary_name(const fs::path& target, int attempt) {
  return directory_of(target) / fmt::format("{}{}-{}", temporary_prefix, static_cast<long>(::getpid()), attempt);
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

TemporaryFile::TemporaryFile(fs::path target) : target_(std::move(target)) {
  for (int attempt = 0; attempt < 10000; ++attempt) {
    fs::path name = temporary_name(target_, attempt);
    struct stat unused {};
    if (::lstat(name.c_str(), &unused) == 0) continue;
    if (errno != ENOENT || ::access(directory_of(target_).c_str(), F_OK) != 0)
      throw io_error(target_, "cannot create the file", errno);
    path_ = std::move(name);
    return;
  }
  throw io_error(target_, "too many temporary files beside it", EEXIST);
}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void TemporaryFile::publish() {
  const int descriptor = open_file(path_, O_RDONLY | O_NOFOLLOW);
  if (descriptor < 0) throw io_error(path_, "cannot open the file", errno);
  const int error = sync_all(descriptor);
  ::close(descriptor);
  if (error != 0) throw io_error(target_, "cannot write the file", error);
  put_in_place(std::exchange(path_, {}), target_);
}

AtomicFile::AtomicFile(fs::path target, std::uint64_t size) : target_(std::move(target)) {
  // O_EXCL and O_NOFOLLOW: never write through a file or link that somebody put there.
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    temporary_ = temporary_name(target_, attempt);
    descriptor_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (descriptor_ < 0 && (errno != EEXIST || attempt >= 10000)) throw io_error(target_, "cannot create the file", errno);
  }
  if (size == 0) return;
  int error = 0;
  do error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size));
  while (error == EINTR);
  // These say that the file system does not offer it.
  if (error == 0 || error == EINVAL || error == EOPNOTSUPP || error == ENOSYS) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
  throw io_error(target_, "cannot write the file", error);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  constexpr std::size_t enough = std::size_t{1} << 20;
  if (waiting_.size() + bytes.size() < enough) {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    return;
  }
  flush();
  put(bytes);
}

void AtomicFile::flush() {
  put(waiting_);
  waiting_.clear();
}

void AtomicFile::put(std::span<const std::byte> bytes) {
  if (const int error = write_all(descriptor_, reinterpret_cast<const char*>(bytes.data()), bytes.size()); error != 0)
    throw io_error(target_, "cannot write the file", error);
}

void AtomicFile::commit() {
  flush();
  int error = sync_all(descriptor_);
  if (error != 0) throw io_error(target_, "cannot write the file", error);
  // Linux releases the descriptor even when close fails; EINTR then means nothing after a successful fsync.
  error = ::close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR ? 0 : errno;
  if (error != 0) {
    ::unlink(temporary_.c_str());
    throw io_error(target_, "cannot write the file", error);
  }
  put_in_place(temporary_, target_);
}

FinishedFile atomic_write(const fs::path& target, std::span<const std::byte> bytes) {
  AtomicFile file(target, bytes.size());
  file.write(bytes);
  file.commit();
  Checksum checksum;
  checksum.add(bytes);
  return {target.string(), bytes.size(), checksum.hex()};
}

FinishedFile atomic_write(const fs::path& target, std::string_view text) {
  return atomic_write(target, std::as_bytes(std::span(text.data(), text.size())));
}

namespace {

// Feeds the first `bytes` bytes of an open file (all of it when absent); returns how many there were.
std::uint64_t feed(Checksum& checksum, int descriptor, const fs::path& path, std::optional<std::uint64_t> bytes) {
  std::vector<std::byte> buffer(std::size_t{1} << 17);
  std::uint64_t done = 0;
  while (!bytes || done < *bytes) {
    const std::size_t wanted = bytes ? std::min<std::uint64_t>(buffer.size(), *bytes - done) : buffer.size();
    const ssize_t got = ::pread(descriptor, buffer.data(), wanted, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error(path, "cannot read the file", errno);
    if (got == 0) break;
    checksum.add(std::span(buffer).first(static_cast<std::size_t>(got)));
    done += static_cast<std::uint64_t>(got);
  }
  if (bytes && done < *bytes)
    throw IoError(fmt::format("{}: has {} bytes, {} are expected", path.string(), done, *bytes), Exit::BadData);
  return done;
}

std::uint64_t regular_file_size(int descriptor, const fs::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw io_error(path, "cannot examine the file", errno);
  if (!S_ISREG(status.st_mode)) throw IoError(fmt::format("{}: is not a regular file", path.string()), Exit::BadData);
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

FinishedFile examine_file(const fs::path& path, std::optional<std::uint64_t> bytes) {
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  const int descriptor = open_file(path, O_RDONLY | O_NONBLOCK);
  if (descriptor < 0)
    throw IoError(fmt::format("{}: cannot open the file: {}", path.string(), std::strerror(errno)),
                  errno == ENOENT   ? Exit::NotFound
                  : errno == EACCES ? Exit::NoPermission
                                    : Exit::BadData);
  try {
    regular_file_size(descriptor, path);
    Checksum checksum;
    const std::uint64_t size = feed(checksum, descriptor, path, bytes);
    ::close(descriptor);
    return {path.string(), size, checksum.hex()};
  } catch (...) {
    ::close(descriptor);
    throw;
  }
}

bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(temporary_prefix)) return false;
  name.remove_prefix(temporary_prefix.size());
  const std::size_t dash = name.find('-');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  return dash != std::string_view::npos && is_number(name.substr(0, dash)) && is_number(name.substr(dash + 1));
}

void remove_temporaries(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (is_temporary_name(entry.path().filename().string()) && entry.is_regular_file(error)) ::unlink(entry.path().c_str());
}

AppendFile::AppendFile(fs::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

AppendFile AppendFile::create(const fs::path& path) {
  const int descriptor = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND);
  if (descriptor < 0) throw io_error(path, "cannot create the file", errno);
  AppendFile file(path, descriptor);
  sync_directory(directory_of(path));  // a name that a power cut can take away is no file
  return file;
}

std::string read_text(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return sync_directory(directory_of(path));
  const int error = errno;
  std::error_code ignored;
  if (error != EEXIST || !fs::is_directory(path, ignored)) throw io_error(path, "cannot create the directory", error);
}

void make_directories(const fs::path& path) {
  if (!path.has_filename())
    return path.has_parent_path() && path != path.root_path() ? make_directories(path.parent_path()) : void();
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return;
  if (path.has_parent_path()) make_directories(path.parent_path());
  make_directory(path);
}

AppendFile AppendFile::reopen(const fs::path& path, const FinishedFile& expected) {
  const int descriptor = open_file(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_APPEND);
  if (descriptor < 0) throw io_error(path, "cannot open the file", errno);
  AppendFile file(path, descriptor);
  regular_file_size(descriptor, path);
  file.size_ = feed(file.checksum_, descriptor, path, expected.bytes);
  if (file.checksum_.hex() != expected.checksum)
    throw IoError(
        fmt::format("{}: has changed since the checkpoint (checksum of its first {} bytes)", path.string(), expected.bytes),
        Exit::BadData);
  if (::ftruncate(descriptor, static_cast<off_t>(file.size_)) != 0) throw io_error(path, "cannot cut the file", errno);
  return file;
}

AppendFile AppendFile::continue_lines(const fs::path& path) {
  const int descriptor = open_file(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_APPEND);
  if (descriptor < 0) throw io_error(path, "cannot open the file", errno);
  AppendFile file(path, descriptor);
  std::uint64_t size = regular_file_size(descriptor, path);
  for (char last = '\0'; size > 0; --size) {
    if (::pread(descriptor, &last, 1, static_cast<off_t>(size - 1)) != 1)
      throw io_error(path, "cannot read the file", errno);
    if (last == '\n') break;
  }
  if (::ftruncate(descriptor, static_cast<off_t>(size)) != 0) throw io_error(path, "cannot cut the file", errno);
  file.size_ = feed(file.checksum_, descriptor, path, size);
  return file;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      checksum_(std::move(other.checksum_)),
      failure_(other.failure_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(checksum_, other.checksum_);
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
  checksum_.add(rows);
}

void AppendFile::sync() {
  if (failure_ == 0) failure_ = sync_all(descriptor_);
  if (failure_ != 0) throw io_error(path_, "cannot write the file", failure_);
}

}  // namespace invado
