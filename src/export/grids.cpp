#include "export/grids.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "export/packing.h"
#include "export/vtk_xml.h"

namespace invado {
namespace {

const SnapshotInfo::Image& image_of(const SnapshotInfo::Place& place, const std::string& kind) {
  return kind == "lattice" ? place.lattice : place.fields;
}

std::size_t components_of(const SnapshotInfo::Array& array) { return array.shape.size() == 4 ? array.shape[3] : 1; }

// Files have arrays as z, y, x (, component) in C order, which is what both formats want: x fastest.
template <class Visit>
void visit_values(const hdf5::Reader& file, const std::string& dataset, const SnapshotInfo::Array& array, Visit&& visit) {
  if (array.type == hdf5::Type::UInt8)
    visit(file.read<std::uint8_t>(dataset));
  else
    visit(file.read<float>(dataset));
}

std::string unit_of(const hdf5::Reader& file, const std::string& dataset) {
  const std::string unit = file.has_attribute(dataset, "unit") ? file.text(dataset, "unit") : std::string();
  return unit == "1" ? std::string() : unit;
}

}  // namespace

std::string vti_image(const SnapshotFile& snapshot, const SnapshotInfo::Place& place, const std::string& kind) {
  const hdf5::Reader file(snapshot.path);
  const SnapshotInfo::Image& image = image_of(place, kind);
  VtkXml xml;
  std::string arrays;
  for (const SnapshotInfo::Array& array : image.arrays)
    visit_values(file, place.group + "/" + kind + "/" + array.name, array, [&]<class T>(const std::vector<T>& values) {
      arrays += xml.array<T>(array.name, components_of(array), values);
    });
  const auto& n = image.shape;
  const std::string extent = fmt::format("0 {} 0 {} 0 {}", n[0] - 1, n[1] - 1, n[2] - 1);
  const std::vector<double> time{snapshot.info.time_h};
  const std::string when = xml.array<double>("TimeValue", 1, time);
  std::string head =
      fmt::format("<ImageData WholeExtent=\"{}\" Origin=\"{} {} {}\" Spacing=\"{} {} {}\">\n", extent, image.origin[0],
                  image.origin[1], image.origin[2], image.spacing[0], image.spacing[1], image.spacing[2]);
  // Readers take the time from a field with this name; its single value is one tuple.
  std::string field = when;
  field.replace(field.find(" format="), 0, " NumberOfTuples=\"1\"");
  head += fmt::format("<FieldData>{}</FieldData>\n", field);
  return xml.file("ImageData", head + fmt::format("<Piece Extent=\"{}\">\n<PointData>{}</PointData>\n</Piece></ImageData>\n",
                                                  extent, arrays));
}

std::string nrrd_image(const SnapshotFile& snapshot, const SnapshotInfo::Place& place, const std::string& kind,
                       const std::string& array_name) {
  const hdf5::Reader file(snapshot.path);
  const SnapshotInfo::Image& image = image_of(place, kind);
  const auto array = std::ranges::find(image.arrays, array_name, &SnapshotInfo::Array::name);
  const std::string dataset = place.group + "/" + kind + "/" + array_name;
  const std::size_t components = components_of(*array);
  const bool vector = components > 1;
  const std::string unit = unit_of(file, dataset);
  const auto& s = image.spacing;
  std::string text = fmt::format(
      "NRRD0004\n# {}: {}{} of an invado run at {} h; lengths in micrometres, values at the centres of voxels\n"
      "type: {}\ndimension: {}\nspace dimension: 3\nsizes: {}{} {} {}\nspace directions: {}({},0,0) (0,{},0) (0,0,{})\n"
      "space origin: ({},{},{})\nspace units: \"um\" \"um\" \"um\"\nkinds: {}domain domain domain\ncontent: {}\n"
      "endian: little\nencoding: gzip\n",
      export_mark, array_name, unit.empty() ? "" : " [" + unit + "]", snapshot.info.time_h,
      array->type == hdf5::Type::UInt8 ? "uint8" : "float", vector ? 4 : 3, vector ? fmt::format("{} ", components) : "",
      image.shape[0], image.shape[1], image.shape[2], vector ? "none " : "", s[0], s[1], s[2], image.origin[0],
      image.origin[1], image.origin[2], vector ? "vector " : "", array_name);
  text += fmt::format("unit:={}\ntime_h:={}\n\n", unit.empty() ? "1" : unit, snapshot.info.time_h);
  visit_values(file, dataset, *array, [&](const auto& values) {
    const std::vector<std::byte> packed = gzip_packed(std::as_bytes(std::span(values)));
    text.append(reinterpret_cast<const char*>(packed.data()), packed.size());
  });
  return text;
}

}  // namespace invado
