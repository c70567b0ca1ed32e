#include "report/markup.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace invado {
namespace {

constexpr std::string_view unreadable = "\xEF\xBF\xBD";  // U+FFFD

// Bytes of the valid UTF-8 character at the beginning; 0: it is none, or one that XML 1.0 does not allow.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return (first >= 0x20 && first != 0x7F) || first == '\t' || first == '\n' ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || text.size() < length) return 0;
  std::uint32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool forbidden = (code >= 0x80 && code < 0xA0) || (code >= 0xD800 && code < 0xE000) || code == 0xFFFE ||
                         code == 0xFFFF || code > 0x10FFFF || (code >= 0x202A && code <= 0x202E) ||
                         (code >= 0x2066 && code <= 0x2069);  // the last two turn the direction of what follows
  return overlong || forbidden ? 0 : length;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      out += unreadable;
      text.remove_prefix(1);
      continue;
    }
    switch (text[0]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string time_text(double hours) {
  if (hours > 0 && hours < 1) return number_text(60 * hours) + " min";
  return number_text(hours) + " h" + (hours > 72 ? " (" + number_text(hours / 24, 3) + " d)" : "");
}

std::string with_error(double value, double error) {
  if (std::isnan(value) || std::isnan(error) || !(error > 0) || std::isinf(error)) return number_text(value);
  int behind = 1;
  double scale = 1;
  while (scale > error && behind < 12) scale /= 10, ++behind;
  for (scale = 10; scale <= error && behind > 0; scale *= 10) --behind;
  return fmt::format("{:.{}f} ± {:.{}f}", value, behind, error, behind);
}

std::string shortened(const std::string& name, std::size_t most) {
  if (name.size() <= most || std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return name;
  return name.substr(0, most - 1) + "…";
}

std::string pixels(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string series_cell(std::string_view column, std::string_view when, double value, double error) {
  return fmt::format("<td class=\"number\" data-column=\"{}\" data-row=\"{}\" data-value=\"{}\">{}</td>", escaped(column),
                     when, std::isnan(value) ? std::string() : fmt::format("{}", value), with_error(value, error));
}

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t there = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < there ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= there ? letters[group >> (18 - 6 * k) & 63u] : '=';
  }
  return out;
}

}  // namespace invado
