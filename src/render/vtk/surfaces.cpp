#include "render/vtk/surfaces.h"

#include <vtkAppendPolyData.h>
#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkFlyingEdges3D.h>
#include <vtkIdList.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkSphereSource.h>
#include <vtkTubeFilter.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/colours.h"
#include "render/sites.h"

namespace invado {
namespace {

vtkSmartPointer<vtkPolyData> isosurface(vtkImageData* grid, double level) {
  vtkNew<vtkFlyingEdges3D> contour;
  contour->SetInputData(grid);
  contour->SetValue(0, level);
  contour->ComputeNormalsOn();
  contour->ComputeGradientsOff();
  contour->ComputeScalarsOff();
  contour->Update();
  return contour->GetOutput();
}

vtkNew<vtkImageData> grid_of(Vec3 origin, Vec3 spacing, const std::array<std::int64_t, 3>& shape) {
  vtkNew<vtkImageData> grid;
  grid->SetOrigin(origin.x, origin.y, origin.z);
  grid->SetSpacing(spacing.x, spacing.y, spacing.z);
  grid->SetDimensions(static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2]));
  grid->AllocateScalars(VTK_FLOAT, 1);
  return grid;
}

}  // namespace

vtkSmartPointer<vtkPolyData> cell_front(std::span<const Sphere> cells, double level, double finest) {
  if (cells.empty()) return vtkSmartPointer<vtkPolyData>::New();
  constexpr double most_points = 2e7;  // of the grid
  Vec3 low = cells[0].centre, high = low;
  double mean_radius = 0, largest = 0;
  for (const Sphere& cell : cells) {
    for (int axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], cell.centre[axis]);
      high[axis] = std::max(high[axis], cell.centre[axis]);
    }
    mean_radius += cell.radius / static_cast<double>(cells.size());
    largest = std::max(largest, cell.radius);
  }
  const double reach = front_reach;
  const Vec3 pad = reach * largest * Vec3{1, 1, 1};
  low = low - pad;
  high = high + pad;
  double h = std::clamp(finest, 0.65 * mean_radius, 0.8 * mean_radius);
  while ((high.x - low.x) * (high.y - low.y) * (high.z - low.z) > most_points * h * h * h) h *= 1.1;
  std::array<std::int64_t, 3> shape{};
  for (int axis = 0; axis < 3; ++axis)
    shape[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(std::ceil((high[axis] - low[axis]) / h)) + 1;
  vtkNew<vtkImageData> grid = grid_of(low, {h, h, h}, shape);
  auto* density = static_cast<float*>(grid->GetScalarPointer());
  std::fill_n(density, grid->GetNumberOfPoints(), 0.0f);
  std::array<std::vector<float>, 3> weights;  // along each axis: the Gaussian is their product
  for (const auto& [centre, radius] : cells) {
    const double r = std::max(radius, 1.25 * h);
    std::array<std::int64_t, 3> first{};
    for (int axis = 0; axis < 3; ++axis) {
      const auto k = static_cast<std::size_t>(axis);
      const double x = (centre[axis] - low[axis]) / h, wide = reach * r / h;
      first[k] = std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(x - wide)), 0);
      const std::int64_t last = std::min<std::int64_t>(static_cast<std::int64_t>(std::floor(x + wide)), shape[k] - 1);
      weights[k].clear();
      for (std::int64_t n = first[k]; n <= last; ++n) {
        const double d = (static_cast<double>(n) - x) * h / r;
        weights[k].push_back(static_cast<float>(std::exp(-0.5 * d * d)));
      }
    }
    for (std::size_t z = 0; z < weights[2].size(); ++z)
      for (std::size_t y = 0; y < weights[1].size(); ++y) {
        const float yz = weights[1][y] * weights[2][z];
        float* const row =
            density +
            ((first[2] + static_cast<std::int64_t>(z)) * shape[1] + first[1] + static_cast<std::int64_t>(y)) * shape[0] +
            first[0];
        for (std::size_t x = 0; x < weights[0].size(); ++x) row[x] += yz * weights[0][x];
      }
  }
  return isosurface(grid, level);
}

