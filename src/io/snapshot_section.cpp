#include "io/snapshot_section.h"

#include <algorithm>
#include <array>

#include "model/matrix.h"

namespace invado {

LatticeSection section_of(const LatticeAt& density, const LatticeAt& tissue, int axis, double at) {
  LatticeSection section;
  section.axis = axis;
  section.u = axis == 0 ? 1 : 0;
  section.v = axis == 2 ? 1 : 2;
  section.at = at;
  if (density.values.empty()) return section;
  const auto& n = density.shape;
  const auto extent = [&](int k) { return static_cast<std::size_t>(n[static_cast<std::size_t>(k)]); };
  section.origin = density.origin;
  section.spacing = density.spacing;
  section.across = extent(section.u);
  section.down = extent(section.v);
  const double last = static_cast<double>(extent(axis) - 1);
  const double place = std::clamp((at - density.origin[axis]) / density.spacing[axis], 0.0, last);
  const auto below = static_cast<std::size_t>(place), above = std::min(below + 1, extent(axis) - 1);
  const auto share = static_cast<float>(place - static_cast<double>(below));
  const std::array<std::size_t, 3> stride{1, extent(0), extent(0) * extent(1)};
  const auto step = [&](int k) { return stride[static_cast<std::size_t>(k)]; };
  for (std::size_t v = 0; v < section.down; ++v)
    for (std::size_t u = 0; u < section.across; ++u) {
      const std::size_t row = u * step(section.u) + v * step(section.v);
      const float a = density.values[row + below * step(axis)], b = density.values[row + above * step(axis)];
      section.values.push_back(a + share * (b - a));
      if (tissue.values.size() != density.values.size()) continue;
      const auto meets = [&](Tissue kind) {
        const auto is = [&](std::size_t layer) {
          return tissue.values[row + layer * step(axis)] == static_cast<float>(kind);
        };
        return is(below) || (share > 0 && is(above));
      };
      section.vessel.push_back(meets(Tissue::VesselWall));
      section.membrane.push_back(meets(Tissue::Membrane));
    }
  return section;
}

}  // namespace invado
