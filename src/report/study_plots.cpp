#include "report/study_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/colours.h"
#include "report/axis.h"
#include "report/markup.h"

namespace invado {
namespace {

std::string hex(Rgb c) { return fmt::format("#{:02x}{:02x}{:02x}", c.red, c.green, c.blue); }

// White at zero, blue below, vermilion above (Okabe & Ito): apart for every kind of colour blindness. In grey both ends are
// dark, which is why values are also written.
Rgb two_sided(double fraction) {
  const double size = std::min(std::fabs(fraction), 1.0);
  const Rgb end = fraction < 0 ? Rgb{0x00, 0x72, 0xB2} : Rgb{0xD5, 0x5E, 0x00};
  const auto mix = [&](std::uint8_t e) { return static_cast<std::uint8_t>(std::lround(255 + size * (e - 255.0))); };
  return {mix(end.red), mix(end.green), mix(end.blue)};
}

bool is_dark(Rgb c) { return 0.299 * c.red + 0.587 * c.green + 0.114 * c.blue < 140; }

// Which of n labels are written when there is room for `most`.
bool shows_label(std::size_t i, std::size_t n, std::size_t most) { return i % ((n + most - 1) / most) == 0; }

struct Scale {
  double low, high;
  bool about_zero;
  [[nodiscard]] Rgb colour(double value) const {
    if (about_zero) return two_sided(value / high);
    return viridis(high > low ? (value - low) / (high - low) : 0.5);
  }
};

Scale scale_of(const HeatMap& map) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& row : map.values)
    for (const double v : row)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (!(low <= high)) low = 0, high = 1;
  if (!map.about_zero) return {low, high, false};
  high = std::max({std::fabs(low), std::fabs(high), 1e-12});
  return {-high, high, true};
}

}  // namespace

std::string svg(const HeatMap& map) {
  constexpr double left = 84, top = 34, inside = 380;
  const std::size_t nx = map.x.size(), ny = map.y.size();
  const double w = inside / static_cast<double>(nx), h = std::min(inside / static_cast<double>(ny), std::max(w, 26.0));
  const double bottom = top + h * static_cast<double>(ny), height = bottom + 50, width = left + inside + 96;
  const Scale scale = scale_of(map);
  const bool written = w >= 34 && h >= 16;
  std::string out = fmt::format("<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title>", pixels(width),
                                pixels(height), escaped(map.title));
  const auto to = std::back_inserter(out);
  const auto x_of = [&](std::size_t i) { return left + w * static_cast<double>(i); };
  const auto y_of = [&](std::size_t j) { return bottom - h * static_cast<double>(j + 1); };
  for (std::size_t j = 0; j < ny; ++j)
    for (std::size_t i = 0; i < nx; ++i) {
      const double v = map.values[j][i];
      const bool there = std::isfinite(v);
      const Rgb colour = there ? scale.colour(v) : Rgb{0xdd, 0xdd, 0xdd};
      fmt::format_to(to,
                     "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"0.4\">"
                     "<title>{}, {}: {}</title></rect>",
                     pixels(x_of(i)), pixels(y_of(j)), pixels(w), pixels(h), hex(colour), hex(colour), escaped(map.x[i]),
                     escaped(map.y[j]), number_text(v));
      if (written || !there)
        fmt::format_to(to, "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\" fill=\"{}\">{}</text>",
                       pixels(x_of(i) + w / 2), pixels(y_of(j) + h / 2 + 4), w < 42 ? 10 : 11,
                       is_dark(colour) ? "#fff" : "#111", number_text(v, w < 42 ? 2 : 3));
    }
  if (map.divided) {
    const double middle = (scale.low + scale.high) / 2;
    const auto above = [&](std::size_t j, std::size_t i) { return map.values[j][i] > middle; };
    std::string path;
    for (std::size_t j = 0; j < ny; ++j)
      for (std::size_t i = 0; i < nx; ++i) {
        if (i + 1 < nx && std::isfinite(map.values[j][i] + map.values[j][i + 1]) && above(j, i) != above(j, i + 1))
          path += fmt::format("M{} {}v{}", pixels(x_of(i + 1)), pixels(y_of(j)), pixels(h));
        if (j + 1 < ny && std::isfinite(map.values[j][i] + map.values[j + 1][i]) && above(j, i) != above(j + 1, i))
          path += fmt::format("M{} {}h{}", pixels(x_of(i)), pixels(y_of(j)), pixels(w));
      }
    if (!path.empty())
      fmt::format_to(to,
                     "<path d=\"{0}\" stroke=\"#fff\" stroke-width=\"5\" stroke-linecap=\"square\" fill=\"none\"/>"
                     "<path class=\"boundary\" d=\"{0}\" stroke=\"#000\" stroke-width=\"2.2\" stroke-linecap=\"square\" "
                     "fill=\"none\"/>",
                     path);
  }
  for (std::size_t i = 0; i < nx; ++i)
    if (shows_label(i, nx, 11))
      fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", pixels(x_of(i) + w / 2),
                     pixels(bottom + 16), escaped(map.x[i]));
  for (std::size_t j = 0; j < ny; ++j)
    if (shows_label(j, ny, 21))
      fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", pixels(left - 6),
                     pixels(y_of(j) + h / 2 + 4), escaped(map.y[j]));
  fmt::format_to(to, "<text class=\"name\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", pixels(left + inside / 2),
                 pixels(height - 10), escaped(map.x_label));
  fmt::format_to(to, "<text class=\"name\" transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                 pixels((top + bottom) / 2), escaped(map.y_label));
  fmt::format_to(to, "<text class=\"title\" x=\"4\" y=\"18\">{}</text>", escaped(map.title));
  // The key: 32 steps from the least to the greatest.
  constexpr int steps = 32;
  const double key = left + inside + 22, tall = bottom - top;
  for (int s = 0; s < steps; ++s) {
    const double v = scale.low + (scale.high - scale.low) * (s + 0.5) / steps;
    fmt::format_to(to, "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"{}\" fill=\"{}\"/>", pixels(key),
                   pixels(bottom - tall * (s + 1) / steps), pixels(tall / steps + 0.6), hex(scale.colour(v)));
  }
  if (scale.high > scale.low)
    for (const double v : ticks({scale.low, scale.high}, 5))
      fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\">{}</text>", pixels(key + 19),
                     pixels(bottom - tall * (v - scale.low) / (scale.high - scale.low) + 4), number_text(v, 3));
  return out + "</svg>";
}

