// Words of the language (design.md, section 4) that this version does not have: said so, instead of "unknown".
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace invado {

// Paths of keys, and of words as if they were keys; * stands for any one name.
inline constexpr std::array<std::string_view, 1> later_words{
    "population.*.place.snapshot",
};

[[nodiscard]] constexpr bool same_path(std::string_view path, std::string_view pattern) {
  while (!path.empty() && !pattern.empty()) {
    const std::size_t a = std::min(path.find('.'), path.size()), b = std::min(pattern.find('.'), pattern.size());
    if (pattern.substr(0, b) != "*" && pattern.substr(0, b) != path.substr(0, a)) return false;
    path.remove_prefix(std::min(a + 1, path.size()));
    pattern.remove_prefix(std::min(b + 1, pattern.size()));
  }
  return path.empty() && pattern.empty();
}

[[nodiscard]] constexpr bool comes_later(std::string_view path) {
  return std::ranges::any_of(later_words, [&](std::string_view pattern) { return same_path(path, pattern); });
}

}  // namespace invado
