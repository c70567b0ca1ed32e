#include "io/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "base/parallel.h"
#include "io/atomic_file.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view format_name = "invado snapshot";
constexpr std::uint8_t vtk_vertex = 1;

std::string snapshot_name(std::size_t index) { return fmt::format("snap_{:06}.h5", index); }
std::string prefix(const SnapshotInfo::Place& place) { return place.name.empty() ? "" : place.name + "."; }
std::string wrapper_name(const SnapshotInfo::Place& place, std::string_view what, std::size_t index) {
  return fmt::format("{}{}_{:06}.hdf", prefix(place), what, index);
}

// What a snapshot is wrapped in: of each place the cells, and its grids where there are any.
std::vector<std::pair<const SnapshotInfo::Place*, std::string_view>> wrappers_of(const SnapshotInfo& frame) {
  std::vector<std::pair<const SnapshotInfo::Place*, std::string_view>> wrappers;
  for (const SnapshotInfo::Place& place : frame.places) {
    wrappers.emplace_back(&place, "cells");
    if (!place.lattice.arrays.empty()) wrappers.emplace_back(&place, "lattice");
    if (!place.fields.arrays.empty()) wrappers.emplace_back(&place, "fields");
  }
  return wrappers;
}

// --- the data ---------------------------------------------------------------------------------------------------------

// The cells of a site in the order of their ids, written column by column.
class CellsOut {
 public:
  CellsOut(hdf5::Writer& file, std::string group, const Population& cells)
      : file_(file), group_(std::move(group)), order_(cells.size()) {
    file_.group(group_);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::sort(order_, {}, [&](std::size_t row) { return cells.id[row]; });
  }

  // One column: value(row), for a vector value(row)[0..2], converted to T.
  template <class T, class Value>
  void scalar(std::string_view name, std::string_view unit, std::string_view meaning, Value&& value) {
    std::vector<T> out(order_.size());
    for_rows(out.size(), [&](std::size_t i) { out[i] = static_cast<T>(value(order_[i])); });
    finish<T>(name, unit, meaning, out, {order_.size()});
  }
  template <class T, class Value>
  void vector(std::string_view name, std::string_view unit, std::string_view meaning, Value&& value) {
    std::vector<T> out(3 * order_.size());
    for_rows(order_.size(), [&](std::size_t i) {
      const auto v = value(order_[i]);
      for (std::size_t c = 0; c < 3; ++c) out[3 * i + c] = static_cast<T>(v[c]);
    });
    finish<T>(name, unit, meaning, out, {order_.size(), 3});
  }

 private:
  template <class T>
  void finish(std::string_view name, std::string_view unit, std::string_view meaning, const std::vector<T>& out,
              hdf5::Shape shape) {
    const std::string path = fmt::format("{}/{}", group_, name);
    file_.dataset<T>(path, out, std::move(shape));
    file_.attribute(path, "unit", std::string(unit));
    file_.attribute(path, "long_name", std::string(meaning));
  }

  hdf5::Writer& file_;
  std::string group_;
  std::vector<std::size_t> order_;
};

// Signals in the order of files: the three headline signals, then all states, then what follows from them.
// Real is the number type of the states: wells keep full precision.
template <class Real>
void write_signals(CellsOut& out, const Population& cells) {
  const auto state = [&](std::size_t s) {
    out.scalar<Real>(states[s].name, states[s].unit, states[s].meaning,
                     [&, s](std::size_t row) { return cells.state[s][row]; });
  };
  const auto derived = [&](std::size_t d) {
    out.scalar<float>(derived_signals[d].name, derived_signals[d].unit, derived_signals[d].meaning,
                      [&, d](std::size_t row) { return cells.derived[d][row]; });
  };
  state(+State::Pakt);
  derived(+Derived::VimentinStability);
  derived(+Derived::Runx2Activity);
  for (std::size_t s = 0; s < state_count; ++s)
    if (s != +State::Pakt) state(s);
  for (std::size_t d = 0; d < derived_count; ++d)
    if (d != +Derived::VimentinStability && d != +Derived::Runx2Activity) derived(d);
}

