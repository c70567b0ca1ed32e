// Cells that touch no other one: they have left the mass, or never had one.
#pragma once

#include <span>
#include <vector>

#include "render/framing.h"

namespace invado {

// By the rule of series.csv (analysis/clusters.h), but not across periodic faces, at which a picture ends.
[[nodiscard]] std::vector<bool> alone_among(std::span<const Sphere> cells);

}  // namespace invado
