#include "io/snapshot_read.h"

#include <fmt/core.h>

#include <algorithm>

#include "model/cascade.h"

namespace invado {

const CellsAt::Column* CellsAt::find(std::string_view name) const {
  const auto at = std::ranges::find(columns, name, &Column::name);
  return at == columns.end() ? nullptr : &*at;
}

CellsAt read_cells(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place,
                   std::span<const std::string> wanted) {
  CellsAt cells;
  cells.time_h = info.time_h;
  if (place >= info.places.size()) throw IoError(fmt::format("{}: has no cells", file.string()), Exit::BadData);
  cells.site = info.places[place].name;
  const hdf5::Reader reader(file);
  const std::string group = info.places[place].group + "/cells/";
  const auto need = [&](const std::string& name) {
    if (!reader.has(group + name)) throw IoError(fmt::format("{}: has no cells/{}", file.string(), name), Exit::BadData);
    return group + name;
  };
  cells.type = reader.read<std::int32_t>(need("type"));
  cells.type_names = reader.texts(group + "type", "names");
  if (std::ranges::any_of(cells.type, [&](int t) { return static_cast<std::size_t>(t) >= cells.type_names.size(); }))
    throw IoError(fmt::format("{}: has a cell of a type without name", file.string()), Exit::BadData);
  cells.radius = reader.read<double>(need("radius"));
  const std::vector<double> places = reader.read<double>(need("position"));
  for (std::size_t i = 0; i + 2 < places.size(); i += 3) cells.position.push_back({places[i], places[i + 1], places[i + 2]});
  for (const std::string& name : wanted) {
    const std::string path = group + name;
    if (!reader.has(path) || reader.shape(path).size() != 1) continue;
    const auto text = [&](const char* attribute) {
      return reader.has_attribute(path, attribute) ? reader.text(path, attribute) : std::string();
    };
    cells.columns.push_back({name, text("unit"), text("long_name"), reader.read<double>(path)});
    if (cells.columns.back().values.size() != cells.size())
      throw IoError(fmt::format("{}: cells/{} is not as long as cells/type", file.string(), name), Exit::BadData);
  }
  if (cells.radius.size() != cells.size() || cells.position.size() != cells.size())
    throw IoError(fmt::format("{}: columns of cells differ in length", file.string()), Exit::BadData);
  return cells;
}

std::vector<double> read_column(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place,
                                const std::string& name) {
  const std::string path = info.places.at(place).group + "/cells/" + name;
  const hdf5::Reader reader(file);
  if (!reader.has(path) || reader.shape(path).size() != 1) return {};
  return reader.read<double>(path);
}

std::vector<double> read_stages(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place) {
  const std::string path = info.places.at(place).group + "/stages";
  const hdf5::Reader reader(file);
  if (!reader.has(path)) return {};
  std::vector<double> stages = reader.read<double>(path);
  if (stages.size() != stage_count)
    throw IoError(fmt::format("{}: {} has no {} values", file.string(), path, stage_count), Exit::BadData);
  return stages;
}

LatticeAt read_lattice(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place,
                       const std::string& array) {
  LatticeAt lattice;
  const SnapshotInfo::Image& image = info.places.at(place).lattice;
  if (std::ranges::find(image.arrays, array, &SnapshotInfo::Array::name) == image.arrays.end()) return lattice;
  std::uint64_t voxels = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const auto k = static_cast<std::size_t>(axis);
    lattice.origin[axis] = image.origin.at(k);
    lattice.spacing[axis] = image.spacing.at(k);
    lattice.shape[k] = image.shape.at(k);
    voxels *= static_cast<std::uint64_t>(lattice.shape[k]);
  }
  lattice.values = hdf5::Reader(file).read<float>(info.places[place].group + "/lattice/" + array);
  if (voxels == 0 || lattice.values.size() % voxels != 0)
    throw IoError(fmt::format("{}: lattice/{} does not fill its grid", file.string(), array), Exit::BadData);
  return lattice;
}

}  // namespace invado
