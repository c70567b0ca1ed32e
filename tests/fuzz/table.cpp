// Fuzzing of tables: series.csv as the reader of io sees it, and points of founders.
#include <cmath>
#include <string>

#include "base/error.h"
#include "fuzz_folder.h"
#include "io/table.h"
#include "scenario/points_file.h"

using namespace invado;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = fuzz::folder() / "table.csv";
  fuzz::write_file(file, fuzz::text(data, size));
  try {
    const Table table = read_table(file);
    for (const auto& row : table.rows)
      if (row.size() != table.names.size()) std::abort();
  } catch (const IoError&) {
  }
  const Source source{Source::Kind::File, "table.csv", {}};
  Problems problems;
  const std::vector<std::string> types{"a", "b"};
  const Vec3 box{1000, 1000, 1000};
  const PointTable points = read_points(fuzz::text(data, size), types, box, source, problems);
  if (!problems.empty()) return 0;
  const std::size_t rows = points.positions.size();
  if ((!points.radius.empty() && points.radius.size() != rows) || (!points.type.empty() && points.type.size() != rows))
    std::abort();
  for (const Vec3 x : points.positions)
    for (int axis = 0; axis < 3; ++axis)
      if (!(x[axis] >= 0 && x[axis] <= box[axis])) std::abort();
  for (const double radius : points.radius)
    if (!(radius > 0 && std::isfinite(radius))) std::abort();
  for (const int type : points.type)
    if (type < 0 || type > 1) std::abort();
  return 0;
}
