#include "transport/steady.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "base/parallel.h"

namespace invado {
namespace {

constexpr std::size_t coarsest = 64;            // voxels that are solved directly
constexpr std::ptrdiff_t parallel_from = 8192;  // voxels below which one thread is quicker

// f(j, k, first voxel of the row) for all rows along x.
template <class Body>
void for_grid_rows(const std::array<int, 3>& n, Body&& body) {
  const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(n[1]) * n[2];
  share_out(static_cast<std::size_t>(rows), rows * n[0] > parallel_from, [&](std::size_t at) {
    const auto row = static_cast<std::ptrdiff_t>(at);
    body(static_cast<int>(row % n[1]), static_cast<int>(row / n[1]), row * n[0]);
  });
}

// Sum of a[i] b[i] in eight strands, so that additions need not wait for one another.
template <class A, class B>
double dot(const A* a, const B* b, std::ptrdiff_t n) {
  std::array<double, 8> strand{};
  const std::ptrdiff_t whole = n - n % 8;
  for (std::ptrdiff_t i = 0; i < whole; i += 8)
    for (std::ptrdiff_t l = 0; l < 8; ++l)
      strand[static_cast<std::size_t>(l)] += static_cast<double>(a[i + l]) * static_cast<double>(b[i + l]);
  for (std::ptrdiff_t i = whole; i < n; ++i)
    strand[static_cast<std::size_t>(i - whole)] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((strand[0] + strand[1]) + (strand[2] + strand[3])) + ((strand[4] + strand[5]) + (strand[6] + strand[7]));
}

}  // namespace

template <class Real>
template <class Emit>
void SteadySolver::Stencil<Real>::row(int j, int k, const Real* x, Emit&& emit) const {
  const int nx = n[0], ny = n[1], nz = n[2];
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(nx) * ny;
  const std::ptrdiff_t start = k * plane + static_cast<std::ptrdiff_t>(j) * nx;
  const auto jj = static_cast<std::size_t>(j), kk = static_cast<std::size_t>(k);
  const Real* const gx = coupling[0].data();
  const Real* const wx = width[0].data();
  const Real wy = width[1][jj], wz = width[2][kk], area = wy * wz;
  const Real y0 = wz * coupling[1][jj], y1 = wz * coupling[1][jj + 1];
  const Real z0 = wy * coupling[2][kk], z1 = wy * coupling[2][kk + 1];
  const Real across = (y0 + y1) + (z0 + z1);
  const auto neighbour = [&](bool inside, bool around, std::ptrdiff_t near, std::ptrdiff_t far) {
    return inside ? x + start + near : around ? x + start + far : zeros.data();
  };
  const Real* const c = x + start;
  const Real* const ym = neighbour(j > 0, periodic[1], -nx, nx * static_cast<std::ptrdiff_t>(ny - 1));
  const Real* const yp = neighbour(j < ny - 1, periodic[1], nx, -nx * static_cast<std::ptrdiff_t>(ny - 1));
  const Real* const zm = neighbour(k > 0, periodic[2], -plane, plane * (nz - 1));
  const Real* const zp = neighbour(k < nz - 1, periodic[2], plane, -plane * (nz - 1));
  const Real* const lost = loss.data() + start;
  // Differences, not sums: a smooth field loses no digits.
  const auto at = [&](int i, Real left, Real right) {
    const Real here = c[i];
    const Real image = lost[i] * here + area * (gx[i] * (here - left) + gx[i + 1] * (here - right)) +
                       wx[i] * ((y0 * (here - ym[i]) + y1 * (here - yp[i])) + (z0 * (here - zm[i]) + z1 * (here - zp[i])));
    emit(start + i, image, lost[i] + area * (gx[i] + gx[i + 1]) + wx[i] * across);
  };
  const Real before = periodic[0] ? c[nx - 1] : Real{0}, behind = periodic[0] ? c[0] : Real{0};
  at(0, before, nx > 1 ? c[1] : behind);
#pragma omp simd
  for (int i = 1; i < nx - 1; ++i) at(i, c[i - 1], c[i + 1]);
  if (nx > 1) at(nx - 1, c[nx - 2], behind);
}

template <class Row>
double SteadySolver::sum_over_rows(Row&& f) {
  row_sum_.resize(static_cast<std::size_t>(fine_.n[1]) * static_cast<std::size_t>(fine_.n[2]));
  for_grid_rows(fine_.n, [&](int j, int k, std::ptrdiff_t row) {
    row_sum_[static_cast<std::size_t>(row / fine_.n[0])] = f(j, k, row);
  });
  double sum = 0;
  for (const double part : row_sum_) sum += part;
  return sum;
}

// Faces, voxel widths and losses of the finest grid, then coarser ones until a direct solve is cheap.
void SteadySolver::build(const Diffusion& diffusion, std::span<const double> loss) {
  fine_.n = diffusion.grid.shape;
  fine_.periodic = diffusion.periodic;
  std::array<std::array<bool, 2>, 3> held{};
  std::array<double, 3> rate{};
  double fastest = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    held[a] = {diffusion.held(axis, 0), diffusion.held(axis, 1)};
    rate[a] = diffusion.exchange_rate(axis);
    fastest = std::max(fastest, rate[a]);
    fine_.width[a].assign(static_cast<std::size_t>(fine_.n[a]), 1.0);
  }
  fine_.zeros.assign(static_cast<std::size_t>(fine_.n[0]), 0.0);
  fine_.loss.resize(fine_.size());
  // Of the cycle all rates are in units of the fastest exchange, so that single precision can hold them.
  const double unit = fastest > 0 ? 1 / fastest : 1.0;
  const auto couple = [&](auto& stencil, double scale) {
    for (std::size_t a = 0; a < 3; ++a) {
      const auto& w = stencil.width[a];
      const std::size_t n = w.size();
      auto& g = stencil.coupling[a];
      using Real = std::remove_reference_t<decltype(g[0])>;
      g.assign(n + 1, Real{0});
      const auto between = [&](std::size_t i, std::size_t o) {
        return static_cast<Real>(scale * rate[a] * 2 / static_cast<double>(w[i] + w[o]));
      };
      const auto to_face = [&](std::size_t i) { return static_cast<Real>(scale * rate[a] * 2 / static_cast<double>(w[i])); };
      for (std::size_t f = 1; f < n; ++f) g[f] = between(f - 1, f);
      if (stencil.periodic[a]) {
        if (n > 1) g[0] = g[n] = between(0, n - 1);
      } else {
        if (held[a][0]) g[0] = to_face(0);
        if (held[a][1]) g[n] = to_face(n - 1);
      }
    }
  };
  couple(fine_, 1.0);

