// Ready-made experiments: an assay is a set of defaults below everything that the scenario says itself.
#pragma once

#include <array>
#include <deque>
#include <string_view>

#include "scenario/draft.h"
#include "scenario/yaml_tree.h"

namespace invado {

// The defaults of an assay for the types, populations and processes that the scenario has. `given`: the merged scenario.
[[nodiscard]] Node assay_defaults(const AssayDraft& assay, const Node& given, const Processes& processes,
                                  std::deque<Source>& sources, Problems& problems);

// Sections that only mean something in space.
inline constexpr std::array<std::string_view, 7> sections_of_space{"domain",      "matrix",          "fields",     "vessels",
                                                                   "vessel_wall", "secondary_sites", "circulation"};

// `assay: {kind: wells}` has no space: sections of space are reported.
void refuse_space_in_wells(Node& given, Problems& problems);

}  // namespace invado
