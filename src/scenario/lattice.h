// The matrix lattice and the soluble factors at the start.
#pragma once

#include "images/matrix_image.h"
#include "model/world.h"
#include "scenario/draft.h"

namespace invado {

// Matrix of a site: the draft everywhere, the picture where it is (none: nullptr), then regions in order. The fibre tensor
// of alignment s along unit direction n is
//   Q = (1 - s)/3 I + s n n^T   (trace 1, largest eigenvalue (1 + 2 s)/3, so that s = (3 lambda_1 - 1)/2).
// Where orientations are random, n is uniform on the sphere (planar: on the circle), a draw of its own for each voxel and
// `site`.
[[nodiscard]] Matrix make_matrix(const MatrixDraft& draft, const Grid3& grid, bool planar, const MatrixImage* image,
                                 Seed seed, std::uint32_t site);

// A factor with zero-filled values; transport fills the initial or steady profile at the start.
[[nodiscard]] Field make_field(const FieldDraft& draft, const Domain& domain, std::size_t voxels);

}  // namespace invado
