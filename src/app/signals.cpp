#include "app/signals.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace invado {
namespace {

volatile std::sig_atomic_t stop_requests = 0;
volatile std::sig_atomic_t checkpoint_requests = 0;

extern "C" void request_stop(int signal) {
  // Job managers repeat USR1; only the others mean haste.
  if (stop_requests > 0 && signal != SIGUSR1) _exit(128 + signal);
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
  action.sa_handler = request_checkpoint;
  sigaction(SIGUSR2, &action, nullptr);
  for (int signal : {SIGPIPE, SIGXFSZ, SIGHUP}) std::signal(signal, SIG_IGN);
}

bool stop_requested() { return stop_requests > 0; }

bool checkpoint_requested() {
  if (checkpoint_requests == 0) return false;
  checkpoint_requests = 0;
  return true;
}

}  // namespace invado
