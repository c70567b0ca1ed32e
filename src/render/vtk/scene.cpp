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
#include <iterator>

#include "analysis/clusters.h"
#include "base/named_colours.h"
#include "model/matrix.h"
#include "render/alone.h"
#include "render/hidden.h"
#include "render/vtk/surfaces.h"

namespace invado {
namespace {

constexpr Rgb no_value{150, 150, 150};
constexpr Rgb ink{105, 75, 40};  // fibres

Rgb colour_of(const Colouring& colouring, const Moment& moment, std::size_t cell) {
  if (!moment.states.empty() && !colouring.of_names()) return state_colour(moment.states[cell]);
  if (colouring.types) return type_colour(static_cast<std::size_t>(moment.cells.type[cell]));
  const double value = moment.values[cell];
  if (!std::isfinite(value)) return no_value;
  if (colouring.founders) return clone_colour(static_cast<std::int64_t>(value));
  const auto [low, high] = colouring.range.value();
  return viridis((value - low) / (high - low));
}

void paint(vtkActor* actor, Rgb colour) {
  actor->GetProperty()->SetColor(colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

// More than `away` before the plane of a cut there, seen from the camera.
bool is_cut_away(std::optional<double> cut_at, const Setting& setting, Vec3 x, double away = 0) {
  if (!cut_at) return false;
  const int axis = *setting.look.cut;
  const double side = setting.camera.axes.back[axis] >= 0 ? 1 : -1;
  return side * (x[axis] - *cut_at) > away;
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

void add_balls(vtkRenderer* renderer, std::span<const Sphere> balls, std::span<const Rgb> colour, bool true_spheres) {
  if (balls.empty()) return;
  vtkNew<vtkPoints> points;
  vtkNew<vtkFloatArray> radius;
  radius->SetName("radius");
  vtkNew<vtkUnsignedCharArray> colours;
  colours->SetNumberOfComponents(3);
  vtkNew<vtkCellArray> vertices;
  for (std::size_t i = 0; i < balls.size(); ++i) {
    const auto& [centre, r] = balls[i];
    const vtkIdType id = points->InsertNextPoint(centre.x, centre.y, centre.z);
    vertices->InsertNextCell(1, &id);
    radius->InsertNextValue(static_cast<float>(r));
    const std::array<unsigned char, 3> rgb{colour[i].red, colour[i].green, colour[i].blue};
    colours->InsertNextTypedTuple(rgb.data());
  }
  vtkNew<vtkPolyData> cells;
  cells->SetPoints(points);
  cells->SetVerts(vertices);
  cells->GetPointData()->AddArray(radius);
  cells->GetPointData()->SetScalars(colours);
  if (true_spheres) {
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

// As it is drawn: in a plane its section.
Sphere ball_of(const Moment& moment, std::size_t cell, const Setting& setting) {
  Sphere ball{moment.cells.position[cell], moment.cells.radius[cell]};
  if (setting.look.view != View::Plane) return ball;
  double& place = ball.centre[*setting.look.cut];
  const double away = place - *setting.cut_at;
  ball.radius = std::sqrt(std::max(ball.radius * ball.radius - away * away, 0.0));
  place = *setting.cut_at;
  return ball;
}

std::vector<Sphere> balls_in_sight(const Moment& moment, const Setting& setting) {
  std::vector<Sphere> balls;
  for (const std::size_t cell : moment.in_sight) balls.push_back(ball_of(moment, cell, setting));
  return balls;
}

// Triangles lie within their sphere, and hide less than it.
bool are_opaque(const Look& look) { return look.view != View::Plane && !look.true_spheres; }

void add_cells(vtkRenderer* renderer, const Moment& moment, const Colouring& colouring, const Setting& setting) {
  std::vector<Rgb> colours;
  for (const std::size_t cell : moment.in_sight) colours.push_back(colour_of(colouring, moment, cell));
  add_balls(renderer, balls_in_sight(moment, setting), colours, setting.look.true_spheres);
}

// Around the cells that are shown, and those that reach into what is shown. Who is alone has no front, and shows its colour.
vtkSmartPointer<vtkPolyData> front_of(const Moment& moment, const Setting& setting) {
  const CellsAt& cells = moment.cells;
  // Those that reach there, and those that touch them.
  const double reach = (front_reach + 2 * contact_reach) * (cells.size() > 0 ? std::ranges::max(cells.radius) : 0);
  std::vector<Sphere> near, touching;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!is_cut_away(moment.cut_at, setting, cells.position[i], reach)) near.push_back({cells.position[i], cells.radius[i]});
  const std::vector<bool> alone = alone_among(near);
  for (std::size_t i = 0; i < near.size(); ++i)
    if (!alone[i]) touching.push_back(near[i]);
  constexpr double smallest_facet = 4;  // pixels
  return cell_front(touching, setting.look.front_level, smallest_facet * setting.pixel);
}

bool is_all_cut_away(vtkPolyData* surface, std::optional<double> cut_at, const Setting& setting) {
  bool left = false;
  for (vtkIdType i = 0; i < surface->GetNumberOfPoints() && !left; ++i) {
    std::array<double, 3> x{};
    surface->GetPoint(i, x.data());
    left = !is_cut_away(cut_at, setting, {x[0], x[1], x[2]});
  }
  return !left;
}

// Takes away what lies before the plane of the cut.
void clip(vtkMapper* mapper, std::optional<double> cut_at, const Setting& setting) {
  if (!cut_at) return;
  Vec3 inward, at = setting.camera.focus;
  inward[*setting.look.cut] = setting.camera.axes.back[*setting.look.cut] >= 0 ? -1 : 1;
  at[*setting.look.cut] = *cut_at;
  vtkNew<vtkPlane> cut;
  cut->SetNormal(inward.x, inward.y, inward.z);
  cut->SetOrigin(at.x, at.y, at.z);
  mapper->AddClippingPlane(cut);
}

// Without what lies behind opaque cells and before the cut: a packed mass has most of its surface around the gaps between
// its cells. Of 580,000 triangles of a mass of 100,000 cells, cut open, 160,000 are left.
vtkSmartPointer<vtkPolyData> seen_of(vtkPolyData* surface, std::span<const Sphere> opaque, std::optional<double> cut_at,
                                     const Setting& setting) {
  const std::vector<Sphere> triangles = spheres_around(surface);
  std::vector<bool> seen = hidden_behind(opaque, triangles, setting.camera.axes);
  seen.flip();
  for (std::size_t i = 0; i < triangles.size(); ++i)
    if (is_cut_away(cut_at, setting, triangles[i].centre, triangles[i].radius)) seen[i] = false;
  return triangles_of(surface, seen);
}

// Solid where one looks into it past a cut; else translucent around whole cells: far sides first, then near ones, which is
// right without sorting triangles where the surface does not lie over itself. True when there is something to see.
bool add_surface(vtkRenderer* renderer, vtkPolyData* whole, std::span<const Sphere> opaque, Rgb colour,
                 std::optional<double> cut_at, const Setting& setting) {
  const vtkSmartPointer<vtkPolyData> surface = seen_of(whole, opaque, cut_at, setting);
  if (surface->GetNumberOfPolys() == 0) return false;
  const bool solid = cut_at.has_value();
  for (const bool near : solid ? std::vector<bool>{false} : std::vector<bool>{false, true}) {
    vtkNew<vtkPolyDataMapper> mapper;
    mapper->SetInputData(surface);
    mapper->ScalarVisibilityOff();
    clip(mapper, cut_at, setting);
    vtkNew<vtkActor> actor = shaded(mapper);
    paint(actor, colour);
    actor->GetProperty()->SetOpacity(solid ? 1 : 0.28);
    if (!solid) {
      if (near)
        actor->GetProperty()->BackfaceCullingOn();
      else
        actor->GetProperty()->FrontfaceCullingOn();
    }
    renderer->AddActor(actor);
  }
  return true;
}

// The density in the plane as a picture on a rectangle, and the fibres as short lines before it.
void add_plane(vtkRenderer* renderer, const Moment& moment, const Setting& setting, Drawn& drawn) {
  const LatticeSection section = section_of(moment.density, moment.tissue, *setting.look.cut, *setting.cut_at);
  if (section.across == 0) return;
  drawn.membrane = drawn.membrane || std::ranges::count(section.membrane, true) > 0;
  vtkNew<vtkActor> sheet;
  vtkNew<vtkPolyDataMapper> mapper;
  mapper->SetInputData(section_rectangle(section));
  sheet->SetMapper(mapper);
  vtkNew<vtkTexture> texture;
  texture->SetInputData(section_picture(section, setting.densest));
  texture->InterpolateOn();
  texture->RepeatOff();  // else the opposite face shines through at the edge
  texture->EdgeClampOn();
  sheet->SetTexture(texture);
  sheet->GetProperty()->LightingOff();
  renderer->AddActor(sheet);
  if (!setting.look.fibres || moment.fibre.values.empty()) return;
  vtkNew<vtkPolyDataMapper> strokes;
  const vtkSmartPointer<vtkPolyData> fibres = fibre_strokes(moment.fibre, section, setting.camera);
  drawn.strokes = drawn.strokes || fibres->GetNumberOfPoints() > 0;
  strokes->SetInputData(fibres);
  vtkNew<vtkActor> lines;
  lines->SetMapper(strokes);
  paint(lines, ink);
  lines->GetProperty()->LightingOff();
  renderer->AddActor(lines);
}

// Whether cells, or for sprouts also the other vessels, leave something of them to be seen.
bool are_in_sight(const Moment& moment, bool sprouts, const Setting& setting) {
  std::vector<Sphere> opaque = are_opaque(setting.look) ? balls_in_sight(moment, setting) : std::vector<Sphere>{};
  if (sprouts) std::ranges::copy(balls_along(moment.tubes, false), std::back_inserter(opaque));
  const std::vector<bool> hidden = hidden_behind(opaque, balls_along(moment.tubes, sprouts), setting.camera.axes);
  return std::ranges::count(hidden, false) > 0;
}

// What a plane meets of them, and behind a cut their walls.
void add_tubes(vtkRenderer* renderer, const Moment& moment, const Setting& setting, Drawn& drawn) {
  for (const bool sprouts : {false, true}) {
    bool& seen = sprouts ? drawn.sprouts : drawn.vessels;
    if (const auto at = moment.tubes_cut_at) {
      const vtkSmartPointer<vtkPolyData> met = tube_sections(moment.tubes, sprouts, *setting.look.cut, *at, setting.camera);
      seen = seen || met->GetNumberOfPoints() > 0;
      vtkNew<vtkPolyDataMapper> mapper;
      mapper->SetInputData(met);
      vtkNew<vtkActor> sections;
      sections->SetMapper(mapper);
      sections->GetProperty()->LightingOff();
      paint(sections, tube_colour(sprouts));
      renderer->AddActor(sections);
    }
    if (setting.look.view == View::Plane) continue;
    const vtkSmartPointer<vtkPolyData> tubes = tube_walls(moment.tubes, sprouts);
    if (is_all_cut_away(tubes, moment.tubes_cut_at, setting)) continue;
    vtkNew<vtkPolyDataMapper> mapper;
    mapper->SetInputData(tubes);
    mapper->ScalarVisibilityOff();
    clip(mapper, moment.tubes_cut_at, setting);
    seen = seen || are_in_sight(moment, sprouts, setting);
    vtkNew<vtkActor> walls = shaded(mapper);
    paint(walls, tube_colour(sprouts));
    renderer->AddActor(walls);
  }
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

void place_camera(vtkRenderer* renderer, const Setting& setting) {
  const Camera& camera = setting.camera;
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

Corners box_of(const std::array<double, 3>& edges, const CellsAt& cells, std::span<const Tube> tubes) {
  if (const auto& [x, y, z] = edges; x > 0) return {Vec3{0, 0, 0}, Vec3{x, y, z}};
  std::vector<Vec3> places = cells.position;
  for (const Tube& tube : tubes) places.insert(places.end(), {tube.from, tube.to});
  if (places.empty()) return {};
  Corners box{places[0], places[0]};
  for (const Vec3& x : places)
    for (int axis = 0; axis < 3; ++axis) {
      box[0][axis] = std::min(box[0][axis], x[axis]);
      box[1][axis] = std::max(box[1][axis], x[axis]);
    }
  return box;
}

CellsAt read_blood(const std::string& snapshot, const SnapshotInfo& info, std::size_t blood) {
  const std::vector<std::string> wanted{"lodged", "weight"};
  CellsAt cells = read_cells(snapshot, info, blood, wanted);
  if (cells.find("lodged") == nullptr || cells.find("weight") == nullptr)
    throw IoError(snapshot + ": has no cells/lodged of the blood", Exit::BadData);
  return cells;
}

Moment read_moment(const std::string& snapshot, const Job& job, std::size_t place) {
  const SnapshotInfo info = read_snapshot_info(snapshot);
  Moment moment;
  const std::vector<std::string> wanted{"group", "dormancy", "weight"};
  moment.cells = read_cells(snapshot, info, place, wanted);
  const auto column = [&](const std::string& name) -> const std::vector<double>& {
    const CellsAt::Column* const found = moment.cells.find(name);
    if (found == nullptr) throw IoError(snapshot + ": has no cells/" + name, Exit::BadData);
    return found->values;
  };
  if (job.look.fibres) moment.fibre = read_lattice(snapshot, info, place, "fibre");
  moment.tubes = read_tubes(snapshot, info, place);
  moment.box = box_of(job.domain.at(place), moment.cells, moment.tubes);
  const bool organ = place > 0, plane = job.look.view == View::Plane;
  if (plane || job.look.front == ShownFront::Density) moment.density = read_lattice(snapshot, info, place, "density");
  if (plane || organ || !job.beside.empty()) moment.tissue = read_lattice(snapshot, info, place, "tissue");
  if (job.beside.empty()) return moment;
  Residents residents = residents_of(organ, column("group"), column("dormancy"), column("weight"));
  if (job.blood) {
    const CellsAt blood = read_blood(snapshot, info, *job.blood);
    residents.held = held_in(place, blood.find("lodged")->values, blood.find("weight")->values);
  }
  moment.label = label_of(info.places[place].name, residents);
  moment.stages_label = label_of_stages(organ, read_stages(snapshot, info, place));
  if (organ)
    for (const double state : column("dormancy")) moment.states.push_back(static_cast<Dormancy>(static_cast<int>(state)));
  return moment;
}

std::vector<double> read_values(const std::string& snapshot, std::size_t place, const Colouring& colouring) {
  if (colouring.types) return {};
  const SnapshotInfo info = read_snapshot_info(snapshot);
  std::vector<double> values = read_column(snapshot, info, place, colouring.column);
  if (values.size() != info.places.at(place).cells)
    throw IoError(snapshot + ": has no cells/" + colouring.column, Exit::BadData);
  return values;
}

std::vector<std::size_t> cells_in_sight(const Moment& moment, const Setting& setting) {
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < moment.cells.size(); ++i) {
    const Vec3 centre = moment.cells.position[i];
    const double radius = moment.cells.radius[i];
    const bool out = setting.look.view == View::Plane
                         ? std::abs(centre[*setting.look.cut] - *setting.cut_at) >= radius
                         : is_cut_away(moment.cut_at, setting, centre, radius);  // those that the plane meets stay whole
    if (!out) left.push_back(i);
  }
  if (!are_opaque(setting.look)) return left;
  std::vector<Sphere> balls;
  for (const std::size_t cell : left) balls.push_back(ball_of(moment, cell, setting));
  const std::vector<bool> hidden = hidden_among(balls, setting.camera.axes);
  std::vector<std::size_t> in_sight;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (!hidden[i]) in_sight.push_back(left[i]);
  return in_sight;
}

void shift(Moment& moment, Vec3 by) {
  for (Vec3& x : moment.cells.position) x += by;
  for (LatticeAt* grid : {&moment.density, &moment.fibre, &moment.tissue}) grid->origin += by;
  for (Tube& tube : moment.tubes) tube.from += by, tube.to += by;
  for (Vec3& corner : moment.box) corner += by;
}

void draw_scene(vtkRenderer* renderer, std::span<const Moment> sites, const Colouring& colouring, const Setting& setting,
                Drawn& drawn) {
  const auto note = [](bool& what, bool here) { what = what || here; };
  for (std::size_t s = 0; s < sites.size(); ++s) {
    const Moment& moment = sites[s];
    if (setting.look.view == View::Plane) add_plane(renderer, moment, setting, drawn);
    add_tubes(renderer, moment, setting, drawn);
    add_cells(renderer, moment, colouring, setting);
    const std::vector<Sphere> opaque = are_opaque(setting.look) ? balls_in_sight(moment, setting) : std::vector<Sphere>{};
    const auto surface = [&](vtkPolyData* whole, Rgb colour) {
      return add_surface(renderer, whole, opaque, colour, moment.cut_at, setting);
    };
    if (!moment.tissue.values.empty() && setting.look.view != View::Plane)
      note(drawn.bone, surface(tissue_surface(moment.tissue, static_cast<int>(Tissue::Bone)), bone_colour));
    if (setting.look.front == ShownFront::Cells) note(drawn.front, surface(front_of(moment, setting), {190, 196, 205}));
    if (setting.look.front == ShownFront::Density && !moment.density.values.empty())
      note(drawn.front, surface(eaten_surface(moment.density, setting.start[s], setting.floor[s], setting.look.front_level),
                                {196, 158, 104}));
    if (setting.look.whole) add_edges(renderer, moment, setting.look.dark);
  }
  place_camera(renderer, setting);
}

}  // namespace invado
