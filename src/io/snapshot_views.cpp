#include "io/snapshot_views.h"

#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>

#include "io/hdf5.h"
#include "io/snapshot_data.h"

namespace invado {
namespace fs = std::filesystem;

namespace {

// Whether a site is not shown where its coordinates are: sites stand side by side.
bool shown_aside(const SnapshotInfo::Place& place) { return place.offset != std::array<double, 3>{}; }

// Of files of a site, where there are several.
std::string prefix(const SnapshotInfo::Place& place) { return place.name.empty() ? "" : place.name + "."; }

}  // namespace

std::string snapshot_name(std::size_t index) { return fmt::format("snap_{:06}.h5", index); }
std::string wrapper_name(const SnapshotInfo::Place& place, std::string_view what, std::size_t index) {
  return fmt::format("{}{}_{:06}.hdf", prefix(place), what, index);
}

std::vector<std::pair<const SnapshotInfo::Place*, std::string_view>> wrappers_of(const SnapshotInfo& frame) {
  std::vector<std::pair<const SnapshotInfo::Place*, std::string_view>> wrappers;
  for (const SnapshotInfo::Place& place : frame.places) {
    if (!place.space) continue;
    wrappers.emplace_back(&place, "cells");
    if (!place.lattice.arrays.empty()) wrappers.emplace_back(&place, "lattice");
    if (!place.fields.arrays.empty()) wrappers.emplace_back(&place, "fields");
    if (place.vessels > 0) wrappers.emplace_back(&place, "vessels");
  }
  return wrappers;
}

namespace {

hdf5::Writer vtkhdf(const std::string& type) {
  auto file = hdf5::Writer::in_memory();
  file.group("/VTKHDF");
  file.attribute("/VTKHDF", "Version", std::vector<std::int64_t>{1, 0});
  file.attribute("/VTKHDF", "Type", type);
  return file;
}

// Where the parts of an unstructured grid lie in a snapshot, below the group of the site.
struct GridParts {
  std::string vtk;            // group of the topology
  std::string points_number;  // how many points
  std::string group;          // of the columns and of the positions in the site's own coordinates
  const std::vector<SnapshotInfo::Array>& columns;
};

FinishedFile wrap_unstructured(const fs::path& target, const std::string& snapshot, const SnapshotInfo::Place& place,
                               const GridParts& parts) {
  auto file = vtkhdf("UnstructuredGrid");
  const auto link = [&](const std::string& name, const std::string& object) {
    file.external_link("/VTKHDF/" + name, snapshot, place.group + object);
  };
  link("NumberOfPoints", parts.points_number);
  link("NumberOfCells", parts.vtk + "/number");
  link("NumberOfConnectivityIds", parts.points_number);
  link("Points", shown_aside(place) ? parts.vtk + "/points" : parts.group + "/position");
  link("Connectivity", parts.vtk + "/connectivity");
  link("Offsets", parts.vtk + "/offsets");
  link("Types", parts.vtk + "/types");
  file.group("/VTKHDF/PointData");
  for (const SnapshotInfo::Array& column : parts.columns) link("PointData/" + column.name, parts.group + "/" + column.name);
  return atomic_write(target, file.image());
}

// Each cell is a vertex.
FinishedFile wrap_cells(const fs::path& target, const std::string& snapshot, const SnapshotInfo::Place& place) {
  return wrap_unstructured(target, snapshot, place, {"/vtk", "/vtk/number", "/cells", place.columns});
}

// Lines from end to end; the filter Tube makes vessels of them by the column `radius`.
FinishedFile wrap_vessels(const fs::path& target, const std::string& snapshot, const SnapshotInfo::Place& place) {
  return wrap_unstructured(target, snapshot, place,
                           {"/vtk/vessels", "/vtk/vessels/points_number", "/vessels", place.vessel_columns});
}

FinishedFile wrap_image(const fs::path& target, const std::string& snapshot, const SnapshotInfo::Place& place,
                        const std::string& kind, const SnapshotInfo::Image& image) {
  // Voxel centres are the points: ParaView 5.11 misplaces cell data of images.
  auto file = vtkhdf("ImageData");
  std::vector<std::int64_t> extent;
  std::vector<double> origin = image.origin;
  for (std::size_t axis = 0; axis < 3; ++axis) origin[axis] += place.offset[axis];
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
  text += fmt::format(
      "        <Geometry GeometryType=\"XYZ\">{}</Geometry>\n",
      xdmf_item(hdf5::Type::Float64, {place.cells, 3}, source + (shown_aside(place) ? "/vtk/points" : "/cells/position")));
  return text + xdmf_attributes(place.columns, 1, source + "/cells") + "      </Grid>\n";
}

std::string xdmf_image(const SnapshotInfo& frame, const SnapshotInfo::Place& place, const std::string& name,
                       const SnapshotInfo::Image& image, const std::string& source) {
  std::string text =
      fmt::format("      <Grid Name=\"{}\" GridType=\"Uniform\">\n        <Time Value=\"{}\"/>\n", name, frame.time_h);
  text += fmt::format("        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"{} {} {}\"/>\n", image.shape[2],
                      image.shape[1], image.shape[0]);
  // XDMF lists origin and spacing from the slowest axis to the fastest: z y x.
  text += fmt::format(
      "        <Geometry GeometryType=\"ORIGIN_DXDYDZ\"><DataItem Dimensions=\"3\" Format=\"XML\">{} {} {}</DataItem>"
      "<DataItem Dimensions=\"3\" Format=\"XML\">{} {} {}</DataItem></Geometry>\n",
      image.origin[2] + place.offset[2], image.origin[1] + place.offset[1], image.origin[0] + place.offset[0],
      image.spacing[2], image.spacing[1], image.spacing[0]);
  return text + xdmf_attributes(image.arrays, 3, source) + "      </Grid>\n";
}

}  // namespace

std::vector<FinishedFile> write_wrappers(const fs::path& run, std::size_t index, const SnapshotInfo& frame) {
  const fs::path folder = run / "snapshots";
  const std::string snapshot = snapshot_name(index);
  std::vector<FinishedFile> files;
  const auto remember = [&](const std::string& name, FinishedFile file) {
    file.name = "snapshots/" + name;
    files.push_back(std::move(file));
  };
  for (const auto& [place, kind] : wrappers_of(frame)) {
    const std::string name = wrapper_name(*place, kind, index);
    const fs::path target = folder / name;
    remember(name, kind == "cells"     ? wrap_cells(target, snapshot, *place)
                   : kind == "vessels" ? wrap_vessels(target, snapshot, *place)
                                       : wrap_image(target, snapshot, *place, std::string(kind),
                                                    kind == "lattice" ? place->lattice : place->fields));
  }
  return files;
}

void write_lists(const fs::path& run, const std::vector<SnapshotInfo>& frames) {
  // One list per site and kind, only of what exists.
  std::map<std::string, nlohmann::ordered_json> lists;
  for (std::size_t index = 0; index < frames.size(); ++index)
    for (const auto& [place, what] : wrappers_of(frames[index])) {
      auto& list = lists[prefix(*place) + std::string(what)];
      list["file-series-version"] = "1.0";
      list["files"].push_back({{"name", "snapshots/" + wrapper_name(*place, what, index)}, {"time", frames[index].time_h}});
    }
  for (const auto& [name, list] : lists) atomic_write(run / (name + ".hdf.series"), list.dump(1) + "\n");
}

void write_xdmf(const fs::path& run, const std::vector<SnapshotInfo>& frames) {
  // name of the collection -> its grids
  std::map<std::string, std::string> collections;
  for (std::size_t index = 0; index < frames.size(); ++index) {
    const SnapshotInfo& frame = frames[index];
    for (const SnapshotInfo::Place& place : frame.places) {
      const std::string source = "snapshots/" + snapshot_name(index) + ":" + place.group;
      if (place.space && place.cells > 0) collections[prefix(place) + "cells"] += xdmf_cells(frame, place, source);
      if (!place.lattice.arrays.empty())
        collections[prefix(place) + "lattice"] += xdmf_image(frame, place, "lattice", place.lattice, source + "/lattice");
      if (!place.fields.arrays.empty())
        collections[prefix(place) + "fields"] += xdmf_image(frame, place, "fields", place.fields, source + "/fields");
    }
  }
  std::string text = "<?xml version=\"1.0\" ?>\n<Xdmf Version=\"2.0\">\n  <Domain>\n";
  for (const auto& [name, grids] : collections)
    text += fmt::format("    <Grid Name=\"{}\" GridType=\"Collection\" CollectionType=\"Temporal\">\n{}    </Grid>\n", name,
                        grids);
  text += "  </Domain>\n</Xdmf>\n";
  atomic_write(run / "run.xdmf", text);
}

}  // namespace invado
