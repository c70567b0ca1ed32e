// Pictures in figures: pixels under a title with a bar of known length, and what their colours stand for.
#pragma once

#include <array>
#include <span>
#include <string>

#include "base/colours.h"
#include "report/projection.h"

namespace invado {

// `across`: what the width of the picture shows [um].
[[nodiscard]] std::string picture_svg(const std::string& title, const Picture& picture, std::span<const Rgb> palette,
                                      double across);

// `colour`: of 0 to 1; `ticks`: what stands at the left end, in the middle and at the right end.
[[nodiscard]] std::string colour_legend(const std::string& title, Rgb (*colour)(double),
                                        const std::array<std::string, 3>& ticks);

}  // namespace invado
