// From a picture of fibres to a matrix: density from grey, direction and alignment of fibres from the structure tensor.
#pragma once

#include <array>
#include <vector>

#include "base/grid.h"
#include "images/grey_image.h"

namespace invado {

// Where a picture lies in the box, and what its greys mean.
struct ImagePlacement {
  std::array<int, 3> axis{0, 1, 2};                    // of the picture, that runs along x, y, z of the box
  std::array<bool, 3> backwards{false, false, false};  // along x, y, z of the box
  Vec3 spacing{1, 1, 1};                               // edges of a pixel along the picture's own axes [um]
  Vec3 origin{0, 0, 0};                                // lowest corner of the picture in the box [um]
  double grey_black = 0, grey_white = 255;             // greys between them are linear, beyond them clamped
  double black = 0, white = 1;                         // what they stand for [mg/ml]
  bool fibres = true;                                  // whether directions are taken from the picture
  double gradient = 1;                                 // scale of the gradient, a standard deviation [um]
  double average = 10;                                 // scale over which directions are averaged, a standard deviation [um]
};

struct MatrixImage {
  std::vector<double> density;              // per voxel [mg/ml]; of the part that the picture covers
  std::vector<double> cover;                // share of the voxel that the picture covers
  std::vector<std::array<float, 6>> fibre;  // orientation tensor, trace 1: xx, yy, zz, xy, xz, yz; empty: not wanted
};

// Density of a voxel: the mean over its part of the picture where pixels are smaller than voxels, else interpolated between
// pixel centres; per axis. An axis with a single pixel is continued through the box.
//
// Fibres: g = gradient of the picture smoothed by a Gaussian; J = average of g g^T (structure tensor: Bigun & Granlund 1987,
// Proc. ICCV p. 433; of collagen: Rezakhaniha et al. 2012, Biomech. Model. Mechanobiol. 11:461). A fibre along d has
// gradients evenly in all directions across it, g g^T ~ (I - d d^T)/2, so that fibres with the orientation tensor A = <d
// d^T> give
//   J / tr J = (I - A)/2,   A = I - 2 J / tr J,
// weighted with the strength of their edges. No fibres make J more one-sided than that: where its largest eigenvalue is more
// than the sum of the others, the excess (sheets, fibres seen from one side) is left out. In two dimensions J / tr J = I -
// A, and with the alignment a and direction d in the plane, A = (1 - a)/2 I + a d d^T (a is the coherency of Puspoki et al.
// 2016, Adv. Anat. Embryol. Cell Biol. 219:69), the tensor is (1 - a)/3 I + a d d^T as everywhere in a matrix. Without any
// gradient the tensor is isotropic.
//
// Two dimensions: in a planar box, and across an axis along which the picture cannot show the scale of the gradient, because
// its pixels there are longer than twice that scale (slices of a microscope) or there is only one.
// The axis of the box across which directions are not looked for; -1: none, -2: the picture can show none at all.
[[nodiscard]] int flat_axis(const GreyImage& image, const ImagePlacement& placement, bool planar);

[[nodiscard]] MatrixImage matrix_from_image(const GreyImage& image, const ImagePlacement& placement, const Grid3& grid,
                                            bool planar);

}  // namespace invado