void write_cells(hdf5::Writer& file, const std::string& site_group, const World& world, const Site& site) {
  const Population& cells = site.cells;
  const std::string group = site_group + "/cells";
  CellsOut out(file, group, cells);
  out.vector<double>("position", "um", "centre of the cell", [&](std::size_t row) {
    return std::array{cells.x[row], cells.y[row], cells.z[row]};
  });
  if (world.wells)
    write_signals<double>(out, cells);
  else
    write_signals<float>(out, cells);
  out.scalar<std::int64_t>("id", "1", "identity of the cell, never reused", [&](std::size_t row) { return cells.id[row]; });
  out.scalar<std::int64_t>("parent", "1", "id of the mother, -1 for founders",
                           [&](std::size_t row) { return cells.parent[row]; });
  out.scalar<std::int64_t>("founder", "1", "id of the founder of the clone",
                           [&](std::size_t row) { return cells.founder[row]; });
  out.scalar<std::uint8_t>("type", "1", "cell type, index into names", [&](std::size_t row) { return cells.type[row]; });
  std::vector<std::string> type_names;
  for (const CellType& type : world.types) type_names.push_back(type.name);
  file.attribute(group + "/type", "names", type_names);
  out.scalar<std::uint8_t>("population", "1", "population of the scenario that the founder belongs to, index into names",
                           [&](std::size_t row) { return cells.origin[row]; });
  std::vector<std::string> population_names;
  for (const PopulationInfo& population : world.populations) population_names.push_back(population.name);
  if (!population_names.empty()) file.attribute(group + "/population", "names", population_names);
  out.vector<float>("velocity", "um/min", "displacement of the last motion step over its length", [&](std::size_t row) {
    return std::array{cells.vx[row], cells.vy[row], cells.vz[row]};
  });
  out.scalar<float>("radius", "um", "radius", [&](std::size_t row) { return cells.radius[row]; });
  out.scalar<float>("pressure", "1", "crowding by neighbours; 1 = dense packing",
                    [&](std::size_t row) { return cells.pressure[row]; });
  out.scalar<std::int32_t>("neighbours", "1", "cells within reach 1.25 (Ri + Rj)",
                           [&](std::size_t row) { return cells.neighbours[row]; });
  out.scalar<float>("age_h", "h", "age", [&](std::size_t row) { return cells.age_min[row] / 60; });
  out.scalar<float>("detached_h", "h", "time without contact to matrix",
                    [&](std::size_t row) { return cells.detached_min[row] / 60; });
  for (std::size_t p = 0; p < phenotype_count; ++p) {
    out.scalar<float>(phenotypes[p].column, phenotypes[p].unit, phenotypes[p].meaning,
                      [&, p](std::size_t row) { return cells.phenotype[p][row]; });
    if (p == +Phenotype::FreeSpeed)
      out.scalar<float>("speed_um_h", "um/h", "root-mean-square speed in force at this place",
                        [&](std::size_t row) { return cells.speed_in_place[row]; });
  }
}

void write_events(hdf5::Writer& file, const std::string& site_group, const Site& site) {
  const std::string group = site_group + "/events";
  file.group(group);
  const std::size_t n = site.events.size();
  std::vector<double> time(n), position(3 * n);
  std::vector<std::int64_t> id(n), parent(n);
  std::vector<std::uint8_t> cause(n);
  for (std::size_t i = 0; i < n; ++i) {
    const Event& event = site.events[i];
    time[i] = event.time_min / 60;
    id[i] = event.id;
    parent[i] = event.parent;
    cause[i] = static_cast<std::uint8_t>(event.kind);
    for (int axis = 0; axis < 3; ++axis) position[3 * i + static_cast<std::size_t>(axis)] = event.position[axis];
  }
  const auto finish = [&](const char* name, const char* unit, const char* meaning) {
    file.attribute(group + "/" + name, "unit", std::string(unit));
    file.attribute(group + "/" + name, "long_name", std::string(meaning));
  };
  file.dataset<double>(group + "/time_h", time, {n});
  finish("time_h", "h", "when it happened");
  file.dataset<std::int64_t>(group + "/id", id, {n});
  finish("id", "1", "the daughter that was born, or the cell that is gone");
  file.dataset<std::int64_t>(group + "/parent", parent, {n});
  finish("parent", "1", "births: id of the mother; else -1");
  file.dataset<std::uint8_t>(group + "/cause", cause, {n});
  finish("cause", "1", "what happened, index into names");
  std::vector<std::string> names{"birth"};
  for (const std::string_view word : leaving_words) names.emplace_back(word);
  file.attribute(group + "/cause", "names", names);
  file.dataset<double>(group + "/position", position, {n, 3});
  finish("position", "um", "where it happened");
}

void write_vertices(hdf5::Writer& file, const std::string& site_group, std::size_t cells) {
  const std::string group = site_group + "/vtk";
  std::vector<std::int64_t> numbers(cells + 1);
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  const std::vector<std::uint8_t> types(cells, vtk_vertex);
  const std::array<std::int64_t, 1> count{static_cast<std::int64_t>(cells)};
  file.dataset<std::int64_t>(group + "/connectivity", std::span(numbers).first(cells), {cells});
  file.dataset<std::int64_t>(group + "/offsets", numbers, {cells + 1});
  file.dataset<std::uint8_t>(group + "/types", types, {cells});
  file.dataset<std::int64_t>(group + "/number", count, {1});
}

