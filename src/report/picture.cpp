#include "report/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/round_length.h"
#include "report/markup.h"
#include "report/png.h"

namespace invado {

Picture empty_picture(double across, double up, int most_across) {
  constexpr double most_up = 2000;
  const double per_um = std::min(most_across / across, most_up / up);
  const auto whole = [&](double length) {
    return static_cast<std::uint32_t>(std::max(1.0, std::ceil(length * per_um - 1e-9)));
  };
  Picture picture{whole(across), whole(up), {}};
  picture.pixels.assign(std::size_t{picture.width} * picture.height, 0);
  return picture;
}

std::string picture_svg(const std::string& title, const Picture& picture, std::span<const Rgb> palette, double across) {
  constexpr double place = 440, top = 24, highest = 880;
  const double width = std::min(place, highest * picture.width / picture.height);
  const double height = width * picture.height / picture.width, bar = round_length(0.25 * across);
  return fmt::format(
      "<svg class=\"picture\" viewBox=\"0 0 {11} {1}\" role=\"img\"><title>{2}</title><text class=\"title\" x=\"2\" "
      "y=\"16\">{2}</text><image x=\"0\" y=\"{3}\" width=\"{0}\" height=\"{4}\" "
      "href=\"data:image/png;base64,{5}\"/><rect "
      "x=\"0.5\" y=\"{3}\" width=\"{6}\" height=\"{4}\" fill=\"none\" stroke=\"#999\"/><path d=\"M10 {7}h{8}\" "
      "stroke=\"#000\" stroke-width=\"3\"/><text class=\"label\" x=\"10\" y=\"{9}\">{10} µm</text></svg>",
      pixels(width), pixels(top + height + 34), escaped(title), pixels(top), pixels(height),
      base64(png_image(picture.width, picture.height, picture.pixels, palette)), pixels(width - 1),
      pixels(top + height + 12), pixels(bar / across * width), pixels(top + height + 28), number_text(bar), pixels(place));
}

std::string colour_legend(const std::string& title, Rgb (*colour)(double), const std::array<std::string, 3>& ticks) {
  std::string legend = "<svg class=\"legend\" viewBox=\"0 0 340 58\" role=\"img\"><title>colours</title>";
  constexpr int pieces = 64;
  for (int i = 0; i < pieces; ++i) {
    const Rgb c = colour((i + 0.5) / pieces);
    fmt::format_to(std::back_inserter(legend),
                   "<rect x=\"{}\" y=\"20\" width=\"5.3\" height=\"14\" fill=\"#{:02x}{:02x}{:02x}\"/>",
                   pixels(10 + 5.0 * i), c.red, c.green, c.blue);
  }
  fmt::format_to(std::back_inserter(legend), "<text class=\"label\" x=\"10\" y=\"14\">{}</text>", escaped(title));
  constexpr std::array<const char*, 3> anchors{"start", "middle", "end"};
  for (std::size_t i = 0; i < 3; ++i)
    fmt::format_to(std::back_inserter(legend), "<text class=\"tick\" x=\"{}\" y=\"48\" text-anchor=\"{}\">{}</text>",
                   10 + 160 * i, anchors[i], escaped(ticks[i]));
  return legend + "</svg>";
}

std::string names_legend(const std::string& title, std::span<const std::string> names, std::span<const Rgb> colours) {
  constexpr int line = 18;
  std::string legend = fmt::format(
      "<svg class=\"legend\" viewBox=\"0 0 340 {}\" role=\"img\"><title>colours</title><text class=\"label\" x=\"10\" "
      "y=\"14\">{}</text>",
      22 + line * names.size(), escaped(title));
  for (std::size_t i = 0; i < names.size(); ++i)
    fmt::format_to(std::back_inserter(legend),
                   "<rect x=\"10\" y=\"{}\" width=\"14\" height=\"14\" fill=\"#{:02x}{:02x}{:02x}\"/>"
                   "<text class=\"label\" x=\"30\" y=\"{}\">{}</text>",
                   22 + line * i, colours[i].red, colours[i].green, colours[i].blue, 33 + line * i, escaped(names[i]));
  return legend + "</svg>";
}

}  // namespace invado
