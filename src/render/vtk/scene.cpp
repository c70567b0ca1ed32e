#include "render/vtk/scene.h"

#include <vtkActor.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkGlyph3DMapper.h>
#include <vtkImageData.h>
#include <vtkLight.h>
#include <vtkNew.h>
#include <vtkOpenGLSphereMapper.h>
#include <vtkOutlineSource.h>
#include <vtkPlane.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkSphereSource.h>
#include <vtkTexture.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <cmath>

#include "render/colour_range.h"
#include "render/vtk/surfaces.h"

namespace invado {
namespace {

constexpr Rgb no_value{150, 150, 150};
constexpr Rgb ink{105, 75, 40};  // fibres

Rgb colour_of(const Colouring& colouring, const Moment& moment, std::size_t cell) {
  if (colouring.types) return type_colour(static_cast<std::size_t>(moment.cells.type[cell]));
  const double value = moment.values[cell];
  if (!std::isfinite(value)) return no_value;
  if (colouring.founders) return clone_colour(static_cast<std::int64_t>(value));
  const auto [low, high] = colouring.range.value();
  return viridis((value - low) / (high - low));
}

// More than `away` before the plane of the cut, seen from the camera.
bool is_cut_away(const Stage& stage, Vec3 x, double away = 0) {
  if (!stage.cut_at) return false;
  const int axis = *stage.look.cut;
  const double side = stage.camera.axes.back[axis] >= 0 ? 1 : -1;
  return side * (x[axis] - *stage.cut_at) > away;
}

vtkNew<vtkActor> shaded(vtkMapper* mapper) {
  vtkNew<vtkActor> actor;
  actor->SetMapper(mapper);
  actor->GetProperty()->SetAmbient(0.3);
  actor->GetProperty()->SetDiffuse(0.8);
  actor->GetProperty()->SetSpecular(0.12);
  actor->GetProperty()->SetSpecularPower(20);
  return actor;
}

void add_cells(vtkRenderer* renderer, const Moment& moment, const Colouring& colouring, const Stage& stage) {
  vtkNew<vtkPoints> points;
  vtkNew<vtkFloatArray> radius;
  radius->SetName("radius");
  vtkNew<vtkUnsignedCharArray> colours;
  colours->SetNumberOfComponents(3);
  vtkNew<vtkCellArray> vertices;
  const bool plane = stage.look.view == View::Plane;
  for (std::size_t i = 0; i < moment.cells.size(); ++i) {
    Vec3 centre = moment.cells.position[i];
    double r = moment.cells.radius[i];
    if (plane) {  // the section of the cell
      const int axis = *stage.look.cut;
      const double away = centre[axis] - *stage.cut_at;
      if (std::abs(away) >= r) continue;
      r = std::sqrt(r * r - away * away);
      centre[axis] = *stage.cut_at;
    } else if (is_cut_away(stage, centre)) {
      continue;
    }
    const vtkIdType id = points->InsertNextPoint(centre.x, centre.y, centre.z);
    vertices->InsertNextCell(1, &id);
    radius->InsertNextValue(static_cast<float>(r));
    const Rgb c = colour_of(colouring, moment, i);
    const std::array<unsigned char, 3> rgb{c.red, c.green, c.blue};
    colours->InsertNextTypedTuple(rgb.data());
  }
  if (points->GetNumberOfPoints() == 0) return;
  vtkNew<vtkPolyData> cells;
  cells->SetPoints(points);
  cells->SetVerts(vertices);
  cells->GetPointData()->AddArray(radius);
  cells->GetPointData()->SetScalars(colours);
  if (stage.look.true_spheres) {
    vtkNew<vtkSphereSource> sphere;
    sphere->SetRadius(1);
    sphere->SetThetaResolution(24);
    sphere->SetPhiResolution(16);
    vtkNew<vtkGlyph3DMapper> mapper;
    mapper->SetInputData(cells);
    mapper->SetSourceConnection(sphere->GetOutputPort());
    mapper->SetScaleArray("radius");
    mapper->SetScaleModeToScaleByMagnitude();
    renderer->AddActor(shaded(mapper));
  } else {  // a square per cell, on which the graphics card or its software draws the sphere, with its true depth
    vtkNew<vtkOpenGLSphereMapper> mapper;
    mapper->SetInputData(cells);
    mapper->SetScaleArray("radius");
    renderer->AddActor(shaded(mapper));
  }
}

// Around the cells that are shown, and those that reach into what is shown.
vtkSmartPointer<vtkPolyData> front_of(const CellsAt& cells, const Stage& stage) {
  std::vector<Sphere> shown;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!is_cut_away(stage, cells.position[i], front_reach * cells.radius[i]))
      shown.push_back({cells.position[i], cells.radius[i]});
  constexpr double smallest_facet = 4;  // pixels
  return cell_front(shown, stage.look.front_level, smallest_facet * stage.pixel);
}

// Solid where one looks into it past a cut; else translucent around whole cells: far sides first, then near ones, which is
// right without sorting triangles where the surface does not lie over itself.
void add_surface(vtkRenderer* renderer, vtkPolyData* surface, Rgb colour, const Stage& stage) {
  if (surface->GetNumberOfPoints() == 0) return;
  vtkNew<vtkPlane> cut;
  if (stage.cut_at) {
    Vec3 inward, at = stage.camera.focus;
    inward[*stage.look.cut] = stage.camera.axes.back[*stage.look.cut] >= 0 ? -1 : 1;
    at[*stage.look.cut] = *stage.cut_at;
    cut->SetNormal(inward.x, inward.y, inward.z);
    cut->SetOrigin(at.x, at.y, at.z);
  }
  const bool solid = stage.cut_at.has_value();
  for (const bool near : solid ? std::vector<bool>{false} : std::vector<bool>{false, true}) {
    vtkNew<vtkPolyDataMapper> mapper;
    mapper->SetInputData(surface);
    mapper->ScalarVisibilityOff();
    if (stage.cut_at) mapper->AddClippingPlane(cut);
    vtkNew<vtkActor> actor = shaded(mapper);
    actor->GetProperty()->SetColor(colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
    actor->GetProperty()->SetOpacity(solid ? 1 : 0.28);
    if (!solid) {
      if (near)
        actor->GetProperty()->BackfaceCullingOn();
      else
        actor->GetProperty()->FrontfaceCullingOn();
    }
    renderer->AddActor(actor);
  }
}

// The density in the plane as a picture on a rectangle, and the fibres as short lines before it.
void add_plane(vtkRenderer* renderer, const Moment& moment, const Stage& stage) {
  const LatticeSection section = section_of(moment.density, *stage.look.cut, *stage.cut_at);
  if (section.across == 0) return;
  vtkNew<vtkActor> sheet;
  vtkNew<vtkPolyDataMapper> mapper;
  mapper->SetInputData(section_rectangle(section));
  sheet->SetMapper(mapper);
  vtkNew<vtkTexture> texture;
  texture->SetInputData(section_picture(section, stage.densest));
  texture->InterpolateOn();
  sheet->SetTexture(texture);
  sheet->GetProperty()->LightingOff();
  renderer->AddActor(sheet);
  if (!stage.look.fibres || moment.fibre.values.empty()) return;
  vtkNew<vtkPolyDataMapper> strokes;
  strokes->SetInputData(fibre_strokes(moment.fibre, section, stage.camera));
  vtkNew<vtkActor> lines;
  lines->SetMapper(strokes);
  lines->GetProperty()->SetColor(ink.red / 255.0, ink.green / 255.0, ink.blue / 255.0);
  lines->GetProperty()->LightingOff();
  renderer->AddActor(lines);
}

void add_edges(vtkRenderer* renderer, const Moment& moment, bool dark) {
  vtkNew<vtkOutlineSource> edges;
  const auto& [from, to] = moment.box;
  edges->SetBounds(from.x, to.x, from.y, to.y, from.z, to.z);
  vtkNew<vtkPolyDataMapper> mapper;
  mapper->SetInputConnection(edges->GetOutputPort());
  vtkNew<vtkActor> actor;
  actor->SetMapper(mapper);
  const double grey = dark ? 0.6 : 0.55;
  actor->GetProperty()->SetColor(grey, grey, grey);
  actor->GetProperty()->LightingOff();
  actor->GetProperty()->SetLineWidth(2);
  renderer->AddActor(actor);
}

void place_camera(vtkRenderer* renderer, const Stage& stage) {
  const Camera& camera = stage.camera;
  vtkCamera* eye = renderer->GetActiveCamera();
  const double away = 2 * (camera.depth + camera.half_height) + 10;
  const Vec3 at = camera.focus + away * camera.axes.back;
  eye->ParallelProjectionOn();
  eye->SetFocalPoint(camera.focus.x, camera.focus.y, camera.focus.z);
  eye->SetPosition(at.x, at.y, at.z);
  eye->SetViewUp(camera.axes.up.x, camera.axes.up.y, camera.axes.up.z);
  eye->SetParallelScale(camera.half_height);
  renderer->ResetCameraClippingRange();
  // From the upper left, and a weaker one from where one looks.
  renderer->AutomaticLightCreationOff();
  for (const auto& [x, y, strength] : {std::array{-0.6, 0.8, 0.75}, std::array{0.0, 0.0, 0.45}}) {
    vtkNew<vtkLight> light;
    light->SetLightTypeToCameraLight();
    light->SetPosition(x, y, 1);
    light->SetFocalPoint(0, 0, 0);
    light->SetIntensity(strength);
    renderer->AddLight(light);
  }
}

}  // namespace

Moment read_moment(const std::string& snapshot, std::size_t place, const Look& look, const Colouring& colouring) {
  const SnapshotInfo info = read_snapshot_info(snapshot);
  Moment moment;
  const std::vector<std::string> wanted{colouring.column};
  moment.cells = read_cells(snapshot, info, place, wanted);
  if (const CellsAt::Column* column = moment.cells.find(colouring.column); column != nullptr) moment.values = column->values;
  if (!colouring.types && moment.values.size() != moment.cells.size())
    throw IoError(snapshot + ": has no cells/" + colouring.column, Exit::BadData);
  moment.density = read_lattice(snapshot, info, place, "density");
  if (look.fibres) moment.fibre = read_lattice(snapshot, info, place, "fibre");
  const LatticeAt& grid = moment.density;
  for (int axis = 0; axis < 3; ++axis) {
    double& low = moment.box[0][axis];
    double& high = moment.box[1][axis];
    if (!grid.values.empty()) {
      low = grid.origin[axis] - 0.5 * grid.spacing[axis];
      high = low + grid.spacing[axis] * static_cast<double>(grid.shape[static_cast<std::size_t>(axis)]);
    } else if (moment.cells.size() > 0) {
      low = std::ranges::min(moment.cells.position, {}, [&](const Vec3& x) { return x[axis]; })[axis];
      high = std::ranges::max(moment.cells.position, {}, [&](const Vec3& x) { return x[axis]; })[axis];
    }
  }
  return moment;
}

void draw_scene(vtkRenderer* renderer, const Moment& moment, const Colouring& colouring, const Stage& stage) {
  if (stage.look.view == View::Plane) add_plane(renderer, moment, stage);
  add_cells(renderer, moment, colouring, stage);
  if (stage.look.front == Front::Cells) add_surface(renderer, front_of(moment.cells, stage), {190, 196, 205}, stage);
  if (stage.look.front == Front::Density && !moment.density.values.empty())
    add_surface(renderer, eaten_surface(moment.density, stage.start, stage.look.front_level), {196, 158, 104}, stage);
  if (stage.look.whole) add_edges(renderer, moment, stage.look.dark);
  place_camera(renderer, stage);
}

}  // namespace invado
