// Figure of the shape of the front: surface around the cells, strands, islands.
#include <fmt/core.h>

#include "report/document.h"
#include "report/figures.h"

namespace invado {
namespace {

std::vector<double> scaled(std::vector<double> values, double by) {
  for (double& v : values) v *= by;
  return values;
}

}  // namespace

std::string shape_figure(const RunData& run) {
  const std::vector<double> time = run.column("time_h"), area = run.column("front_area_um2"),
                            volume = run.column("front_volume_um3"), strands = run.column("strands"),
                            islands = run.column("islands"), mean = run.column("strand_length_um_mean"),
                            longest = run.column("strand_length_um_max"), roughness = run.column("front_roughness_um");
  if (time.empty() || area.empty() || strands.empty() || islands.empty()) return {};
  Plot surface = over_time(run, "Surface around the cells", "area (mm²)");
  surface.lines.push_back({.label = "area", .x = time, .y = scaled(area, 1e-6), .style = 0});
  std::string drawings = svg(surface);
  Plot inside = over_time(run, "Volume that it encloses", "volume (10⁶ µm³)");
  inside.lines.push_back({.label = "volume", .x = time, .y = scaled(volume, 1e-6), .style = 1});
  drawings += svg(inside);
  Plot pieces = over_time(run, "Strands and islands", "number");
  pieces.lines.push_back({.label = "strands", .x = time, .y = strands, .style = 0});
  pieces.lines.push_back({.label = "islands", .x = time, .y = islands, .style = 1});
  drawings += svg(pieces);
  Plot lengths = over_time(run, "Length of strands, roughness", "µm");
  lengths.lines.push_back({.label = "longest strand", .x = time, .y = longest, .style = 0});
  lengths.lines.push_back({.label = "mean strand", .x = time, .y = mean, .style = 1});
  if (!roughness.empty()) lengths.lines.push_back({.label = "roughness", .x = time, .y = roughness, .style = 2});
  drawings += svg(lengths);
  return figure(
      drawings,
      "The surface encloses every cell: a smoothed cell density at the level at which a cell alone is a sphere of its "
      "own radius; cells in contact share it, walls of the box do not count. Strands: columns of one to three cells "
      "across that stick out of the mass by two cells or more, counted by their tips and measured straight from the mass. "
      "Islands: groups of two or more cells in no contact with the mass. Roughness: root mean square of the depth of "
      "the mass about its mean, over the sectors of the start region.");
}

}  // namespace invado
