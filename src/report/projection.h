// Cells seen from one side: discs on a grid of pixels, nearer ones over farther ones, coloured by a signal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/colours.h"
#include "base/vec3.h"
#include "report/picture.h"

namespace invado {

// What is drawn, the same for all pictures that are to be compared.
struct View {
  Vec3 from, to;     // the box that is shown [um]
  double low, high;  // values at the two ends of the colours
  int across = 700;  // pixels along x, fewer when the picture would be too high
};

enum class Side { Top, Front };  // along z from above: x, y; along y: x, z

struct DrawnCell {
  Vec3 position;  // [um]
  double radius;  // [um]
  double value;   // NaN: grey
};

// White, grey, then the colours from 0 to 1 in as many steps as a byte allows, each in four shades from the rim to the
// middle.
inline constexpr int colour_steps = 63, shades = 4, first_colour = 2;
[[nodiscard]] std::vector<Rgb> palette(Rgb (*colour)(double) = viridis);

// Cells at the same depth in the order of their ids. A disc is at least one pixel.
[[nodiscard]] Picture project(std::span<const DrawnCell> cells, const View& view, Side side);

}  // namespace invado