// VTK's image reader drops axes that are one point thick, and the one of ParaView 5.11 writes beyond its own memory when it
// does. A grid that is one voxel thick in y or z is shown to it by the two faces of that layer: copies with the layer twice.
bool shown_by_faces(std::int64_t voxels) { return voxels == 1; }

// Arrays on a grid: (nz, ny, nx) or (nz, ny, nx, 3), x fastest, as the World holds them.
class GridOut {
 public:
  GridOut(hdf5::Writer& file, const std::string& site_group, const std::string& kind, const Grid3& grid)
      : file_(file), group_(site_group + "/" + kind), faces_group_(site_group + "/vtk/" + kind), grid_(grid) {
    file_.group(group_);
    describe(group_);
  }
  template <class T>
  void add(std::string_view name, std::string_view unit, std::string_view meaning, const std::vector<T>& values) {
    hdf5::Shape shape{static_cast<std::uint64_t>(grid_.shape[2]), static_cast<std::uint64_t>(grid_.shape[1]),
                      static_cast<std::uint64_t>(grid_.shape[0])};
    if (values.size() != grid_.size()) shape.push_back(3);
    const std::string path = fmt::format("{}/{}", group_, name);
    file_.dataset<T>(path, values, shape);
    file_.attribute(path, "unit", std::string(unit));
    file_.attribute(path, "long_name", std::string(meaning));
    describe(path);
    if (shown_by_faces(grid_.shape[1]) || shown_by_faces(grid_.shape[2])) {
      const std::vector<T> twice = doubled(values, values.size() / grid_.size());
      for (const std::size_t axis : {0u, 1u})
        if (shape[axis] == 1) shape[axis] = 2;
      file_.dataset<T>(fmt::format("{}/{}", faces_group_, name), twice, shape);
    }
  }

 private:
  void describe(const std::string& path) {
    const Vec3 origin = grid_.centre(0, 0, 0);
    file_.attribute(path, "origin", std::vector<double>{origin.x, origin.y, origin.z});
    file_.attribute(path, "spacing", std::vector<double>{grid_.spacing.x, grid_.spacing.y, grid_.spacing.z});
    file_.attribute(path, "shape", std::vector<std::int64_t>(grid_.shape.begin(), grid_.shape.end()));
    file_.attribute(path, "axes", std::string("origin (centre of voxel 0), spacing [um] and shape: x y z; arrays: z y x"));
  }
  // The values with thin axes repeated.
  template <class T>
  [[nodiscard]] std::vector<T> doubled(const std::vector<T>& values, std::size_t components) const {
    const int ny = shown_by_faces(grid_.shape[1]) ? 2 : grid_.shape[1],
              nz = shown_by_faces(grid_.shape[2]) ? 2 : grid_.shape[2];
    std::vector<T> out;
    for (int k = 0; k < nz; ++k)
      for (int j = 0; j < ny; ++j) {
        const std::size_t from = grid_.index(0, std::min(j, grid_.shape[1] - 1), std::min(k, grid_.shape[2] - 1));
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(from * components);
        out.insert(out.end(), begin,
                   begin + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(grid_.shape[0]) * components));
      }
    return out;
  }

  hdf5::Writer& file_;
  std::string group_, faces_group_;
  const Grid3& grid_;
};

// Alignment s = (3 lambda_1 - 1) / 2 (0 isotropic, 1 parallel) and s times the principal axis.
void fibre_arrays(const Matrix& matrix, std::vector<float>& alignment, std::vector<float>& fibre) {
  const std::size_t voxels = matrix.grid.size();
  alignment.resize(voxels);
  fibre.resize(3 * voxels);
  constexpr std::size_t block = 4096;
  for_rows((voxels + block - 1) / block, [&](std::size_t b) {
    // Neighbouring voxels often carry the same tensor: one eigenproblem for a run of them.
    std::size_t solved = voxels;
    for (std::size_t v = b * block; v < std::min((b + 1) * block, voxels); ++v) {
      bool same = solved < voxels;
      for (const auto& component : matrix.fibre) same = same && component[v] == component[solved];
      if (same) {
        alignment[v] = alignment[solved];
        for (std::size_t c = 0; c < 3; ++c) fibre[3 * v + c] = fibre[3 * solved + c];
        continue;
      }
      const PrincipalAxis axis = principal_axis(matrix.orientation(v));
      const double s = std::clamp((3 * axis.value - 1) / 2, 0.0, 1.0);
      alignment[v] = static_cast<float>(s);
      for (int c = 0; c < 3; ++c) fibre[3 * v + static_cast<std::size_t>(c)] = static_cast<float>(s * axis.direction[c]);
      solved = v;
    }
  });
}

