// invado-render: draws what its standard input describes (render/job.h). `invado render` starts it; VTK is only in here.
#include <fmt/core.h>
#include <vtkLogger.h>
#include <vtkObject.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "base/colour_range.h"
#include "io/atomic_file.h"
#include "model/matrix.h"
#include "render/framing.h"
#include "render/sites.h"
#include "render/tubes.h"
#include "render/vtk/window.h"

namespace invado {
namespace {

void note_beyond(Colouring& colouring, const std::vector<double>& values) {
  if (!colouring.range || colouring.of_names()) return;
  for (const double value : values) colouring.beyond.note(value, *colouring.range);
}

// Ranges that nobody fixed, from the whole series.
void find_ranges(Job& job) {
  for (Colouring& colouring : job.colourings) {
    if (colouring.range || colouring.of_names()) continue;
    std::vector<double> values;
    for (const std::string& snapshot : job.series) {
      const std::vector<double> here = read_column(snapshot, read_snapshot_info(snapshot), job.place, colouring.column);
      values.insert(values.end(), here.begin(), here.end());
    }
    colouring.range = range_of(values, colouring.least_width);
    note_beyond(colouring, values);
  }
}

std::vector<std::size_t> shown_sites(const Job& job) { return job.beside.empty() ? std::vector{job.place} : job.beside; }

// What the camera must see of one site.
std::vector<Sphere> seen_in(const Job& job, const Corners& box, bool bone) {
  std::vector<Sphere> seen;
  for (const std::string& snapshot : job.framed) {
    const CellsAt cells = read_cells(snapshot, read_snapshot_info(snapshot), job.place, {});
    for (std::size_t i = 0; i < cells.size(); ++i) seen.push_back({cells.position[i], cells.radius[i]});
  }
  if (job.look.view != View::Plane)  // a section shows as much tissue as there is room for; elsewhere vessels have ends
    for (const Tube& tube : read_tubes(job.framed.back(), read_snapshot_info(job.framed.back()), job.place)) {
      seen.push_back({tube.from, tube.radius});
      seen.push_back({tube.to, tube.radius});
    }
  if (job.look.whole || bone || seen.empty())  // bone fills a part of the box
    for (const Sphere& corner : corners_of(box)) seen.push_back(corner);
  return seen;
}

// Of sites side by side those without grid and vessels in which no picture has a cell: nobody could see them. (A tumour,
// where cells are injected.)
void leave_out_void(Job& job) {
  std::vector<std::size_t> seen;
  for (const std::size_t place : job.beside)
    if (std::ranges::any_of(job.framed, [&](const std::string& snapshot) {
          const SnapshotInfo::Place here = read_snapshot_info(snapshot).places.at(place);
          return here.cells + here.vessels > 0 || !here.lattice.arrays.empty() || !here.fields.arrays.empty();
        }))
      seen.push_back(place);
  if (!seen.empty()) job.beside = seen;
}

// The sites in a row, each with its box; where one has none, its box is around all that the pictures show of it.
std::vector<Sphere> stand_in_a_row(const Job& job, const Axes& axes, std::vector<Vec3>& shifts) {
  std::vector<Corners> boxes;
  for (const std::size_t place : job.beside) {
    CellsAt all;
    std::vector<Tube> tubes;
    for (const std::string& snapshot : job.framed) {
      const SnapshotInfo info = read_snapshot_info(snapshot);
      const std::vector<Vec3> here = read_cells(snapshot, info, place, {}).position;
      all.position.insert(all.position.end(), here.begin(), here.end());
      tubes = read_tubes(snapshot, info, place);  // they only become more
    }
    boxes.push_back(box_of(job.domain.at(place), all, tubes));
  }
  shifts = in_a_row(boxes, axes);
  std::vector<Sphere> seen;
  for (std::size_t s = 0; s < boxes.size(); ++s)
    for (const Sphere& corner : corners_of(boxes[s])) seen.push_back({corner.centre + shifts[s], 0});
  return seen;
}

// Room for labels under the sites. Where the height of the picture is given, more lines leave smaller sites, and those need
// more lines: of each size of letters the least number that is enough, and of the sizes the largest that leaves half of the
// height for the sites; without labels where none leaves a third.
void make_room_under_sites(const Job& job, LayoutWishes& wishes, std::span<const Sphere> corners, const Axes& axes) {
  constexpr std::size_t most = 10;  // a part each
  const SnapshotInfo info = read_snapshot_info(job.framed.back());
  std::vector<std::string> names;
  for (const std::size_t place : job.beside) names.push_back(info.places.at(place).name);
  double share = 0;
  for (const double scale : {1.0, 0.9, 0.8, 0.7}) {
    wishes.label_scale = scale;
    for (wishes.label_lines = 2; wishes.label_lines < most; ++wishes.label_lines) {
      const Layout layout = lay_out(wishes);
      const Box& seen = layout.panels.at(0);
      const double pixel = 2 * framed(corners, axes, seen.width / seen.height).half_height / seen.height;
      std::vector<double> letters;
      for (const double width : label_widths(corners, axes)) letters.push_back(width / pixel / layout.label_letter());
      if (most_lines(names, letters) <= wishes.label_lines) break;
    }
    const Layout layout = lay_out(wishes);
    share = layout.panels.at(0).height / layout.height;
    if (share >= 0.5) return;
  }
  if (share < 1.0 / 3) wishes.label_lines = 0;
}

// The heading of a panel; where sites stand side by side, with the numbers of the blood.
std::string heading_of(const Job& job, const Panel& panel) {
  if (!job.blood) return panel.heading;
  const SnapshotInfo info = read_snapshot_info(panel.snapshot);
  const CellsAt cells = read_blood(panel.snapshot, info, *job.blood);
  std::vector<std::string> names;
  for (const SnapshotInfo::Place& place : info.places) names.push_back(place.name);
  return panel.heading + (panel.heading.empty() ? "" : "    ") +
         blood_line(cells.find("lodged")->values, cells.find("weight")->values, names);
}

std::vector<Moment> sites_at(const std::string& snapshot, const Job& job, const Setting& setting) {
  std::vector<Moment> sites;
  for (const std::size_t place : shown_sites(job)) {
    Moment& site = sites.emplace_back(read_moment(snapshot, job, place));
    if (!setting.shifts.empty()) shift(site, setting.shifts[sites.size() - 1]);
    if (setting.cut_at && place == job.place) {
      const double moved = setting.shifts.empty() ? 0 : setting.shifts[sites.size() - 1][*job.look.cut];
      site.cut_at = *setting.cut_at + moved;
      if (job.beside.empty()) site.tubes_cut_at = site.cut_at;  // beside others a tumour is opened to show its vessels
    }
    site.in_sight = cells_in_sight(site, setting);
  }
  return sites;
}

void draw_all(Job job) {
  leave_out_void(job);
  if (std::ranges::count(shown_sites(job), job.place) == 0) job.look.cut.reset();  // no tumour to be opened
  find_ranges(job);
  Setting setting;
  setting.look = job.look;
  // Measured before anything is drawn: the matrix at the start, and the box.
  Corners box;
  bool bone = false;
  for (const std::size_t place : shown_sites(job)) {
    Moment start = read_moment(job.series.at(0), job, place);
    if (place == job.place) box = start.box;
    bone = std::ranges::count(start.tissue.values, static_cast<float>(Tissue::Bone)) > 0;
    setting.start.push_back(std::move(start.density));
    if (!job.density_floor.empty()) setting.floor.push_back(job.density_floor.at(place));
  }
  if (job.look.view == View::Plane)  // the bar is the same in all pictures of a run
    for (const std::string& snapshot : job.series)
      for (const float density : read_lattice(snapshot, read_snapshot_info(snapshot), job.place, "density").values)
        setting.densest = std::max(setting.densest, double{density});
  if (const auto axis = job.look.cut) setting.cut_at = job.look.cut_at.value_or(0.5 * (box[0][*axis] + box[1][*axis]));
  const Axes axes = axes_of(job.look.azimuth, job.look.elevation);
  const std::vector<Sphere> in_sight =
      job.beside.empty() ? seen_in(job, box, bone) : stand_in_a_row(job, axes, setting.shifts);
  LayoutWishes wishes;
  wishes.width = job.width;
  wishes.height = job.height;
  wishes.columns = job.columns;
  wishes.panels = job.frames.at(0).panels.size();
  wishes.bars_by_row = job.bars_by_row;
  wishes.second_bars = job.look.view == View::Plane && setting.densest > 0;
  wishes.title = !job.title.empty();
  wishes.caption = job.look.front != ShownFront::None || job.look.fibres || job.look.cut || !job.beside.empty();
  if (!job.beside.empty()) {
    if (wishes.width == 0) wishes.width = job.beside.size() > 1 ? 1800 : 1200;
    // Organs have colours of their own, unless they stand for names.
    wishes.bars = std::ranges::count(job.beside, job.place) > 0 || job.colourings.at(0).of_names();
    wishes.aspect = aspect_of(in_sight, axes);
    make_room_under_sites(job, wishes, in_sight, axes);
  }
  const Layout layout = lay_out(wishes);
  const Box& seen = layout.panels.at(0);
  setting.camera = framed(in_sight, axes, seen.width / seen.height);
  setting.pixel = 2 * setting.camera.half_height / seen.height;
  if (!job.beside.empty()) setting.label_widths = label_widths(in_sight, axes);
  Window window(layout);
  for (const Frame& frame : job.frames) {
    std::vector<PanelAt> panels;
    for (const Panel& panel : frame.panels) {
      const auto same = std::ranges::find(frame.panels, panel.snapshot, &Panel::snapshot);
      const auto before = static_cast<std::size_t>(same - frame.panels.begin());  // the same sites in other colours
      PanelAt at{before < panels.size() ? panels[before].sites : sites_at(panel.snapshot, job, setting),
                 heading_of(job, panel)};
      Colouring& colouring = job.colourings[panel.colouring];
      for (std::size_t s = 0; s < at.sites.size(); ++s) {
        at.sites[s].values = read_values(panel.snapshot, shown_sites(job)[s], colouring);
        if (at.sites[s].states.empty()) note_beyond(colouring, at.sites[s].values);
      }
      panels.push_back(std::move(at));
    }
    atomic_write(frame.output, window.draw(job, panels, setting, frame));
    fmt::print("{}\n", frame.output);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace invado

int main() {
  vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_ERROR);
  try {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    invado::draw_all(invado::read_job(text));
    return 0;
  } catch (const invado::Error& error) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fputs((std::string("invado render: bug: ") + error.what() + "\n").c_str(), stderr);
    return static_cast<int>(invado::Exit::ModelFault);
  }
}
