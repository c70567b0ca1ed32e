// Small pictures as PNG (ISO/IEC 15948): one byte per pixel, colours from a palette.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/colours.h"

namespace invado {

// `pixels`: width x height places in the palette (at most 256 colours), rows from the top.
[[nodiscard]] std::vector<std::byte> png_image(std::uint32_t width, std::uint32_t height,
                                               std::span<const std::uint8_t> pixels, std::span<const Rgb> palette);

}  // namespace invado
