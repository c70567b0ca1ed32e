// Compression as VTK and NRRD files want it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace invado {

// RFC 1950 (zlib) and RFC 1952 (gzip, without name and time); the same bytes give the same bytes.
[[nodiscard]] std::vector<std::byte> zlib_packed(std::span<const std::byte> plain);
[[nodiscard]] std::vector<std::byte> gzip_packed(std::span<const std::byte> plain);

}  // namespace invado
