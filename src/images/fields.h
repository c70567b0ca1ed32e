// Headers of pictures: lines of `key: value` or `key = value`, and what their values may be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace invado {

struct Fields {
  std::vector<std::pair<std::string, std::string>> all;
  std::size_t end = 0;  // where the pixels begin

  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
  [[nodiscard]] std::string need(std::string_view key) const;  // ImageError when it is not there
};

// Up to an empty line (`:`), or up to the line `ElementDataFile = ...` (`=`). Lines without separator are left out. Throws
// ImageError when the header does not end within 64 KiB.
[[nodiscard]] Fields read_fields(std::string_view bytes, char separator);

[[nodiscard]] std::string_view trimmed_text(std::string_view text);
// Numbers between blanks; finite or not. ImageError for anything else, and beyond 16 of them.
[[nodiscard]] std::vector<double> numbers_of(std::string_view text, std::string_view key);
[[nodiscard]] std::int64_t whole_number(std::string_view text, std::string_view key, std::int64_t low, std::int64_t high);
// Words in double quotes.
[[nodiscard]] std::vector<std::string> quoted_words(std::string_view text);

void check_channel(std::int64_t channel, std::int64_t channels);
// One channel of pixels that hold several.
[[nodiscard]] std::string one_channel(std::string pixels, std::size_t size, std::size_t channels, std::size_t channel);

}  // namespace invado
