#include "export/vtkhdf.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <span>
#include <vector>

#include "export/vtk_xml.h"
#include "io/hdf5.h"
#include "io/snapshot.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

struct Frame {
  fs::path file;
  double time_h = 0;
  SnapshotInfo::Place place;
};

// The wanted place in every snapshot.
std::vector<Frame> frames_of(const RunFolder& folder, const std::string& site) {
  std::vector<Frame> frames;
  for (const fs::path& file : snapshot_files(folder.snapshots())) {
    SnapshotInfo info = read_snapshot_info(file);
    const auto place = site.empty() ? info.places.begin() : std::ranges::find(info.places, site, &SnapshotInfo::Place::name);
    if (place == info.places.end()) throw IoError(fmt::format("{}: has no site '{}'", file.string(), site), Exit::BadData);
    frames.push_back({file, info.time_h, std::move(*place)});
  }
  if (frames.empty()) throw IoError(fmt::format("{}: holds no snapshots", folder.path().string()), Exit::NotFound);
  return frames;
}

// One value per moment.
void write_list(hdf5::Writer& out, const std::string& path, const std::vector<std::int64_t>& values) {
  out.dataset<std::int64_t>(path, values, {values.size()});
}

hdf5::Writer begin(const fs::path& temporary, const std::string& type, const std::vector<Frame>& frames) {
  auto out = hdf5::Writer::on_disk(temporary);
  out.group("/VTKHDF");
  out.attribute("/VTKHDF", "Version", std::vector<std::int64_t>{2, 0});
  out.attribute("/VTKHDF", "Type", type);
  out.group("/VTKHDF/PointData");
  out.group("/VTKHDF/Steps");
  out.attribute("/VTKHDF/Steps", "NSteps", static_cast<std::int64_t>(frames.size()));
  std::vector<double> times;
  for (const Frame& frame : frames) times.push_back(frame.time_h);
  out.dataset<double>("/VTKHDF/Steps/Values", times, {times.size()});
  out.group("/VTKHDF/Steps/PointDataOffsets");
  return out;
}

// A column of the cells of all moments, one after the other.
template <class T>
void write_column(hdf5::Writer& out, const std::vector<Frame>& frames, const std::string& name, const std::string& path) {
  // Not from the number of values: there may be no cell in any of them.
  hdf5::Shape shape = hdf5::Reader(frames.front().file).shape(frames.front().place.group + "/cells/" + name);
  std::vector<T> all;
  std::uint64_t cells = 0;
  for (const Frame& frame : frames) {
    const std::vector<T> values = hdf5::Reader(frame.file).read<T>(frame.place.group + "/cells/" + name);
    all.insert(all.end(), values.begin(), values.end());
    cells += frame.place.cells;
  }
  if (all.size() != cells * (shape.size() == 2 ? shape[1] : 1))
    throw IoError(fmt::format("{}: cells/{} has another form than in other snapshots", frames.back().file.string(), name),
                  Exit::BadData);
  shape[0] = cells;
  out.dataset<T>(path, all, shape);
}

void write_column(hdf5::Writer& out, const std::vector<Frame>& frames, const SnapshotInfo::Array& column,
                  const std::string& path) {
  switch (column.type) {
    case hdf5::Type::UInt8: return write_column<std::uint8_t>(out, frames, column.name, path);
    case hdf5::Type::Float32: return write_column<float>(out, frames, column.name, path);
    case hdf5::Type::Float64: return write_column<double>(out, frames, column.name, path);
    default: return write_column<std::int64_t>(out, frames, column.name, path);
  }
}

