// The response table: readable laws from signals and local fields to behaviour, as data.
//
//     value = scale ( base + sum_add gain f(x) ) prod_reduce 1 / (1 + gain (x/half)^hill),     clipped at 0
//     f: hill     x^hill / (half^hill + x^hill)
//        linear   x
//        falling  half^hill / (half^hill + x^hill)
//
// x is a signal of the network, a soluble factor, a local quantity, or a product of them (`runx2_activity*smad`);
// negative x counts as 0 in hill, falling and reduce. `gain` of a reduction is 1 unless set, 0 switches it off.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/maths.h"
#include "base/row_blocks.h"

namespace invado {

enum class Shape : int { Hill, Linear, Falling };
inline constexpr std::array<std::string_view, 3> shape_words{"hill", "linear", "falling"};

struct Term {
  std::string name;    // key in the file
  std::string signal;  // what x is
  double gain = 1;
  double half = 1;  // in the unit of x
  double hill = 1;
  int shape = 0;  // Shape
};

struct Law {
  double scale = 1;
  bool scale_by_nucleus = false;  // scale is a tenth of the nucleus' cross-section, 0.10 pi r_n^2
  double base = 0;
  std::vector<Term> add{}, reduce{};
};

// The factors of a signal: "a*b" -> a, b. Blanks around names do not count.
[[nodiscard]] inline std::vector<std::string_view> factors_of(std::string_view signal) {
  std::vector<std::string_view> factors;
  for (;;) {
    const std::size_t star = signal.find('*');
    std::string_view name = signal.substr(0, star);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    factors.push_back(name);
    if (star == std::string_view::npos) return factors;
    signal.remove_prefix(star + 1);
  }
}

// A law ready to be evaluated: signals are indices into the values of a cell.
struct FoldedTerm {
  std::size_t value;
  double gain, inverse_half, hill;
  int power;  // hill when it is a whole number up to 8, else -1
  Shape shape;
};
struct FoldedLaw {
  double scale, base;
  std::vector<FoldedTerm> add, reduce;
};

[[nodiscard]] inline FoldedTerm fold_term(const Term& term, std::size_t value) {
  const bool whole = term.hill >= 0 && term.hill <= 8 && term.hill == std::floor(term.hill);
  return {
      value, term.gain, 1 / term.half, term.hill, whole ? static_cast<int>(term.hill) : -1, static_cast<Shape>(term.shape)};
}

using LaneValues = std::array<double, lanes>;

// out = (x/half)^hill, 0 for negative x (1 when hill is 0); at most 1e300, so that out / (1 + out) is 1 and not inf/inf.
inline void ratio_power(const FoldedTerm& term, const LaneValues& x, LaneValues& out) {
  LaneValues ratio;
  for (std::size_t l = 0; l < lanes; ++l) ratio[l] = (x[l] <= 0 ? 0.0 : x[l]) * term.inverse_half;
  if (term.power < 0) {
    for (std::size_t l = 0; l < lanes; ++l) out[l] = invado::pow(ratio[l], term.hill);
  } else {
    out.fill(1);
    for (int n = 0; n < term.power; ++n)
      for (std::size_t l = 0; l < lanes; ++l) out[l] *= ratio[l];
  }
  for (std::size_t l = 0; l < lanes; ++l) out[l] = out[l] > 1e300 ? 1e300 : out[l];
}

// The law's value for eight cells at once; values[v][lane].
inline LaneValues evaluate(const FoldedLaw& law, std::span<const LaneValues> values) {
  LaneValues sum, power;
  sum.fill(law.base);
  for (const FoldedTerm& term : law.add) {
    const LaneValues& x = values[term.value];
    if (term.shape == Shape::Linear) {
      for (std::size_t l = 0; l < lanes; ++l) sum[l] += term.gain * x[l];
      continue;
    }
    ratio_power(term, x, power);
    if (term.shape == Shape::Hill)
      for (std::size_t l = 0; l < lanes; ++l) sum[l] += term.gain * (power[l] / (1 + power[l]));
    else
      for (std::size_t l = 0; l < lanes; ++l) sum[l] += term.gain / (1 + power[l]);
  }
  for (const FoldedTerm& term : law.reduce) {
    ratio_power(term, values[term.value], power);
    for (std::size_t l = 0; l < lanes; ++l) sum[l] /= 1 + term.gain * power[l];
  }
  for (std::size_t l = 0; l < lanes; ++l) {
    const double value = law.scale * sum[l];
    sum[l] = value <= 0 ? 0.0 : value;  // NaN stays NaN, for the process to refuse
  }
  return sum;
}

// The candidate that differs from `name` by the fewest insertions, deletions and substitutions (Levenshtein); empty when
// more than a third of the letters would have to change.
[[nodiscard]] inline std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = name.size() / 3 + 2;
  for (const std::string_view candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < name.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i + 1;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t replaced = diagonal + (name[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
      }
    }
    if (row.back() < least) {
      least = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace invado
