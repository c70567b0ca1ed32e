// How the benchmarks measure: the same work several times from the same state, by the steady clock, after a warm-up.
#pragma once

#include <time.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace invado::bench {

struct Options {
  bool quick = false;            // one repeat after the warm-up
  double smaller = 1;            // cells and voxels divided by this, at the same density: to try the benchmarks themselves
  std::filesystem::path folder;  // for files that are written
};

// Of each repeat. The processor's time is of all threads; less than the wall's on one thread: others had the core.
struct Times {
  std::vector<double> wall, cpu;  // [s]
};

// One row of the table, before it is compared with anything.
struct Result {
  std::string unit;  // what is counted: cell, voxel, call, byte ...
  double units = 0;  // how many of them
  double steps = 1;  // how often each is dealt with in one repeat
  Times times{};
  // Memory per unit [bytes]; 0: not measured.
  double resident = 0;  // growth of the resident set from before the scenario was read
  double arrays = 0;    // sum over columns, lattice and factors
  // What was done: that a benchmark is the one that it should be.
  std::vector<std::pair<std::string, double>> checks{};
  // Digest of the world after the last repeat: a faster program must not change it.
  std::string digest{};
  // Seconds of each process in the last repeat.
  std::vector<std::pair<std::string, double>> shares{};
};

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Does it and adds how long it took.
template <class Body>
void add_time(Times& times, Body&& body) {
  const double cpu = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  body();
  times.wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  times.cpu.push_back(cpu_seconds() - cpu);
}

// Times `body` after `restore` has put everything back. The first time is a warm-up and not counted. Short work is repeated
// until half a second has passed.
template <class Restore, class Body>
Times repeat(const Options& options, Restore&& restore, Body&& body) {
  constexpr std::size_t least = 3, most = 25;
  constexpr double long_enough = 0.5;
  Times times;
  double total = 0;
  const auto done = [&] {
    if (options.quick) return !times.wall.empty();
    return times.wall.size() >= most || (times.wall.size() >= least && total >= long_enough);
  };
  restore();
  body();
  while (!done()) {
    restore();
    add_time(times, body);
    total += times.wall.back();
  }
  return times;
}

// What a compiler must not leave out.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

using Benchmark = std::function<std::vector<std::pair<std::string, Result>>(const Options&)>;  // rows by name
using Benchmarks = std::map<std::string, Benchmark>;

void add_machine(Benchmarks& all);
void add_whole_runs(Benchmarks& all);
void add_single_processes(Benchmarks& all);
void add_kernels(Benchmarks& all);
void add_bare_cells(Benchmarks& all);
void add_output(Benchmarks& all);

}  // namespace invado::bench
