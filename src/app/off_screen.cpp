#include "app/off_screen.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "io/atomic_file.h"

namespace invado {
namespace {

constexpr int longest_start_ms = 30'000;

// X authority: the one secret for any display of any machine (Xau's format: family 65535, no address, no number, name,
// data).
std::string new_cookie() {
  std::string cookie(16, '\0');
  if (getrandom(cookie.data(), cookie.size(), 0) != 16) throw io_error("getrandom", "no random bytes", errno);
  const std::string name = "MIT-MAGIC-COOKIE-1";
  const auto counted = [](const std::string& text) { return std::string{'\0', static_cast<char>(text.size())} + text; };
  return std::string("\xff\xff\0\0\0\0", 6) + counted(name) + counted(cookie);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 127;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

OffScreen::OffScreen() {
  // In memory, under a name that only we and our children can open, and gone with us however we end.
  cookie_ = memfd_create("x_authority", MFD_CLOEXEC);
  const std::string name = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(cookie_);
  const std::string cookie = new_cookie();
  const bool written = cookie_ >= 0 && write(cookie_, cookie.data(), cookie.size()) == static_cast<ssize_t>(cookie.size());
  std::array<int, 2> ends{};
  if (!written || pipe2(ends.data(), O_CLOEXEC) != 0) throw io_error(name, "cannot write", errno);
  server_ = fork();
  if (server_ < 0) throw io_error("fork", "cannot start Xvfb", errno);
  if (server_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setpgid(0, 0);  // Ctrl-C is for us: we end it
    dup2(ends[1], 3);
    const int nowhere = open("/dev/null", O_RDWR);
    for (const int standard : {0, 1, 2}) dup2(nowhere, standard);
    execlp("Xvfb", "Xvfb", "-displayfd", "3", "-noreset", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-auth",
           name.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::string number;
  pollfd waiting{ends[0], POLLIN, 0};
  while (number.find('\n') == std::string::npos && poll(&waiting, 1, longest_start_ms) > 0) {
    std::array<char, 16> part{};
    const ssize_t got = read(ends[0], part.data(), part.size());
    if (got <= 0) break;
    number.append(part.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  if (number.find('\n') == std::string::npos) return;  // not there, or it failed: the caller's DISPLAY stays
  number.erase(number.find('\n'));
  setenv("DISPLAY", (":" + number).c_str(), 1);
  setenv("XAUTHORITY", name.c_str(), 1);
}

OffScreen::~OffScreen() {
  if (server_ > 0) {
    kill(server_, SIGTERM);
    wait_for(server_);
  }
  close(cookie_);
}

int run_program(const std::vector<std::string>& words, const std::string& input) {
  const int text = memfd_create("input", MFD_CLOEXEC);
  if (text < 0 || write(text, input.data(), input.size()) != static_cast<ssize_t>(input.size()) ||
      lseek(text, 0, SEEK_SET) != 0)
    throw io_error(words.front(), "cannot hand over its input", errno);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw io_error(words.front(), "cannot be started", errno);
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(text, 0);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(text);
  return wait_for(child);
}

}  // namespace invado
