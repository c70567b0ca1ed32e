#include "io/snapshot_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "base/many_points.h"
#include "base/parallel.h"
#include "model/storage_order.h"

namespace invado {
namespace {

constexpr std::uint8_t vtk_vertex = 1;

// The cells of a site in the order of their ids, written column by column.
class CellsOut {
 public:
  CellsOut(hdf5::Writer& file, std::string group, const Population& cells)
      : file_(file), group_(std::move(group)), order_(rows_by_id(cells)) {
    file_.group(group_);
  }

  // One column: value(row), for a vector value(row)[0..2], converted to T.
  template <class T, class Value>
  void scalar(std::string_view name, std::string_view unit, std::string_view meaning, Value&& value) {
    column<T>(name, unit, meaning, {order_.size()}, [&](std::size_t first, std::span<T> out) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(value(order_[first + i]));
    });
  }
  template <class T, class Value>
  void vector(std::string_view name, std::string_view unit, std::string_view meaning, Value&& value) {
    column<T>(name, unit, meaning, {order_.size(), 3}, [&](std::size_t first, std::span<T> out) {
      for (std::size_t i = 0; i < out.size(); i += 3) {
        const auto v = value(order_[(first + i) / 3]);
        for (std::size_t c = 0; c < 3; ++c) out[i + c] = static_cast<T>(v[c]);
      }
    });
  }

