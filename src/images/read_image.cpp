#include "images/read_image.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

#include "images/fields.h"

extern char** environ;

namespace invado {
namespace {

constexpr rlim_t longest_cpu_s = 300;
constexpr double program_memory = 1.5e9;  // address space of the reader and its libraries

struct Descriptor {
  int fd = -1;
  Descriptor() = default;
  explicit Descriptor(int number) : fd(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

[[noreturn]] void cannot(const char* what) {
  throw ImageError(fmt::format("cannot be read: {}: {}", what, std::strerror(errno)));
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), std::min(bytes.size(), std::size_t{1} << 26));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) cannot("its copy in memory");
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

// What the reader says, up to `most` bytes; stops early when `enough` says so.
template <class Enough>
void receive(int fd, std::string& text, std::size_t most, Enough&& enough) {
  char block[65536];
  while (text.size() < most && !enough()) {
    pollfd ready{fd, POLLIN, 0};
    const int got_ready = ::poll(&ready, 1, 600000);
    if (got_ready < 0 && errno == EINTR) continue;
    if (got_ready <= 0) throw ImageError("cannot be read: its reader does not answer");
    const ssize_t got = ::read(fd, block, std::min(sizeof block, most - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    text.append(block, static_cast<std::size_t>(got));
  }
}

// The reader as a child; waited for, and killed when nobody wants its answer any more.
class Child {
 public:
  Child(const std::string& program, const ImageChoice& choice, int input, int output, double address_space) {
    const std::string format = std::to_string(static_cast<int>(choice.format)), channel = std::to_string(choice.channel);
    const char* const argv[] = {program.c_str(), format.c_str(), choice.array.c_str(), channel.c_str(), nullptr};
    const auto space = static_cast<rlim_t>(address_space);
    pid_ = ::fork();
    if (pid_ < 0) cannot("fork");
    if (pid_ > 0) return;
    // Between fork and exec only what is safe in a signal handler.
    const rlimit cpu{longest_cpu_s, longest_cpu_s}, none{0, 0};
    ::setrlimit(RLIMIT_CPU, &cpu);
    ::setrlimit(RLIMIT_CORE, &none);
#ifndef INVADO_SANITIZED
    const rlimit memory{space, space};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::setrlimit(RLIMIT_AS, &memory);
#else  // shadow memory is address space, and ThreadSanitizer writes its own file at start
    (void)space;
#endif
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(null, 2);
    ::execve(argv[0], const_cast<char* const*>(argv), environ);
    ::_exit(127);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
};

std::string death(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return "its reader cannot be started";
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return fmt::format("takes longer than {} s", longest_cpu_s);
  if (WIFSIGNALED(status)) return fmt::format("its reader crashed (signal {}): the file is broken", WTERMSIG(status));
  return "its reader gave up: the file is broken, or needs more memory than allowed";
}

}  // namespace

double image_memory(double pixels, double bytes_per_pixel) {
  // Pixels as they are and as the run keeps them; two copies in single precision.
  return pixels * (2 * bytes_per_pixel + 2 * sizeof(float));
}

std::string image_reader_program() {
  if (const char* named = std::getenv("INVADO_IMAGE_READER"); named != nullptr && *named != 0) return named;
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const std::filesystem::path& place :
       {folder / "invado-read-image", folder.parent_path() / "libexec" / "invado" / "invado-read-image"})
    if (std::filesystem::is_regular_file(place, error)) return place.string();
  return INVADO_DEFAULT_IMAGE_READER;
}

GreyImage read_image(std::string_view bytes, const ImageChoice& choice, double memory) {
  if (2 * static_cast<double>(bytes.size()) > memory) throw ImageMemoryError("needs more memory than there is");
  // A file in memory, so that libraries that want a name have one that nobody can exchange.
  Descriptor file(::memfd_create("invado-image", MFD_CLOEXEC));
  if (file.fd < 0) cannot("memfd_create");
  write_all(file.fd, bytes);
  if (::lseek(file.fd, 0, SEEK_SET) != 0) cannot("lseek");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) cannot("pipe");
  Descriptor from(ends[0]), to(ends[1]);
  Child child(image_reader_program(), choice, file.fd, to.fd, program_memory + memory);
  to.close();

  constexpr std::size_t longest_line = 4096;
  std::string text;
  const auto line_is_there = [&] { return text.find('\n') != std::string::npos; };
  receive(from.fd, text, longest_line, line_is_there);
  if (!line_is_there()) throw ImageError("cannot be read: " + death(child.wait()));
  const std::size_t end = text.find('\n');
  const std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  if (!line.starts_with("image ")) throw ImageError(line);
  const std::vector<double> n = numbers_of(std::string_view(line).substr(6), "answer");
  const auto sensible = [](double x) { return x >= 0 && x <= static_cast<double>(most_pixels); };
  if (n.size() != 7 || !std::ranges::all_of(n, sensible) || n[6] >= static_cast<double>(pixel_types.size()))
    throw ImageError("cannot be read: its reader answers nonsense");
  GreyImage image;
  for (std::size_t a = 0; a < 3; ++a) {
    image.shape[a] = static_cast<std::int64_t>(n[a]);
    image.spacing[static_cast<int>(a)] = n[3 + a];
  }
  image.type = static_cast<PixelType>(n[6]);
  check_shape(image.shape);
  const double pixels = static_cast<double>(image.count()), size = static_cast<double>(image.type_info().bytes);
  if (image_memory(pixels, size) > memory)
    throw ImageMemoryError(fmt::format("needs more memory than there is: {} x {} x {} pixels take {:.1f} MiB",
                                       image.shape[0], image.shape[1], image.shape[2],
                                       image_memory(pixels, size) / 1048576));
  const std::size_t wanted = image.count() * image.type_info().bytes;
  image.pixels = std::move(text);
  image.pixels.reserve(wanted);
  receive(from.fd, image.pixels, wanted + 1, [] { return false; });
  if (image.pixels.size() != wanted) throw ImageError("cannot be read: " + death(child.wait()));
  if (const int status = child.wait(); status != 0) throw ImageError("cannot be read: " + death(status));
  if (image.type == PixelType::Float || image.type == PixelType::Double)
    for (std::size_t i = 0; i < image.count(); ++i)
      if (!std::isfinite(image.grey(i)))
        throw ImageError(fmt::format("has a pixel that is no finite number (pixel {} of {})", i, image.count()));
  return image;
}

}  // namespace invado
