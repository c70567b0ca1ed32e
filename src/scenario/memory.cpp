#include "scenario/memory.h"

#include <fmt/format.h>
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
  return fmt::format("cells {}, matrix {}, soluble factors {}, together {}", size_text(cells), size_text(matrix),
                     size_text(fields), size_text(total()));
}

MemoryNeed predict_memory(double cells, double matrix_voxels, double factor_voxels, double fields) {
  double per_cell = 0;
  Population none;
  for_each_column(none, [&]<class T>(const ColumnInfo&, const std::vector<T>&) { per_cell += sizeof(T); });
  constexpr double per_matrix_voxel = 2 * sizeof(double) + 7 * sizeof(float) + 1 + 8;  // columns of Matrix, and scratch
  constexpr double per_factor_voxel = 2 * sizeof(double);                              // value and the solver's copy
  return {2 * per_cell * cells, per_matrix_voxel * matrix_voxels, per_factor_voxel * factor_voxels * std::max(fields, 1.0)};
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
