#include "scenario/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace invado {
namespace {

// Length of the valid UTF-8 sequence at the beginning of `text`, or 0.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0u) == 0x80u; };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool above = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || above ? 0 : 4;
  }
  return 0;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string out;
  while (!text.empty()) {
    if (out.size() >= longest) return out + "...";
    const std::size_t length = sequence_length(text);
    const auto lead = static_cast<std::uint8_t>(text[0]);
    // C1 controls (U+0080..U+009F), invisible characters and bidirectional overrides (U+200B..F, U+2028..E, U+2060..F,
    // U+FEFF) can steer a terminal or deceive a reader.
    const bool c1 = length == 2 && lead == 0xC2 && static_cast<std::uint8_t>(text[1]) < 0xA0;
    const std::string_view head = text.substr(0, length);
    const bool hidden = length == 3 && ((head >= "\u200B" && head <= "\u200F") || (head >= "\u2028" && head <= "\u202E") ||
                                        (head >= "\u2060" && head <= "\u206F") || head == "\uFEFF");
    if (length == 0 || c1 || hidden || lead < 0x20 || lead == 0x7F) {
      const std::size_t bytes = length == 0 ? 1 : length;
      for (std::size_t i = 0; i < bytes; ++i) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[i]));
      text.remove_prefix(bytes);
    } else {
      out += head;
      text.remove_prefix(length);
    }
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string nearest_word(std::string_view text, std::span<const std::string> candidates) {
  if (text.size() > 100) return {};
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const std::string& candidate : candidates)
    if (std::ranges::equal(text, candidate, {}, lower, lower)) return candidate;
  const std::size_t near = text.size() <= 3 ? 1 : std::max<std::size_t>(2, text.size() / 3);
  std::string best;
  std::size_t best_distance = near + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > text.size() + near || text.size() > candidate.size() + near) continue;
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  if (!best.empty() || text.size() < 3) return best;
  // A beginning, such as akt_inhib, of one word alone.
  const auto begins = [&](const std::string& candidate) { return candidate.starts_with(text); };
  const auto first = std::ranges::find_if(candidates, begins);
  return first != candidates.end() && std::ranges::count_if(candidates, begins) == 1 ? *first : std::string();
}

std::string explain(std::string_view what, std::string_view got, std::string_view allowed, std::string_view suggestion) {
  std::string inside;
  if (!got.empty()) inside += fmt::format("got '{}'", printable(got));
  if (!allowed.empty()) inside += fmt::format("{}allowed {}", inside.empty() ? "" : ", ", allowed);
  if (!suggestion.empty()) inside += fmt::format("{}did you mean '{}'?", inside.empty() ? "" : "; ", printable(suggestion));
  return inside.empty() ? std::string(what) : fmt::format("{} ({})", what, inside);
}

std::string comma_list(std::span<const std::string> words) {
  constexpr std::size_t most = 30;
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < most; ++i) out += (i == 0 ? "" : ", ") + printable(words[i]);
  if (words.size() > most) out += fmt::format(" and {} more", words.size() - most);
  return out;
}

std::string shortest(double x) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, x == 0 ? 0.0 : x);
  return std::string(buffer, error == std::errc() ? end : buffer);
}

std::string control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) return fmt::format("\\x{:02x}", byte);
    const auto next = i + 1 < text.size() ? static_cast<std::uint8_t>(text[i + 1]) : std::uint8_t{0};
    if (byte == 0xC2 && next >= 0x80 && next < 0xA0) return fmt::format("\\u00{:02x}", next);
  }
  return {};
}

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_name(std::string_view name, std::size_t longest, std::string_view others) {
  const auto rest = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || others.find(c) != others.npos; };
  return !name.empty() && name.size() <= longest && is_letter(name[0]) && std::ranges::all_of(name, rest);
}

}  // namespace

bool is_plain_name(std::string_view name) { return is_name(name, 64, "-"); }

bool is_ascii_name(std::string_view name) { return is_name(name, 200, "-.*"); }

std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace invado
