#include "report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/colours.h"
#include "report/axis.h"
#include "report/markup.h"

namespace invado {
namespace {

constexpr std::size_t most_points = 400;  // of a line: more than a plot has pixels would only make the page longer
constexpr double label_height = 14;
constexpr std::size_t most_letters = 20;  // of the label of a line
constexpr double beside_lines = 176;      // room for it

// The frame that data are drawn in, and how values become pixels.
struct Frame {
  double left, top, right, bottom;
  Axis x, y;

  [[nodiscard]] double at_x(double value) const { return left + x.fraction(value) * (right - left); }
  [[nodiscard]] double at_y(double value) const { return bottom - y.fraction(value) * (bottom - top); }
  [[nodiscard]] bool shows(double x_value, double y_value) const {
    return std::isfinite(x_value) && std::isfinite(y_value) && (!x.logarithmic || x_value > 0) &&
           (!y.logarithmic || y_value > 0);
  }
};

std::string dash(std::size_t style) {
  const std::string_view pattern = line_dashes[style % line_dashes.size()];
  return pattern.empty() ? std::string() : fmt::format(" stroke-dasharray=\"{}\"", pattern);
}

std::string_view colour(std::size_t style) { return line_colours[style % line_colours.size()]; }

// Which points of a line are drawn: all, or every so many and the last one.
std::vector<std::size_t> drawn(std::size_t points) {
  const std::size_t stride = points / most_points + 1;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < points; i += stride) rows.push_back(i);
  if (!rows.empty() && rows.back() != points - 1) rows.push_back(points - 1);
  return rows;
}

// The tallest bar of the filled histograms [%].
double tallest_filled(const Plot& plot) {
  double tallest = 0;
  for (const PlotHistogram& h : plot.histograms)
    if (!h.outline && !h.histogram.share.empty()) tallest = std::max(tallest, 100 * std::ranges::max(h.histogram.share));
  return tallest;
}

Frame frame_of(const Plot& plot) {
  std::vector<double> xs, ys;
  for (const PlotLine& line : plot.lines) {
    for (std::size_t i = 0; i < line.y.size(); ++i) {
      if (!std::isfinite(line.y[i])) continue;
      xs.push_back(line.x[i]);
      ys.push_back(line.y[i]);
      if (!line.error.empty() && std::isfinite(line.error[i])) {
        ys.push_back(line.y[i] + line.error[i]);
        ys.push_back(line.y[i] - line.error[i]);
      }
    }
    ys.insert(ys.end(), line.low.begin(), line.low.end());
    ys.insert(ys.end(), line.high.begin(), line.high.end());
  }
  // Cells that all start alike are one bar of 100 %: what is compared with must not press what is shown flat.
  const double tallest = tallest_filled(plot);
  for (const PlotHistogram& h : plot.histograms) {
    xs.push_back(h.histogram.axis.low);
    xs.push_back(h.histogram.axis.high);
    for (const double share : h.histogram.share)
      ys.push_back(h.outline && tallest > 0 ? std::min(100 * share, 2 * tallest) : 100 * share);
  }
  if (plot.y_reaches > 0) ys.push_back(plot.y_reaches);
  Frame frame{
      62,
      34 + label_height * static_cast<double>(plot.histograms.empty() ? 0 : plot.histograms.size() + plot.marks.size()),
      plot.width - (plot.lines.empty() ? 16 : beside_lines),
      plot.height - 44,
      {},
      {}};
  frame.x = axis_for(xs, false, false, plot.log_x);
  frame.y = axis_for(ys, plot.y_from_zero && !plot.log_y, !plot.log_y, plot.log_y);
  return frame;
}

void draw_axes(const Plot& plot, const Frame& f, std::string& out) {
  const auto to = std::back_inserter(out);
  for (const double value : ticks(f.y, 5)) {
    const std::string y = pixels(f.at_y(value));
    fmt::format_to(to, "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>", pixels(f.left), pixels(f.right), y,
                   y);
    fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", pixels(f.left - 6),
                   pixels(f.at_y(value) + 4), number_text(value));
  }
  for (const double value : plot.x_ticks.empty() ? ticks(f.x, 6) : plot.x_ticks) {
    const std::string x = pixels(f.at_x(value));
    fmt::format_to(to, "<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>", x, x, pixels(f.bottom),
                   pixels(f.bottom + 5));
    fmt::format_to(to, "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", x, pixels(f.bottom + 18),
                   number_text(value));
  }
  fmt::format_to(to, "<path class=\"axis\" fill=\"none\" d=\"M{} {}V{}H{}\"/>", pixels(f.left), pixels(f.top),
                 pixels(f.bottom), pixels(f.right));
  fmt::format_to(to, "<text class=\"name\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                 pixels((f.left + f.right) / 2), pixels(plot.height - 8), escaped(plot.x_label));
  fmt::format_to(to, "<text class=\"name\" transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                 pixels((f.top + f.bottom) / 2), escaped(plot.y_label));
  fmt::format_to(to, "<text class=\"title\" x=\"{}\" y=\"18\">{}</text>", pixels(4), escaped(plot.title));
}

// Bands first: they must not hide lines.
void draw_band(const PlotLine& line, const Frame& f, std::string& out) {
  std::string upper, lower;
  for (const std::size_t i : drawn(line.x.size())) {
    if (!f.shows(line.x[i], line.low[i]) || !f.shows(line.x[i], line.high[i])) continue;
    const std::string x = pixels(f.at_x(line.x[i]));
    upper += fmt::format("{}{} {}", upper.empty() ? "M" : "L", x, pixels(f.at_y(line.high[i])));
    lower = fmt::format("L{} {}", x, pixels(f.at_y(line.low[i]))) + lower;
  }
  if (!upper.empty())
    fmt::format_to(std::back_inserter(out), "<path d=\"{}{}Z\" fill=\"{}\" opacity=\"0.18\"/>", upper, lower,
                   colour(line.style));
}

void draw_line(const PlotLine& line, const Frame& f, std::string& out) {
  const auto to = std::back_inserter(out);
  std::string path;
  bool down = false;  // the pen
  for (const std::size_t i : drawn(line.x.size())) {
    if (!f.shows(line.x[i], line.y[i])) {
      down = false;
      continue;
    }
    const std::string x = pixels(f.at_x(line.x[i])), y = pixels(f.at_y(line.y[i]));
    if (!line.error.empty() && f.shows(line.x[i], line.y[i] - line.error[i]) && std::isfinite(line.error[i]))
      fmt::format_to(to, "<path d=\"M{} {}V{}\" stroke=\"{}\" fill=\"none\"/>", x, pixels(f.at_y(line.y[i] - line.error[i])),
                     pixels(f.at_y(line.y[i] + line.error[i])), colour(line.style));
    if (line.points)
      fmt::format_to(to,
                     "<circle cx=\"{}\" cy=\"{}\" r=\"3\" fill=\"white\" stroke=\"{}\" stroke-width=\"1.5\"><title>{}, "
                     "{}</title></circle>",
                     x, y, colour(line.style), number_text(line.x[i]), number_text(line.y[i]));
    path += fmt::format("{}{} {}", down ? "L" : "M", x, y);
    down = true;
  }
  if (!line.points && !path.empty())
    fmt::format_to(to, "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>", path, colour(line.style),
                   dash(line.style));
}

// A label beside the last point of each line, moved apart where lines end close together.
void draw_line_labels(const Plot& plot, const Frame& f, std::string& out) {
  struct Label {
    double x, y;
    const PlotLine* line;
  };
  std::vector<Label> labels;
  for (const PlotLine& line : plot.lines)
    for (std::size_t i = line.y.size(); i-- > 0;)
      if (f.shows(line.x[i], line.y[i])) {
        labels.push_back({f.at_x(line.x[i]), f.at_y(line.y[i]), &line});
        break;
      }
  std::ranges::stable_sort(labels, {}, &Label::y);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i].y = std::max(labels[i].y, i == 0 ? f.top + 4 : labels[i - 1].y + label_height);
  for (std::size_t i = labels.size(); i-- > 0;)  // what was pushed beyond the lower end goes up again
    labels[i].y = std::min(labels[i].y, i + 1 == labels.size() ? f.bottom : labels[i + 1].y - label_height);
  for (const Label& label : labels) {
    const double x = f.right + 6;
    if (label.line->points)
      fmt::format_to(std::back_inserter(out),
                     "<circle cx=\"{}\" cy=\"{}\" r=\"3\" fill=\"white\" stroke=\"{}\" stroke-width=\"1.5\"/>",
                     pixels(x + 11), pixels(label.y), colour(label.line->style));
    else
      fmt::format_to(std::back_inserter(out), "<path d=\"M{} {}h22\" stroke=\"{}\" stroke-width=\"2\"{}/>", pixels(x),
                     pixels(label.y), colour(label.line->style), dash(label.line->style));
    fmt::format_to(std::back_inserter(out), "<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>", pixels(x + 26),
                   pixels(label.y + 4), escaped(shortened(label.line->label, most_letters)));
  }
}

std::string_view histogram_look(const PlotHistogram& h) {
  return h.outline ? "fill=\"none\" stroke=\"#D55E00\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\""
                   : "fill=\"#0072B2\" fill-opacity=\"0.45\" stroke=\"#0072B2\"";
}

void draw_histogram(const PlotHistogram& h, const Frame& f, std::string& out) {
  const Histogram& bins = h.histogram;
  std::string path = fmt::format("M{} {}", pixels(f.at_x(bins.edge(0))), pixels(f.bottom));
  for (std::size_t i = 0; i < bins.share.size(); ++i)
    path +=
        fmt::format("V{}H{}", pixels(std::max(f.at_y(100 * bins.share[i]), f.top - 4)), pixels(f.at_x(bins.edge(i + 1))));
  path += fmt::format("V{}", pixels(f.bottom));
  fmt::format_to(std::back_inserter(out), "<path d=\"{}\" {}><title>{}</title></path>", path, histogram_look(h),
                 escaped(h.label));
}

// Above the frame: inside they would hide bars.
void draw_histogram_labels(const Plot& plot, const Frame& f, std::string& out) {
  double y = 34;
  for (const PlotHistogram& h : plot.histograms) {
    const double peak = h.histogram.share.empty() ? 0 : 100 * std::ranges::max(h.histogram.share);
    const std::string cut = f.at_y(peak) < f.top - 1 ? fmt::format(", up to {} %", number_text(peak, 3)) : std::string();
    fmt::format_to(std::back_inserter(out), "<path d=\"M{} {}h18v8h-18z\" {}/>", pixels(f.left), pixels(y - 8),
                   histogram_look(h));
    fmt::format_to(std::back_inserter(out), "<text class=\"label\" x=\"{}\" y=\"{}\">{}{}</text>", pixels(f.left + 24),
                   pixels(y), escaped(h.label), cut);
    y += label_height;
  }
}

void draw_mark(const PlotMark& mark, const Frame& f, double y, std::string& out) {
  if (!(mark.x >= f.x.low && mark.x <= f.x.high)) return;
  const double x = f.at_x(mark.x);
  const bool right_half = f.x.fraction(mark.x) > 0.5;
  fmt::format_to(std::back_inserter(out),
                 "<line class=\"mark\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/><text class=\"label\" x=\"{}\" y=\"{}\" "
                 "text-anchor=\"{}\">{}</text>",
                 pixels(x), pixels(x), pixels(std::min(f.top, y - 9)), pixels(f.bottom), pixels(x + (right_half ? -5 : 5)),
                 pixels(y), right_half ? "end" : "start", escaped(mark.label));
}

}  // namespace

std::string svg(const Plot& plot) {
  const Frame f = frame_of(plot);
  std::string out =
      fmt::format("<svg class=\"plot{}\" viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title>",
                  plot.width < 500 ? " small" : "", pixels(plot.width), pixels(plot.height), escaped(plot.title));
  draw_axes(plot, f, out);
  for (const PlotHistogram& h : plot.histograms) draw_histogram(h, f, out);
  for (const PlotLine& line : plot.lines)
    if (!line.low.empty()) draw_band(line, f, out);
  for (const PlotLine& line : plot.lines) draw_line(line, f, out);
  // Above the bars of histograms, else inside.
  double y = plot.histograms.empty() ? f.top + 12 : f.top - 4 - label_height * (static_cast<double>(plot.marks.size()) - 1);
  for (const PlotMark& mark : plot.marks) {
    draw_mark(mark, f, y, out);
    y += label_height;
  }
  draw_line_labels(plot, f, out);
  draw_histogram_labels(plot, f, out);
  return out + "</svg>";
}

}  // namespace invado
