#include "scenario/lattice.h"

#include <algorithm>

#include "base/huge_pages.h"
#include "base/parallel.h"
#include "scenario/shapes.h"

namespace invado {
namespace {

FibreTensor fibre_tensor(double alignment, Vec3 direction) {
  const Vec3 n = unit(direction);
  const double s = alignment, rest = (1 - s) / 3;
  const auto f = [](double x) { return static_cast<float>(x); };
  return {f(rest + s * n.x * n.x), f(rest + s * n.y * n.y), f(rest + s * n.z * n.z),
          f(s * n.x * n.y),        f(s * n.x * n.z),        f(s * n.y * n.z)};
}

// Fibres of one part of the matrix, voxel by voxel.
struct Fibres {
  double alignment;
  FibreTensor common;
  bool random, planar;
  Seed seed;
  std::uint32_t site;

  Fibres(double s, Vec3 direction, int orientation, bool flat, Seed of, std::uint32_t where)
      : alignment(s),
        common(fibre_tensor(s, direction)),
        random(orientation == random_orientation),
        planar(flat),
        seed(of),
        site(where) {}

  [[nodiscard]] FibreTensor operator()(std::size_t voxel) const {
    if (!random) return common;
    const auto u = uniform4(seed, 0, Purpose::Fibres, static_cast<std::int64_t>(voxel), site);
    const auto n = direction(planar ? 0.5 : u[0], u[1]);
    return fibre_tensor(alignment, {n[0], n[1], n[2]});
  }
};

void fill_from_image(Matrix& matrix, const MatrixImage& image) {
  for_rows(matrix.grid.size(), [&](std::size_t v) {
    const double cover = image.cover[v];
    if (!(cover > 0)) return;
    matrix.density[v] = cover * image.density[v] + (1 - cover) * matrix.density[v];
    if (!image.fibre.empty()) matrix.fibre[v] = image.fibre[v];
  });
}

void fill_region(Matrix& matrix, const MatrixDraft& all, const RegionDraft& region, bool planar, Seed seed,
                 std::uint32_t site) {
  const Grid3& grid = matrix.grid;
  const bool own_fibres = region.alignment || region.direction || region.orientation;
  const Fibres fibres(region.alignment.value_or(all.alignment), region.direction.value_or(all.direction),
                      region.orientation.value_or(all.orientation), planar, seed, site);
  const bool nothing = region.tissue == static_cast<int>(Tissue::None);
  const auto nx = static_cast<std::size_t>(grid.shape[0]), ny = static_cast<std::size_t>(grid.shape[1]);
  for_rows(grid.size(), [&](std::size_t v) {
    const auto i = static_cast<int>(v % nx), j = static_cast<int>(v / nx % ny), k = static_cast<int>(v / nx / ny);
    if (!contains(region.shape.region, grid.centre(i, j, k), planar)) return;
    if (region.density) matrix.density[v] = *region.density;
    if (region.crosslinking) matrix.crosslinking[v] = static_cast<float>(*region.crosslinking);
    if (region.tissue) matrix.tissue[v] = static_cast<std::uint8_t>(*region.tissue);
    if (nothing) matrix.density[v] = 0;
    if (own_fibres) matrix.fibre[v] = fibres(v);
  });
}

}  // namespace

Matrix make_matrix(const MatrixDraft& draft, const Grid3& grid, bool planar, const MatrixImage* image, Seed seed,
                   std::uint32_t site) {
  Matrix matrix;
  matrix.grid = grid;
  matrix.law = draft.law;
  const std::size_t n = grid.size();
  matrix.density.assign(n, draft.tissue == static_cast<int>(Tissue::None) ? 0.0 : draft.density);
  matrix.crosslinking.assign(n, static_cast<float>(draft.crosslinking));
  matrix.tissue.assign(n, static_cast<std::uint8_t>(draft.tissue));
  const Fibres fibres(draft.alignment, draft.direction, draft.orientation, planar, seed, site);
  matrix.fibre.assign(n, fibres.common);
  if (fibres.random) for_rows(n, [&](std::size_t v) { matrix.fibre[v] = fibres(v); });
  if (image != nullptr && draft.tissue != static_cast<int>(Tissue::None)) fill_from_image(matrix, *image);
  for (const RegionDraft& region : draft.regions) fill_region(matrix, draft, region, planar, seed, site);
  matrix.density_start = matrix.density;
  matrix.survey();
  return matrix;
}

Field make_field(const FieldDraft& draft, const Domain& domain, std::size_t voxels) {
  Field field;
  field.name = draft.name;
  field.is_pressure = is_pressure_field(draft.name);
  field.diffusion = draft.diffusion > 0 ? draft.diffusion : 0;
  field.decay = draft.decay;
  field.initial = draft.initial;
  field.frozen = draft.frozen;
  field.gradient_axis = draft.has_gradient ? draft.gradient_axis : -1;
  field.gradient_low = draft.gradient_low;
  field.gradient_high = draft.gradient_high;
  field.periodic = domain.periodic();
  constexpr std::array<FieldSolver, 3> solvers{FieldSolver::Automatic, FieldSolver::Transient, FieldSolver::Steady};
  field.solver = solvers[static_cast<std::size_t>(draft.solve)];
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t side = 0; side < 2; ++side) {
      const FaceDraft& face = draft.face[axis][side];
      // open: held at what is there at the start, which along the gradient is its end value.
      const bool along = draft.has_gradient && draft.gradient_axis == static_cast<int>(axis);
      const double start = along ? (side == 0 ? draft.gradient_low : draft.gradient_high) : draft.initial;
      if (face.kind == FaceDraft::Kind::Open) field.face[axis][side] = {FieldFace::Kind::Held, start};
      if (face.kind == FaceDraft::Kind::Value) field.face[axis][side] = {FieldFace::Kind::Held, face.value};
    }
  }
  take_room_in_huge_pages(field.value, voxels);
  field.value.assign(voxels, 0.0);
  return field;
}

}  // namespace invado
