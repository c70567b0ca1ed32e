// The space of a site as a scenario describes it: shapes, box, matrix, soluble factors, vessels.
#pragma once

#include <span>
#include <string_view>

#include "scenario/draft.h"

namespace invado {

// sphere | shell | box | slab | cylinder, and for places points and `more`.
void describe_shape(ParamVisitor& v, std::string_view key, ShapeDraft& shape, bool with_points, std::string_view meaning,
                    std::span<const Form> more = {});

// The sections of a site: domain, matrix, fields, vessels, vessel_wall.
void describe_space(ParamVisitor& v, SpaceDraft& space);

}  // namespace invado
