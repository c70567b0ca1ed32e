// Reading pictures that come from outside: in a process of its own, with limits, because image libraries can be crashed by
// the files they read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "images/detached.h"
#include "images/grey_image.h"

namespace invado {

struct ImageChoice {
  ImageFormat format = ImageFormat::Nrrd;
  std::string array;         // VTI: name of the array; empty: the only one
  std::int64_t channel = 0;  // of several in a pixel
};

// The program that reads: INVADO_IMAGE_READER, else beside this program, else in ../libexec/invado of it, else where it was
// built.
[[nodiscard]] std::string image_reader_program();

// `bytes`: a whole file. Throws ImageError for whatever is wrong with it and for pixels that are no finite numbers,
// ImageMemoryError for pictures that need more than `memory` bytes while they are read.
[[nodiscard]] GreyImage read_image(std::string_view bytes, const ImageChoice& choice, double memory);

// Memory that a picture takes until its matrix is made. [bytes]
[[nodiscard]] double image_memory(double pixels, double bytes_per_pixel);

}  // namespace invado