  levels_.reserve(64);  // references into it stay good; each level halves at least one axis
  if (levels_.empty()) levels_.resize(1);
  const auto prepare = [&](Level& level) {
    couple(level.a, unit);
    level.a.zeros.assign(static_cast<std::size_t>(level.a.n[0]), 0.0F);
    for (std::vector<float>* array : {&level.x, &level.b, &level.d, &level.half_way}) array->resize(level.a.size());
  };
  Level& top = levels_[0];
  top.a.n = fine_.n;
  top.a.periodic = fine_.periodic;
  for (std::size_t a = 0; a < 3; ++a) top.a.width[a].assign(fine_.width[a].size(), 1.0F);
  top.a.loss.resize(fine_.size());
  for_grid_rows(fine_.n, [&](int, int, std::ptrdiff_t row) {
    constexpr double most = 1e30;  // the cycle is no guide beyond it, and the residual says so
    for (std::ptrdiff_t v = row; v < row + fine_.n[0]; ++v) {
      const double both = diffusion.decay + loss[static_cast<std::size_t>(v)];
      fine_.loss[static_cast<std::size_t>(v)] = both;
      top.a.loss[static_cast<std::size_t>(v)] = static_cast<float>(std::min(both * unit, most));
    }
  });
  prepare(top);

  depth_ = 1;
  while (levels_[depth_ - 1].a.size() > coarsest) {
    if (levels_.size() == depth_) levels_.emplace_back();
    Level& upper = levels_[depth_ - 1];
    Level& lower = levels_[depth_];
    const Stencil<float>& from = upper.a;
    Stencil<float>& to = lower.a;
    // Coarsen where the coupling is strong: axes whose voxels are not much longer than the shortest.
    const auto strength = [&](std::size_t a) { return std::sqrt(rate[a]) / static_cast<double>(from.width[a][0]); };
    double strongest = 0;
    for (std::size_t a = 0; a < 3; ++a)
      if (from.n[a] > 1 && rate[a] > 0) strongest = std::max(strongest, strength(a));
    if (strongest <= 0) break;
    for (std::size_t a = 0; a < 3; ++a) {
      const bool halve = from.n[a] > 1 && strength(a) > 0.6 * strongest;
      upper.factor[a] = halve ? 2 : 1;
      to.n[a] = halve ? (from.n[a] + 1) / 2 : from.n[a];
      to.width[a].assign(static_cast<std::size_t>(to.n[a]), 0.0F);
      for (std::size_t i = 0; i < from.width[a].size(); ++i)
        to.width[a][i / static_cast<std::size_t>(upper.factor[a])] += from.width[a][i];
    }
    to.periodic = from.periodic;
    to.loss.resize(to.size());
    const std::array<int, 3> f = upper.factor;
    for_grid_rows(to.n, [&](int j, int k, std::ptrdiff_t row) {
      for (int i = 0; i < to.n[0]; ++i) {
        float sum = 0;
        for (int c = k * f[2]; c < std::min((k + 1) * f[2], from.n[2]); ++c)
          for (int b = j * f[1]; b < std::min((j + 1) * f[1], from.n[1]); ++b)
            for (int a = i * f[0]; a < std::min((i + 1) * f[0], from.n[0]); ++a)
              sum += from.loss[(static_cast<std::size_t>(c) * static_cast<std::size_t>(from.n[1]) +
                                static_cast<std::size_t>(b)) *
                                   static_cast<std::size_t>(from.n[0]) +
                               static_cast<std::size_t>(a)];
        to.loss[static_cast<std::size_t>(row + i)] = sum;
      }
    });
    prepare(lower);
    ++depth_;
  }
  factorise_coarsest();
}

