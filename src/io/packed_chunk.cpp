#include "io/packed_chunk.h"

#include <libdeflate.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/error.h"

namespace invado::hdf5 {
namespace {

// Byte `byte` of each number. Number: an unsigned integer as large as one, so that the loop vectorises.
template <class Number>
void take_planes(std::span<const std::byte> plain, std::byte* out) {
  static_assert(std::endian::native == std::endian::little);
  const std::size_t count = plain.size() / sizeof(Number);
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte, out += count)
    for (std::size_t i = 0; i < count; ++i) {
      Number value;
      std::memcpy(&value, plain.data() + i * sizeof value, sizeof value);
      out[i] = static_cast<std::byte>(value >> (8 * byte));
    }
}

void shuffle(std::span<const std::byte> plain, std::size_t element, std::byte* out) {
  switch (element) {
    case 1: return take_planes<std::uint8_t>(plain, out);
    case 2: return take_planes<std::uint16_t>(plain, out);
    case 4: return take_planes<std::uint32_t>(plain, out);
    case 8: return take_planes<std::uint64_t>(plain, out);
    default: INVADO_ENSURE(false);
  }
}

constexpr std::size_t most_stored = 65535;  // bytes of a stored block: RFC 1951, 3.2.4
constexpr std::size_t stored_header = 5;

// Blocks of bytes as they are, none of them the last one of the stream.
std::byte* store(std::span<const std::byte> bytes, std::byte* out) {
  while (!bytes.empty()) {
    const auto length = static_cast<std::uint16_t>(std::min(bytes.size(), most_stored));
    const auto complement = static_cast<std::uint16_t>(~length);
    *out++ = std::byte{0};
    std::memcpy(out, &length, sizeof length);
    std::memcpy(out + 2, &complement, sizeof complement);
    std::memcpy(out + 4, bytes.data(), length);
    out += 4 + length;
    bytes = bytes.subspan(length);
  }
  return out;
}

}  // namespace

struct ChunkPacker::Deflate {
  std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> tool{libdeflate_alloc_compressor(level),
                                                                                     libdeflate_free_compressor};
  std::size_t operator()(std::span<const std::byte> in, std::span<std::byte> out) const {
    return libdeflate_deflate_compress(tool.get(), in.data(), in.size(), out.data(), out.size());
  }
  [[nodiscard]] std::size_t most(std::size_t bytes) const { return libdeflate_deflate_compress_bound(tool.get(), bytes); }
};

ChunkPacker::ChunkPacker() : deflate_(std::make_unique<Deflate>()) { INVADO_ENSURE(deflate_->tool != nullptr); }
ChunkPacker::~ChunkPacker() = default;

// Whether a sixteenth of the bytes, taken as runs from all over, cannot be made a tenth smaller. Runs, so that bytes that
// count up are found out, each of which is as frequent as the others.
bool ChunkPacker::looks_like_chance(std::span<const std::byte> plane) {
  constexpr std::size_t run = 256, one_of = 16, least = 3 * run * one_of;
  if (plane.size() < least) return false;
  sample_.clear();
  for (std::size_t at = 0; at + run <= plane.size(); at += one_of * run)
    sample_.insert(sample_.end(), plane.begin() + static_cast<std::ptrdiff_t>(at),
                   plane.begin() + static_cast<std::ptrdiff_t>(at + run));
  // 0: does not fit into what it may take.
  packed_.resize(std::max(packed_.size(), sample_.size()));
  return (*deflate_)(sample_, std::span(packed_).first(sample_.size() - sample_.size() / 10)) == 0;
}

std::span<const std::byte> ChunkPacker::pack(std::span<const std::byte> plain, std::size_t element) {
  const std::size_t plane = plain.size() / element;
  INVADO_ENSURE(plane * element == plain.size());
  shuffled_.resize(plain.size());
  shuffle(plain, element, shuffled_.data());
  const std::span<const std::byte> all(shuffled_);
  std::size_t stored = 0;
  while (stored < all.size() && looks_like_chance(all.subspan(stored, plane))) stored += plane;

  constexpr std::size_t zlib_header = 2, zlib_end = 4;
  packed_.resize(zlib_header + all.size() + stored_header * (all.size() / most_stored + 1) +
                 deflate_->most(all.size() - stored) + zlib_end);
  packed_[0] = std::byte{0x78};  // deflate, window of 32 KiB
  packed_[1] = std::byte{0x01};  // quickest; makes the header a multiple of 31
  std::byte* out = store(all.first(stored), packed_.data() + zlib_header);
  const std::size_t deflated = (*deflate_)(all.subspan(stored), std::span(out, packed_.data() + packed_.size() - zlib_end));
  INVADO_ENSURE(deflated > 0);
  out += deflated;
  const std::uint32_t sum = libdeflate_adler32(1, all.data(), all.size());
  for (int byte = 3; byte >= 0; --byte) *out++ = static_cast<std::byte>(sum >> (8 * byte));
  return std::span(packed_).first(static_cast<std::size_t>(out - packed_.data()));
}

}  // namespace invado::hdf5
