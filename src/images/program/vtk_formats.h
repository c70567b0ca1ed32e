// Pictures in the formats that VTK reads. Only the program that reads pictures is linked with it.
#pragma once

#include "images/read_image.h"

namespace invado {

// `path`: a file that may be anything. Throws ImageError, also when this program was built without VTK.
[[nodiscard]] GreyImage read_with_vtk(const char* path, const ImageChoice& choice);

}  // namespace invado
