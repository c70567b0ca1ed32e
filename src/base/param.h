// How a parameter struct describes itself, once. The same describe() feeds the YAML reader, the JSON schema, the
// parameter table, the resolved copy of a scenario and the checks of a sweep's axes.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "base/vec3.h"

namespace invado {

// Closed interval of allowed values; an open end excludes its bound. NaN is never inside.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;

  [[nodiscard]] constexpr bool holds(double x) const {
    return (low_open ? x > low : x >= low) && (high_open ? x < high : x <= high);
  }
};

inline constexpr Range any_number{};
inline constexpr Range non_negative{0, std::numeric_limits<double>::infinity()};
inline constexpr Range positive{0, std::numeric_limits<double>::infinity(), true};
inline constexpr Range fraction{0, 1};

class ParamVisitor;
using Body = std::function<void(ParamVisitor&)>;

// One way of writing a value that has several: `closed`, `38 mmHg`, `{low: 0, high: 2}`, `{sphere: {...}}`.
struct Form {
  enum class Kind {
    Word,      // a bare word
    Quantity,  // a bare number with unit
    Factor,    // a bare number behind an x: `x3`
    Tagged,    // a map with exactly one key, `word`, whose value is a map with the keys of `body`
    Keys,      // a map with the keys of `body`
  };
  Kind kind = Kind::Word;
  std::string_view word{};         // Word, Tagged
  double* value = nullptr;         // Quantity, Factor
  Unit unit = Unit::One;           // Quantity
  Range range{};                   // Quantity, Factor
  Body body{};                     // Tagged, Keys: visits the keys inside
  std::function<void()> choose{};  // called by a reader before value or body is filled
  bool chosen = false;             // the form that the present value has (for writers)
};

// Visits the parameters of a struct. A reader overwrites the value; whatever the value was before is the default.
// `meaning` is a short phrase; `source` says where the default comes from ("assumed" is an honest source, empty is not).
class ParamVisitor {
 public:
  virtual ~ParamVisitor() = default;

  virtual void number(std::string_view key, double& value, Unit unit, Range range, std::string_view meaning,
                      std::string_view source) = 0;
  virtual void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high,
                       std::string_view meaning, std::string_view source) = 0;
  virtual void boolean(std::string_view key, bool& value, std::string_view meaning, std::string_view source) = 0;
  // Free text (names, descriptions, paths).
  virtual void text(std::string_view key, std::string& value, std::string_view meaning) = 0;
  // A vector of three numbers of one unit: [1 um, 2 um, 3 um].
  virtual void vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view meaning,
                      std::string_view source) = 0;
  // A list of such vectors: [[0 um, 1 um, 2 um], [3 um, 4 um, 5 um]]. Only the sections of a scenario have them; who visits
  // the parameters of processes does not meet any.
  virtual void points(std::string_view, std::vector<Vec3>&, Unit, Range, std::string_view, std::string_view) {}
  // One of a list of words; value is its index.
  virtual void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view meaning,
                      std::string_view source) = 0;
  // A list of words out of `allowed` (empty `allowed`: any word).
  virtual void words(std::string_view key, std::vector<std::string>& value, std::span<const std::string> allowed,
                     std::string_view meaning) = 0;
  // A value with several ways of writing it.
  virtual void forms(std::string_view key, std::span<const Form> forms, std::string_view meaning,
                     std::string_view source) = 0;
  // A nested map with fixed keys.
  virtual void section(std::string_view key, std::string_view meaning, const Body& body) = 0;
  // A nested map whose keys are names: item(name, visitor) is called for each name of the file in order of first
  // appearance (reader), for each of `present` (writer), or once with "*" (schema; on a scratch object).
  // Where the items are plain values (`chemotaxis: {egf: 0.2}`), the item visits the empty key "": the value itself.
  virtual void named(std::string_view key, std::string_view meaning, std::span<const std::string> present,
                     const std::function<void(const std::string& name, ParamVisitor&)>& item) = 0;
  // Report that the value just visited under `key` is inconsistent with others: "what is wrong, what is allowed".
  // Readers turn it into file:line:column; other visitors ignore it.
  virtual void complain(std::string_view key, const std::string& problem) = 0;
};

}  // namespace invado