std::string svg(const IntervalChart& chart) {
  constexpr double top = 34, line = 20, letter = 7;
  std::size_t longest = 0;
  for (const IntervalRow& row : chart.rows) longest = std::max(longest, row.label.size());
  const double left = std::max(190.0, 16 + letter * static_cast<double>(longest)), right = left + 340;
  const bool legend = chart.series.size() > 1;
  const double first = top + (legend ? 22 : 6), bottom = first + line * static_cast<double>(chart.rows.size()) + 4;
  const double height = bottom + 44;
  std::vector<double> xs;
  for (const IntervalRow& row : chart.rows)
    for (const double v : {row.estimate.value, row.estimate.low, row.estimate.high})
      if (std::isfinite(v)) xs.push_back(v);
  const Axis axis = axis_for(xs, chart.bars, true);
  const auto at = [&](double v) { return left + axis.fraction(v) * (right - left); };
  const auto style_of = [&](const IntervalRow& row) {
    return static_cast<std::size_t>(std::ranges::find(chart.series, row.series) - chart.series.begin()) %
           line_colours.size();
  };
  std::string out = fmt::format("<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title>",
                                pixels(right + 30), pixels(height), escaped(chart.title));
  const auto to = std::back_inserter(out);
  for (const double v : ticks(axis, 6)) {
    fmt::format_to(to, "<line class=\"grid\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>", pixels(at(v)),
                   pixels(first - 4), pixels(bottom));
    fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", pixels(at(v)),
                   pixels(bottom + 16), number_text(v));
  }
  // A mark of its own for every series: colours alone are not enough.
  const auto mark = [&](std::size_t style, double x, double y) {
    if (style % 3 == 0)
      return fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{}\"/>", pixels(x), pixels(y), line_colours[style]);
    if (style % 3 == 1)
      return fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"8\" height=\"8\" fill=\"white\" stroke=\"{}\" stroke-width=\"2\"/>",
          pixels(x - 4), pixels(y - 4), line_colours[style]);
    return fmt::format("<path d=\"M{} {}l5 9h-10z\" fill=\"{}\"/>", pixels(x), pixels(y - 5), line_colours[style]);
  };
  const std::string* label = nullptr;
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    const IntervalRow& row = chart.rows[i];
    const double y = first + line * (static_cast<double>(i) + 0.5);
    const std::size_t style = style_of(row);
    if (label == nullptr || *label != row.label)
      fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", pixels(left - 8),
                     pixels(y + 4), escaped(row.label));
    label = &row.label;
    const Estimate& e = row.estimate;
    if (!std::isfinite(e.value)) {
      fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\">no value</text>", pixels(left + 6), pixels(y + 4));
      continue;
    }
    if (chart.bars)
      fmt::format_to(to, "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\"0.35\"/>",
                     pixels(std::min(at(0), at(e.value))), pixels(y - 6), pixels(std::fabs(at(e.value) - at(0))), 12,
                     line_colours[style]);
    if (std::isfinite(e.low) && std::isfinite(e.high))
      fmt::format_to(to, "<path d=\"M{0} {2}H{1}M{0} {3}v8M{1} {3}v8\" stroke=\"#222\" stroke-width=\"1.4\" fill=\"none\"/>",
                     pixels(at(e.low)), pixels(at(e.high)), pixels(y), pixels(y - 4));
    fmt::format_to(to, "<g>{}<title>{} {}: {} ({} to {})</title></g>", mark(style, at(e.value), y), escaped(row.label),
                   escaped(row.series), number_text(e.value), number_text(e.low), number_text(e.high));
  }
  fmt::format_to(to, "<path class=\"axis\" d=\"M{} {}H{}\" fill=\"none\"/>", pixels(left), pixels(bottom), pixels(right));
  if (axis.low < 0 && axis.high > 0)
    fmt::format_to(to, "<path class=\"axis\" d=\"M{} {}V{}\" fill=\"none\"/>", pixels(at(0)), pixels(first - 4),
                   pixels(bottom));
  fmt::format_to(to, "<text class=\"name\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", pixels((left + right) / 2),
                 pixels(height - 8), escaped(chart.x_label));
  fmt::format_to(to, "<text class=\"title\" x=\"4\" y=\"18\">{}</text>", escaped(chart.title));
  double x = left;
  for (std::size_t s = 0; legend && s < chart.series.size(); ++s) {
    out += mark(s % line_colours.size(), x + 5, top + 6);
    fmt::format_to(to, "<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>", pixels(x + 14), pixels(top + 10),
                   escaped(chart.series[s]));
    x += 30 + 7 * static_cast<double>(chart.series[s].size());
  }
  return out + "</svg>";
}

}  // namespace invado