vtkSmartPointer<vtkPolyData> eaten_surface(const LatticeAt& now, const LatticeAt& start, double floor, double share) {
  if (now.values.size() != start.values.size() || *std::ranges::min_element(now.shape) < 2)
    return vtkSmartPointer<vtkPolyData>::New();
  vtkNew<vtkImageData> grid = grid_of(now.origin, now.spacing, now.shape);
  auto* left = static_cast<float*>(grid->GetScalarPointer());
  const auto bottom = static_cast<float>(floor);
  const auto digestible = [&](std::size_t i) { return start.values[i] > bottom * 1.001f; };
  bool everywhere = true;
  for (std::size_t i = 0; i < now.values.size(); ++i) {
    left[i] = digestible(i) ? (now.values[i] - bottom) / (start.values[i] - bottom) : 1.0f;
    everywhere = everywhere && digestible(i);
  }
  const vtkSmartPointer<vtkPolyData> surface = isosurface(grid, share);
  if (everywhere) return surface;
  // Triangles lie between eight centres of voxels; all of these must have had something.
  const auto between = [&](Vec3 middle) {
    bool all = true;
    for (std::size_t corner = 0; corner < 8; ++corner) {
      std::int64_t voxel = 0;
      for (const int axis : {2, 1, 0}) {
        const std::int64_t n = now.shape[static_cast<std::size_t>(axis)];
        const auto below = static_cast<std::int64_t>((middle[axis] - now.origin[axis]) / now.spacing[axis]);
        voxel = voxel * n + std::clamp<std::int64_t>(below + ((corner >> axis) & 1), 0, n - 1);
      }
      all = all && digestible(static_cast<std::size_t>(voxel));
    }
    return all;
  };
  std::vector<bool> wanted;
  for (const Sphere& triangle : spheres_around(surface)) wanted.push_back(between(triangle.centre));
  return triangles_of(surface, wanted);
}

vtkSmartPointer<vtkPolyData> tissue_surface(const LatticeAt& tissue, int kind) {
  std::array<std::int64_t, 3> shape = tissue.shape;
  for (std::int64_t& n : shape) n += 2;  // nothing around it
  std::vector<float> there(static_cast<std::size_t>(shape[0] * shape[1] * shape[2]), 0.0f);
  const auto index = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
    return static_cast<std::size_t>((z * shape[1] + y) * shape[0] + x);
  };
  std::size_t voxel = 0;
  for (std::int64_t z = 1; z + 1 < shape[2]; ++z)
    for (std::int64_t y = 1; y + 1 < shape[1]; ++y)
      for (std::int64_t x = 1; x + 1 < shape[0]; ++x)
        there[index(x, y, z)] = tissue.values[voxel++] == static_cast<float>(kind);
  if (std::ranges::max(there) == 0) return vtkSmartPointer<vtkPolyData>::New();
  vtkNew<vtkImageData> grid = grid_of(tissue.origin - tissue.spacing, tissue.spacing, shape);
  std::ranges::copy(there, static_cast<float*>(grid->GetScalarPointer()));
  return isosurface(grid, 0.5);
}

std::vector<Sphere> spheres_around(vtkPolyData* surface) {
  std::vector<Sphere> around;
  around.reserve(static_cast<std::size_t>(surface->GetNumberOfPolys()));
  vtkNew<vtkIdList> corners;
  for (vtkIdType triangle = 0; triangle < surface->GetNumberOfPolys(); ++triangle) {
    surface->GetPolys()->GetCellAtId(triangle, corners);
    std::array<Vec3, 3> x;
    for (std::size_t c = 0; c < 3; ++c) {
      std::array<double, 3> at{};
      surface->GetPoint(corners->GetId(static_cast<vtkIdType>(c)), at.data());
      x[c] = {at[0], at[1], at[2]};
    }
    const Vec3 middle = (1.0 / 3) * (x[0] + x[1] + x[2]);
    around.push_back({middle, std::max({norm(x[0] - middle), norm(x[1] - middle), norm(x[2] - middle)})});
  }
  return around;
}

