#include "scenario/memory.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "model/columns.h"

namespace invado {

std::string size_text(double bytes) {
  if (bytes < 1048576) return fmt::format("{:.0f} KiB", bytes / 1024);
  if (bytes < 1073741824) return fmt::format("{:.1f} MiB", bytes / 1048576);
  return fmt::format("{:.4g} GiB", bytes / 1073741824);
}

std::string MemoryNeed::text() const {
  return fmt::format("cells {}, matrix {}, {}soluble factors {}, program {}, results while they are written {}, together {}",
                     size_text(cells), size_text(matrix), image > 0 ? fmt::format("its picture {}, ", size_text(image)) : "",
                     size_text(fields), size_text(program), size_text(results()), size_text(total()));
}

MemoryNeed& MemoryNeed::operator+=(const MemoryNeed& site) {
  cells += site.cells;
  matrix += site.matrix;
  fields += site.fields;
  snapshot += site.snapshot;
  row += site.row;
  image += site.image;
  return *this;
}

namespace {

// Bytes of the columns for which keep(name, may it be folded) holds.
template <class Keep>
double bytes_of_columns(Keep&& keep) {
  double bytes = 0;
  Population none;
  for_each_column(none, [&]<class Numbers>(const ColumnInfo& info, const Numbers& column) {
    if (keep(
            info.name, requires { column.folded(); }))
      bytes += sizeof(typename Numbers::value_type);
  });
  return bytes;
}

}  // namespace

double bytes_of_unfolded_columns() {
  return bytes_of_columns([](std::string_view, bool foldable) { return !foldable; });
}

bool cells_divide(const Scenario& scenario) {
  const auto& entries = scenario.schedule.entries;
  return std::ranges::any_of(entries, [](const ScheduleEntry& e) { return e.on && e.process->name() == "division"; }) &&
         std::ranges::any_of(scenario.world.types, [](const CellType& type) { return type.division_unit_1_h > 0; });
}

double bytes_of_kept_columns(const Scenario& scenario) {
  const World& world = scenario.world;
  std::vector<std::string_view> kept{"speed_factor"}, filled;
  for (const ScheduleEntry& entry : scenario.schedule.entries) {
    std::ranges::copy(entry.process->fills(), std::back_inserter(filled));
    if (!entry.on && entry.process->needed(world)) std::ranges::copy(entry.process->fills(), std::back_inserter(kept));
    if (entry.on) std::ranges::copy(entry.process->writes(), std::back_inserter(kept));
  }
  const bool come_later = std::ranges::any_of(scenario.founders, [](const auto& founders) { return founders.later() > 0; });
  if (come_later || world.types.size() > 1) std::ranges::copy(filled, std::back_inserter(kept));
  const auto also = [&kept](std::initializer_list<std::string_view> names) { kept.insert(kept.end(), names); };
  if (cells_divide(scenario) || come_later) also({"parent", "born_min"});
  if (world.populations.size() > 1) also({"origin"});
  if (!world.perturbations.empty()) also({"treated"});
  if (world.sites.size() > 1)
    also({"parent", "born_min", "wrap_x", "wrap_y", "wrap_z", "group", "weight", "arrived_min", "lodged", "dormancy",
          "detached_min"});
  return bytes_of_columns(
      [&kept](std::string_view name, bool foldable) { return !foldable || std::ranges::find(kept, name) != kept.end(); });
}

MemoryNeed memory_of(const Scenario& scenario, double times) {
  const double kept = bytes_of_kept_columns(scenario);
  double waiting = 0;
  std::vector<double> cells(scenario.world.sites.size(), 0.0);
  for (const FounderPopulation& founders : scenario.founders) {
    waiting += times * static_cast<double>(founders.later());
    cells[founders.site] += times * static_cast<double>(founders.total());
  }
  MemoryNeed need = predict_memory({.waiting = waiting});
  for (std::size_t s = 0; s < cells.size(); ++s) {
    const Site& site = scenario.world.sites[s];
    const auto steady = [](const Field& field) { return field.solver != FieldSolver::Transient; };
    need += predict_memory({.cells = cells[s],
                            .kept = kept,
                            .spaceless = site.domain.spaceless(),
                            .matrix_voxels = static_cast<double>(site.matrix.grid.size()),
                            .factor_voxels = static_cast<double>(site.factor_grid.size()),
                            .factors = static_cast<double>(site.fields.size()),
                            .steady = std::ranges::any_of(site.fields, steady),
                            .snapshots = scenario.output.snapshots_us > 0,
                            .series = scenario.output.series_us > 0});
  }
  return need;
}

std::string too_little_memory(const MemoryNeed& need, std::uint64_t limit) {
  return fmt::format("needs more memory than there is (got {}: {}; allowed {})", size_text(need.total()), need.text(),
                     size_text(static_cast<double>(limit)));
}

MemoryNeed predict_memory(const MemoryQuestion& q) {
  // Neighbour lists 75 (of ten neighbours), places now and when listed 32, grid 26, contact velocities 12, grips 16; order
  // of storage 17; places of cells in voxels 5; blocks of cells of one kind 24. The rest, room that arrays have to grow and
  // what an allocator keeps, as measured with 0.8 million cells.
  const double working_per_cell = q.spaceless ? 60 : 268;
  constexpr double per_matrix_voxel = 2 * sizeof(double) + 7 * sizeof(float) + 1 + 8;  // columns of Matrix, and scratch
  // Values; the multigrid of steady factors, one for all (fields of less than 32,768 voxels: one a thread, 2 MB at most).
  const double per_factor_voxel = sizeof(double) * std::max(q.factors, 1.0) + (q.steady ? 63 : 0);
  // What cells secrete and take up, in blocks of eight voxels of which one and more hold cells: coefficients of each factor,
  // and sums of one at a time.
  const double exchange = (20 * q.factors + 24) * std::min(q.factor_voxels, 8 * q.cells);
  MemoryNeed need{.program = 16e6,
                  .cells = (q.kept + working_per_cell) * q.cells + 1.2 * bytes_of_unfolded_columns() * q.waiting,
                  .matrix = per_matrix_voxel * q.matrix_voxels,
                  .fields = per_factor_voxel * q.factor_voxels + exchange,
                  .image = q.image};
  if (q.snapshots) {
    // Compressed chunks of one column; the file as it grows, and as it is handed over. Lattices compress.
    need.snapshot = 55 * q.cells + 31 * q.matrix_voxels + 7 * q.factor_voxels;
    if (350 * q.cells < static_cast<double>(snapshot_in_memory_limit)) need.snapshot += 470 * q.cells;
  }
  // The surface of the front and groups in contact (analysis/cell_surface.h, clusters.h).
  if (q.series) need.row = (q.spaceless ? 40 : 230) * q.cells;
  return need;
}

std::uint64_t available_memory() {
  double bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    double limit = 0;
    if (file >> limit) bytes = std::min(bytes, limit);  // the word `max` reads as nothing
  }
  return static_cast<std::uint64_t>(0.8 * bytes);
}

}  // namespace invado
