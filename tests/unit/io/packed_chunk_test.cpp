// Chunks of a data set: what zlib (in libhdf5) makes of them is what went in, and bytes that look like chance are stored.
// Planted mistakes seen to fail: a stored block with the complement of its length wrong, or a byte too long; a checksum of
// what is deflated only; every plane stored, or none; those of chunks of doubles never looked at; the whole judged by its
// beginning.
#include "io/packed_chunk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <span>

#include "base/random.h"
#include "io/hdf5.h"
#include "made_up_world.h"

namespace {
using namespace invado;

// Numbers between 1 and 1.5: their two low bytes are chance, the third has 64 values, the fourth is always the same.
std::vector<float> measured(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(1 + uniform4({7}, 0, Purpose::Placement, static_cast<std::int64_t>(i))[0] / 2);
  return values;
}

template <class T>
std::vector<T> counted(std::size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T{3});
  return values;
}

template <class T>
std::vector<std::byte> packed(const std::vector<T>& values) {
  hdf5::ChunkPacker packer;
  const auto bytes = packer.pack(std::as_bytes(std::span(values)), sizeof(T));
  return {bytes.begin(), bytes.end()};
}

template <class T>
std::vector<T> through_a_file(const std::vector<T>& values) {
  const test::ScratchFolder folder;
  auto file = hdf5::Writer::in_memory();
  file.dataset<T>("/values", values, {values.size()});
  const auto image = file.image();
  std::ofstream(folder.path() / "f.h5", std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
  return hdf5::Reader(folder.path() / "f.h5").read<T>("/values");
}

}  // namespace

TEST_CASE("numbers come back, whatever their bytes look like") {
  for (const std::size_t count : {300u, 16384u, 32768u, 100003u}) {
    CAPTURE(count);
    const std::vector<float> floats = measured(count);
    CHECK(through_a_file(floats) == floats);
    const std::vector<double> doubles(floats.begin(), floats.end());
    CHECK(through_a_file(doubles) == doubles);
    std::vector<double> chance(count);  // 32 bits of chance in the middle of a mantissa, zeros below
    for (std::size_t i = 0; i < count; ++i)
      chance[i] = uniform4({8}, 0, Purpose::Placement, static_cast<std::int64_t>(i))[1];
    CHECK(through_a_file(chance) == chance);
    std::vector<std::uint8_t> low(4 * count);  // of which nothing is left to deflate
    std::ranges::transform(counted<std::uint64_t>(low.size()), low.begin(), [](std::uint64_t i) {
      return static_cast<std::uint8_t>(words4({9}, 0, Purpose::Placement, static_cast<std::int64_t>(i)).w0);
    });
    CHECK(through_a_file(low) == low);
    CHECK(through_a_file(counted<std::int64_t>(count)) == counted<std::int64_t>(count));
    CHECK(through_a_file(counted<std::int32_t>(count)) == counted<std::int32_t>(count));
  }
}

TEST_CASE("planes of bytes that look like chance are stored, others deflated") {
  constexpr std::size_t count = 70000;  // more than a stored block holds
  const std::vector<float> values = measured(count);
  const std::vector<std::byte> bytes = packed(values);
  // Of 4 bytes two are stored; of the third a quarter is saved, and all of the fourth.
  CHECK(bytes.size() > 2.7 * count);
  CHECK(bytes.size() < 2.8 * count);
  // Behind the header of the stream and that of a block lie the lowest bytes.
  bool as_they_are = true;
  for (std::size_t i = 0; i < 65535; ++i)
    as_they_are = as_they_are && bytes[2 + 5 + i] == std::as_bytes(std::span(values))[4 * i];
  CHECK(as_they_are);
  // Numbers that count up have every byte as often as any other.
  CHECK(packed(counted<std::int64_t>(16384)).size() < 16384 * 8 / 50);
  // Positions: chunks of doubles as a file has them. Of 8 bytes five are chance, and most of a sixth.
  std::vector<double> places(3 * hdf5::chunk_shape({100000, 3}, 8)[0]);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto u = uniform4({10}, 0, Purpose::Placement, static_cast<std::int64_t>(i));
    places[i] = 720 * (u[0] + 0x1p-32 * u[1]);
  }
  const std::vector<std::byte> positions = packed(places);
  CHECK(positions.size() < 0.86 * 8 * static_cast<double>(places.size()));
  CHECK(positions[2 + 5] == std::as_bytes(std::span(places))[0]);
  CHECK(positions[2 + 5 + 1] == std::as_bytes(std::span(places))[8]);
  CHECK(through_a_file(places) == places);
  // Half of a lattice is as it was at first.
  std::vector<float> half = values;
  std::fill(half.begin(), half.begin() + count / 2, 1.0F);
  CHECK(packed(half).size() < 1.5 * count);
  std::fill(half.begin(), half.end(), 1.0F);
  CHECK(packed(half).size() < count / 50);
}