void write_cells(hdf5::Writer& out, const std::vector<Frame>& frames) {
  const std::string root = "/VTKHDF/", steps = "/VTKHDF/Steps/";
  std::vector<std::int64_t> number, before, part, ones, connectivity, offsets;
  for (const Frame& frame : frames) {
    const auto cells = static_cast<std::int64_t>(frame.place.cells);
    before.push_back(number.empty() ? 0 : before.back() + number.back());
    part.push_back(static_cast<std::int64_t>(part.size()));
    number.push_back(cells);
    ones.push_back(1);
    // Every moment is a part whose ids begin at 0; offsets have one more than there are cells.
    for (std::int64_t id = 0; id < cells; ++id) connectivity.push_back(id);
    for (std::int64_t id = 0; id <= cells; ++id) offsets.push_back(id);
  }
  for (const char* name : {"NumberOfPoints", "NumberOfCells", "NumberOfConnectivityIds"})
    write_list(out, root + name, number);
  write_list(out, root + "Connectivity", connectivity);
  write_list(out, root + "Offsets", offsets);
  const std::vector<std::uint8_t> vertices(connectivity.size(), 1);
  out.dataset<std::uint8_t>(root + "Types", vertices, {vertices.size()});
  write_column<double>(out, frames, "position", root + "Points");
  write_list(out, steps + "PartOffsets", part);
  write_list(out, steps + "NumberOfParts", ones);
  write_list(out, steps + "PointOffsets", before);
  for (const char* name : {"CellOffsets", "ConnectivityIdOffsets"})
    out.dataset<std::int64_t>(steps + name, before, {before.size(), 1});
  for (const SnapshotInfo::Array& column : frames.front().place.columns) {
    write_column(out, frames, column, root + "PointData/" + column.name);
    write_list(out, steps + "PointDataOffsets/" + column.name, before);
  }
}

template <class T>
void write_grid_array(hdf5::Writer& out, const std::vector<Frame>& frames, const std::string& kind,
                      const SnapshotInfo::Array& array) {
  hdf5::Shape shape = array.shape;
  shape.insert(shape.begin(), frames.size());
  out.dataset_by_parts<T>("/VTKHDF/PointData/" + array.name, shape, [&](std::size_t moment) {
    const Frame& frame = frames[moment];
    return hdf5::Reader(frame.file).read<T>(frame.place.group + "/" + kind + "/" + array.name);
  });
}

void write_grid(hdf5::Writer& out, const std::vector<Frame>& frames, const std::string& kind) {
  const auto image_of = [&](const Frame& frame) { return kind == "lattice" ? frame.place.lattice : frame.place.fields; };
  const SnapshotInfo::Image image = image_of(frames.front());
  const std::string root = "/VTKHDF";
  const auto& n = image.shape;
  out.attribute(root, "WholeExtent", std::vector<std::int64_t>{0, n[0] - 1, 0, n[1] - 1, 0, n[2] - 1});
  out.attribute(root, "Origin", image.origin);
  out.attribute(root, "Spacing", image.spacing);
  out.attribute(root, "Direction", std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  std::vector<std::int64_t> moments(frames.size());
  std::iota(moments.begin(), moments.end(), std::int64_t{0});
  for (const SnapshotInfo::Array& array : image.arrays) {
    for (const Frame& frame : frames) {
      const SnapshotInfo::Image there = image_of(frame);
      const auto same = std::ranges::find(there.arrays, array.name, &SnapshotInfo::Array::name);
      if (same == there.arrays.end() || same->shape != array.shape)
        throw IoError(fmt::format("{}: its {}/{} is missing or has another shape", frame.file.string(), kind, array.name),
                      Exit::BadData);
    }
    if (array.type == hdf5::Type::UInt8)
      write_grid_array<std::uint8_t>(out, frames, kind, array);
    else
      write_grid_array<float>(out, frames, kind, array);
    write_list(out, root + "/Steps/PointDataOffsets/" + array.name, moments);
  }
}

}  // namespace

std::size_t export_vtkhdf(const RunFolder& folder, const std::string& part, const std::string& site,
                          const fs::path& target) {
  const std::vector<Frame> frames = frames_of(folder, site);
  const SnapshotInfo::Place& first = frames.front().place;
  if (part != "cells" && (part == "lattice" ? first.lattice : first.fields).arrays.empty())
    throw IoError(
        fmt::format("{}: the run has no {}", folder.path().string(), part == "lattice" ? "matrix" : "soluble factors"),
        Exit::NotFound);
  TemporaryFile temporary(target);
  {
    auto out = begin(temporary.path(), part == "cells" ? "UnstructuredGrid" : "ImageData", frames);
    part == "cells" ? write_cells(out, frames) : write_grid(out, frames, part);
    out.close();
  }
  // HDF5 does not mind what follows its data.
  std::ofstream end(temporary.path(), std::ios::binary | std::ios::app);
  end << "\n" << export_mark << "\n";
  end.close();
  if (!end) throw IoError(fmt::format("{}: cannot write the file", target.string()));
  temporary.publish();
  return frames.size();
}

}  // namespace invado
