// Text, lines and colour bars in pixels over the scene.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "base/colours.h"
#include "render/layout.h"

class vtkRenderer;

namespace invado {

enum class Align { Left, Middle, Right };

class Overlay {
 public:
  // `scale`: pixels of the window for each of the picture.
  Overlay(vtkRenderer* renderer, double scale) : renderer_(renderer), scale_(scale) {}

  // y: where letters stand on. Words that are wider than `room` get smaller letters, and end with "…" where these would be
  // too small.
  void text(const std::string& words, double x, double y, double size, Rgb colour, Align align = Align::Left,
            bool bold = false, double room = std::numeric_limits<double>::infinity());
  [[nodiscard]] double width(const std::string& words, double size, bool bold = false) const;
  void rectangle(const Box& box, Rgb colour);
  void frame(const Box& box, double thickness, Rgb colour);
  // Colours from low to high: from the left to the right, or upwards.
  void gradient(const Box& box, bool upright, Rgb (*colour)(double fraction));

 private:
  void boxes(const std::vector<Box>& boxes, const std::vector<Rgb>& colours);
  vtkRenderer* renderer_;
  double scale_;
};

}  // namespace invado