// Dense Cholesky on the coarsest grid, when it is small enough (it always is, unless nothing diffuses).
void SteadySolver::factorise_coarsest() {
  Level& level = levels_[depth_ - 1];
  const std::size_t n = level.a.size();
  if (n > coarsest) {
    factor_.clear();
    return;
  }
  factor_.assign(n * n, 0.0);
  for (std::size_t column = 0; column < n; ++column) {
    std::fill(level.x.begin(), level.x.end(), 0.0F);
    level.x[column] = 1;
    for_grid_rows(level.a.n, [&](int j, int k, std::ptrdiff_t) {
      level.a.row(j, k, level.x.data(), [&](std::ptrdiff_t row, float image, float) {
        factor_[static_cast<std::size_t>(row) * n + column] = static_cast<double>(image);
      });
    });
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = factor_[i * n + j];
      for (std::size_t m = 0; m < j; ++m) sum -= factor_[i * n + m] * factor_[j * n + m];
      factor_[i * n + j] = i == j ? std::sqrt(sum) : sum / factor_[j * n + j];
    }
}

void SteadySolver::solve_coarsest() {
  Level& level = levels_[depth_ - 1];
  const std::size_t n = level.a.size();
  if (factor_.empty()) {
    smooth(level, true);
    return;
  }
  std::array<double, coarsest> x{};
  for (std::size_t i = 0; i < n; ++i) {
    double sum = static_cast<double>(level.b[i]);
    for (std::size_t j = 0; j < i; ++j) sum -= factor_[i * n + j] * x[j];
    x[i] = sum / factor_[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    double sum = x[i];
    for (std::size_t j = i + 1; j < n; ++j) sum -= factor_[j * n + i] * x[j];
    x[i] = sum / factor_[i * n + i];
    level.x[i] = static_cast<float>(x[i]);
  }
}

// Two steps of Chebyshev iteration for the upper part of the spectrum of diag(A)^-1 A, which lies below 2 (Gershgorin);
// the modes that a coarser grid cannot show begin at 1/3 in three dimensions.
void SteadySolver::smooth(Level& level, bool from_zero) {
  constexpr double top = 2.0, bottom = 1.0 / 3.0;
  constexpr double centre = (top + bottom) / 2, half = (top - bottom) / 2, sigma = centre / half;
  constexpr double first = 1 / sigma;
  constexpr double second = 1 / (2 * sigma - first);
  constexpr auto by_centre = static_cast<float>(1 / centre), again = static_cast<float>(second * first),
                 correct = static_cast<float>(2 * second / half);
  const Stencil<float>& a = level.a;
  float* const x = level.x.data();
  float* const d = level.d.data();
  float* const half_way = level.half_way.data();
  const float* const b = level.b.data();
  if (from_zero) {
    for_grid_rows(a.n, [&](int j, int k, std::ptrdiff_t) {
      a.row(j, k, b, [&](std::ptrdiff_t v, float, float diagonal) { d[v] = by_centre * b[v] / diagonal; });
    });
    for_grid_rows(a.n, [&](int j, int k, std::ptrdiff_t) {
      a.row(j, k, d, [&](std::ptrdiff_t v, float image, float diagonal) {
        x[v] = (d[v] + again * d[v]) + correct * (b[v] - image) / diagonal;
      });
    });
    return;
  }
  for_grid_rows(a.n, [&](int j, int k, std::ptrdiff_t) {
    a.row(j, k, x, [&](std::ptrdiff_t v, float image, float diagonal) {
      d[v] = by_centre * (b[v] - image) / diagonal;
      half_way[v] = x[v] + d[v];
    });
  });
  for_grid_rows(a.n, [&](int j, int k, std::ptrdiff_t) {
    a.row(j, k, half_way, [&](std::ptrdiff_t v, float image, float diagonal) {
      x[v] = (half_way[v] + again * d[v]) + correct * (b[v] - image) / diagonal;
    });
  });
}

// What is left of b on the coarser grid: summed over the fine voxels of each coarse one, row by row.
void SteadySolver::restrict_residual(const Level& level, Level& lower) const {
  const std::array<int, 3> f = level.factor, n = level.a.n;
  const float* const right = level.b.data();
  for_grid_rows(lower.a.n, [&](int j, int k, std::ptrdiff_t row) {
    thread_local std::vector<float> line;
    line.assign(static_cast<std::size_t>(n[0] + 1), 0.0F);  // one more, so that pairs are whole
    float* const sum = line.data();
    for (int c = k * f[2]; c < std::min((k + 1) * f[2], n[2]); ++c)
      for (int b = j * f[1]; b < std::min((j + 1) * f[1], n[1]); ++b) {
        const std::ptrdiff_t start = (static_cast<std::ptrdiff_t>(c) * n[1] + b) * n[0];
        level.a.row(b, c, level.x.data(), [&](std::ptrdiff_t v, float image, float) { sum[v - start] += right[v] - image; });
      }
    float* const out = lower.b.data() + row;
    if (f[0] == 1)
      std::copy_n(sum, n[0], out);
    else
      for (int i = 0; i < lower.a.n[0]; ++i) out[i] = sum[2 * i] + sum[2 * i + 1];
  });
}

// One V-cycle: level.x from level.b.
void SteadySolver::cycle(std::size_t depth) {
  if (depth + 1 == depth_) {
    solve_coarsest();
    return;
  }
  Level& level = levels_[depth];
  Level& lower = levels_[depth + 1];
  smooth(level, true);
  restrict_residual(level, lower);
  cycle(depth + 1);
  const std::array<int, 3> f = level.factor;
  for_grid_rows(level.a.n, [&](int j, int k, std::ptrdiff_t row) {
    const float* const coarse =
        lower.x.data() + (static_cast<std::ptrdiff_t>(k / f[2]) * lower.a.n[1] + j / f[1]) * lower.a.n[0];
    float* const x = level.x.data() + row;
    if (f[0] == 1)
      for (int i = 0; i < level.a.n[0]; ++i) x[i] += coarse[i];
    else
      for (int i = 0; i < level.a.n[0]; ++i) x[i] += coarse[i / 2];
  });
  smooth(level, false);
}

SteadyResult SteadySolver::solve(const Diffusion& diffusion, std::span<const double> loss, std::span<const double> source,
                                 double tolerance, std::span<double> c) {
  build(diffusion, loss);
  const std::size_t size = c.size();
  for (std::vector<double>* array : {&right_, &residual_, &search_, &image_}) array->resize(size);
  const int nx = fine_.n[0], ny = fine_.n[1], nz = fine_.n[2];
  double* const right = right_.data();
  double* const residual = residual_.data();
  double* const search = search_.data();
  double* const image = image_.data();
  double* const value = c.data();

  const double right_norm = sum_over_rows([&](int j, int k, std::ptrdiff_t row) {
    double across = 0;
    if (j == 0 && diffusion.held(1, 0)) across += fine_.coupling[1].front() * diffusion.held_value(1, 0);
    if (j == ny - 1 && diffusion.held(1, 1)) across += fine_.coupling[1].back() * diffusion.held_value(1, 1);
    if (k == 0 && diffusion.held(2, 0)) across += fine_.coupling[2].front() * diffusion.held_value(2, 0);
    if (k == nz - 1 && diffusion.held(2, 1)) across += fine_.coupling[2].back() * diffusion.held_value(2, 1);
    double* const b = right + row;
    for (int i = 0; i < nx; ++i) b[i] = source[static_cast<std::size_t>(row + i)] + across;
    if (diffusion.held(0, 0)) b[0] += fine_.coupling[0].front() * diffusion.held_value(0, 0);
    if (diffusion.held(0, 1)) b[nx - 1] += fine_.coupling[0].back() * diffusion.held_value(0, 1);
    return dot(b, b, nx);
  });
  const double target = tolerance * std::sqrt(right_norm);
  SteadyResult result;
  if (!(target > 0)) {
    std::fill(c.begin(), c.end(), 0.0);
    return result;
  }

  double norm = std::sqrt(sum_over_rows([&](int j, int k, std::ptrdiff_t row) {
    fine_.row(j, k, value, [&](std::ptrdiff_t v, double here, double) { residual[v] = right[v] - here; });
    return dot(residual + row, residual + row, nx);
  }));
  double rz_before = 0;
  constexpr int limit = 200;
  for (; norm > target && result.iterations < limit; ++result.iterations) {
    Level& top = levels_[0];
    const double by_norm = 1 / norm;  // so that single precision can hold it
    for_grid_rows(fine_.n, [&](int, int, std::ptrdiff_t row) {
      for (std::ptrdiff_t v = row; v < row + nx; ++v)
        top.b[static_cast<std::size_t>(v)] = static_cast<float>(residual[v] * by_norm);
    });
    cycle(0);  // top.x = M^-1 residual / norm
    const float* const z = top.x.data();
    const double rz = norm * sum_over_rows([&](int, int, std::ptrdiff_t row) { return dot(residual + row, z + row, nx); });
    const bool onward = result.iterations > 0;
    const double beta = onward ? rz / rz_before : 0.0;
    rz_before = rz;
    for_grid_rows(fine_.n, [&](int, int, std::ptrdiff_t row) {
      for (std::ptrdiff_t v = row; v < row + nx; ++v)
        search[v] = norm * static_cast<double>(z[v]) + (onward ? beta * search[v] : 0.0);
    });
    const double alpha = rz / sum_over_rows([&](int j, int k, std::ptrdiff_t row) {
                           fine_.row(j, k, search, [&](std::ptrdiff_t v, double here, double) { image[v] = here; });
                           return dot(search + row, image + row, nx);
                         });
    norm = std::sqrt(sum_over_rows([&](int, int, std::ptrdiff_t row) {
      for (std::ptrdiff_t v = row; v < row + nx; ++v) {
        value[v] += alpha * search[v];
        residual[v] -= alpha * image[v];
      }
      return dot(residual + row, residual + row, nx);
    }));
  }
  result.residual = norm / target * tolerance;

  // What the tolerance leaves: no negative values, and gains = losses, by one common factor.
  const bool positive_input = std::ranges::none_of(right_, [](double b) { return b < 0; });
  if (positive_input) {
    for_grid_rows(fine_.n, [&](int, int, std::ptrdiff_t row) {
      for (std::ptrdiff_t v = row; v < row + nx; ++v) value[v] = value[v] > 0 ? value[v] : 0.0;
    });
    // The net gain is summed from the differences per voxel, and the factor applied as an addition: gains and losses at
    // held faces are far larger than what remains of them.
    const double losses = sum_over_rows([&](int j, int k, std::ptrdiff_t row) {
      fine_.row(j, k, value, [&](std::ptrdiff_t v, double here, double) { image[v] = here; });
      double sum = 0;
      for (std::ptrdiff_t v = row; v < row + nx; ++v) sum += image[v];
      return sum;
    });
    const double net = sum_over_rows([&](int, int, std::ptrdiff_t row) {
      double sum = 0;
      for (std::ptrdiff_t v = row; v < row + nx; ++v) sum += right[v] - image[v];
      return sum;
    });
    const double more = losses > 0 ? net / losses : 0.0;
    for_grid_rows(fine_.n, [&](int, int, std::ptrdiff_t row) {
      for (std::ptrdiff_t v = row; v < row + nx; ++v) value[v] += more * value[v];
    });
  }
  return result;
}

SteadyFlows steady_flows(const Diffusion& diffusion, std::span<const double> c) {
  SteadyFlows flows;
  flows.decayed = diffusion.decay * ordered_sum(c.size(), [&](std::size_t v) { return c[v]; });
  for (int axis = 0; axis < 3; ++axis)
    for (int side = 0; side < 2; ++side) {
      if (!diffusion.held(axis, side)) continue;
      const int u = axis == 0 ? 1 : 0, w = axis == 2 ? 1 : 2;  // the axes of the face
      const std::size_t across = static_cast<std::size_t>(diffusion.voxels(u));
      const double value = diffusion.held_value(axis, side);
      const int layer = side == 0 ? 0 : diffusion.voxels(axis) - 1;
      flows.through_boundary += 2 * diffusion.exchange_rate(axis) *
                                ordered_sum(across * static_cast<std::size_t>(diffusion.voxels(w)), [&](std::size_t f) {
                                  std::array<int, 3> at{};
                                  at[static_cast<std::size_t>(axis)] = layer;
                                  at[static_cast<std::size_t>(u)] = static_cast<int>(f % across);
                                  at[static_cast<std::size_t>(w)] = static_cast<int>(f / across);
                                  return value - c[diffusion.grid.index(at[0], at[1], at[2])];
                                });
    }
  return flows;
}

}  // namespace invado
