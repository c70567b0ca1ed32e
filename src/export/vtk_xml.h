// VTK's XML files (ImageData, PolyData) with appended, zlib-compressed arrays, as "VTK File Formats" describes them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace invado {

// What every file that this program exports says near its beginning or end: only such a file may be replaced by another.
inline constexpr std::string_view export_mark = "invado export";

class VtkXml {
 public:
  // Adds an array; returns the element that stands for it in the body.
  template <class T>
  [[nodiscard]] std::string array(std::string_view name, std::size_t components, std::span<const T> values) {
    return add(type_name(T{}), name, components, std::as_bytes(values));
  }
  // The whole file: `body` is what <VTKFile type="TYPE"> holds.
  [[nodiscard]] std::string file(std::string_view type, std::string_view body) const;

 private:
  static std::string_view type_name(float) { return "Float32"; }
  static std::string_view type_name(double) { return "Float64"; }
  static std::string_view type_name(std::uint8_t) { return "UInt8"; }
  static std::string_view type_name(std::int64_t) { return "Int64"; }
  std::string add(std::string_view type, std::string_view name, std::size_t components, std::span<const std::byte> bytes);

  std::string appended_;
};

// Text as the value of an attribute.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace invado