 private:
  template <class T>
  void column(std::string_view name, std::string_view unit, std::string_view meaning, const hdf5::Shape& shape,
              auto&& fill) {
    const std::string path = fmt::format("{}/{}", group_, name);
    file_.dataset<T>(path, shape, fill);
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
  out.scalar<float>("age_h", "h", "age",
                    [&](std::size_t row) { return (world.clock.time_min() - cells.born_min[row]) / 60; });
  out.scalar<float>("detached_h", "h", "time without contact to matrix",
                    [&](std::size_t row) { return cells.detached_min[row] / 60; });
  if (world.sites.size() > 1) {
    out.scalar<std::int64_t>("group", "1", "clump in the blood, colony in an organ: id of its first cell; -1 in a tumour",
                             [&](std::size_t row) { return cells.group[row]; });
    out.scalar<double>("weight", "1", "what the cell stands for; 1 unless it was split",
                       [&](std::size_t row) { return cells.weight[row]; });
    out.scalar<float>("arrived_h", "h", "when the cell entered the blood, or lodged",
                      [&](std::size_t row) { return cells.arrived_min[row] / 60; });
    out.scalar<std::uint8_t>("lodged", "1",
                             "in the blood: 1 + index of the site whose capillaries hold the cell; 0 = "
                             "circulates",
                             [&](std::size_t row) { return cells.lodged[row]; });
    out.scalar<std::uint8_t>("dormancy", "1", "0 = none, 1 = has arrived and not yet begun, 2 = dormant",
                             [&](std::size_t row) { return cells.dormancy[row]; });
  }
  for (std::size_t p = 0; p < phenotype_count; ++p) {
    out.scalar<float>(phenotypes[p].column, phenotypes[p].unit, phenotypes[p].meaning,
                      [&, p](std::size_t row) { return cells.phenotype[p][row]; });
    if (p == +Phenotype::FreeSpeed)
      out.scalar<float>("speed_um_h", "um/h", "root-mean-square speed in force at this place",
                        [&](std::size_t row) { return cells.speed_in_place[row]; });
  }
}

void write_events(hdf5::Writer& file, const std::string& site_group, const Site& site, bool several) {
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
  if (!several) names.pop_back();  // passed
  file.attribute(group + "/cause", "names", names);
  file.dataset<double>(group + "/position", position, {n, 3});
  finish("position", "um", "where it happened");
}

// What series.csv counts: a picture of a moment can say how many came before.
void write_stages(hdf5::Writer& file, const std::string& site_group, const Ledger& ledger) {
  const std::string path = site_group + "/stages";
  file.dataset<double>(path, ledger.stages, {stage_count});
  file.attribute(path, "unit", std::string("1"));
  file.attribute(path, "long_name",
                 std::string("cells that have done so here since the start, by weight; index into names"));
  file.attribute(path, "names", std::vector<std::string>(stage_words.begin(), stage_words.end()));
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

constexpr std::uint8_t vtk_line = 3;

// Positions as they are shown: sites stand side by side.
void write_shown(hdf5::Writer& file, const std::string& name, std::vector<double> position, double offset) {
  for (std::size_t i = 0; i < position.size(); i += 3) position[i] += offset;
  const std::size_t n = position.size() / 3;
  file.dataset<double>(name, position, {n, 3});
  file.attribute(name, "long_name", std::string("position beside the other sites"));
  file.attribute(name, "unit", std::string("um"));
}

// Each segment by its two ends.
void write_vessels(hdf5::Writer& file, const std::string& site_group, const Vessels& vessels, double offset) {
  if (vessels.none()) return;
  const std::string group = site_group + "/vessels";
  file.group(group);
  const std::size_t n = vessels.segments.size();
  std::vector<double> position;
  std::vector<float> radius, laid;
  std::vector<std::uint8_t> vessel;
  for (const VesselSegment& segment : vessels.segments)
    for (const Vec3& end : {segment.from, segment.to}) {
      position.insert(position.end(), {end.x, end.y, end.z});
      radius.push_back(static_cast<float>(segment.radius));
      laid.push_back(static_cast<float>(segment.laid_min / 60));
      vessel.push_back(static_cast<std::uint8_t>(segment.vessel));
    }
  const auto finish = [&](const char* name, const char* unit, const char* meaning) {
    file.attribute(group + "/" + name, "unit", std::string(unit));
    file.attribute(group + "/" + name, "long_name", std::string(meaning));
  };
  file.dataset<double>(group + "/position", position, {2 * n, 3});
  finish("position", "um", "ends of the axis of each segment, two by two");
  file.dataset<float>(group + "/radius", radius, {2 * n});
  finish("radius", "um", "radius of the tube");
  file.dataset<float>(group + "/laid_h", laid, {2 * n});
  finish("laid_h", "h", "when it was laid; 0 = at the start");
  file.dataset<std::uint8_t>(group + "/vessel", vessel, {2 * n});
  finish("vessel", "1", "vessel of the scenario, or that it sprouted from; index into names");
  file.attribute(group + "/vessel", "names", vessels.names);
  const std::string vtk = site_group + "/vtk/vessels";
  file.group(vtk);
  if (offset > 0) write_shown(file, vtk + "/points", position, offset);
  std::vector<std::int64_t> ends(2 * n), offsets(n + 1);
  std::iota(ends.begin(), ends.end(), std::int64_t{0});
  for (std::size_t s = 0; s <= n; ++s) offsets[s] = static_cast<std::int64_t>(2 * s);
  file.dataset<std::int64_t>(vtk + "/connectivity", ends, {2 * n});
  file.dataset<std::int64_t>(vtk + "/offsets", offsets, {n + 1});
  file.dataset<std::uint8_t>(vtk + "/types", std::vector<std::uint8_t>(n, vtk_line), {n});
  const std::array<std::int64_t, 1> lines{static_cast<std::int64_t>(n)}, points{static_cast<std::int64_t>(2 * n)};
  file.dataset<std::int64_t>(vtk + "/number", lines, {1});
  file.dataset<std::int64_t>(vtk + "/points_number", points, {1});
}

// Arrays on a grid: (nz, ny, nx) or (nz, ny, nx, 3), x fastest, as the World holds them.
class GridOut {
 public:
  GridOut(hdf5::Writer& file, const std::string& site_group, const std::string& kind, const Grid3& grid)
      : file_(file), group_(site_group + "/" + kind), faces_group_(site_group + "/vtk/" + kind), grid_(grid) {
    file_.group(group_);
    describe(group_);
  }
  // Value by value: value(i) of number i of the array.
  template <class T>
  void add(std::string_view name, std::string_view unit, std::string_view meaning, std::size_t components, auto&& value) {
    const auto fill = [&](std::size_t first, std::span<T> out) {
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(value(first + i));
    };
    const std::string path = fmt::format("{}/{}", group_, name);
    file_.dataset<T>(path, shape_of(grid_.shape, components), fill);
    file_.attribute(path, "unit", std::string(unit));
    file_.attribute(path, "long_name", std::string(meaning));
    describe(path);
    const int ny = grid_.shape[1], nz = grid_.shape[2];
    if (!shown_by_faces(ny) && !shown_by_faces(nz)) return;
    // Once more with thin axes repeated: voxel by voxel of that, the value of the one voxel there is.
    const std::array<int, 3> faces{grid_.shape[0], shown_by_faces(ny) ? 2 : ny, shown_by_faces(nz) ? 2 : nz};
    const auto fill_faces = [&](std::size_t first, std::span<T> out) {
      for (std::size_t n = 0; n < out.size(); ++n) {
        const std::size_t voxel = (first + n) / components;
        const auto [i, j, k] = place_of(voxel, faces);
        const std::size_t source = grid_.index(i, std::min(j, ny - 1), std::min(k, nz - 1));
        out[n] = static_cast<T>(value(source * components + (first + n) % components));
      }
    };
    file_.dataset<T>(fmt::format("{}/{}", faces_group_, name), shape_of(faces, components), fill_faces);
  }

 private:
  void describe(const std::string& path) {
    const Vec3 origin = grid_.centre(0, 0, 0);
    file_.attribute(path, "origin", std::vector<double>{origin.x, origin.y, origin.z});
    file_.attribute(path, "spacing", std::vector<double>{grid_.spacing.x, grid_.spacing.y, grid_.spacing.z});
    file_.attribute(path, "shape", std::vector<std::int64_t>(grid_.shape.begin(), grid_.shape.end()));
    file_.attribute(path, "axes", std::string("origin (centre of voxel 0), spacing [um] and shape: x y z; arrays: z y x"));
  }
  // Of arrays: z y x, and the components of vectors.
  static hdf5::Shape shape_of(const std::array<int, 3>& voxels, std::size_t components) {
    hdf5::Shape shape;
    for (const std::size_t axis : {2u, 1u, 0u}) shape.push_back(static_cast<std::uint64_t>(voxels[axis]));
    if (components > 1) shape.push_back(components);
    return shape;
  }
  static std::array<int, 3> place_of(std::size_t voxel, const std::array<int, 3>& voxels) {
    const auto nx = static_cast<std::size_t>(voxels[0]), ny = static_cast<std::size_t>(voxels[1]);
    return {static_cast<int>(voxel % nx), static_cast<int>(voxel / nx % ny), static_cast<int>(voxel / nx / ny)};
  }

  hdf5::Writer& file_;
  std::string group_, faces_group_;
  const Grid3& grid_;
};

// Alignment s = (3 lambda_1 - 1) / 2 (0 isotropic, 1 parallel) and s times the principal axis. Neighbouring voxels often
// carry the same tensor: one eigenproblem for a run of them, and many runs at once.
void fibre_arrays(const Matrix& matrix, std::vector<float>& alignment, std::vector<float>& fibre) {
  const std::size_t voxels = matrix.grid.size();
  alignment.resize(voxels);
  fibre.resize(3 * voxels);
  constexpr std::size_t block = 4096;
  for_blocks((voxels + block - 1) / block, [&](std::size_t b) {
    const std::size_t first = b * block, end = std::min(first + block, voxels);
    std::array<std::size_t, block + 1> run;  // first voxels of the runs, then `end`
    std::size_t runs = 0;
    for (std::size_t v = first; v < end; ++v)
      if (v == first || !(matrix.fibre[v] == matrix.fibre[v - 1])) run[runs++] = v;
    run[runs] = end;
    for (std::size_t r = 0; r < runs; r += many) {
      Many xx, yy, zz, xy, xz, yz, s, nx, ny, nz;
      for (std::size_t k = 0; k < many; ++k) {
        const Sym3 q = matrix.orientation(run[std::min(r + k, runs - 1)]);
        xx[k] = q.xx, yy[k] = q.yy, zz[k] = q.zz, xy[k] = q.xy, xz[k] = q.xz, yz[k] = q.yz;
      }
      for (std::size_t k = 0; k < many; ++k) {
        const PrincipalAxis axis = principal_axis({xx[k], yy[k], zz[k], xy[k], xz[k], yz[k]});
        s[k] = std::min(std::max((3 * axis.value - 1) / 2, 0.0), 1.0);
        nx[k] = s[k] * axis.direction.x, ny[k] = s[k] * axis.direction.y, nz[k] = s[k] * axis.direction.z;
      }
      for (std::size_t k = 0; k < many && r + k < runs; ++k)
        for (std::size_t v = run[r + k]; v < run[r + k + 1]; ++v) {
          alignment[v] = static_cast<float>(s[k]);
          fibre[3 * v] = static_cast<float>(nx[k]);
          fibre[3 * v + 1] = static_cast<float>(ny[k]);
          fibre[3 * v + 2] = static_cast<float>(nz[k]);
        }
    }
  });
}

void write_lattice(hdf5::Writer& file, const std::string& site_group, const Matrix& matrix, const auto& wanted) {
  if (matrix.none()) return;
  GridOut out(file, site_group, "lattice", matrix.grid);
  const auto scalar = [&](std::string_view name, std::string_view unit, std::string_view meaning, auto&& value) {
    if (wanted(name)) out.add<float>(name, unit, meaning, 1, value);
  };
  scalar("density", "mg/ml", "density of the matrix", [&](std::size_t v) { return matrix.density[v]; });
  scalar("pore", "um^2", "pore cross-section", [&](std::size_t v) { return matrix.pore(v); });
  scalar("stiffness", "kPa", "stiffness", [&](std::size_t v) {
    return matrix.law.stiffness(matrix.density[v], static_cast<double>(matrix.crosslinking[v]));
  });
  if (wanted("alignment") || wanted("fibre")) {
    std::vector<float> alignment, fibre;
    fibre_arrays(matrix, alignment, fibre);
    scalar("alignment", "1", "alignment of the fibres: 0 isotropic, 1 parallel",
           [&](std::size_t v) { return alignment[v]; });
    if (wanted("fibre"))
      out.add<float>("fibre", "1", "direction of the fibres, its length is the alignment", 3,
                     [&](std::size_t i) { return fibre[i]; });
  }
  scalar("crosslinking", "1", "crosslinking; 1 = none", [&](std::size_t v) { return matrix.crosslinking[v]; });
  if (wanted("tissue")) {
    out.add<std::uint8_t>("tissue", "1", "kind of tissue, index into names", 1,
                          [&](std::size_t v) { return matrix.tissue[v]; });
    file.attribute(site_group + "/lattice/tissue", "names",
                   std::vector<std::string>(tissue_words.begin(), tissue_words.end()));
  }
}

void write_fields(hdf5::Writer& file, const std::string& site_group, const Site& site, const auto& wanted) {
  if (site.fields.empty() || site.factor_grid.empty()) return;
  GridOut out(file, site_group, "fields", site.factor_grid);
  for (const Field& field : site.fields) {
    if (!wanted(field.name)) continue;
    out.add<float>(field.name, field.is_pressure ? "mmHg" : "1",
                   field.is_pressure ? "partial pressure" : "concentration over its half-effect (1 = EC50)", 1,
                   [&](std::size_t v) { return field.value[v]; });
  }
}

}  // namespace

void write_snapshot_data(hdf5::Writer& file, const World& world, const SnapshotOptions& options, const std::string& digest) {
  file.attribute("/", "format", std::string(snapshot_format));
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
      file.attribute(group, "compartment", std::string(site.compartment == Compartment::Blood ? "blood" : "tissue"));
    }
    file.group(group + "/vtk");
    write_cells(file, group, world, site);
    if (offset > 0 && !site.domain.spaceless()) {
      std::vector<double> position;
      for (const std::size_t row : rows_by_id(site.cells))
        position.insert(position.end(), {site.cells.x[row], site.cells.y[row], site.cells.z[row]});
      write_shown(file, group + "/vtk/points", std::move(position), offset);
    }
    write_vessels(file, group, site.vessels, offset);
    write_lattice(file, group, site.matrix, wanted);
    write_fields(file, group, site, wanted);
    write_events(file, group, site, several);
    if (several && !site.domain.spaceless()) write_stages(file, group, site.ledger);
    write_vertices(file, group, site.cells.size());
    offset += 1.1 * site.domain.size.x;
  }
}

std::uint64_t predicted_snapshot_bytes(const World& world) {
  std::uint64_t bytes = 0;
  for (const Site& site : world.sites)
    bytes += site.cells.size() * (world.wells ? 420u : 350u) +
             site.matrix.grid.size() * 33u * (site.matrix.none() ? 0u : 1u) +
             site.factor_grid.size() * site.fields.size() * 4u;
  return bytes;
}

}  // namespace invado
