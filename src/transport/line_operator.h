// The implicit operator 1 - dt D d2/dx2 along one line of voxels, factorised once and solved on many lines side by side.
// Every number in the solution is a sum of products of non-negative numbers, so a solution is never negative.
#pragma once

#include <cstddef>
#include <vector>

namespace invado {

class LineOperator {
 public:
  // n voxels, r = dt D/h^2. A held face adds 2r to the diagonal and 2r * value to the right-hand side. What is solved is
  // multiplied by `scale` first, at no cost: the decay of a step. A periodic line of one voxel is left alone.
  void factorise(int n, double r, bool periodic, bool held_low, double value_low, bool held_high, double value_high,
                 double scale = 1);

  // Solve in place on lines that lie side by side: point i of line l is at c[i * stride + l].
  void solve(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines) const {
    eliminate(c, stride, lines, 0, n_);
    substitute(c, stride, lines);
  }
  // The two halves (Thomas 1949), for those who have something to do in between: forward elimination of the points
  // [from, to), in parts of any length in ascending order, then back substitution of all points.
  void eliminate(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines, std::ptrdiff_t from, std::ptrdiff_t to) const;
  void substitute(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines) const;

  // Solve in place on lines one behind the other: point i of line l is at c[l * stride + i].
  void solve_behind(double* c, std::ptrdiff_t stride, std::ptrdiff_t lines) const;

  // What came in through the held faces during the step, summed over solved lines: point i of line l at
  // c[i * point_stride + l * line_stride] (in units of c).
  [[nodiscard]] double inflow(const double* c, std::ptrdiff_t point_stride, std::ptrdiff_t line_stride,
                              std::ptrdiff_t lines) const;

 private:
  int n_ = 0;
  std::ptrdiff_t unknowns_ = 0;  // n, or n - 1 when periodic
  bool periodic_ = false;
  bool held_low_ = false, held_high_ = false;
  double r_ = 0, twice_r_ = 0;
  double value_low_ = 0, value_high_ = 0;
  double scale_ = 1;
  std::vector<double> inverse_;  // scale / pivot
  std::vector<double> carry_;    // r / pivot
  // Periodic: the last unknown is eliminated; the others are y + corner * x_last, all terms non-negative.
  std::vector<double> corner_;
  double last_inverse_ = 1;

  template <int blocks>
  void solve_group(double* c, std::ptrdiff_t stride, double* scratch) const;
};

}  // namespace invado
