#include "render/layout.h"

#include <algorithm>

namespace invado {

Layout lay_out(const LayoutWishes& wishes) {
  Layout layout;
  const std::size_t rows = (wishes.panels + wishes.columns - 1) / wishes.columns;
  const auto across = static_cast<double>(wishes.columns), down = static_cast<double>(rows);
  layout.width = wishes.width > 0      ? wishes.width
                 : wishes.columns == 1 ? 1200
                                       : static_cast<int>(std::min(600 * across, 2400.0));
  const double width = layout.width;
  // Letters of 1.7 % of the width are 8 points in a figure of 17 cm; a low picture has less room.
  const double room = wishes.height > 0 ? std::min(0.0165 * width, 0.04 * wishes.height) : 0.0165 * width;
  layout.font = std::clamp(room, 8.0, 60.0);
  layout.label_scale = wishes.label_scale;
  const double line = layout.font, gap = 0.8 * line;
  const double right_strip = wishes.bars && wishes.bars_by_row ? 7.5 * line : 0;
  const double panel_width = std::max((width - right_strip - (across + 1) * gap) / across, 16.0);
  const double labels = layout.label_line() * static_cast<double>(wishes.label_lines);
  const double above = (wishes.headings ? 1.7 * line : 0), below = labels + (wishes.bars_by_row ? 1.9 : 5.6) * line;
  const double top = wishes.title ? 2.4 * line : 0.5 * line, bottom = wishes.caption ? 2.0 * line : 0.3 * line;
  const double shape = wishes.aspect > 0 ? 1 / wishes.aspect : wishes.columns == 1 ? 0.72 : 1.0;
  const double chosen = top + bottom + down * (above + below + panel_width * shape);
  layout.height = wishes.height > 0 ? wishes.height : static_cast<int>(chosen);
  const double height = layout.height;
  const double panel_height = std::max((height - top - bottom) / down - above - below, 16.0);
  if (wishes.title) layout.title = {gap, height - 1.9 * line, width - 2 * gap, line};
  if (wishes.caption) layout.caption = {gap, 0.7 * line, width - 2 * gap, line};
  for (std::size_t i = 0; i < wishes.panels; ++i) {
    const auto column = static_cast<double>(i % wishes.columns), row = static_cast<double>(i / wishes.columns);
    const double left = gap + column * (panel_width + gap);
    const double high = height - top - row * (above + panel_height + below) - above;
    const Box panel{left, high - panel_height, panel_width, panel_height};
    layout.panels.push_back(panel);
    layout.headings.push_back({left, high + 0.35 * line, panel_width, line});
    if (labels > 0) layout.labels.push_back({left, panel.low - labels, panel_width, labels});
    layout.scale_bars.push_back({left, panel.low - labels - 1.35 * line, panel_width, line});
    if (wishes.bars && !wishes.bars_by_row)
      layout.bars.push_back({left + 0.1 * panel_width, panel.low - labels - 3.3 * line, 0.8 * panel_width, 0.8 * line});
    if (!wishes.bars || !wishes.bars_by_row || i % wishes.columns != 0) continue;
    // Upright bars begin and end in shares of the height of their panel, below lines of a title.
    const auto add_upright = [&](std::vector<Box>& bars, double from, double most, double to, double title_lines) {
      const double tall = std::min(most * panel_height, (to - from) * panel_height - title_lines * line);
      if (tall >= 1.5 * line)
        bars.push_back({width - right_strip + 0.2 * line, panel.low + from * panel_height, 0.9 * line, tall});
    };
    if (!wishes.second_bars) {
      add_upright(layout.bars, 0.15, 0.62, 1, 4);
    } else {
      add_upright(layout.bars, 0.56, 0.30, 1, 3);
      add_upright(layout.second_bars, 0.06, 0.30, 0.5, 3);
    }
  }
  return layout;
}

}  // namespace invado
