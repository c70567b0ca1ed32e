#include "report/markup.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
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

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  std::string plain;
  if (size >= 1e15 || (size > 0 && size < 1e-4)) {
    plain = fmt::format("{:.{}e}", size, digits - 1);
    const std::size_t e = plain.find('e');
    std::string mantissa = plain.substr(0, e);
    if (mantissa.find('.') != std::string::npos) {
      while (mantissa.ends_with('0')) mantissa.pop_back();
      if (mantissa.ends_with('.')) mantissa.pop_back();
    }
    const int power = std::stoi(plain.substr(e + 1));
    return fmt::format("{}{}·10{}", value < 0 ? "−" : "", mantissa, [&] {
      constexpr std::array<std::string_view, 10> raised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
      std::string text = power < 0 ? "⁻" : "";
      for (const char c : fmt::format("{}", std::abs(power))) text += raised[static_cast<std::size_t>(c - '0')];
      return text;
    }());
  }
  // Whole numbers are shown whole: 12 345 cells are not 12 340.
  if (size == std::floor(size)) {
    plain = fmt::format("{:.0f}", size);
  } else {
    int before = 0;
    for (double scale = 1; scale <= size; scale *= 10) ++before;
    int behind = digits - before;
    if (before == 0)
      for (double scale = 0.1; scale > size; scale /= 10) ++behind;
    plain = fmt::format("{:.{}f}", size, std::max(behind, 0));
    if (plain.find('.') != std::string::npos) {
      while (plain.ends_with('0')) plain.pop_back();
      if (plain.ends_with('.')) plain.pop_back();
    }
  }
  const std::size_t whole = std::min(plain.find('.'), plain.size());
  std::string out = value < 0 && plain != "0" ? "−" : "";
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i > 0 && i < whole && (whole - i) % 3 == 0 && whole > 4) out += "\u202F";
    out += plain[i];
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
