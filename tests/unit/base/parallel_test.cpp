// Work shared out to threads: everything is done once, whoever does it, and what goes wrong comes back.
// Planted mistakes seen to fail: loops stay without teams after a job, or are without them where there is one job only;
// teams within jobs; nothing is heard of what was thrown, or the last.
#include "base/parallel.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <atomic>
#include <stdexcept>
#include <string>

using namespace invado;

namespace {
// The number of threads that loops get, for one scope.
class Threads {
 public:
  explicit Threads(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~Threads() { omp_set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};
}  // namespace

TEST_CASE("jobs side by side: each is done once, by one thread with the loops within it") {
  for (const int threads : {1, 2, 5}) {
    CAPTURE(threads);
    const Threads scope(threads);
    constexpr std::size_t jobs = 23, rows = 1000;
    std::vector<std::vector<int>> times(jobs, std::vector<int>(rows, 0));
    std::atomic<int> strangers = 0, in_teams = 0;
    side_by_side(jobs, [&](std::size_t j) {
      const int me = omp_get_thread_num();
      const int level = omp_get_level();
      for_rows(rows, [&](std::size_t i) {
        strangers += omp_get_thread_num() == me ? 0 : 1;
        in_teams += omp_get_level() == level ? 0 : 1;
        ++times[j][i];
      });
      CHECK(ordered_sum(rows, [](std::size_t i) { return 1.0 / static_cast<double>(i + 1); }) ==
            ordered_sum(rows, [](std::size_t i) { return 1.0 / static_cast<double>(i + 1); }));
    });
    CHECK(strangers == 0);
    CHECK(in_teams == 0);
    for (const auto& job : times)
      for (const int n : job) CHECK(n == 1);
    // After them loops have teams again.
    std::atomic<int> alone = 0;
    for_rows(rows, [&](std::size_t) { alone += omp_get_num_threads() == threads ? 0 : 1; });
    CHECK(alone == 0);
  }
}

TEST_CASE("one job is given to all threads") {
  const Threads scope(3);
  std::atomic<int> alone = 0;
  side_by_side(1, [&](std::size_t) { for_rows(1000, [&](std::size_t) { alone += omp_get_num_threads() == 3 ? 0 : 1; }); });
  CHECK(alone == 0);
  side_by_side(0, [](std::size_t) { FAIL("there is none"); });
}

TEST_CASE("of jobs that throw the first in their order is heard, and all others are done") {
  for (const int threads : {1, 4}) {
    CAPTURE(threads);
    const Threads scope(threads);
    std::atomic<int> done = 0;
    std::string heard;
    try {
      side_by_side(40, [&](std::size_t j) {
        if (j % 7 == 5) throw std::runtime_error(std::to_string(j));
        ++done;
      });
    } catch (const std::runtime_error& error) {
      heard = error.what();
    }
    CHECK(heard == "5");
    CHECK(done == 35);
    std::atomic<int> alone = 0;
    for_rows(1000, [&](std::size_t) { alone += omp_get_num_threads() == threads ? 0 : 1; });
    CHECK(alone == 0);
  }
}