void write_lattice(hdf5::Writer& file, const std::string& site_group, const Matrix& matrix, const auto& wanted) {
  if (matrix.none()) return;
  GridOut out(file, site_group, "lattice", matrix.grid);
  const std::size_t voxels = matrix.grid.size();
  const auto scalar = [&](std::string_view name, std::string_view unit, std::string_view meaning, auto&& value) {
    if (!wanted(name)) return;
    std::vector<float> values(voxels);
    for_rows(voxels, [&](std::size_t v) { values[v] = static_cast<float>(value(v)); });
    out.add(name, unit, meaning, values);
  };
  scalar("density", "mg/ml", "density of the matrix", [&](std::size_t v) { return matrix.density[v]; });
  scalar("pore", "um^2", "pore cross-section", [&](std::size_t v) { return matrix.pore(v); });
  scalar("stiffness", "kPa", "stiffness", [&](std::size_t v) {
    return matrix.law.stiffness(matrix.density[v], static_cast<double>(matrix.crosslinking[v]));
  });
  if (wanted("alignment") || wanted("fibre")) {
    std::vector<float> alignment, fibre;
    fibre_arrays(matrix, alignment, fibre);
    if (wanted("alignment")) out.add("alignment", "1", "alignment of the fibres: 0 isotropic, 1 parallel", alignment);
    if (wanted("fibre")) out.add("fibre", "1", "direction of the fibres, its length is the alignment", fibre);
  }
  scalar("crosslinking", "1", "crosslinking; 1 = none", [&](std::size_t v) { return matrix.crosslinking[v]; });
  if (wanted("tissue")) {
    out.add("tissue", "1", "kind of tissue, index into names", matrix.tissue);
    file.attribute(site_group + "/lattice/tissue", "names",
                   std::vector<std::string>(tissue_words.begin(), tissue_words.end()));
  }
}

void write_fields(hdf5::Writer& file, const std::string& site_group, const Site& site, const auto& wanted) {
  if (site.fields.empty() || site.factor_grid.empty()) return;
  GridOut out(file, site_group, "fields", site.factor_grid);
  for (const Field& field : site.fields) {
    if (!wanted(field.name)) continue;
    std::vector<float> values(field.value.size());
    for_rows(values.size(), [&](std::size_t v) { values[v] = static_cast<float>(field.value[v]); });
    out.add(field.name, field.is_pressure ? "mmHg" : "1",
            field.is_pressure ? "partial pressure" : "concentration over its half-effect (1 = EC50)", values);
  }
}

void fill(hdf5::Writer& file, const World& world, const SnapshotOptions& options, const std::string& digest) {
  file.attribute("/", "format", std::string(format_name));
  file.attribute("/", "format_version", snapshot_format_version);
  file.attribute("/", "time_h", world.clock.time_h());
  file.attribute("/", "step", world.clock.tick);
  file.attribute("/", "seed", world.seed.value);
  file.attribute("/", "digest", digest);
  file.attribute("/", "run_id", options.run_id);
  file.attribute("/", "schedule", options.schedule);
  const auto wanted = [&](std::string_view name) {
    return options.all_arrays || std::ranges::find(options.arrays, name) != options.arrays.end();
  };
  const bool several = world.sites.size() > 1;
  if (several) {
    std::vector<std::string> names;
    for (const Site& site : world.sites) names.push_back(site.name);
    file.group("/sites");
    file.attribute("/sites", "names", names);
  }
  double offset = 0;
  for (const Site& site : world.sites) {
    const std::string group = several ? "/sites/" + site.name : "";
    if (several) {
      // Side by side along x, with a gap of a tenth.
      file.group(group);
      file.attribute(group, "offset", std::vector<double>{offset, 0, 0});
      offset += 1.1 * site.domain.size.x;
    }
    file.group(group + "/vtk");
    write_cells(file, group, world, site);
    write_lattice(file, group, site.matrix, wanted);
    write_fields(file, group, site, wanted);
    write_events(file, group, site);
    write_vertices(file, group, site.cells.size());
  }
}

// Size of the data before compression [bytes].
std::uint64_t predicted_bytes(const World& world) {
  std::uint64_t bytes = 0;
  for (const Site& site : world.sites)
    bytes += site.cells.size() * (world.wells ? 420u : 350u) +
             site.matrix.grid.size() * 33u * (site.matrix.none() ? 0u : 1u) +
             site.factor_grid.size() * site.fields.size() * 4u;
  return bytes;
}

