// Colours that colour-blind people can tell apart, and that stay apart in grey print.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace invado {

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

// For lines and bars, in this order: Okabe & Ito 2008 ("Color universal design") without yellow, which white paper
// swallows. Every line also has a dash pattern and a label of its own.
inline constexpr std::array<std::string_view, 7> line_colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                              "#56B4E9", "#E69F00", "#000000"};
inline constexpr std::array<std::string_view, 7> line_dashes{"", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2"};

// Viridis (van der Walt & Smith 2015, matplotlib; CC0) at nine equal distances: perceptually uniform, dark to light,
// readable with every kind of colour blindness and in grey. Straight lines between are within 18/255 of the original.
[[nodiscard]] inline Rgb viridis(double fraction) {
  constexpr std::array<Rgb, 9> knots{{{0x44, 0x01, 0x54},
                                      {0x47, 0x2D, 0x7B},
                                      {0x3B, 0x52, 0x8B},
                                      {0x2C, 0x72, 0x8E},
                                      {0x21, 0x91, 0x8C},
                                      {0x28, 0xAE, 0x80},
                                      {0x5E, 0xC9, 0x62},
                                      {0xAD, 0xDC, 0x30},
                                      {0xFD, 0xE7, 0x25}}};
  const double at = (fraction > 0 ? std::min(fraction, 1.0) : 0.0) * 8;
  const auto below = std::min(static_cast<std::size_t>(at), std::size_t{7});
  const double share = at - static_cast<double>(below);
  const auto mix = [&](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + share * (static_cast<double>(b) - a)));
  };
  const Rgb &a = knots[below], &b = knots[below + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

// Vessels. Of a red that the colours of cells (viridis: purple, teal, yellow) do not have for any kind of colour blindness.
inline constexpr Rgb vessel_colour{0xB2, 0x18, 0x2B};

// Collagen: white where none is left, the more the browner, evenly in lightness.
[[nodiscard]] inline Rgb collagen(double fraction) {
  const double f = fraction > 0 ? std::min(fraction, 1.0) : 0.0;
  const auto mix = [&](double to) { return static_cast<std::uint8_t>(std::lround(255 + f * (to - 255))); };
  return {mix(196), mix(158), mix(104)};
}

}  // namespace invado
