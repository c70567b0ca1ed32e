#include "images/detached.h"

#include <fmt/format.h>

#include <algorithm>

#include "images/fields.h"
#include "images/grey_image.h"

namespace invado {

ImageFormat image_format(std::string_view file_name) {
  std::string end(file_name.substr(std::min(file_name.rfind('.'), file_name.size())));
  std::ranges::transform(end, end.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (end == ".vti") return ImageFormat::Vti;
  if (end == ".nrrd" || end == ".nhdr") return ImageFormat::Nrrd;
  if (end == ".mha" || end == ".mhd") return ImageFormat::MetaImage;
  if (end == ".tif" || end == ".tiff") return ImageFormat::Tiff;
  throw ImageError(fmt::format(
      "is no picture that can be read (got '{}', allowed .vti, .nrrd, .nhdr, .mha, .mhd, .tif, .tiff)", end.substr(0, 20)));
}

std::string detached_pixels(ImageFormat format, std::string_view header) {
  std::string name;
  if (format == ImageFormat::MetaImage) {
    name = read_fields(header, '=').need("ElementDataFile");
    if (name == "LOCAL" || name == "Local" || name == "local") return {};
  } else if (format == ImageFormat::Nrrd && header.starts_with("NRRD")) {
    const Fields fields = read_fields(header, ':');
    name = fields.find("data file").value_or(fields.find("datafile").value_or(""));
  }
  if (name.find_first_of("/\\%\n\r\t ") != std::string::npos || name == "LIST" || name == ".." || name == ".")
    throw ImageError("has its pixels in more than one file, or not beside its header");
  return name;
}

std::string joined(ImageFormat format, std::string_view header, std::string_view pixels) {
  const char separator = format == ImageFormat::MetaImage ? '=' : ':';
  const std::size_t end = read_fields(header, separator).end;
  std::string text;
  for (std::size_t begin = 0; begin < end;) {
    const std::size_t line_end = std::min(header.find('\n', begin), end - 1);
    const std::string_view line = header.substr(begin, line_end + 1 - begin);
    begin = line_end + 1;
    const std::string_view key = trimmed_text(line.substr(0, std::min(line.find(separator), line.size())));
    if (key == "ElementDataFile")
      text += "ElementDataFile = LOCAL\n";
    else if (key != "data file" && key != "datafile")
      text += line;
  }
  return text + std::string(pixels);
}

}  // namespace invado
