// invado_bench NAME FOLDER [--quick] [--smaller K]: runs one benchmark and prints its rows, one JSON object per line.
// tools/bench/run starts it once per benchmark and number of threads, so that memory and caches are its own.
#include <fmt/core.h>
#include <omp.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/arithmetic.h"
#include "base/error.h"
#include "bench/measure.h"

namespace {

using namespace invado;
using namespace invado::bench;

int measure(const std::vector<std::string>& words) {
  Benchmarks all;
  add_machine(all);
  add_whole_runs(all);
  add_single_processes(all);
  add_kernels(all);
  add_bare_cells(all);
  add_output(all);
  Options options;
  std::vector<std::string> rest;
  for (std::size_t w = 0; w < words.size(); ++w) {
    if (words[w] == "--quick")
      options.quick = true;
    else if (words[w] == "--smaller" && w + 1 < words.size())
      options.smaller = std::atof(words[++w].c_str());
    else
      rest.push_back(words[w]);
  }
  if (rest.size() != 2 || !all.contains(rest[0]) || !(options.smaller >= 1)) {
    fmt::print(
        stderr,
        "usage: invado_bench NAME FOLDER [--quick] [--smaller K]   (files go into FOLDER, which is deleted)\nbenchmarks:");
    for (const auto& entry : all) fmt::print(stderr, " {}", entry.first);
    fmt::print(stderr, "\n");
    return 2;
  }
  options.folder = std::filesystem::path(rest[1]) / ("files_of_" + rest[0]);
  for (const auto& [name, r] : all.at(rest[0])(options)) {
    nlohmann::ordered_json line{
        {"name", name},      {"threads", omp_get_max_threads()}, {"unit", r.unit},     {"units", r.units},
        {"steps", r.steps},  {"seconds", r.times.wall},          {"cpu", r.times.cpu}, {"resident", r.resident},
        {"arrays", r.arrays}};
    if (!r.digest.empty()) line["digest"] = r.digest;
    line["checks"] = nlohmann::ordered_json::object();
    line["shares"] = nlohmann::ordered_json::object();
    for (const auto& [key, value] : r.checks) line["checks"][key] = value;
    for (const auto& [key, value] : r.shares) line["shares"][key] = value;
    fmt::print("{}\n", line.dump());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    require_exact_arithmetic();
    return measure({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
