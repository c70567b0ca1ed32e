// Ready-made experiments: an assay is a set of defaults below everything that the scenario says itself.
#pragma once

#include <deque>

#include "scenario/draft.h"
#include "scenario/yaml_tree.h"

namespace invado {

// The defaults of an assay for the types, populations and processes that the scenario has. `given`: the merged scenario.
[[nodiscard]] Node assay_defaults(const AssayDraft& assay, const Node& given, const Processes& processes,
                                  std::deque<Source>& sources, Problems& problems);

// `assay: {kind: wells}` has no space: sections that only mean something in space are reported.
void refuse_space_in_wells(Node& given, Problems& problems);

}  // namespace invado
