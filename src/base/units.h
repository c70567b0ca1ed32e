// Units: what a number means. Inside the program lengths are um, times min (signalling rates 1/h), oxygen mmHg.
// Conversions happen once, at the border, by this table.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace invado {

// Units in which parameters and columns are declared.
enum class Unit {
  One,  // dimensionless
  Um,
  Um2,
  Um3,
  Min,
  Hour,
  PerMin,
  PerHour,
  UmPerMin,
  UmPerHour,
  Um2PerMin,
  Um3PerMin,
  MgPerMl,
  MmHg,
  KPa,
};

// Exponents of length, time, mass concentration and pressure.
struct Dimension {
  int length = 0, time = 0, concentration = 0, pressure = 0;
  friend bool operator==(const Dimension&, const Dimension&) = default;
};

struct NamedUnit {
  std::string_view symbol;
  Dimension dimension;
  double factor;  // how many um^a min^b (mg/ml)^c mmHg^d one of it is
};

// Every unit symbol that a scenario may write.
inline constexpr std::array named_units{
    NamedUnit{"", {}, 1},
    NamedUnit{"um", {1, 0, 0, 0}, 1},
    NamedUnit{"nm", {1, 0, 0, 0}, 1e-3},
    NamedUnit{"mm", {1, 0, 0, 0}, 1e3},
    NamedUnit{"um^2", {2, 0, 0, 0}, 1},
    NamedUnit{"mm^2", {2, 0, 0, 0}, 1e6},
    NamedUnit{"um^3", {3, 0, 0, 0}, 1},
    NamedUnit{"s", {0, 1, 0, 0}, 1.0 / 60},
    NamedUnit{"min", {0, 1, 0, 0}, 1},
    NamedUnit{"h", {0, 1, 0, 0}, 60},
    NamedUnit{"d", {0, 1, 0, 0}, 1440},
    NamedUnit{"1/s", {0, -1, 0, 0}, 60},
    NamedUnit{"1/min", {0, -1, 0, 0}, 1},
    NamedUnit{"1/h", {0, -1, 0, 0}, 1.0 / 60},
    NamedUnit{"1/d", {0, -1, 0, 0}, 1.0 / 1440},
    NamedUnit{"um/min", {1, -1, 0, 0}, 1},
    NamedUnit{"um/h", {1, -1, 0, 0}, 1.0 / 60},
    NamedUnit{"um/s", {1, -1, 0, 0}, 60},
    NamedUnit{"um/d", {1, -1, 0, 0}, 1.0 / 1440},
    NamedUnit{"um^2/min", {2, -1, 0, 0}, 1},
    NamedUnit{"um^2/s", {2, -1, 0, 0}, 60},
    NamedUnit{"um^2/h", {2, -1, 0, 0}, 1.0 / 60},
    NamedUnit{"cm^2/s", {2, -1, 0, 0}, 6e9},
    NamedUnit{"um^3/min", {3, -1, 0, 0}, 1},
    NamedUnit{"um^3/h", {3, -1, 0, 0}, 1.0 / 60},
    NamedUnit{"mg/ml", {0, 0, 1, 0}, 1},
    NamedUnit{"mmHg", {0, 0, 0, 1}, 1},
    NamedUnit{"kPa", {0, 0, 0, 1}, 7.50061683},
    NamedUnit{"Pa", {0, 0, 0, 1}, 7.50061683e-3},
};

[[nodiscard]] constexpr std::string_view symbol(Unit unit) {
  switch (unit) {
    case Unit::One: return "";
    case Unit::Um: return "um";
    case Unit::Um2: return "um^2";
    case Unit::Um3: return "um^3";
    case Unit::Min: return "min";
    case Unit::Hour: return "h";
    case Unit::PerMin: return "1/min";
    case Unit::PerHour: return "1/h";
    case Unit::UmPerMin: return "um/min";
    case Unit::UmPerHour: return "um/h";
    case Unit::Um2PerMin: return "um^2/min";
    case Unit::Um3PerMin: return "um^3/min";
    case Unit::MgPerMl: return "mg/ml";
    case Unit::MmHg: return "mmHg";
    case Unit::KPa: return "kPa";
  }
  return "";
}

// The table's row for a symbol, or nothing.
[[nodiscard]] constexpr const NamedUnit* find_unit(std::string_view text) {
  for (const NamedUnit& unit : named_units)
    if (unit.symbol == text) return &unit;
  return nullptr;
}

[[nodiscard]] constexpr const NamedUnit& named(Unit unit) { return *find_unit(symbol(unit)); }

}  // namespace invado
