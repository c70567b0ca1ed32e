#include "app/signals.h"

#include <unistd.h>

#include <csignal>
#include <ctime>
#include <initializer_list>

namespace invado {
namespace {

volatile std::sig_atomic_t stop_requests = 0;
volatile std::sig_atomic_t in_haste = 0;
volatile std::sig_atomic_t hasty_since = 0;  // [s] of the monotonic clock
volatile std::sig_atomic_t checkpoint_requests = 0;
volatile std::sig_atomic_t seconds_to_end = 0;

extern "C" void request_stop(int signal) {
  // Job managers send USR1 early and TERM at their limit, where a checkpoint may just be on its way; a terminal that is
  // closed may say HUP twice, by the kernel and by the shell: only a second TERM, INT or XCPU means haste.
  const bool patient = signal == SIGUSR1 || signal == SIGHUP;
  // One TERM may come twice: `timeout` tells the program, then its whole group.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto seconds = static_cast<std::sig_atomic_t>(now.tv_sec);
  const bool again = signal == SIGTERM && seconds - hasty_since <= 1;
  if (!patient && in_haste > 0 && !again) _exit(128 + signal);
  if (!patient && in_haste == 0) {
    in_haste = 1;
    hasty_since = seconds;
  }
  if (seconds_to_end > 0 && stop_requests == 0) alarm(static_cast<unsigned>(seconds_to_end));
  stop_requests = 1;
}

extern "C" void request_checkpoint(int) { checkpoint_requests = 1; }

}  // namespace

void install_signals() {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = request_stop;
  for (int signal : {SIGTERM, SIGINT, SIGUSR1, SIGXCPU}) sigaction(signal, &action, nullptr);
  struct sigaction before {};  // nohup: a closed terminal shall not matter
  if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  action.sa_handler = request_checkpoint;
  sigaction(SIGUSR2, &action, nullptr);
  for (int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

void end_when_asked_within(unsigned seconds) { seconds_to_end = static_cast<std::sig_atomic_t>(seconds); }

bool stop_requested() { return stop_requests > 0; }
bool stop_in_haste() { return in_haste > 0; }

bool checkpoint_requested() {
  if (checkpoint_requests == 0) return false;
  checkpoint_requests = 0;
  return true;
}

}  // namespace invado
