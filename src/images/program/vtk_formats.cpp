#include "images/program/vtk_formats.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "images/fields.h"

#ifdef INVADO_WITH_VTK
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkDataObject.h>
#include <vtkDataSetAttributes.h>
#include <vtkImageData.h>
#include <vtkImageReader2.h>
#include <vtkInformation.h>
#include <vtkMetaImageReader.h>
#include <vtkNew.h>
#include <vtkObjectFactory.h>
#include <vtkOutputWindow.h>
#include <vtkPointData.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkTIFFReader.h>
#include <vtkXMLImageDataReader.h>
#endif

namespace invado {

#ifndef INVADO_WITH_VTK

GreyImage read_with_vtk(const char*, const ImageChoice&) {
  throw ImageError(
      "needs VTK, and this program was built without it: install libvtk9-dev (conda, Spack: vtk) and configure again, or "
      "convert the picture to .nrrd, which is read without VTK");
}

#else

namespace {

// Keeps what VTK complains about.
class Complaints final : public vtkOutputWindow {
 public:
  static Complaints* New();
  vtkTypeMacro(Complaints, vtkOutputWindow);
  void DisplayErrorText(const char* text) override { keep(text); }
  void DisplayGenericWarningText(const char*) override {}
  void DisplayWarningText(const char* text) override { keep(text); }
  void DisplayDebugText(const char*) override {}
  void DisplayText(const char*) override {}

  std::string first;

 private:
  // "ERROR: In file.cxx, line 1\nvtkReader (0x...): what"
  void keep(std::string_view text) {
    if (!first.empty()) return;
    text = trimmed_text(text);
    const std::size_t colon = text.find("): ");
    first = trimmed_text(colon == std::string_view::npos ? text : text.substr(colon + 3));
    first = first.substr(0, std::min(first.find('\n'), std::size_t{300}));
  }
};
vtkStandardNewMacro(Complaints);

std::optional<PixelType> type_of(int vtk_type) {
  switch (vtk_type) {
    case VTK_CHAR:
    case VTK_SIGNED_CHAR: return PixelType::Int8;
    case VTK_UNSIGNED_CHAR: return PixelType::Uint8;
    case VTK_SHORT: return PixelType::Int16;
    case VTK_UNSIGNED_SHORT: return PixelType::Uint16;
    case VTK_INT: return PixelType::Int32;
    case VTK_UNSIGNED_INT: return PixelType::Uint32;
    case VTK_FLOAT: return PixelType::Float;
    case VTK_DOUBLE: return PixelType::Double;
    default: return {};
  }
}

void check_extent(const int* extent) {
  std::array<std::int64_t, 3> shape{};
  for (std::size_t a = 0; a < 3; ++a) shape[a] = std::int64_t{extent[2 * a + 1]} - extent[2 * a] + 1;
  check_shape(shape);
}

void say_names(vtkDataSetAttributes* of, std::string& names, int& count) {
  for (int i = 0; i < of->GetNumberOfArrays(); ++i) {
    const char* const name = of->GetArrayName(i);
    names += (names.empty() ? "" : ", ") + std::string(name != nullptr ? name : "(without a name)").substr(0, 60);
    ++count;
  }
}

// The array that was asked for, and whether its values belong to cells: then the picture has one pixel less per axis than
// points.
vtkDataArray* array_of(vtkImageData* data, const std::string& wanted, bool& of_cells) {
  std::string names;
  int count = 0;
  say_names(data->GetPointData(), names, count);
  say_names(data->GetCellData(), names, count);
  if (wanted.empty() && count != 1)
    throw ImageError(count == 0 ? std::string("has no array of values")
                                : fmt::format("has several arrays: say which with `array` (allowed {})", names));
  for (vtkDataSetAttributes* const of :
       {static_cast<vtkDataSetAttributes*>(data->GetPointData()), static_cast<vtkDataSetAttributes*>(data->GetCellData())}) {
    vtkDataArray* const found = wanted.empty() ? of->GetArray(0) : of->GetArray(wanted.c_str());
    of_cells = of == data->GetCellData();
    if (found != nullptr) return found;
  }
  throw ImageError(fmt::format("has no array '{}' (allowed {})", wanted, names));
}

GreyImage image_of(vtkImageData* data, const ImageChoice& choice) {
  bool of_cells = false;
  vtkDataArray* const array = array_of(data, choice.array, of_cells);
  GreyImage image;
  const auto type = type_of(array->GetDataType());
  if (!type)
    throw ImageError(
        fmt::format("has values of the type '{}' (allowed 8 to 32 bits, float, double)", array->GetDataTypeAsString()));
  image.type = *type;
  for (std::size_t a = 0; a < 3; ++a) {
    const int points = data->GetDimensions()[a];
    image.shape[a] = of_cells ? std::max(points - 1, 1) : points;
    image.spacing[static_cast<int>(a)] = data->GetSpacing()[a];
  }
  check_shape(image.shape);
  const std::int64_t channels = array->GetNumberOfComponents();
  check_channel(choice.channel, channels);
  if (array->GetNumberOfTuples() != static_cast<vtkIdType>(image.count()))
    throw ImageError(fmt::format("has {} values for {} pixels", array->GetNumberOfTuples(), image.count()));
  const std::size_t size = image.type_info().bytes;
  const char* const from = static_cast<const char*>(array->GetVoidPointer(0));
  image.pixels.resize(image.count() * size);
  for (std::size_t i = 0; i < image.count(); ++i)
    std::memcpy(image.pixels.data() + i * size,
                from + (i * static_cast<std::size_t>(channels) + static_cast<std::size_t>(choice.channel)) * size, size);
  return image;
}

// What is written to the standard error stream from now on.
class StandardError {
 public:
  StandardError() : file_(::memfd_create("said", MFD_CLOEXEC)) { ::dup2(file_, 2); }
  [[nodiscard]] std::string text() const {
    char block[300];
    std::cerr.flush();
    const ssize_t got = ::pread(file_, block, sizeof block, 0);
    return std::string(trimmed_text(std::string_view(block, got > 0 ? static_cast<std::size_t>(got) : 0)));
  }

