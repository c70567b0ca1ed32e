#include "report/png.h"

#include <libdeflate.h>

#include <memory>
#include <string_view>

#include "base/error.h"

namespace invado {
namespace {

void put_number(std::vector<std::byte>& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(number >> shift & 0xFFu));
}

void put_chunk(std::vector<std::byte>& out, std::string_view name, std::span<const std::byte> data) {
  put_number(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t checked_from = out.size();
  for (const char c : name) out.push_back(static_cast<std::byte>(c));
  out.insert(out.end(), data.begin(), data.end());
  put_number(out, libdeflate_crc32(0, out.data() + checked_from, out.size() - checked_from));
}

}  // namespace

std::vector<std::byte> png_image(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> pixels,
                                 std::span<const Rgb> palette) {
  INVADO_ENSURE(pixels.size() == std::size_t{width} * height && width > 0 && height > 0);
  INVADO_ENSURE(!palette.empty() && palette.size() <= 256);
  std::vector<std::byte> out;
  for (const unsigned byte : {0x89u, 0x50u, 0x4Eu, 0x47u, 0x0Du, 0x0Au, 0x1Au, 0x0Au})
    out.push_back(static_cast<std::byte>(byte));

  std::vector<std::byte> header;
  put_number(header, width);
  put_number(header, height);
  for (const unsigned byte : {8u, 3u, 0u, 0u, 0u}) header.push_back(static_cast<std::byte>(byte));  // 8 bits, palette
  put_chunk(out, "IHDR", header);

  std::vector<std::byte> colours;
  for (const Rgb& c : palette)
    for (const std::uint8_t part : {c.red, c.green, c.blue}) colours.push_back(static_cast<std::byte>(part));
  put_chunk(out, "PLTE", colours);

  // Each row behind its filter type, 0: neighbouring places of a palette say nothing about one another.
  std::vector<std::byte> rows;
  rows.reserve((std::size_t{width} + 1) * height);
  for (std::size_t row = 0; row < height; ++row) {
    rows.push_back(std::byte{0});
    for (const std::uint8_t pixel : pixels.subspan(row * width, width)) rows.push_back(static_cast<std::byte>(pixel));
  }
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(9), &libdeflate_free_compressor);
  INVADO_ENSURE(compressor != nullptr);
  std::vector<std::byte> packed(libdeflate_zlib_compress_bound(compressor.get(), rows.size()));
  packed.resize(libdeflate_zlib_compress(compressor.get(), rows.data(), rows.size(), packed.data(), packed.size()));
  INVADO_ENSURE(!packed.empty());
  put_chunk(out, "IDAT", packed);
  put_chunk(out, "IEND", {});
  return out;
}

}  // namespace invado
