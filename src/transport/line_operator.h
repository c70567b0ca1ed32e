// The implicit operator 1 - dt D d2/dx2 along one line of voxels, factorised once and solved on many lines side by side.
// Every number in the solution is a sum of products of non-negative numbers, so a solution is never negative.
#pragma once

#include <cstddef>
#include <vector>

namespace invado {

class LineOperator {
 public:
  // n voxels, r = dt D/h^2. A held face adds 2r to the diagonal and 2r * value to the right-hand side.
  void factorise(int n, double r, bool periodic, bool held_low, double value_low, bool held_high, double value_high);

  // Solve in place on `lanes` lines at once: point i of lane l is at c[i * stride + l].
  // Fixed > 0: number of lanes known at compile time.
  template <int fixed = 0>
  void solve(double* c, std::ptrdiff_t stride, std::ptrdiff_t lanes) const;

  // What came in through the held faces during the step, summed over the lanes of solved lines (in units of c).
  [[nodiscard]] double inflow(const double* c, std::ptrdiff_t stride, std::ptrdiff_t lanes) const;

 private:
  int n_ = 0;
  bool periodic_ = false;
  bool held_low_ = false, held_high_ = false;
  double r_ = 0, twice_r_ = 0;
  double value_low_ = 0, value_high_ = 0;
  std::vector<double> inverse_;  // 1 / pivot
  std::vector<double> carry_;    // r / pivot
  // Periodic: the last unknown is eliminated; the others are y + corner * x_last, all terms non-negative.
  std::vector<double> corner_;
  double last_inverse_ = 1;
};

// Forward elimination and back substitution (Thomas 1949).
template <int fixed>
void LineOperator::solve(double* c, std::ptrdiff_t stride, std::ptrdiff_t lanes) const {
  const std::ptrdiff_t width = fixed > 0 ? fixed : lanes;
  const std::ptrdiff_t end = periodic_ ? n_ - 1 : n_;
  if (n_ == 1 && periodic_) return;
  const double in_low = held_low_ ? twice_r_ * value_low_ : 0.0;
  const double in_high = held_high_ ? twice_r_ * value_high_ : 0.0;
  double* const last_row = c + (end - 1) * stride;
  if (in_low != 0)
    for (std::ptrdiff_t l = 0; l < width; ++l) c[l] += in_low;
  if (in_high != 0)
    for (std::ptrdiff_t l = 0; l < width; ++l) last_row[l] += in_high;

  {
    const double inverse = inverse_[0];
    for (std::ptrdiff_t l = 0; l < width; ++l) c[l] *= inverse;
  }
  for (std::ptrdiff_t i = 1; i < end; ++i) {
    double* const here = c + i * stride;
    const double* const before = here - stride;
    const double inverse = inverse_[static_cast<std::size_t>(i)];
    const double r = r_;
    for (std::ptrdiff_t l = 0; l < width; ++l) here[l] = (here[l] + r * before[l]) * inverse;
  }
  for (std::ptrdiff_t i = end - 2; i >= 0; --i) {
    double* const here = c + i * stride;
    const double* const behind = here + stride;
    const double carry = carry_[static_cast<std::size_t>(i)];
    for (std::ptrdiff_t l = 0; l < width; ++l) here[l] += carry * behind[l];
  }
  if (!periodic_) return;
  double* const last = c + end * stride;
  for (std::ptrdiff_t l = 0; l < width; ++l) last[l] = (last[l] + r_ * (c[l] + last_row[l])) * last_inverse_;
  for (std::ptrdiff_t i = 0; i < end; ++i) {
    double* const here = c + i * stride;
    const double corner = corner_[static_cast<std::size_t>(i)];
    for (std::ptrdiff_t l = 0; l < width; ++l) here[l] += corner * last[l];
  }
}

}  // namespace invado
