#include "scenario/memory.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

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

MemoryNeed predict_memory(const MemoryQuestion& q) {
  double columns = 0;
  Population none;
  for_each_column(none, [&]<class T>(const ColumnInfo&, const std::vector<T>&) { columns += sizeof(T); });
  // Neighbour lists 75 (of ten neighbours), places now and when listed 32, grid 26, contact velocities 24, grips 16; order
  // of storage 17; places of cells in voxels 5; blocks of cells of one kind 24. The rest, room that arrays have to grow and
  // what an allocator keeps, as measured with 0.8 million cells.
  constexpr double working_per_cell = 280;
  constexpr double per_matrix_voxel = 2 * sizeof(double) + 7 * sizeof(float) + 1 + 8;  // columns of Matrix, and scratch
  // Values; the multigrid of steady factors, one for all (fields of less than 32,768 voxels: one a thread, 2 MB at most).
  const double per_factor_voxel = sizeof(double) * std::max(q.factors, 1.0) + (q.steady ? 63 : 0);
  // What cells secrete and take up, in blocks of eight voxels of which one and more hold cells: coefficients of each factor,
  // and sums of one at a time.
  const double exchange = (20 * q.factors + 24) * std::min(q.factor_voxels, 8 * q.cells);
  MemoryNeed need{.program = 16e6,
                  .cells = (columns + working_per_cell) * q.cells + columns * q.waiting,
                  .matrix = per_matrix_voxel * q.matrix_voxels,
                  .fields = per_factor_voxel * q.factor_voxels + exchange,
                  .image = q.image};
  if (q.snapshots) {
    // Compressed chunks of one column; the file as it grows, and as it is handed over. Lattices compress.
    need.snapshot = 55 * q.cells + 31 * q.matrix_voxels + 7 * q.factor_voxels;
    if (350 * q.cells < static_cast<double>(snapshot_in_memory_limit)) need.snapshot += 470 * q.cells;
  }
  // The surface of the front and groups in contact (analysis/cell_surface.h, clusters.h).
  if (q.series) need.row = 230 * q.cells;
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