// --- seal -------------------------------------------------------------------------------------------------------------

constexpr std::string_view seal_words = "\ninvado snapshot xxh3-128 ";
constexpr std::size_t seal_bytes = seal_words.size() + 32 + 1;

std::string seal_of(const Checksum& checksum) { return std::string(seal_words) + checksum.hex() + "\n"; }

void expect_seal(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  const std::uint64_t size = fs::file_size(path);
  std::ifstream file(path, std::ios::binary);
  std::string seal(seal_bytes, '\0');
  if (size >= seal_bytes) {
    file.seekg(static_cast<std::streamoff>(size - seal_bytes));
    file.read(seal.data(), static_cast<std::streamsize>(seal.size()));
  }
  if (!file || size < seal_bytes || !seal.starts_with(seal_words))
    throw IoError(fmt::format("{}: is no snapshot of invado, or its end is missing", path.string()), Exit::BadData);
  if (examine_file(path, size - seal_bytes).checksum != seal.substr(seal_words.size(), 32))
    throw IoError(fmt::format("{}: is damaged: its checksum is wrong", path.string()), Exit::BadData);
}

void seal_file(const fs::path& path) {
  Checksum checksum;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 20);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0)
    checksum.add(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
  const bool complete = file.eof();
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out << seal_of(checksum);
  out.close();
  if (!complete || !out) throw IoError(fmt::format("{}: cannot write the file", path.string()));
}

// --- reading back -----------------------------------------------------------------------------------------------------

SnapshotInfo::Image read_image(const hdf5::Reader& file, const fs::path& path, const std::string& group) {
  SnapshotInfo::Image image;
  if (!file.has(group)) return image;
  image.origin = file.numbers(group, "origin");
  image.spacing = file.numbers(group, "spacing");
  for (const double n : file.numbers(group, "shape")) {
    if (!(n >= 1 && n <= 1e9))
      throw IoError(fmt::format("{}: {} has an impossible shape", path.string(), group), Exit::BadData);
    image.shape.push_back(static_cast<std::int64_t>(n));
  }
  for (const std::size_t numbers : {image.origin.size(), image.spacing.size(), image.shape.size()})
    if (numbers != 3) throw IoError(fmt::format("{}: {} is no grid of three axes", path.string(), group), Exit::BadData);
  for (const std::string& name : file.members(group))
    image.arrays.push_back({name, file.type(group + "/" + name), file.shape(group + "/" + name)});
  return image;
}

// Of a file whose checksum was found right.
SnapshotInfo read_checked(const fs::path& path) {
  const hdf5::Reader file(path);
  if (!file.has_attribute("/", "format") || file.text("/", "format") != format_name)
    throw IoError(fmt::format("{}: not a snapshot", path.string()), Exit::BadData);
  SnapshotInfo info;
  info.format_version = file.integer("/", "format_version");
  if (info.format_version != snapshot_format_version)
    throw IoError(fmt::format("{}: snapshot format {}, this release reads {}", path.string(), info.format_version,
                              snapshot_format_version),
                  Exit::BadData);
  info.time_h = file.number("/", "time_h");
  info.step = file.integer("/", "step");
  info.seed = file.natural("/", "seed");
  info.digest = file.text("/", "digest");
  info.run_id = file.text("/", "run_id");
  std::vector<std::string> names{""};
  if (file.has("/sites")) names = file.texts("/sites", "names");
  for (const std::string& name : names) {
    SnapshotInfo::Place place;
    place.name = name;
    place.group = name.empty() ? "" : "/sites/" + name;
    const hdf5::Shape positions = file.shape(place.group + "/cells/position");
    if (positions.size() != 2 || positions[1] != 3)
      throw IoError(fmt::format("{}: {}/cells/position is no list of positions", path.string(), place.group), Exit::BadData);
    place.cells = positions[0];
    for (const std::string& column : file.members(place.group + "/cells")) {
      const std::string dataset = place.group + "/cells/" + column;
      if (column != "position") place.columns.push_back({column, file.type(dataset), file.shape(dataset)});
    }
    place.lattice = read_image(file, path, place.group + "/lattice");
    place.fields = read_image(file, path, place.group + "/fields");
    info.places.push_back(std::move(place));
  }
  return info;
}

}  // namespace

SnapshotInfo read_snapshot_info(const fs::path& path) {
  expect_seal(path);
  return read_checked(path);
}

