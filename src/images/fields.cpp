#include "images/fields.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "images/grey_image.h"

namespace invado {

std::string_view trimmed_text(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<std::string> Fields::find(std::string_view key) const {
  const auto found = std::ranges::find(all, key, &std::pair<std::string, std::string>::first);
  if (found == all.end()) return {};
  return found->second;
}

std::string Fields::need(std::string_view key) const {
  if (auto value = find(key)) return *value;
  throw ImageError(fmt::format("has no `{}` in its header", key));
}

Fields read_fields(std::string_view bytes, char separator) {
  constexpr std::size_t longest = 65536;
  Fields fields;
  for (std::size_t begin = 0; begin < std::min(bytes.size(), longest);) {
    const std::size_t end = bytes.substr(0, longest).find('\n', begin);
    if (end == std::string_view::npos) break;
    const std::string_view line = trimmed_text(bytes.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() && separator == ':') {
      fields.end = begin;
      return fields;
    }
    const std::size_t at = line.find(separator);
    if (at == std::string_view::npos || line.starts_with('#')) continue;
    fields.all.emplace_back(trimmed_text(line.substr(0, at)), trimmed_text(line.substr(at + 1)));
    if (separator == '=' && fields.all.back().first == "ElementDataFile") {
      fields.end = begin;
      return fields;
    }
  }
  throw ImageError("has a header that does not end");
}

std::vector<double> numbers_of(std::string_view text, std::string_view key) {
  std::vector<double> numbers;
  for (text = trimmed_text(text); !text.empty(); text = trimmed_text(text)) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || numbers.size() == 16)
      throw ImageError(fmt::format("has a `{}` that is no list of numbers", key));
    numbers.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return numbers;
}

std::int64_t whole_number(std::string_view text, std::string_view key, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
    throw ImageError(fmt::format("has a `{}` that is no whole number from {} to {}", key, low, high));
  return value;
}

std::vector<std::string> quoted_words(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = text.find('"'); begin != std::string_view::npos; begin = text.find('"', begin)) {
    const std::size_t end = text.find('"', begin + 1);
    if (end == std::string_view::npos) break;
    words.emplace_back(trimmed_text(text.substr(begin + 1, end - begin - 1)));
    begin = end + 1;
  }
  return words;
}

void check_channel(std::int64_t channel, std::int64_t channels) {
  if (channel < 0 || channel >= channels)
    throw ImageError(fmt::format("has no channel {} (it has {}, counted from 0)", channel, channels));
}

std::string one_channel(std::string pixels, std::size_t size, std::size_t channels, std::size_t channel) {
  if (channels == 1) return pixels;
  const std::size_t count = pixels.size() / size / channels;
  for (std::size_t i = 0; i < count; ++i)
    std::memmove(pixels.data() + i * size, pixels.data() + (i * channels + channel) * size, size);
  pixels.resize(count * size);
  return pixels;
}

}  // namespace invado
