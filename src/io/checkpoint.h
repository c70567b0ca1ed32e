// Checkpoints: everything that a run needs to go on exactly, in one flat file.
//
//   magic "INVADOCP", format version (u32), byte order mark 0x01020304 (u32), length of the file (u64)
//   records: length of the name (u32), element type (u32), number of elements (u64), name, elements; name and elements
//            are filled up with zeros to whole 8 bytes
//   XXH3 of all bytes before (16 bytes)
//
// Names are unique; what a reader does not know, and what it misses, are errors. Elements are little-endian. The file is
// checked as a whole before a single record is believed, and no count is believed beyond the bytes that are there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/world.h"

namespace invado {

inline constexpr std::uint32_t checkpoint_format_version = 2;

class CheckpointWriter {
 public:
  // Numbers and texts are copied; of vectors only the address is kept, so they must live until write().
  void text(const std::string& name, std::string_view value);
  template <class T>
  requires std::is_arithmetic_v<T>
  void add(const std::string& name, const T& value) { add_copy(name, sizeof(T), std::as_bytes(std::span(&value, 1))); }
  template <class T>
  void add(const std::string& name, const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    records_.push_back({name, sizeof(T), values.size(), std::as_bytes(std::span(values))});
  }
  template <class T>
  void add(const std::string& name, const Foldable<T>& values) {
    records_.push_back({name, sizeof(T), values.size(), std::as_bytes(values.kept())});
  }

  [[nodiscard]] std::uint64_t bytes() const;
  // The whole file, complete or not there.
  void write(const std::filesystem::path& target) const;

 private:
  struct Record {
    std::string name;
    std::uint32_t element_bytes;
    std::uint64_t count;
    std::span<const std::byte> data;  // of all elements, or of one that is repeated
    [[nodiscard]] std::uint64_t bytes() const { return count * element_bytes; }
  };
  void add_copy(const std::string& name, std::uint32_t element_bytes, std::span<const std::byte> bytes);

  std::vector<Record> records_;
  std::vector<std::unique_ptr<std::byte[]>> copies_;
};

// Opens and checks the whole file. Everything that is wrong is IoError with exit code 65 (66: not there).
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::filesystem::path& file);
  CheckpointReader(CheckpointReader&& other) noexcept;
  ~CheckpointReader();

  [[nodiscard]] std::string text(const std::string& name);
  template <class T>
  requires std::is_arithmetic_v<T>
  void read(const std::string& name, T& value) {
    const Record& record = take(name, sizeof(T));
    expect_count(name, record.count, 1);
    read_bytes(record, std::as_writable_bytes(std::span(&value, 1)));
  }
  template <class T>
  void read(const std::string& name, std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    const Record& record = take(name, sizeof(T));
    values.resize(record.count);
    read_bytes(record, std::as_writable_bytes(std::span(values)));
  }
  template <class T>
  void read(const std::string& name, Foldable<T>& values) {
    const Record& record = take(name, sizeof(T));
    values.resize(record.count);
    read_bytes(record, std::as_writable_bytes(std::span(values.data(), values.size())));
    values.fold();
  }
  // All records were read; else the first one that was not is an error.
  void expect_all_read() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct Record {
    std::uint64_t element_bytes = 0, count = 0, offset = 0;
    bool read = false;
  };
  CheckpointReader(std::filesystem::path file, int descriptor) : path_(std::move(file)), descriptor_(descriptor) {}
  const Record& take(const std::string& name, std::uint64_t element_bytes);
  void expect_count(const std::string& name, std::uint64_t count, std::uint64_t wanted) const;
  void read_bytes(const Record& record, std::span<std::byte> bytes) const;
  void read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::map<std::string, Record> records_;
};

// The World: state only; the rest is the scenario's. Reading takes a World made of the same scenario, without cells, and
// refuses (65) what does not fit it: grids of another size, columns of unequal length, another tick or seed.
void add_state(CheckpointWriter& writer, const World& world);
void read_state(CheckpointReader& reader, World& world);

}  // namespace invado