namespace {

// snap_000123.h5, cells_000123.hdf, lung.lattice_000123.hdf
bool is_snapshot_name(std::string_view name) {
  const bool data = name.starts_with("snap_") && name.ends_with(".h5");
  if (!data && !name.ends_with(".hdf")) return false;
  name.remove_suffix(data ? 3 : 4);
  const std::size_t number = name.rfind('_') + 1;  // 0: there is none
  if (number == 0 || name.size() - number < 6 || name.find_first_not_of("0123456789", number) != std::string_view::npos)
    return false;
  const std::string_view kind = name.substr(0, number - 1);
  return data ? kind == "snap" : kind.ends_with("cells") || kind.ends_with("lattice") || kind.ends_with("fields");
}

}  // namespace

void remove_snapshots(const fs::path& directory, const std::set<std::string>& but) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if ((is_snapshot_name(name) || is_temporary_name(name)) && !but.contains(name)) fs::remove(entry.path(), ignored);
  }
}

// --- writer -----------------------------------------------------------------------------------------------------------

SnapshotWriter::SnapshotWriter(fs::path folder, SnapshotOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
  make_directory(folder_ / "snapshots");
}

void SnapshotWriter::continue_after(std::size_t count, std::vector<FinishedFile> files,
                                    const BeforeFirstChange& before_first_change) {
  // Each file is read once: what has the checksum of then needs no look at its seal.
  std::set<std::string> known;
  for (const FinishedFile& file : files) {
    const fs::path path = folder_ / file.name, relative = file.name;
    if (relative.parent_path() != "snapshots" || !relative.has_filename() || relative.filename() == "..")
      throw IoError(fmt::format("{}: is no file of this run", path.string()), Exit::BadData);
    std::error_code error;
    if (fs::file_size(path, error) != file.bytes || error || examine_file(path).checksum != file.checksum)
      throw IoError(fmt::format("{}: is missing or has changed since the checkpoint", path.string()), Exit::BadData);
    known.insert(path.filename().string());
  }
  std::vector<SnapshotInfo> frames;
  std::size_t expected = count;
  for (std::size_t index = 0; index < count; ++index) {
    if (!known.contains(snapshot_name(index)))
      throw IoError(fmt::format("{}: the checkpoint counts {} snapshots and does not name {}", folder_.string(), count,
                                snapshot_name(index)),
                    Exit::BadData);
    frames.push_back(read_checked(folder_ / "snapshots" / snapshot_name(index)));
    for (const auto& [place, kind] : wrappers_of(frames.back())) {
      const std::string name = wrapper_name(*place, kind, index);
      if (!known.contains(name))
        throw IoError(fmt::format("{}: the checkpoint does not name {}", folder_.string(), name), Exit::BadData);
      ++expected;
    }
  }
  if (known.size() != expected)
    throw IoError(fmt::format("{}: the checkpoint names {} files of its snapshots, there must be {}", folder_.string(),
                              known.size(), expected),
                  Exit::BadData);
  frames_ = std::move(frames);
  files_ = std::move(files);
  if (before_first_change) before_first_change(files_);
  if (count > 0) {
    write_lists();
    write_xdmf();
  }
  xdmf_frames_ = count;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (count == 0 && (name.ends_with(".hdf.series") || name == "run.xdmf")) fs::remove(entry.path(), ignored);
  }
  remove_snapshots(folder_ / "snapshots", known);
}

fs::path SnapshotWriter::write(const World& world, const std::string& digest) {
  const std::size_t index = frames_.size();
  const fs::path target = folder_ / "snapshots" / snapshot_name(index);
  if (predicted_bytes(world) <= options_.in_memory_limit) {
    auto file = hdf5::Writer::in_memory();
    fill(file, world, options_, digest);
    std::vector<std::byte> image = file.image();
    Checksum checksum;
    checksum.add(image);
    const std::string seal = seal_of(checksum);
    std::ranges::copy(std::as_bytes(std::span(seal)), std::back_inserter(image));
    files_.push_back(atomic_write(target, image));
    frames_.push_back(read_snapshot_info(target));
  } else {
    TemporaryFile temporary(target);
    {
      auto file = hdf5::Writer::on_disk(temporary.path());
      fill(file, world, options_, digest);
      file.close();
    }
    seal_file(temporary.path());
    // Opened once more before it gets its name: HDF5 does not report every failed write.
    SnapshotInfo frame = read_snapshot_info(temporary.path());
    temporary.publish();
    files_.push_back(examine_file(target));
    frames_.push_back(std::move(frame));
  }
  files_.back().name = "snapshots/" + snapshot_name(index);
  write_wrappers(index, frames_.back());
  write_lists();
  // An XDMF file repeats everything for every snapshot: renewed at each one up to 64, then after each 1/16 more, so that
  // the work stays in proportion to the run.
  if (frames_.size() <= 64 || frames_.size() >= xdmf_frames_ + xdmf_frames_ / 16) {
    write_xdmf();
    xdmf_frames_ = frames_.size();
  }
  return target;
}

