// HDF5 behind one door: hdf5.cpp is the only file that includes hdf5.h.
//
// Written here: datasets without object times, compressed by us (shuffle + zlib format by libdeflate, chunks in parallel,
// the same bits for any thread count) and stored with H5Dwrite_chunk, so that any HDF5 reader opens them.
// HDF5 is called from one thread at a time.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/error.h"

namespace invado::hdf5 {

enum class Type { Int8, UInt8, Int32, Int64, UInt64, Float32, Float64 };

template <class T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, std::int8_t>)
    return Type::Int8;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return Type::UInt8;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return Type::Int32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return Type::Int64;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return Type::UInt64;
  else if constexpr (std::is_same_v<T, float>)
    return Type::Float32;
  else {
    static_assert(std::is_same_v<T, double>, "no HDF5 type for this");
    return Type::Float64;
  }
}

// Text is stored with fixed length in ASCII, lists as one-dimensional arrays.
using Attribute = std::variant<std::int64_t, std::uint64_t, double, std::string, std::vector<std::int64_t>,
                               std::vector<double>, std::vector<std::string>>;

using Shape = std::vector<std::uint64_t>;

// How many numbers an array of this shape has.
[[nodiscard]] inline std::size_t product(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

struct Layout {
  Type type;
  Shape shape;
};

// Chunks of about `target_bytes`. Grids (three axes and more): extents that divide the shape, the last axes kept whole
// first. Lists (one axis, or rows of a few numbers): equal numbers of rows; only there the last chunk may reach beyond
// the end. The numbers of a chunk follow one another, and it has whole rows of lists.
[[nodiscard]] Shape chunk_shape(const Shape& shape, std::size_t element_bytes,
                                std::size_t target_bytes = std::size_t{1} << 17);

// A file under construction. In memory (finish with image()), or on disk under a temporary name (finish with close());
// on disk the first failed call removes the file and leaves the program with code 74, because libhdf5 cannot survive it.
class Writer {
 public:
  [[nodiscard]] static Writer in_memory();
  [[nodiscard]] static Writer on_disk(const std::filesystem::path& temporary);
  Writer(Writer&&) noexcept;
  ~Writer();

  // Missing parent groups are created too. Members are listed in the order in which they were added.
  void group(const std::string& path);
  template <class T>
  void dataset(const std::string& path, std::span<const T> values, const Shape& shape) {
    INVADO_ENSURE(values.size() == product(shape));
    dataset<T>(path, shape, [values](std::size_t first, std::span<T> out) {
      std::ranges::copy(values.subspan(first, out.size()), out.begin());
    });
  }
  // The same where the numbers are made as they are written: make(first, out) gives those from number `first` on, a chunk of
  // them; several threads ask at once.
  template <class T, class Make>
  requires std::invocable<Make, std::size_t, std::span<T>>
  void dataset(const std::string& path, const Shape& shape, Make&& make) {
    write_dataset(path, type_of<T>(), shape, [&](std::size_t first, std::size_t count, std::byte* out) {
      make(first, std::span(reinterpret_cast<T*>(out), count));
    });
  }
  // The same for what is too large for memory: the first axis of `shape` counts parts, each of which is asked for in turn.
  template <class T, class Part>
  void dataset_by_parts(const std::string& path, const Shape& shape, Part&& part) {
    std::vector<T> values;
    write_parts(path, type_of<T>(), shape, [&](std::size_t index) {
      values = part(index);
      return std::as_bytes(std::span<const T>(values));
    });
  }
  void attribute(const std::string& object, const std::string& name, const Attribute& value);
  // `path` in this file stands for `object` in the file `file`, looked up relative to this file's directory.
  void external_link(const std::string& path, const std::string& file, const std::string& object);

  // The file, with room for `more` bytes behind it.
  [[nodiscard]] std::vector<std::byte> image(std::size_t more = 0);
  void close();

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  using Fill = std::function<void(std::size_t first, std::size_t count, std::byte* out)>;
  void write_dataset(const std::string& path, Type type, const Shape& shape, const Fill& fill);
  using Part = std::function<std::span<const std::byte>(std::size_t index)>;
  void write_parts(const std::string& path, Type type, const Shape& shape, const Part& part);

  std::unique_ptr<State> state_;
};

// A finished file. Failures are IoError with exit code 65 (66 when there is no such file).
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path);
  Reader(Reader&&) noexcept;
  ~Reader();

  [[nodiscard]] bool has(const std::string& path) const;
  [[nodiscard]] std::vector<std::string> members(const std::string& group) const;  // in order of creation where known
  [[nodiscard]] Shape shape(const std::string& dataset) const;
  [[nodiscard]] Layout layout(const std::string& dataset) const;
  // Values converted to T by HDF5.
  template <class T>
  [[nodiscard]] std::vector<T> read(const std::string& dataset) const {
    std::vector<T> values(element_count(dataset));
    read_into(dataset, type_of<T>(), values.data());
    return values;
  }
  [[nodiscard]] bool has_attribute(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::string text(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& object, const std::string& name) const;
  [[nodiscard]] double number(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::int64_t integer(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::uint64_t natural(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::vector<double> numbers(const std::string& object, const std::string& name) const;

 private:
  struct State;
  [[nodiscard]] std::size_t element_count(const std::string& dataset) const;
  void read_into(const std::string& dataset, Type type, void* values) const;

  std::unique_ptr<State> state_;
};

// "1.10.8"
[[nodiscard]] std::string library_version();

}  // namespace invado::hdf5