 private:
  int file_;  // until the program ends
};

}  // namespace

GreyImage read_with_vtk(const char* path, const ImageChoice& choice) {
  vtkNew<Complaints> complaints;
  vtkOutputWindow::SetInstance(complaints);
  const auto read = [&](auto* reader) {
    reader->SetFileName(path);
    reader->UpdateInformation();
    if (!complaints->first.empty()) throw ImageError("is broken: " + complaints->first);
    vtkInformation* const known = reader->GetOutputInformation(0);
    if (!known->Has(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT()))
      throw ImageError("is broken: it does not say how large it is");
    check_extent(known->Get(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT()));  // before anything large is allocated
    reader->Update();
    if (!complaints->first.empty()) throw ImageError("is broken: " + complaints->first);
    if (reader->GetOutput() == nullptr) throw ImageError("is broken");
    return image_of(reader->GetOutput(), choice);
  };
  if (choice.format == ImageFormat::Vti) return read(vtkNew<vtkXMLImageDataReader>().Get());
  if (choice.format == ImageFormat::MetaImage) {
    // Its library says what is wrong to the standard error stream alone.
    const StandardError said;
    GreyImage image = read(vtkNew<vtkMetaImageReader>().Get());
    if (const std::string text = said.text(); !text.empty()) throw ImageError("is broken: " + text);
    return image;
  }
  GreyImage image = read(vtkNew<vtkTIFFReader>().Get());
  // VTK keeps the order of rows of a stack, but not of a single slice.
  if (image.shape[2] == 1)
    throw ImageError("is a TIFF of a single slice, of which the order of rows is not known: convert it to .nrrd");
  image.spacing = {0, 0, 0};  // what TIFF says of it is for printers
  return image;
}

#endif

}  // namespace invado
