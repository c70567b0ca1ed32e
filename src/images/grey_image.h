// A picture of one channel in two or three dimensions, as it was stored.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/vec3.h"

namespace invado {

enum class PixelType : std::uint8_t { Int8, Uint8, Int16, Uint16, Int32, Uint32, Float, Double };
struct PixelTypeInfo {
  std::string_view word;  // as NRRD names it
  std::size_t bytes;
  double low, high;  // of integers: what the type can hold; else 0
};
inline constexpr std::array<PixelTypeInfo, 8> pixel_types{{{"int8", 1, -128, 127},
                                                           {"uint8", 1, 0, 255},
                                                           {"int16", 2, -32768, 32767},
                                                           {"uint16", 2, 0, 65535},
                                                           {"int32", 4, -2147483648.0, 2147483647.0},
                                                           {"uint32", 4, 0, 4294967295.0},
                                                           {"float", 4, 0, 0},
                                                           {"double", 8, 0, 0}}};

static_assert(std::endian::native == std::endian::little, "pixels are kept in the order of the machine");

struct GreyImage {
  std::array<std::int64_t, 3> shape{0, 0, 0};  // columns, rows, slices; columns run fastest
  Vec3 spacing;                                // edges of a pixel [um]; 0: the file does not say
  PixelType type = PixelType::Uint8;
  std::string pixels;  // little-endian

  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(shape[0] * shape[1] * shape[2]); }
  [[nodiscard]] const PixelTypeInfo& type_info() const { return pixel_types[static_cast<std::size_t>(type)]; }
  [[nodiscard]] double grey(std::size_t pixel) const {
    const auto read = [&]<class T>(T value) {
      std::memcpy(&value, pixels.data() + pixel * sizeof(T), sizeof(T));
      return static_cast<double>(value);
    };
    switch (type) {
      case PixelType::Int8: return read(std::int8_t{});
      case PixelType::Uint8: return read(std::uint8_t{});
      case PixelType::Int16: return read(std::int16_t{});
      case PixelType::Uint16: return read(std::uint16_t{});
      case PixelType::Int32: return read(std::int32_t{});
      case PixelType::Uint32: return read(std::uint32_t{});
      case PixelType::Float: return read(float{});
      case PixelType::Double: return read(double{});
    }
    return 0;
  }
};

// What is wrong with a picture, for the user.
struct ImageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct ImageMemoryError : ImageError {
  using ImageError::ImageError;
};

inline constexpr std::int64_t most_pixels = std::int64_t{1} << 28;
inline constexpr std::size_t longest_image = std::size_t{1} << 30;  // of a file [bytes]

// Throws ImageError unless the sizes are those of a picture that is not too large.
void check_shape(const std::array<std::int64_t, 3>& shape);

}  // namespace invado
