// The machine's own limits: memory bandwidth, rate of fused multiply-adds, bandwidth of the disk. By the number of threads
// that OpenMP is told to use.
#include <fcntl.h>
#include <omp.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <memory>
#ifdef __FMA__
#include <immintrin.h>
#endif

#include "bench/measure.h"

namespace invado::bench {
namespace {

using Rows = std::vector<std::pair<std::string, Result>>;

// Pages belong to the thread that uses them.
struct Array {
  explicit Array(std::size_t count) : size(count), data(new double[count]) {}
  std::size_t size;
  std::unique_ptr<double[]> data;
};

// f(begin, end) on equal parts of n, one per thread.
template <class Part>
void in_parts(std::size_t n, Part&& f) {
#pragma omp parallel
  {
    const auto threads = static_cast<std::size_t>(omp_get_num_threads()),
               me = static_cast<std::size_t>(omp_get_thread_num());
    f(n * me / threads, n * (me + 1) / threads);
  }
}

// Bytes are counted as by STREAM: what the program reads and writes.
Rows bandwidths(const Options& options) {
  const std::size_t n = static_cast<std::size_t>((options.quick ? 128e6 : 256e6) / options.smaller / sizeof(double));
  Array a(n), b(n), c(n);
  in_parts(n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) a.data[i] = b.data[i] = 1.0, c.data[i] = 2.0;
  });
  const auto row = [&](double arrays, auto&& body) {
    Result r{.unit = "byte", .units = arrays * static_cast<double>(n * sizeof(double))};
    r.times = repeat(
        options, [] {}, [&] { in_parts(n, body), keep(a.data[0]); });
    r.checks = {{"bytes of an array", static_cast<double>(n * sizeof(double))}};
    return r;
  };
  Rows rows;
  rows.emplace_back("copy", row(2, [&](std::size_t begin, std::size_t end) {
                      std::memcpy(a.data.get() + begin, b.data.get() + begin, (end - begin) * sizeof(double));
                    }));
  rows.emplace_back("triad", row(3, [&](std::size_t begin, std::size_t end) {
                      double* const out = a.data.get();
                      const double* const x = b.data.get();
                      const double* const y = c.data.get();
                      for (std::size_t i = begin; i < end; ++i) out[i] = x[i] + 3.0 * y[i];
                    }));
  rows.emplace_back("scale_in_place", row(2, [&](std::size_t begin, std::size_t end) {
                      double* const out = a.data.get();
                      for (std::size_t i = begin; i < end; ++i) out[i] *= 1.0000001;
                    }));
  return rows;
}

constexpr int chains = 12;  // independent results, so that latency is hidden
constexpr std::size_t turns = 4'000'000;

template <class Vector, class Fma>
void run_chains(Vector start, Vector factor, Vector term, Fma fma) {
  Vector a[chains];
  for (Vector& x : a) x = start;
  for (std::size_t t = 0; t < turns; ++t)
    for (Vector& x : a) x = fma(x, factor, term);
  for (const Vector& x : a) keep(x);
}

#ifdef __FMA__
// Intrinsics, because a compiler would join chains of single numbers.
constexpr int double_lanes = 4, float_lanes = 8;
void scalar_chains() {
  run_chains(_mm_set_sd(1), _mm_set_sd(0.999999), _mm_set_sd(1e-9),
             [](__m128d x, __m128d y, __m128d z) { return _mm_fmadd_sd(x, y, z); });
}
void double_chains() {
  run_chains(_mm256_set1_pd(1), _mm256_set1_pd(0.999999), _mm256_set1_pd(1e-9),
             [](__m256d x, __m256d y, __m256d z) { return _mm256_fmadd_pd(x, y, z); });
}
void float_chains() {
  run_chains(_mm256_set1_ps(1), _mm256_set1_ps(0.9999f), _mm256_set1_ps(1e-6f),
             [](__m256 x, __m256 y, __m256 z) { return _mm256_fmadd_ps(x, y, z); });
}
#else
// Elsewhere what the compiler makes of it, counted as single numbers.
constexpr int double_lanes = 1, float_lanes = 1;
void scalar_chains() {
  run_chains(1.0, 0.999999, 1e-9, [](double x, double y, double z) { return std::fma(x, y, z); });
}
void double_chains() { scalar_chains(); }
void float_chains() {
  run_chains(1.0f, 0.9999f, 1e-6f, [](float x, float y, float z) { return std::fma(x, y, z); });
}
#endif

Rows arithmetic(const Options& options) {
  const auto row = [&](int lanes, auto&& body) {
    Result r{.unit = "fma",
             .units = static_cast<double>(omp_get_max_threads()) * lanes * chains * static_cast<double>(turns)};
    r.times = repeat(
        options, [] {}, [&] { in_parts(turns, [&](std::size_t, std::size_t) { body(); }); });
    r.checks = {{"lanes", static_cast<double>(lanes)}};
    return r;
  };
  Rows rows;
  rows.emplace_back("fma_scalar", row(1, scalar_chains));
  rows.emplace_back("fma_double", row(double_lanes, double_chains));
  rows.emplace_back("fma_float", row(float_lanes, float_chains));
  return rows;
}

// One file, written and brought to the disk.
Rows disk(const Options& options) {
  const std::size_t bytes = static_cast<std::size_t>(64e6 / options.smaller);
  const std::vector<char> data(bytes, 'x');
  std::filesystem::create_directories(options.folder);
  const std::string file = options.folder / "disk";
  bool good = true;
  Result r{.unit = "byte", .units = static_cast<double>(bytes)};
  r.times = repeat(
      options, [&] { std::filesystem::remove(file); },
      [&] {
        const int f = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
        for (std::size_t done = 0; good && done < bytes;) {
          const ssize_t n = write(f, data.data() + done, bytes - done);
          good = n > 0;
          done += good ? static_cast<std::size_t>(n) : 0;
        }
        good = f >= 0 && fsync(f) == 0 && close(f) == 0 && good;
      });
  std::filesystem::remove_all(options.folder);
  if (!good) throw std::runtime_error(file + ": cannot be written");
  return {{"disk", r}};
}

}  // namespace

void add_machine(Benchmarks& all) {
  all["machine"] = [](const Options& options) {
    Rows rows = bandwidths(options);
    for (auto* part : {arithmetic, disk})
      for (auto& row : part(options)) rows.push_back(std::move(row));
    return rows;
  };
}

}  // namespace invado::bench
