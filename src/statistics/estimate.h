// Numbers with intervals, and the two ways in which this room finds them: errors of means carried through a formula, and the
// bootstrap with addressed chance. Everywhere an interval covers 95 %.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "base/random.h"

namespace invado {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Ends are NaN where nothing tells how wide the interval is.
struct Estimate {
  double value = unknown, low = unknown, high = unknown;
};

// Mean of independent values, the variance of that mean, and its degrees of freedom; NaN values are left out.
struct Mean {
  double value = unknown, variance = unknown;
  std::size_t count = 0;
};
[[nodiscard]] Mean mean_of(std::span<const double> values);

// Half width of a 95 % interval in standard errors: Student's t. From 3 degrees of freedom on the expansion of Fisher
// and Cornish (Abramowitz & Stegun 26.7.5), within 0.2 %; below, exponentials in 1/nu through the exact values at 1, 2 and
// 3, within 3 % between 1 and 2 and within 0.5 % between 2 and 3.
[[nodiscard]] double student_95(double degrees_of_freedom);

// A function of independent means: each is moved by its standard error, changes are added in squares, degrees of freedom by
// Welch and Satterthwaite (Biometrics Bull. 1946, 2:110). Exact for sums; for products to the order of squared errors.
// Without repeated values anywhere: no interval.
[[nodiscard]] Estimate propagate(std::span<const Mean> means, const std::function<double(std::span<const double>)>& formula);

// Quantile p of ascending values (type 7 of Hyndman & Fan 1996); NaN without values.
[[nodiscard]] double quantile_of(std::span<const double> ascending, double p);

// Percentile bootstrap (Efron & Tibshirani 1993): `statistics` maps a choice of `count` blocks, drawn with replacement, to
// numbers; gives for each of them its value on all blocks and the interval of 1000 resamples. Draws are addressed by seed
// and resample.
inline constexpr std::size_t bootstrap_resamples = 1000;
[[nodiscard]] std::vector<Estimate> bootstrap(
    std::size_t count, Seed seed, const std::function<std::vector<double>(std::span<const std::size_t>)>& statistics);

}  // namespace invado
