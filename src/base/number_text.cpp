#include "base/number_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace invado {

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

}  // namespace invado
