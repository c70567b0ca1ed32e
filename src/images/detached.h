// Headers whose pixels lie in a file of their own: .mhd, .nhdr.
#pragma once

#include <string>
#include <string_view>

namespace invado {

enum class ImageFormat { Vti, Nrrd, MetaImage, Tiff };

// The format that the end of a file's name says; throws ImageError with those that are known.
[[nodiscard]] ImageFormat image_format(std::string_view file_name);

// Name of the file with the pixels; empty: they are in the file itself. Only a plain name beside the header is allowed.
[[nodiscard]] std::string detached_pixels(ImageFormat format, std::string_view header);

// Header and pixels as one file.
[[nodiscard]] std::string joined(ImageFormat format, std::string_view header, std::string_view pixels);

}  // namespace invado
