#include "scenario/files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path out = fs::canonical(path, error);
  return error ? fs::path() : out;
}

// Whether `path` (resolved) lies in the folder `root`.
bool inside(const fs::path& path, const fs::path& root) {
  const fs::path base = resolved(root);
  if (base.empty()) return false;
  auto p = path.begin();
  for (const fs::path& part : base) {
    if (part.empty()) continue;
    if (p == path.end() || *p != part) return false;
    ++p;
  }
  return true;
}

// The nearest `scenarios` folder: the folder of that name that holds `from`, or one beside an ancestor.
fs::path nearest_scenarios(const fs::path& from) {
  std::error_code error;
  fs::path folder = fs::absolute(from, error).parent_path();
  for (int level = 0; level < 64 && !folder.empty(); ++level) {
    if (folder.filename() == "scenarios") return folder;
    if (fs::is_directory(folder / "scenarios", error)) return folder / "scenarios";
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return {};
}

IoError no_file(const std::string& shown, mode_t mode) {
  const char* kind = S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
  return IoError(fmt::format("{}: is {}, not a file", shown, kind), Exit::NotFound);
}

IoError not_opened(const std::string& shown, int error) {
  const Exit code = error == EACCES || error == EPERM ? Exit::NoPermission : Exit::NotFound;
  return IoError(fmt::format("{}: cannot be opened: {}", shown, std::strerror(error)), code);
}

std::string read_open_file(const Descriptor& file, const std::string& shown, std::size_t longest) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw IoError(fmt::format("{}: {}", shown, std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) throw no_file(shown, info.st_mode);
  if (static_cast<std::size_t>(info.st_size) > longest)
    throw ConfigError(fmt::format("{}: {} bytes are too many (allowed {})", shown, info.st_size, longest));
  std::string text;
  char block[65536];
  while (true) {
    const ssize_t got = ::read(file.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw IoError(fmt::format("{}: cannot be read: {}", shown, std::strerror(errno)));
    if (got == 0) return text;
    text.append(block, static_cast<std::size_t>(got));
    if (text.size() > longest)
      throw ConfigError(fmt::format("{}: grows while it is read (allowed {} bytes)", shown, longest));
  }
}

}  // namespace

std::string shown_path(const fs::path& path) {
  std::error_code error;
  const fs::path near = path.lexically_relative(fs::current_path(error));
  const bool below = !error && !near.empty() && *near.begin() != "..";
  return printable((below ? near : path).string());
}

std::string read_text_file(const fs::path& path, std::size_t longest) {
  const std::string shown = shown_path(path);
  // Asked before it is opened: opening some devices does something. Non-blocking, because it may have become a pipe since.
  struct stat named {};
  if (::stat(path.c_str(), &named) == 0 && !S_ISREG(named.st_mode)) throw no_file(shown, named.st_mode);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) throw not_opened(shown, errno);
  return read_open_file(file, shown, longest);
}

std::string read_found_file(const FoundFile& found, std::size_t longest) {
  const std::string shown = shown_path(found.path);
  Descriptor at(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  // O_PATH looks at a file without opening it: opening some devices does something.
  for (const fs::path& part : found.real.relative_path()) {
    Descriptor next(::openat(at.get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (next.get() < 0 || ::fstat(next.get(), &info) != 0) throw not_opened(shown, errno);
    if (S_ISLNK(info.st_mode))
      throw IoError(fmt::format("{}: has become a symbolic link since it was found", shown), Exit::NotFound);
    if (part != found.real.filename() || S_ISDIR(info.st_mode)) {
      at = std::move(next);
      continue;
    }
    if (!S_ISREG(info.st_mode)) throw no_file(shown, info.st_mode);
    const Descriptor file(::openat(at.get(), part.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0) throw not_opened(shown, errno);
    return read_open_file(file, shown, longest);
  }
  throw no_file(shown, S_IFDIR);
}

bool writable_by_all(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0;
}

fs::path shipped_configs() {
  if (const char* named = std::getenv("INVADO_CONFIGS"); named != nullptr && *named != 0) return named;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path installed = program.parent_path().parent_path() / "share" / "invado" / "configs";
    if (fs::is_directory(installed, error)) return installed;
  }
  return INVADO_DEFAULT_CONFIGS;
}

FoundFile find_named_file(std::string_view name, const fs::path& from, const std::vector<fs::path>& allowed) {
  if (name.empty()) return {{}, {}, "names no file"};
  if (name.find('\0') != std::string_view::npos || name.size() > 4000) return {{}, {}, explain("is no file name", name)};
  const fs::path wanted(name);
  bool climbs = wanted.is_absolute();
  for (const fs::path& part : wanted) climbs = climbs || part == "..";

  std::error_code error;
  const fs::path beside = fs::absolute(from, error).parent_path();
  std::vector<fs::path> places{beside};
  if (fs::path scenarios = nearest_scenarios(from); !scenarios.empty()) places.push_back(scenarios);
  places.push_back(shipped_configs());
  // Shipped scenarios, for whoever has one of his own elsewhere.
  if (fs::path scenarios = places.back().parent_path() / "scenarios";
      fs::is_directory(scenarios, error) && std::ranges::find(places, scenarios) == places.end())
    places.push_back(std::move(scenarios));

  std::string looked;
  for (const fs::path& place : places) {
    const fs::path candidate = wanted.is_absolute() ? wanted : place / wanted;
    const fs::path real = resolved(candidate);
    looked += (looked.empty() ? "" : ", ") + printable(place.string());
    if (real.empty()) continue;
    bool fine = false;
    for (const fs::path& folder : allowed) fine = fine || inside(real, folder);
    if (!fine && climbs)
      return {{},
              {},
              explain("leaves the folders of the scenario", name,
                      "a file beside the scenario, in scenarios/ or in configs/; or --allow-dir")};
    if (!fine) {
      for (const fs::path& folder : places) fine = fine || inside(real, folder);
      const fs::path here = fs::current_path(error);
      fine = fine || (!error && here != here.root_path() && inside(real, here));
    }
    if (!fine)
      return {{},
              {},
              explain("leaves the folders of the scenario through a symbolic link", name,
                      "a file in those folders; or --allow-dir")};
    return {candidate.lexically_normal(), real, {}};
  }
  if (climbs)
    return {{},
            {},
            explain("leaves the folders of the scenario", name,
                    "a file beside the scenario, in scenarios/ or in configs/; or --allow-dir")};
  const std::string full = std::string(name) + ".yaml";
  const bool forgotten = std::ranges::any_of(places, [&](const fs::path& place) { return fs::exists(place / full, error); });
  return {{},
          {},
          fmt::format("no such file (got '{}', looked in {}{})", printable(name), looked,
                      forgotten ? fmt::format("; did you mean '{}'?", printable(full)) : ""),
          Exit::NotFound};
}

}  // namespace invado
