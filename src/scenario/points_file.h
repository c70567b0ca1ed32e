// Positions of founders from a table: x_um,y_um,z_um[,type,radius_um].
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/world.h"
#include "scenario/problems.h"

namespace invado {

// So much is read before a scenario is accepted: at most 208 MB for one table.
inline constexpr std::size_t longest_table = std::size_t{64} << 20;  // [bytes]
inline constexpr std::size_t most_points = 2000000;

// Most bytes that a table of `size` bytes can take while it is read and after.
[[nodiscard]] double table_memory(double size);

struct PointTable {
  std::vector<Vec3> positions;
  std::vector<double> radius;  // empty: no such column
  std::vector<int> type;       // index in the types; empty: no such column
};

// What is wrong is reported as FILE:LINE:COLUMN with exit code 65: no table, no number, none of `types`, a place outside
// [0, size].
[[nodiscard]] PointTable read_points(std::string_view text, std::span<const std::string> types, Vec3 size,
                                     const Source& source, Problems& problems);

}  // namespace invado