void SnapshotWriter::close() {
  if (xdmf_frames_ == frames_.size()) return;
  write_xdmf();
  xdmf_frames_ = frames_.size();
}

// --- ParaView ---------------------------------------------------------------------------------------------------------

namespace {

hdf5::Writer vtkhdf(const std::string& type) {
  auto file = hdf5::Writer::in_memory();
  file.group("/VTKHDF");
  file.attribute("/VTKHDF", "Version", std::vector<std::int64_t>{1, 0});
  file.attribute("/VTKHDF", "Type", type);
  return file;
}

FinishedFile wrap_cells(const fs::path& target, const std::string& snapshot, const SnapshotInfo::Place& place) {
  auto file = vtkhdf("UnstructuredGrid");
  const auto link = [&](const std::string& name, const std::string& object) {
    file.external_link("/VTKHDF/" + name, snapshot, place.group + object);
  };
  link("NumberOfPoints", "/vtk/number");
  link("NumberOfCells", "/vtk/number");
  link("NumberOfConnectivityIds", "/vtk/number");
  link("Points", "/cells/position");
  link("Connectivity", "/vtk/connectivity");
  link("Offsets", "/vtk/offsets");
  link("Types", "/vtk/types");
  file.group("/VTKHDF/PointData");
  for (const SnapshotInfo::Array& column : place.columns) link("PointData/" + column.name, "/cells/" + column.name);
  return atomic_write(target, file.image());
}

FinishedFile wrap_image(const fs::path& target, const std::string& snapshot, const SnapshotInfo::Place& place,
                        const std::string& kind, const SnapshotInfo::Image& image) {
  // Voxel centres are the points: ParaView 5.11 misplaces cell data of images.
  auto file = vtkhdf("ImageData");
  std::vector<std::int64_t> extent;
  std::vector<double> origin = image.origin;
  bool faces = false;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool thin = axis > 0 && shown_by_faces(image.shape[axis]);
    if (thin) origin[axis] -= image.spacing[axis] / 2;
    extent.insert(extent.end(), {0, thin ? 1 : image.shape[axis] - 1});
    faces = faces || thin;
  }
  file.attribute("/VTKHDF", "WholeExtent", extent);
  file.attribute("/VTKHDF", "Origin", origin);
  file.attribute("/VTKHDF", "Spacing", image.spacing);
  file.attribute("/VTKHDF", "Direction", std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  file.group("/VTKHDF/PointData");
  const std::string group = place.group + (faces ? "/vtk/" : "/") + kind;
  for (const SnapshotInfo::Array& array : image.arrays)
    file.external_link("/VTKHDF/PointData/" + array.name, snapshot, group + "/" + array.name);
  return atomic_write(target, file.image());
}

// --- XDMF -------------------------------------------------------------------------------------------------------------

std::string xdmf_item(const hdf5::Type type, const hdf5::Shape& shape, const std::string& source) {
  std::string_view number = "Float";
  int precision = 8;
  switch (type) {
    case hdf5::Type::Int8: number = "Char", precision = 1; break;
    case hdf5::Type::UInt8: number = "UChar", precision = 1; break;
    case hdf5::Type::Int32: number = "Int", precision = 4; break;
    case hdf5::Type::Int64: number = "Int"; break;
    case hdf5::Type::UInt64: number = "UInt"; break;
    case hdf5::Type::Float32: precision = 4; break;
    case hdf5::Type::Float64: break;
  }
  std::string extents;
  for (const auto extent : shape) extents += fmt::format("{}{}", extents.empty() ? "" : " ", extent);
  return fmt::format(R"(<DataItem Dimensions="{}" NumberType="{}" Precision="{}" Format="HDF">{}</DataItem>)", extents,
                     number, precision, source);
}

std::string xdmf_attributes(const std::vector<SnapshotInfo::Array>& arrays, std::size_t scalar_rank,
                            const std::string& source) {
  std::string text;
  for (const SnapshotInfo::Array& array : arrays)
    text += fmt::format("        <Attribute Name=\"{}\" AttributeType=\"{}\" Center=\"Node\">{}</Attribute>\n", array.name,
                        array.shape.size() > scalar_rank ? "Vector" : "Scalar",
                        xdmf_item(array.type, array.shape, source + "/" + array.name));
  return text;
}

std::string xdmf_cells(const SnapshotInfo& frame, const SnapshotInfo::Place& place, const std::string& source) {
  std::string text =
      fmt::format("      <Grid Name=\"cells\" GridType=\"Uniform\">\n        <Time Value=\"{}\"/>\n", frame.time_h);
  text += fmt::format(
      "        <Topology TopologyType=\"Polyvertex\" NumberOfElements=\"{}\" NodesPerElement=\"1\">{}</Topology>\n",
      place.cells, xdmf_item(hdf5::Type::Int64, {place.cells}, source + "/vtk/connectivity"));
  text += fmt::format("        <Geometry GeometryType=\"XYZ\">{}</Geometry>\n",
                      xdmf_item(hdf5::Type::Float64, {place.cells, 3}, source + "/cells/position"));
  return text + xdmf_attributes(place.columns, 1, source + "/cells") + "      </Grid>\n";
}

std::string xdmf_image(const SnapshotInfo& frame, const std::string& name, const SnapshotInfo::Image& image,
                       const std::string& source) {
  std::string text =
      fmt::format("      <Grid Name=\"{}\" GridType=\"Uniform\">\n        <Time Value=\"{}\"/>\n", name, frame.time_h);
  text += fmt::format("        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"{} {} {}\"/>\n", image.shape[2],
                      image.shape[1], image.shape[0]);
  // XDMF lists origin and spacing from the slowest axis to the fastest: z y x.
  text += fmt::format(
      "        <Geometry GeometryType=\"ORIGIN_DXDYDZ\"><DataItem Dimensions=\"3\" Format=\"XML\">{} {} {}</DataItem>"
      "<DataItem Dimensions=\"3\" Format=\"XML\">{} {} {}</DataItem></Geometry>\n",
      image.origin[2], image.origin[1], image.origin[0], image.spacing[2], image.spacing[1], image.spacing[0]);
  return text + xdmf_attributes(image.arrays, 3, source) + "      </Grid>\n";
}

}  // namespace

