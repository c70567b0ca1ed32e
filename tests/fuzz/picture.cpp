// Fuzzing of pictures: NRRD as the reader's program reads it, headers whose pixels lie beside them, and the matrix that is
// made of what is accepted. (MetaImage itself is read by VTK, in a process of its own.)
#include <cmath>
#include <string>

#include "base/grid.h"
#include "fuzz_folder.h"
#include "images/detached.h"
#include "images/matrix_image.h"
#include "images/nrrd.h"

using namespace invado;

namespace {

void need(bool holds) {
  if (!holds) std::abort();
}

// A picture has the pixels that its header promises, and is the same when it is written and read again.
void check_picture(const GreyImage& image) {
  check_shape(image.shape);
  need(image.pixels.size() == image.count() * image.type_info().bytes);
  for (int axis = 0; axis < 3; ++axis) need(image.spacing[axis] >= 0 && std::isfinite(image.spacing[axis]));
  const GreyImage again = read_nrrd(nrrd_of(image), 0);
  need(again.shape == image.shape && again.type == image.type && again.pixels == image.pixels);
  for (int axis = 0; axis < 3; ++axis) need(again.spacing[axis] == image.spacing[axis]);
}

// Whatever the finite greys: densities between black and white, and tensors of trace 1.
void check_matrix(const GreyImage& image) {
  for (std::size_t i = 0; i < image.count(); ++i)
    if (!std::isfinite(image.grey(i))) return;
  ImagePlacement p;
  for (int axis = 0; axis < 3; ++axis)  // what the scenario allows
    p.spacing[axis] = image.spacing[axis] > 0.01 && image.spacing[axis] < 100 ? image.spacing[axis] : 1;
  p.black = 1, p.white = 2, p.gradient = 60;
  const Grid3 grid{{3, 2, 2}, {5, 4, 3}};
  const MatrixImage m = matrix_from_image(image, p, grid, false);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    need(m.cover[v] >= 0 && m.cover[v] < 1 + 1e-9);
    need(m.density[v] > 1 - 1e-6 && m.density[v] < 2 + 1e-6);
    if (m.fibre.empty()) continue;
    double trace = 0;
    for (std::size_t c = 0; c < 6; ++c) need(std::isfinite(m.fibre[v][c]));
    for (std::size_t c = 0; c < 3; ++c) need(m.fibre[v][c] >= -1e-4f), trace += static_cast<double>(m.fibre[v][c]);
    need(std::fabs(trace - 1) < 1e-3);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text(data, size);
  for (const std::int64_t channel : {0, 1}) try {
      const GreyImage image = read_nrrd(bytes, channel);
      check_picture(image);
      if (image.count() <= 4096) check_matrix(image);
    } catch (const ImageError&) {
    }
  for (const ImageFormat format : {ImageFormat::MetaImage, ImageFormat::Nrrd}) try {
      const std::string name = detached_pixels(format, bytes);
      need(name.find('/') == std::string::npos && name != "..");
      // With its pixels it is one file, which has them.
      if (!name.empty()) need(detached_pixels(format, joined(format, bytes, "pixels")).empty());
    } catch (const ImageError&) {
    }
  return 0;
}
