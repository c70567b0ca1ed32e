// Means, quantiles and straight lines with their errors. Sums run in the order of the values.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

namespace invado {

// Mean, standard deviation (n - 1) and quantiles; NaN without values or where one is NaN, sd 0 for a single one.
struct Summary {
  double mean, sd, q05, q50, q95;
};

// Quantiles of values in any order, none of them NaN, by linear interpolation between order statistics (type 7 of Hyndman &
// Fan 1996, the default of numpy and R). NaN without values.
[[nodiscard]] std::vector<double> quantiles(std::vector<double> values, std::initializer_list<double> p);

[[nodiscard]] Summary summarise(std::vector<double> values);

// Mean of the values and its standard error sd/sqrt(n). NaN without values, error NaN for a single one.
struct MeanWithError {
  double mean, error;
};
[[nodiscard]] MeanWithError mean_with_error(std::span<const double> values);

// Least-squares line y = a + b x with the standard error of b from the residuals (n - 2), taken as independent. NaN for
// fewer than 2 (3) points.
struct Line {
  double intercept, slope, slope_error;
};
[[nodiscard]] Line fit_line(std::span<const double> x, std::span<const double> y);

// The same line through a time series, with an error that knows that successive residuals are alike: n samples are worth
// n' = n (1 - r)/(1 + r) independent ones, r their autocorrelation at lag one with its bias in short series taken off
// (Santer et al. 2000, J. Geophys. Res. 105:7337). Where n' is 4 or less (a curve that bends or wanders), the error is that
// of the mean of the speeds of up to eight successive pieces. For residuals of correlation 0 to 1 (a random walk) and 49 to
// 145 samples it is 0.7 to 1.5 of the true error in the median; independence would give 0.06 (statistics_test.cpp).
[[nodiscard]] Line fit_series(std::span<const double> x, std::span<const double> y);

}  // namespace invado