vtkSmartPointer<vtkPolyData> triangles_of(vtkPolyData* surface, const std::vector<bool>& wanted) {
  vtkNew<vtkCellArray> triangles;
  vtkNew<vtkIdList> corners;
  for (vtkIdType triangle = 0; triangle < surface->GetNumberOfPolys(); ++triangle) {
    if (!wanted[static_cast<std::size_t>(triangle)]) continue;
    surface->GetPolys()->GetCellAtId(triangle, corners);
    triangles->InsertNextCell(corners);
  }
  vtkNew<vtkPolyData> part;
  part->SetPoints(surface->GetPoints());
  part->GetPointData()->SetNormals(surface->GetPointData()->GetNormals());
  part->SetPolys(triangles);
  return part;
}

vtkSmartPointer<vtkPolyData> tube_walls(std::span<const Tube> tubes, bool sprouts) {
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> lines;
  vtkNew<vtkFloatArray> radius;
  radius->SetName("radius");
  for (const Tube& tube : tubes) {
    if (tube.sprout != sprouts || tube.from == tube.to) continue;
    std::array<vtkIdType, 2> ids{};
    std::size_t end = 0;
    for (const Vec3& x : {tube.from, tube.to}) {
      ids[end++] = points->InsertNextPoint(x.x, x.y, x.z);
      radius->InsertNextValue(static_cast<float>(tube.radius));
    }
    lines->InsertNextCell(2, ids.data());
  }
  vtkNew<vtkPolyData> axes;
  axes->SetPoints(points);
  axes->SetLines(lines);
  axes->GetPointData()->SetScalars(radius);
  vtkNew<vtkAppendPolyData> walls;
  for (const Sphere& joint : joints_of(tubes, sprouts)) {
    vtkNew<vtkSphereSource> ball;
    ball->SetCenter(joint.centre.x, joint.centre.y, joint.centre.z);
    ball->SetRadius(joint.radius);
    ball->SetThetaResolution(24);
    ball->SetPhiResolution(16);
    walls->AddInputConnection(ball->GetOutputPort());
  }
  if (points->GetNumberOfPoints() == 0) return axes;
  vtkNew<vtkTubeFilter> filter;
  filter->SetInputData(axes);
  filter->SetVaryRadiusToVaryRadiusByAbsoluteScalar();
  filter->SetNumberOfSides(24);
  filter->CappingOn();
  filter->Update();
  filter->GetOutput()->GetPointData()->GetNormals()->SetName("Normals");  // as balls call them
  walls->AddInputData(filter->GetOutput());
  walls->Update();
  return walls->GetOutput();
}

vtkSmartPointer<vtkPolyData> tube_sections(std::span<const Tube> tubes, bool sprouts, int axis, double at,
                                           const Camera& camera) {
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> faces;
  const Vec3 before = 0.02 * camera.axes.back;
  std::vector<Tube> met;
  for (const Tube& tube : tubes)
    if (tube.sprout == sprouts) met.push_back(tube);
  for (const Sphere& joint : joints_of(tubes, sprouts)) met.push_back({joint.centre, joint.centre, joint.radius, true});
  for (const Tube& tube : met) {
    std::vector<vtkIdType> ids;
    for (const Vec3& corner : tube_section(tube, axis, at)) {
      const Vec3 x = corner + before;
      ids.push_back(points->InsertNextPoint(x.x, x.y, x.z));
    }
    if (!ids.empty()) faces->InsertNextCell(static_cast<vtkIdType>(ids.size()), ids.data());
  }
  vtkNew<vtkPolyData> sections;
  sections->SetPoints(points);
  sections->SetPolys(faces);
  return sections;
}

vtkSmartPointer<vtkImageData> section_picture(const LatticeSection& section, double densest) {
  vtkNew<vtkImageData> picture;
  picture->SetDimensions(static_cast<int>(section.across), static_cast<int>(section.down), 1);
  picture->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  auto* pixel = static_cast<unsigned char*>(picture->GetScalarPointer());
  const auto is = [](const std::vector<bool>& kind, std::size_t i) { return !kind.empty() && kind[i]; };
  for (std::size_t i = 0; i < section.values.size(); ++i) {
    const Rgb c = is(section.vessel, i)     ? vessel_voxel_colour
                  : is(section.membrane, i) ? membrane_colour
                                            : collagen(section.values[i] / densest);
    for (const unsigned char byte : {c.red, c.green, c.blue}) *pixel++ = byte;
  }
  return picture;
}

