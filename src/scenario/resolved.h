// The resolved copy of a scenario: every value in force with where it came from, and the content hash of it.
#pragma once

#include <string>

#include "scenario/draft.h"
#include "scenario/yaml_tree.h"

namespace invado {

struct Resolved {
  std::string yaml;  // loads again to the same run
  std::string
      canonical;  // path = value lines of everything that decides the run: no names of the scenario, no paths, no comments
};

// `given`: the merged document that the draft was read from.
[[nodiscard]] Resolved resolve(Draft& draft, const Processes& processes, const Node& given);

// 32 hexadecimal digits (XXH3, 128 bit) of a text.
[[nodiscard]] std::string content_hash(const std::string& text);

// A YAML scalar in double quotes.
[[nodiscard]] std::string yaml_quoted(std::string_view text);

}  // namespace invado
