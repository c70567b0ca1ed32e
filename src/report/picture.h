// Pictures in figures: pixels under a title with a bar of known length, and what their colours stand for.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/colours.h"

namespace invado {

struct Picture {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // places in a palette, rows from the top
  [[nodiscard]] std::uint8_t& at(std::size_t row, std::size_t column) { return pixels[row * width + column]; }
};

// For something `across` wide and `up` high [um]: `most_across` pixels wide, or as many as leave it no more than 2000 high.
[[nodiscard]] Picture empty_picture(double across, double up, int most_across);

// `across`: what the width of the picture shows [um].
[[nodiscard]] std::string picture_svg(const std::string& title, const Picture& picture, std::span<const Rgb> palette,
                                      double across);

// `colour`: of 0 to 1; `ticks`: what stands at the left end, in the middle and at the right end.
[[nodiscard]] std::string colour_legend(const std::string& title, Rgb (*colour)(double),
                                        const std::array<std::string, 3>& ticks);
// Of colours that stand for names, one below the other.
[[nodiscard]] std::string names_legend(const std::string& title, std::span<const std::string> names,
                                       std::span<const Rgb> colours);

}  // namespace invado
