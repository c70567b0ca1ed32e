// Where everything in a picture is, in pixels from the lower left corner.
#pragma once

#include <cstddef>
#include <vector>

namespace invado {

struct Box {
  double left = 0, low = 0, width = 0, height = 0;
  [[nodiscard]] double right() const { return left + width; }
  [[nodiscard]] double high() const { return low + height; }
};

struct LayoutWishes {
  int width = 0, height = 0;  // 0: chosen
  std::size_t panels = 1, columns = 1;
  bool bars = true;          // of colours
  bool bars_by_row = false;  // right of each row, else below each panel
  bool second_bars = false;  // another bar under each of a row's
  bool headings = true;      // above each panel
  bool title = false, caption = false;
  double aspect = 0;            // width over height of a panel; 0: chosen
  std::size_t label_lines = 0;  // under what is seen in a panel
  double label_scale = 1;       // of their letters
};

struct Layout {
  int width = 0, height = 0;
  double font = 0;         // height of letters and their line
  double label_scale = 1;  // of letters under what is seen
  [[nodiscard]] double label_font() const { return 0.75 * label_scale * font; }
  [[nodiscard]] double label_line() const { return 1.15 * label_scale * font; }
  [[nodiscard]] double label_letter() const { return 0.52 * label_font(); }  // mean width
  Box title, caption;                                                        // of one line; empty when not wanted
  std::vector<Box> panels;                                                   // where the scene is drawn
  std::vector<Box> headings;                                                 // of one line, above each panel
  std::vector<Box> labels;                                                   // below each panel
  std::vector<Box>
      scale_bars;  // of one line, below each panel and its labels: at its left end, and at its right what else colours mean
  // Left out where they, their numbers and their titles find no room.
  std::vector<Box> second_bars;
  std::vector<Box> bars;  // the colours themselves: per row upright, or per panel lying; numbers and title lie around
};
[[nodiscard]] Layout lay_out(const LayoutWishes& wishes);

}  // namespace invado