vtkSmartPointer<vtkPolyData> section_rectangle(const LatticeSection& section) {
  vtkNew<vtkPoints> points;
  vtkNew<vtkFloatArray> places;  // in the picture
  places->SetNumberOfComponents(2);
  vtkNew<vtkCellArray> faces;
  const std::array<std::array<int, 2>, 4> corners{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  for (const auto& [right, up] : corners) {
    Vec3 x;
    x[section.axis] = section.at;
    x[section.u] =
        section.origin[section.u] + section.spacing[section.u] * (right * static_cast<double>(section.across) - 0.5);
    x[section.v] = section.origin[section.v] + section.spacing[section.v] * (up * static_cast<double>(section.down) - 0.5);
    points->InsertNextPoint(x.x, x.y, x.z);
    places->InsertNextTuple2(right, up);
  }
  const std::array<vtkIdType, 4> ids{0, 1, 2, 3};
  faces->InsertNextCell(4, ids.data());
  vtkNew<vtkPolyData> rectangle;
  rectangle->SetPoints(points);
  rectangle->SetPolys(faces);
  rectangle->GetPointData()->SetTCoords(places);
  return rectangle;
}

vtkSmartPointer<vtkPolyData> fibre_strokes(const LatticeAt& fibre, const LatticeSection& section, const Camera& camera) {
  const auto extent = [&](int k) { return fibre.shape[static_cast<std::size_t>(k)]; };
  const std::array<std::int64_t, 3> stride{1, extent(0), extent(0) * extent(1)};
  const auto step = [&](int k) { return stride[static_cast<std::size_t>(k)]; };
  const double place = (section.at - fibre.origin[section.axis]) / fibre.spacing[section.axis];
  const std::int64_t layer = std::clamp<std::int64_t>(std::llround(place), 0, extent(section.axis) - 1);
  // So many that about 35 stand above one another in what is seen.
  const double spacing = fibre.spacing[section.u];
  const auto every = std::max<std::int64_t>(1, std::llround(2 * camera.half_height / 35 / spacing));
  struct Stroke {
    Vec3 middle, along;
  };
  std::vector<Stroke> drawn;
  for (std::int64_t v = every / 2; v < extent(section.v); v += every)
    for (std::int64_t u = every / 2; u < extent(section.u); u += every) {
      const std::int64_t voxel = u * step(section.u) + v * step(section.v) + layer * step(section.axis);
      const auto component = [&](std::int64_t k) { return fibre.values[static_cast<std::size_t>(3 * voxel + k)]; };
      Stroke stroke{{}, {component(0), component(1), component(2)}};
      stroke.along[section.axis] = 0;  // what of it lies in the plane
      stroke.middle[section.u] = fibre.origin[section.u] + static_cast<double>(u) * fibre.spacing[section.u];
      stroke.middle[section.v] = fibre.origin[section.v] + static_cast<double>(v) * fibre.spacing[section.v];
      stroke.middle[section.axis] = section.at;
      drawn.push_back(stroke);
    }
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> faces;
  const double longest = 0.75 * static_cast<double>(every) * spacing, half_wide = 0.003 * camera.half_height;
  for (const Stroke& stroke : drawn) {
    const double share = norm(stroke.along);   // the alignment, as much of it as lies in the plane
    if (!(share > least_alignment)) continue;  // next to isotropic: no direction to show
    const Vec3 half = 0.5 * longest * share * unit(stroke.along);
    const Vec3 wide = share * half_wide * unit(cross(stroke.along, camera.axes.back));
    const Vec3 middle = stroke.middle + 0.05 * camera.axes.back;  // just before the sheet
    std::array<vtkIdType, 4> ids{};
    std::size_t corner = 0;
    for (const Vec3& x : {middle - half - wide, middle + half - wide, middle + half + wide, middle - half + wide})
      ids[corner++] = points->InsertNextPoint(x.x, x.y, x.z);
    faces->InsertNextCell(4, ids.data());
  }
  vtkNew<vtkPolyData> strokes;
  strokes->SetPoints(points);
  strokes->SetPolys(faces);
  return strokes;
}

}  // namespace invado
