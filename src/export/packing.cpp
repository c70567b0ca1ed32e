#include "export/packing.h"

#include <libdeflate.h>

#include <memory>

#include "base/error.h"

namespace invado {
namespace {

template <class Bound, class Pack>
std::vector<std::byte> packed(std::span<const std::byte> plain, Bound bound, Pack pack) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(4), &libdeflate_free_compressor);
  INVADO_ENSURE(compressor != nullptr);
  std::vector<std::byte> out(bound(compressor.get(), plain.size()));
  out.resize(pack(compressor.get(), plain.data(), plain.size(), out.data(), out.size()));
  INVADO_ENSURE(!out.empty());
  return out;
}

}  // namespace

std::vector<std::byte> zlib_packed(std::span<const std::byte> plain) {
  return packed(plain, libdeflate_zlib_compress_bound, libdeflate_zlib_compress);
}

std::vector<std::byte> gzip_packed(std::span<const std::byte> plain) {
  return packed(plain, libdeflate_gzip_compress_bound, libdeflate_gzip_compress);
}

}  // namespace invado
