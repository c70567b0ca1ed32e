#include "transport/line_operator.h"

namespace invado {

void LineOperator::factorise(int n, double r, bool periodic, bool held_low, double value_low, bool held_high,
                             double value_high) {
  n_ = n;
  r_ = r;
  twice_r_ = 2 * r;
  periodic_ = periodic;
  held_low_ = held_low && !periodic;
  held_high_ = held_high && !periodic;
  value_low_ = value_low;
  value_high_ = value_high;
  const int unknowns = periodic ? n - 1 : n;
  inverse_.resize(static_cast<std::size_t>(n));
  carry_.resize(static_cast<std::size_t>(n));
  double carry = 0;
  for (int i = 0; i < unknowns; ++i) {
    double diagonal = 1;
    diagonal += i > 0 || periodic ? r : (held_low_ ? twice_r_ : 0.0);
    diagonal += i < n - 1 || periodic ? r : (held_high_ ? twice_r_ : 0.0);
    const auto at = static_cast<std::size_t>(i);
    inverse_[at] = 1 / (diagonal - (i > 0 ? r * carry : 0.0));
    carry_[at] = carry = r * inverse_[at];
  }
  if (!periodic || n < 2) return;
  // Columns of the last unknown: it feeds the first and the last of the others (both the same one when n = 2).
  corner_.assign(static_cast<std::size_t>(unknowns), 0.0);
  corner_.front() += r;
  corner_.back() += r;
  corner_.front() *= inverse_.front();
  for (std::size_t i = 1; i < corner_.size(); ++i) corner_[i] = (corner_[i] + r * corner_[i - 1]) * inverse_[i];
  for (std::size_t i = corner_.size() - 1; i-- > 0;) corner_[i] += carry_[i] * corner_[i + 1];
  last_inverse_ = 1 / (1 + twice_r_ - r * (corner_.front() + corner_.back()));
}

double LineOperator::inflow(const double* c, std::ptrdiff_t stride, std::ptrdiff_t lanes) const {
  double sum = 0;
  if (held_low_)
    for (std::ptrdiff_t l = 0; l < lanes; ++l) sum += value_low_ - c[l];
  if (held_high_)
    for (std::ptrdiff_t l = 0; l < lanes; ++l) sum += value_high_ - c[(n_ - 1) * stride + l];
  return twice_r_ * sum;
}

}  // namespace invado
