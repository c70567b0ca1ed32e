// Preloaded into a sweep by tests/scenarios/sweep_faults.py: what befalls a run is thrown by dice that know only the number of
// the run, so that the same runs suffer whoever starts them and in whatever order.
//
//   DICE_FOLDER  an empty folder; each misfortune leaves its mark there, and befalls a run once (65: always)
//   DICE_SEED    a number
//
// Of 100 runs 5 end by SIGSEGV, 5 by SIGKILL, 3 hang, 3 find no space (74), 2 have bad data (65), 2 lose their node (the controller and
// its children are killed), 1 is killed with its results published, 1 has its results cut short. Where in the run: at one of
// the calls that make its files durable, chosen by the dice too.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum fate { none, segv, killed, hang, no_space, bad_data, node_lost, published, cut_short };
static const struct {
  enum fate fate;
  int below;
} fates[] = {{segv, 5}, {killed, 10}, {hang, 13}, {no_space, 16}, {bad_data, 18}, {node_lost, 20}, {published, 21}, {cut_short, 22}};

static enum fate fate;
static long calls, target;
static char mark[PATH_MAX];

static uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The first words of a program's command line; how many there are.
static int words_of(const char* path, char line[8192], const char* words[5]) {
  const int file = open(path, O_RDONLY);
  if (file < 0) return 0;
  const ssize_t length = read(file, line, 8191);
  close(file);
  if (length <= 0) return 0;
  line[length] = 0;
  int count = 0;
  for (ssize_t at = 0; at < length && count < 5; at += (ssize_t)strlen(line + at) + 1) words[count++] = line + at;
  return count;
}

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("DICE_FOLDER"), *seed = getenv("DICE_SEED"), *words[5] = {0};
  char line[8192];
  // invado, sweep, point, folder, number; begun a second time by the program itself
  if (!folder || !seed || words_of("/proc/self/cmdline", line, words) < 5) return;
  if (strcmp(words[1], "sweep") != 0 || strcmp(words[2], "point") != 0) return;
  const uint64_t dice = mixed((uint64_t)strtoull(words[4], NULL, 10) * 0x9e3779b97f4a7c15u + strtoull(seed, NULL, 10));
  const int face = (int)(dice % 100);
  for (size_t i = 0; i < sizeof fates / sizeof *fates && fate == none; ++i)
    if (face < fates[i].below) fate = fates[i].fate;
  target = (long)(dice / 100 % 12);
  snprintf(mark, sizeof mark, "%s/%s.%d", folder, words[4], fate);
  if (fate != bad_data && access(mark, F_OK) == 0) fate = none;
}

// Only a controller: whose was killed before has another parent, which is none of ours.
static void kill_controller(void) {
  char path[64], line[8192];
  const char* words[5] = {0};
  const pid_t parent = getppid();
  snprintf(path, sizeof path, "/proc/%d/cmdline", (int)parent);
  if (words_of(path, line, words) >= 3 && strcmp(words[1], "sweep") == 0 && strcmp(words[2], "run") == 0) kill(parent, SIGKILL);
}

// The mark is left before, for there is no after.
static void befall(void) {
  const enum fate now = fate;
  fate = none;
  close(open(mark, O_WRONLY | O_CREAT, 0666));
  switch (now) {
    case segv: signal(SIGSEGV, SIG_DFL); raise(SIGSEGV); break;
    case killed: raise(SIGKILL); break;
    case hang: signal(SIGUSR1, SIG_DFL); for (;;) pause();
    case no_space: _exit(74);
    case bad_data: _exit(65);
    case node_lost: kill_controller(); raise(SIGKILL); break;
    default: break;
  }
}

static void at_a_call(void) {
  if (fate == none || fate == published || fate == cut_short || calls++ != target) return;
  befall();
}

int fsync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  at_a_call();
  return real(descriptor);
}

int rename(const char* from, const char* to) {
  static int (*real)(const char*, const char*);
  if (!real) real = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename");
  at_a_call();
  return real(from, to);
}

// The last act of a run: done.json gets its second name.
int link(const char* from, const char* to) {
  static int (*real)(const char*, const char*);
  if (!real) real = (int (*)(const char*, const char*))dlsym(RTLD_NEXT, "link");
  const int result = real(from, to);
  if (fate == published) {
    befall();
    raise(SIGKILL);
  }
  if (fate == cut_short) {
    char series[PATH_MAX];
    befall();
    snprintf(series, sizeof series, "%.*s/series.csv", (int)(strrchr(from, '/') - from), from);
    if (truncate(series, 100) != 0) _exit(99);
  }
  return result;
}
