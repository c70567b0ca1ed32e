// Positions of founders from a table: x_um,y_um,z_um[,type,radius_um].
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/world.h"
#include "scenario/problems.h"

namespace invado {

struct PointTable {
  std::vector<Vec3> positions;
  std::vector<double> radius;     // empty: no such column
  std::vector<std::string> type;  // empty: no such column
  std::vector<int> line;          // of each row, for messages
};

// What is wrong is reported as FILE:LINE:COLUMN with exit code 65.
[[nodiscard]] PointTable read_points(const std::string& text, const Source& source, Problems& problems);

}  // namespace invado