void SnapshotWriter::write_wrappers(std::size_t index, const SnapshotInfo& frame) {
  const fs::path folder = folder_ / "snapshots";
  const std::string snapshot = snapshot_name(index);
  const auto remember = [&](const std::string& name, FinishedFile file) {
    file.name = "snapshots/" + name;
    files_.push_back(std::move(file));
  };
  for (const auto& [place, kind] : wrappers_of(frame)) {
    const std::string name = wrapper_name(*place, kind, index);
    remember(name, kind == "cells" ? wrap_cells(folder / name, snapshot, *place)
                                   : wrap_image(folder / name, snapshot, *place, std::string(kind),
                                                kind == "lattice" ? place->lattice : place->fields));
  }
}

void SnapshotWriter::write_lists() const {
  // One list per site and kind, only of what exists.
  std::map<std::string, nlohmann::ordered_json> lists;
  for (std::size_t index = 0; index < frames_.size(); ++index)
    for (const SnapshotInfo::Place& place : frames_[index].places)
      for (const auto& [what, present] : {std::pair{"cells", true}, std::pair{"lattice", !place.lattice.arrays.empty()},
                                          std::pair{"fields", !place.fields.arrays.empty()}}) {
        if (!present) continue;
        auto& list = lists[prefix(place) + what];
        list["file-series-version"] = "1.0";
        list["files"].push_back(
            {{"name", "snapshots/" + wrapper_name(place, what, index)}, {"time", frames_[index].time_h}});
      }
  for (const auto& [name, list] : lists) atomic_write(folder_ / (name + ".hdf.series"), list.dump(1) + "\n");
}

void SnapshotWriter::write_xdmf() const {
  // name of the collection -> its grids
  std::map<std::string, std::string> collections;
  for (std::size_t index = 0; index < frames_.size(); ++index) {
    const SnapshotInfo& frame = frames_[index];
    for (const SnapshotInfo::Place& place : frame.places) {
      const std::string source = "snapshots/" + snapshot_name(index) + ":" + place.group;
      if (place.cells > 0) collections[prefix(place) + "cells"] += xdmf_cells(frame, place, source);
      if (!place.lattice.arrays.empty())
        collections[prefix(place) + "lattice"] += xdmf_image(frame, "lattice", place.lattice, source + "/lattice");
      if (!place.fields.arrays.empty())
        collections[prefix(place) + "fields"] += xdmf_image(frame, "fields", place.fields, source + "/fields");
    }
  }
  std::string text = "<?xml version=\"1.0\" ?>\n<Xdmf Version=\"2.0\">\n  <Domain>\n";
  for (const auto& [name, grids] : collections)
    text += fmt::format("    <Grid Name=\"{}\" GridType=\"Collection\" CollectionType=\"Temporal\">\n{}    </Grid>\n", name,
                        grids);
  text += "  </Domain>\n</Xdmf>\n";
  atomic_write(folder_ / "run.xdmf", text);
}

}  // namespace invado
