// What is to be drawn, resolved and checked: `invado render` finds it out, the renderer reads it from its standard input.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/colour_range.h"

namespace invado {

// How cells are coloured.
struct Colouring {
  std::string column;     // of the snapshot
  std::string title;      // with its unit
  bool founders = false;  // a colour per clone instead of a range
  bool types = false;     // a colour per type of cells
  std::vector<std::string> types_named;
  std::optional<std::array<double, 2>> range;  // absent: found over the whole series
  double least_width = 0;                      // of a range that is found
  Beyond beyond{};                             // found by the renderer: values that are not in the range

  // Colours that stand for names are the same at all sites; those of a range are the tumour's.
  [[nodiscard]] bool of_names() const { return founders || types; }
};

enum class ShownFront { None, Cells, Density };
enum class View { Space, Plane };  // from outside, or the plane of the cut from straight ahead

// The same in all panels and frames.
struct Look {
  View view = View::Space;
  double azimuth = 30, elevation = 20;  // where one looks from [degrees]
  ShownFront front = ShownFront::None;
  double front_level = 0;        // cells: of their smoothed density; density: share of what can be digested
  std::optional<int> cut;        // axis: what lies before the plane is taken away; beside other sites, cells of the tumour
  std::optional<double> cut_at;  // absent: the middle of the box [um]
  bool fibres = false;
  bool whole = false;  // the whole box, with its edges
  bool true_spheres = false;
  bool dark = false;
};

struct Panel {
  std::string snapshot;
  std::string heading;
  std::size_t colouring = 0;
};

struct Frame {
  std::string output;
  std::vector<Panel> panels;  // row by row
};

struct Job {
  int width = 0, height = 0;                  // 0: as the number of panels asks for
  std::size_t place = 0;                      // number of the site
  std::vector<std::size_t> beside;            // numbers of all sites that stand side by side; empty: `place` alone
  std::optional<std::size_t> blood;           // number of the blood, whose numbers are told where sites stand side by side
  std::vector<std::array<double, 3>> domain;  // of each site: edges of its box [um]; 0: it has none (the blood)
  std::vector<double> density_floor;  // of each site: what no protease removes [mg/ml]; only for surfaces of the density
  std::size_t columns = 1;            // of panels
  bool bars_by_row = false;           // a colour bar right of each row, else one below each panel
  std::string title;
  Look look;
  std::vector<Colouring> colourings;
  std::vector<Frame> frames;
  std::vector<std::string> series;  // snapshots of the whole run, or enough of them: ranges that are not given are theirs
  std::vector<std::string> framed;  // snapshots whose cells must all be in the picture
};

[[nodiscard]] std::string job_text(const Job& job);
[[nodiscard]] Job read_job(const std::string& text);

}  // namespace invado
