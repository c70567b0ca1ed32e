#include "bench/start.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "base/random.h"
#include "model/state.h"
#include "scenario/scenario.h"

namespace invado::bench {
namespace {

std::filesystem::path path_of(const std::string& file) {
  return std::filesystem::path(INVADO_SOURCE_DIR) / "scenarios" / file;
}

std::string triple(Vec3 v) { return fmt::format("[{} um, {} um, {} um]", v.x, v.y, v.z); }

// The same scenario with fewer voxels and cells at the same density; only scenarios that fill their box evenly.
Scenario load_smaller(const std::filesystem::path& file, double smaller) {
  Scenario whole = load_scenario(file);
  if (smaller <= 1 || whole.founders.size() != 1 || whole.founders[0].place.region.kind != Region::Kind::Box) return whole;
  const Site& site = whole.world.sites[0];
  const double shrink = 1 / std::cbrt(smaller);
  LoadOptions load;
  Vec3 size;
  double part = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const double n = site.factor_grid.shape[static_cast<std::size_t>(axis)];
    const double fewer = std::max(4.0, std::nearbyint(n * shrink));
    size[axis] = site.domain.size[axis] / n * fewer;
    part *= fewer / n;
  }
  const FounderPopulation& founders = whole.founders[0];
  const double cells = std::max(1.0, std::nearbyint(static_cast<double>(founders.count) * part));
  const std::string at = "population." + founders.name;
  load.set = {"domain.size=" + triple(size), fmt::format("{}.count={}", at, cells), at + ".place.box.to=" + triple(size)};
  return load_scenario(file, load);
}

void sit_on_lattice(World& world, double spacing) {
  Site& site = world.sites[0];
  Population& c = site.cells;
  std::array<std::size_t, 3> n{};
  for (int axis = 0; axis < 3; ++axis)
    n[static_cast<std::size_t>(axis)] = static_cast<std::size_t>(std::floor(site.domain.size[axis] / spacing + 1e-9));
  for (std::size_t i = 0; i < c.size(); ++i) {
    const auto u = uniform4(world.seed, 1, Purpose::Placement, c.id[i]);
    const auto place = [&](std::size_t at, std::size_t along, double shift, double size) {
      const double x = (static_cast<double>(at % along) + 0.5 + 0.4 * (shift - 0.5)) * spacing;
      return x < size ? x : x - size;
    };
    c.x[i] = place(i, n[0], u[0], site.domain.size.x);
    c.y[i] = place(i / n[0], n[1], u[1], site.domain.size.y);
    c.z[i] = place(i / n[0] / n[1], n[2], u[2], site.domain.size.z);
  }
  c.start_x = c.x;
  c.start_y = c.y;
  c.start_z = c.z;
}

}  // namespace

Started start(const std::string& file, const Options& options, const Seats& seats) {
  (void)load_scenario(path_of("bench/tiny.yaml"));  // what reading takes once is not the cells'
  const double before = resident_bytes();
  Scenario scenario = load_smaller(path_of(file), options.smaller);
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  if (seats.lattice_um > 0) sit_on_lattice(world, seats.lattice_um);
  Started started{std::move(world), Stepper(std::move(scenario.schedule)), before};
  if (seats.settled)
    started.stepper.start(started.world);
  else
    started.stepper.fill(started.world);
  return started;
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double array_bytes(const World& world) {
  double bytes = 0;
  const auto add = [&]<class T>(const T& value) {
    if constexpr (requires { value.capacity(); })
      bytes += static_cast<double>(value.capacity() * sizeof(typename T::value_type));
  };
  for (const Site& site : world.sites) {
    for_each_column(site.cells, [&]<class Numbers>(const ColumnInfo&, const Numbers& column) {
      bytes += static_cast<double>(kept_numbers(column, 0, column.size()).size() * sizeof(typename Numbers::value_type));
    });
    for_each_state_of_site(site, [&](const StateInfo&, const auto& value) { add(value); });
  }
  return bytes;
}

double mean_neighbours(const World& world) {
  const Population& c = world.sites[0].cells;
  double sum = 0;
  for (const std::int32_t n : c.neighbours) sum += n;
  return c.size() > 0 ? sum / static_cast<double>(c.size()) : 0;
}

}  // namespace invado::bench
