// 128-bit checksums (XXH3 of the xxHash library): of states and of files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace invado {

// Fed piece by piece; how the bytes are cut into pieces does not matter.
class Checksum {
 public:
  Checksum();
  Checksum(const Checksum& other);
  Checksum& operator=(const Checksum& other);
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  ~Checksum();

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text.data(), text.size()))); }

  // 32 hexadecimal digits of what was fed so far, as the program xxh128sum prints them.
  [[nodiscard]] std::string hex() const;
  // The same 16 bytes in that order.
  [[nodiscard]] std::array<std::byte, 16> bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace invado
