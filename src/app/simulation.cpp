#include "app/simulation.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "app/progress.h"
#include "base/error.h"
#include "model/columns.h"

namespace invado {

Simulation start_simulation(Scenario& scenario) {
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  Simulation simulation{std::move(world), Stepper(std::move(scenario.schedule))};
  simulation.stepper.start(simulation.world);
  return simulation;
}

double MemoryNeed::total() const {
  double sum = 0;
  for (const Part& part : parts) sum += part.bytes;
  return sum;
}

MemoryNeed predict_memory(const Scenario& scenario) {
  double cells = 0;
  for (const FounderPopulation& founders : scenario.founders) cells += static_cast<double>(founders.count);
  Population none;
  double bytes_per_cell = 0;
  for_each_column(none, [&]<class T>(const ColumnInfo&, std::vector<T>&) { bytes_per_cell += sizeof(T); });
  // Neighbour list and sorting scratch of mechanics, and room for growth of the arrays.
  constexpr double scratch_per_cell = 250;
  // density, density at the start, cross-linking, tissue, six components of the fibre tensor, scratch of proteolysis.
  constexpr double bytes_per_matrix_voxel = 8 + 8 + 4 + 1 + 6 * 4 + 8;
  // value, solver scratch, sources and sinks.
  constexpr double bytes_per_factor_voxel = 8 * 5;
  const Site& site = scenario.world.sites.front();
  MemoryNeed need;
  need.parts.push_back({"program and libraries", 60e6});
  need.parts.push_back({fmt::format("{:.0f} founders", cells), cells * (bytes_per_cell + scratch_per_cell)});
  if (!site.matrix.none())
    need.parts.push_back({fmt::format("{} matrix voxels", site.matrix.grid.size()),
                          static_cast<double>(site.matrix.grid.size()) * bytes_per_matrix_voxel});
  if (!site.fields.empty())
    need.parts.push_back({fmt::format("{} factors on {} voxels", site.fields.size(), site.factor_grid.size()),
                          static_cast<double>(site.factor_grid.size() * site.fields.size()) * bytes_per_factor_voxel});
  // A snapshot is built in memory: cells in single precision, lattice arrays, then their compressed copy.
  const double snapshot = cells * bytes_per_cell + static_cast<double>(site.matrix.none() ? 0 : site.matrix.grid.size()) * 40;
  need.parts.push_back({"one snapshot in memory", 1.5 * snapshot});
  return need;
}

double memory_limit(const std::string& limit) {
  if (!limit.empty()) {
    double value = 0;
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), value);
    const std::string unit(end, limit.data() + limit.size());
    const double factor = unit == "G" || unit == "GB" ? 1e9 : unit == "M" || unit == "MB" ? 1e6 : unit == "k" || unit == "kB" ? 1e3 : 0;
    if (error != std::errc{} || factor == 0 || !(value > 0))
      throw Error(Exit::Usage, fmt::format("--memory: '{}' is not an amount (allowed: a number and k, M or G, for example 16G)", limit));
    return value * factor;
  }
  double bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream in(file);
    double cgroup = 0;
    if (in >> cgroup && cgroup > 0) bytes = std::min(bytes, cgroup);
  }
  return 0.8 * bytes;
}

std::string to_text(const MemoryNeed& need) {
  std::string text = "memory\n";
  for (const MemoryNeed::Part& part : need.parts) text += fmt::format("  {:<40} {:>10}\n", part.name, size_text(part.bytes));
  return text + fmt::format("  {:<40} {:>10}\n", "together", size_text(need.total()));
}

void refuse_what_cannot_fit(const MemoryNeed& need, double limit) {
  if (need.total() <= limit) return;
  throw Error(Exit::NoMemory, fmt::format("this run needs about {} and may take {} (--memory sets the limit)\n{}",
                                          size_text(need.total()), size_text(limit), to_text(need)));
}

}  // namespace invado
