// NRRD (teem.sourceforge.net/nrrd/format.html): pixels behind a header of text. Read and written without a library: it is
// how a run keeps the picture that its matrix was made from.
#pragma once

#include <string>
#include <string_view>

#include "images/grey_image.h"

namespace invado {

// Attached data, raw or gzip. With several channels one of them. Throws ImageError.
[[nodiscard]] GreyImage read_nrrd(std::string_view bytes, std::int64_t channel);

// Attached raw data; equal pictures give equal bytes.
[[nodiscard]] std::string nrrd_of(const GreyImage& image);

}  // namespace invado
