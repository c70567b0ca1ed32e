// invado-render: draws what its standard input describes (render/job.h). `invado render` starts it; VTK is only in here.
#include <fmt/format.h>
#include <vtkLogger.h>
#include <vtkObject.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>

#include "io/atomic_file.h"
#include "render/colour_range.h"
#include "render/framing.h"
#include "render/vtk/window.h"

namespace invado {
namespace {

// Ranges that nobody fixed, from the whole series.
void find_ranges(Job& job) {
  std::vector<std::string> wanted;
  for (const Colouring& colouring : job.colourings)
    if (!colouring.range && !colouring.founders && !colouring.types) wanted.push_back(colouring.column);
  if (wanted.empty()) return;
  std::map<std::string, std::vector<double>> values;
  for (const std::string& snapshot : job.series)
    for (const CellsAt::Column& column : read_cells(snapshot, read_snapshot_info(snapshot), job.place, wanted).columns)
      values[column.name].insert(values[column.name].end(), column.values.begin(), column.values.end());
  for (Colouring& colouring : job.colourings)
    if (std::ranges::find(wanted, colouring.column) != wanted.end()) colouring.range = range_of(values[colouring.column]);
}

// What the camera must see.
std::vector<Sphere> seen_in(const Job& job, const std::array<Vec3, 2>& box) {
  std::vector<Sphere> seen;
  for (const std::string& snapshot : job.framed) {
    const CellsAt cells = read_cells(snapshot, read_snapshot_info(snapshot), job.place, {});
    for (std::size_t i = 0; i < cells.size(); ++i) seen.push_back({cells.position[i], cells.radius[i]});
  }
  if (job.look.whole || seen.empty())
    for (std::size_t corner = 0; corner < 8; ++corner)
      seen.push_back({{box[corner & 1].x, box[(corner >> 1) & 1].y, box[(corner >> 2) & 1].z}, 0});
  return seen;
}

void draw_all(Job job) {
  find_ranges(job);
  Stage stage;
  stage.look = job.look;
  // Measured before anything is drawn: the matrix at the start, and the box.
  const Moment start = read_moment(job.series.at(0), job.place, job.look, job.colourings.at(0));
  stage.start = start.density;
  if (job.look.view == View::Plane)  // the bar is the same in all pictures of a run
    for (const std::string& snapshot : job.series)
      for (const float density : read_lattice(snapshot, read_snapshot_info(snapshot), job.place, "density").values)
        stage.densest = std::max(stage.densest, double{density});
  if (const auto axis = job.look.cut)
    stage.cut_at = job.look.cut_at.value_or(0.5 * (start.box[0][*axis] + start.box[1][*axis]));
  LayoutWishes wishes;
  wishes.width = job.width;
  wishes.height = job.height;
  wishes.columns = job.columns;
  wishes.panels = job.frames.at(0).panels.size();
  wishes.bars_by_row = job.bars_by_row;
  wishes.second_bars = job.look.view == View::Plane && stage.densest > 0;
  wishes.title = !job.title.empty();
  wishes.caption = !caption_of(job.look).empty();
  const Layout layout = lay_out(wishes);
  const Box& seen = layout.panels.at(0);
  stage.camera = framed(seen_in(job, start.box), axes_of(job.look.azimuth, job.look.elevation), seen.width / seen.height);
  stage.pixel = 2 * stage.camera.half_height / seen.height;
  Window window(layout);
  for (const Frame& frame : job.frames) {
    std::vector<Moment> moments;
    for (const Panel& panel : frame.panels)
      moments.push_back(read_moment(panel.snapshot, job.place, job.look, job.colourings[panel.colouring]));
    atomic_write(frame.output, window.draw(job, moments, stage, frame));
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
