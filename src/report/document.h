// What all pages have in common: how they begin, how they look, where their sections are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace invado {

// How every report begins: only a file that begins so may be replaced by another report.
inline constexpr std::string_view report_beginning = "<!DOCTYPE html>\n<!-- invado report -->\n";

struct Section {
  std::string id, title, body;
};

[[nodiscard]] std::string paragraph(const std::string& markup);
// Plots with what is seen in them.
[[nodiscard]] std::string figure(const std::string& drawings, const std::string& caption);

// A whole page; `header`: markup under its name. `reloads`: once a minute.
[[nodiscard]] std::string document(std::string_view name, const std::string& header, const std::vector<Section>& sections,
                                   bool reloads);

}  // namespace invado
