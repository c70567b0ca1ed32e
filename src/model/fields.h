// Soluble factors on the factor grid. What a field is and how it behaves at the boundary; the solver is in transport/.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/grid.h"

namespace invado {

// Factors that the model gives a meaning to; a scenario may have others.
inline constexpr std::array<std::string_view, 6> known_factors{"mmp", "tgfb", "egf", "cxcl12", "vegf", "oxygen"};

// One face of the box.
struct FieldFace {
  enum class Kind { Closed, Held };  // no flux | held at `value`
  Kind kind = Kind::Closed;
  double value = 0;
};

enum class FieldSolver { Transient, Steady, Automatic };

struct Field {
  std::string name;
  bool is_pressure = false;  // oxygen: mmHg; all others dimensionless (1 = EC50)
  double diffusion = 0;      // D [um^2/min]
  double decay = 0;          // k [1/min]
  double initial = 0;
  bool frozen = false;     // keeps its initial values: no solve, no exchange
  int gradient_axis = -1;  // 0, 1, 2: linear initial profile along this axis; -1: uniform
  double gradient_low = 0, gradient_high = 0;
  std::array<std::array<FieldFace, 2>, 3> face;  // [axis][low, high]
  std::array<bool, 3> periodic{false, false, false};
  FieldSolver solver = FieldSolver::Automatic;

  std::vector<double> value;  // one per voxel of Site::factor_grid

  // Ledger since t = 0, in amount (value x um^3): what came and went. Closes to 1e-12 of the turnover.
  double amount_start = 0, secreted = 0, taken_up = 0, decayed = 0, through_boundary = 0;
};

// The field of that name, or null.
[[nodiscard]] inline const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields)
    if (field.name == name) return &field;
  return nullptr;
}

}  // namespace invado
