#include "transport/steady.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/parallel.h"

namespace invado {
namespace {

constexpr std::size_t coarsest = 64;            // voxels that are solved directly
constexpr std::ptrdiff_t parallel_from = 8192;  // voxels below which one thread is quicker

// f(j, k, first voxel of the row) for all rows along x.
template <class Body>
void for_grid_rows(const std::array<int, 3>& n, Body&& body) {
  const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(n[1]) * n[2];
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (rows * n[0] > parallel_from)
  for (std::ptrdiff_t row = 0; row < rows; ++row)
    body(static_cast<int>(row % n[1]), static_cast<int>(row / n[1]), row * n[0]);
}

// f(v) for all voxels; a coarse grid is not worth waking other threads for.
template <class Body>
void for_voxels(std::size_t n, Body&& body) {
  const auto voxels = static_cast<std::ptrdiff_t>(n);
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (voxels > parallel_from)
  for (std::ptrdiff_t v = 0; v < voxels; ++v) body(static_cast<std::size_t>(v));
}

}  // namespace

// Faces, voxel widths and diagonal of the finest level, then coarser ones until a direct solve is cheap.
void SteadySolver::build(const Diffusion& diffusion, std::span<const double> loss) {
  levels_.reserve(64);  // references into it stay good; each level halves at least one axis
  if (levels_.empty()) levels_.resize(1);
  Level& fine = levels_[0];
  fine.n = diffusion.grid.shape;
  fine.periodic = diffusion.periodic;
  std::array<std::array<bool, 2>, 3> held{};
  std::array<double, 3> rate{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    held[a] = {diffusion.held(axis, 0), diffusion.held(axis, 1)};
    rate[a] = diffusion.exchange_rate(axis);
    fine.width[a].assign(static_cast<std::size_t>(fine.n[a]), 1.0);
  }
  fine.loss.resize(fine.size());
  for_voxels(fine.size(), [&](std::size_t v) { fine.loss[v] = diffusion.decay + loss[v]; });

  const auto couple = [&](Level& level) {
    for (std::size_t a = 0; a < 3; ++a) {
      const std::vector<double>& w = level.width[a];
      const std::size_t n = w.size();
      level.coupling[a].assign(n + 1, 0.0);
      for (std::size_t f = 1; f < n; ++f) level.coupling[a][f] = rate[a] * 2 / (w[f - 1] + w[f]);
      if (level.periodic[a]) {
        if (n > 1) level.coupling[a][0] = level.coupling[a][n] = rate[a] * 2 / (w[0] + w[n - 1]);
      } else {
        if (held[a][0]) level.coupling[a][0] = rate[a] * 2 / w[0];
        if (held[a][1]) level.coupling[a][n] = rate[a] * 2 / w[n - 1];
      }
    }
    finish_level(level);
  };
  couple(fine);

  depth_ = 1;
  while (levels_[depth_ - 1].size() > coarsest) {
    if (levels_.size() == depth_) levels_.emplace_back();
    Level& upper = levels_[depth_ - 1];
    Level& lower = levels_[depth_];
    // Coarsen where the coupling is strong: axes whose voxels are not much longer than the shortest.
    double shortest = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      if (upper.n[a] < 2 || rate[a] <= 0) continue;
      const double strength = std::sqrt(rate[a]) / upper.width[a][0];
      shortest = std::max(shortest, strength);
    }
    if (shortest <= 0) break;
    for (std::size_t a = 0; a < 3; ++a) {
      const bool halve = upper.n[a] > 1 && std::sqrt(rate[a]) / upper.width[a][0] > 0.6 * shortest;
      upper.factor[a] = halve ? 2 : 1;
      lower.n[a] = halve ? (upper.n[a] + 1) / 2 : upper.n[a];
      lower.width[a].assign(static_cast<std::size_t>(lower.n[a]), 0.0);
      for (std::size_t i = 0; i < upper.width[a].size(); ++i)
        lower.width[a][i / static_cast<std::size_t>(upper.factor[a])] += upper.width[a][i];
    }
    lower.periodic = upper.periodic;
    lower.loss.resize(lower.size());
    const Level& from = upper;
    for_grid_rows(lower.n, [&](int j, int k, std::ptrdiff_t row) {
      for (int i = 0; i < lower.n[0]; ++i) {
        double sum = 0;
        for (int c = k * from.factor[2]; c < std::min((k + 1) * from.factor[2], from.n[2]); ++c)
          for (int b = j * from.factor[1]; b < std::min((j + 1) * from.factor[1], from.n[1]); ++b)
            for (int a = i * from.factor[0]; a < std::min((i + 1) * from.factor[0], from.n[0]); ++a)
              sum += from.loss[(static_cast<std::size_t>(c) * static_cast<std::size_t>(from.n[1]) +
                                static_cast<std::size_t>(b)) *
                                   static_cast<std::size_t>(from.n[0]) +
                               static_cast<std::size_t>(a)];
        lower.loss[static_cast<std::size_t>(row + i)] = sum;
      }
    });
    couple(lower);
    ++depth_;
  }
  zeros_.assign(static_cast<std::size_t>(fine.n[0]), 0.0);
  factorise_coarsest();
}

void SteadySolver::finish_level(Level& level) {
  const std::size_t size = level.size();
  for (std::vector<double>* array : {&level.inverse_diagonal, &level.x, &level.b, &level.r, &level.d}) array->resize(size);
  for_grid_rows(level.n, [&](int j, int k, std::ptrdiff_t row) {
    const auto jj = static_cast<std::size_t>(j), kk = static_cast<std::size_t>(k);
    const double wy = level.width[1][jj], wz = level.width[2][kk];
    const double across =
        wz * (level.coupling[1][jj] + level.coupling[1][jj + 1]) + wy * (level.coupling[2][kk] + level.coupling[2][kk + 1]);
    for (std::size_t i = 0; i < static_cast<std::size_t>(level.n[0]); ++i) {
      const std::size_t v = static_cast<std::size_t>(row) + i;
      level.inverse_diagonal[v] =
          1 / (level.loss[v] + wy * wz * (level.coupling[0][i] + level.coupling[0][i + 1]) + level.width[0][i] * across);
    }
  });
}

void SteadySolver::apply(const Level& level, const double* x, const double* b, double* out) const {
  const int nx = level.n[0], ny = level.n[1], nz = level.n[2];
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(nx) * ny;
  const double* const gx = level.coupling[0].data();
  const double* const wx = level.width[0].data();
  for_grid_rows(level.n, [&](int j, int k, std::ptrdiff_t row) {
    const auto jj = static_cast<std::size_t>(j), kk = static_cast<std::size_t>(k);
    const double wy = level.width[1][jj], wz = level.width[2][kk], area = wy * wz;
    const double y0 = wz * level.coupling[1][jj], y1 = wz * level.coupling[1][jj + 1];
    const double z0 = wy * level.coupling[2][kk], z1 = wy * level.coupling[2][kk + 1];
    const auto neighbour = [&](bool inside, bool around, std::ptrdiff_t near, std::ptrdiff_t far) {
      return inside ? x + row + near : around ? x + row + far : zeros_.data();
    };
    const double* const c = x + row;
    const double* const ym = neighbour(j > 0, level.periodic[1], -nx, nx * static_cast<std::ptrdiff_t>(ny - 1));
    const double* const yp = neighbour(j < ny - 1, level.periodic[1], nx, -nx * static_cast<std::ptrdiff_t>(ny - 1));
    const double* const zm = neighbour(k > 0, level.periodic[2], -plane, plane * (nz - 1));
    const double* const zp = neighbour(k < nz - 1, level.periodic[2], plane, -plane * (nz - 1));
    const double* const loss = level.loss.data() + row;
    const double* const rhs = b != nullptr ? b + row : nullptr;
    double* const result = out + row;
    const auto at = [&](int i, double left, double right) {
      const double here = c[i];
      return loss[i] * here + area * (gx[i] * (here - left) + gx[i + 1] * (here - right)) +
             wx[i] * ((y0 * (here - ym[i]) + y1 * (here - yp[i])) + (z0 * (here - zm[i]) + z1 * (here - zp[i])));
    };
    const double before = level.periodic[0] ? c[nx - 1] : 0.0, behind = level.periodic[0] ? c[0] : 0.0;
    if (rhs == nullptr) {
      result[0] = at(0, before, nx > 1 ? c[1] : behind);
#pragma omp simd
      for (int i = 1; i < nx - 1; ++i) result[i] = at(i, c[i - 1], c[i + 1]);
      if (nx > 1) result[nx - 1] = at(nx - 1, c[nx - 2], behind);
    } else {
      result[0] = rhs[0] - at(0, before, nx > 1 ? c[1] : behind);
#pragma omp simd
      for (int i = 1; i < nx - 1; ++i) result[i] = rhs[i] - at(i, c[i - 1], c[i + 1]);
      if (nx > 1) result[nx - 1] = rhs[nx - 1] - at(nx - 1, c[nx - 2], behind);
    }
  });
}

// Dense Cholesky on the coarsest grid, when it is small enough (it always is, unless nothing diffuses).
void SteadySolver::factorise_coarsest() {
  Level& level = levels_[depth_ - 1];
  const std::size_t n = level.size();
  if (n > coarsest) {
    factor_.clear();
    return;
  }
  factor_.assign(n * n, 0.0);
  for (std::size_t column = 0; column < n; ++column) {
    std::fill(level.x.begin(), level.x.end(), 0.0);
    level.x[column] = 1;
    apply(level, level.x.data(), nullptr, level.r.data());
    for (std::size_t row = 0; row < n; ++row) factor_[row * n + column] = level.r[row];
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = factor_[i * n + j];
      for (std::size_t m = 0; m < j; ++m) sum -= factor_[i * n + m] * factor_[j * n + m];
      factor_[i * n + j] = i == j ? std::sqrt(sum) : sum / factor_[j * n + j];
    }
}

// Two steps of Chebyshev iteration for the upper part of the spectrum of diag(A)^-1 A, which lies below 2 (Gershgorin);
// the modes that a coarser grid cannot show begin at 1/3 in three dimensions.
void SteadySolver::smooth(Level& level, bool from_zero) {
  constexpr double top = 2.0, bottom = 1.0 / 3.0;
  constexpr double centre = (top + bottom) / 2, half = (top - bottom) / 2, sigma = centre / half;
  constexpr double first = 1 / sigma;
  constexpr double second = 1 / (2 * sigma - first);
  double* const x = level.x.data();
  double* const d = level.d.data();
  const double* const inverse = level.inverse_diagonal.data();
  const double* r = level.b.data();
  if (!from_zero) {
    apply(level, x, level.b.data(), level.r.data());
    r = level.r.data();
  }
  for_voxels(level.size(), [&](std::size_t v) {
    d[v] = inverse[v] * r[v] / centre;
    x[v] = from_zero ? d[v] : x[v] + d[v];
  });
  apply(level, x, level.b.data(), level.r.data());
  r = level.r.data();
  for_voxels(level.size(),
             [&](std::size_t v) { x[v] += second * first * d[v] + (2 * second / half) * (inverse[v] * r[v]); });
}

// One V-cycle: level.x from level.b.
void SteadySolver::cycle(std::size_t depth) {
  Level& level = levels_[depth];
  if (depth + 1 == depth_) {
    const std::size_t n = level.size();
    if (factor_.empty()) {
      smooth(level, true);
      return;
    }
    for (std::size_t i = 0; i < n; ++i) {
      double sum = level.b[i];
      for (std::size_t j = 0; j < i; ++j) sum -= factor_[i * n + j] * level.x[j];
      level.x[i] = sum / factor_[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      double sum = level.x[i];
      for (std::size_t j = i + 1; j < n; ++j) sum -= factor_[j * n + i] * level.x[j];
      level.x[i] = sum / factor_[i * n + i];
    }
    return;
  }
  Level& lower = levels_[depth + 1];
  smooth(level, true);
  apply(level, level.x.data(), level.b.data(), level.r.data());
  const std::array<int, 3> f = level.factor, n = level.n;
  for_grid_rows(lower.n, [&](int j, int k, std::ptrdiff_t row) {
    for (int i = 0; i < lower.n[0]; ++i) {
      double sum = 0;
      for (int c = k * f[2]; c < std::min((k + 1) * f[2], n[2]); ++c)
        for (int b = j * f[1]; b < std::min((j + 1) * f[1], n[1]); ++b) {
          const double* const line = level.r.data() + (static_cast<std::ptrdiff_t>(c) * n[1] + b) * n[0];
          for (int a = i * f[0]; a < std::min((i + 1) * f[0], n[0]); ++a) sum += line[a];
        }
      lower.b[static_cast<std::size_t>(row + i)] = sum;
    }
  });
  cycle(depth + 1);
  for_grid_rows(n, [&](int j, int k, std::ptrdiff_t row) {
    const double* const coarse =
        lower.x.data() + (static_cast<std::ptrdiff_t>(k / f[2]) * lower.n[1] + j / f[1]) * lower.n[0];
    double* const x = level.x.data() + row;
    if (f[0] == 1)
      for (int i = 0; i < n[0]; ++i) x[i] += coarse[i];
    else
      for (int i = 0; i < n[0]; ++i) x[i] += coarse[i / 2];
  });
  smooth(level, false);
}

SteadyResult SteadySolver::solve(const Diffusion& diffusion, std::span<const double> loss, std::span<const double> source,
                                 double tolerance, std::span<double> c) {
  const std::size_t size = c.size();
  build(diffusion, loss);
  Level& fine = levels_[0];
  for (std::vector<double>* array : {&right_, &residual_, &search_, &image_}) array->resize(size);
  const int nx = fine.n[0], ny = fine.n[1], nz = fine.n[2];
  for_grid_rows(fine.n, [&](int j, int k, std::ptrdiff_t row) {
    double across = 0;
    if (j == 0 && diffusion.held(1, 0)) across += fine.coupling[1].front() * diffusion.held_value(1, 0);
    if (j == ny - 1 && diffusion.held(1, 1)) across += fine.coupling[1].back() * diffusion.held_value(1, 1);
    if (k == 0 && diffusion.held(2, 0)) across += fine.coupling[2].front() * diffusion.held_value(2, 0);
    if (k == nz - 1 && diffusion.held(2, 1)) across += fine.coupling[2].back() * diffusion.held_value(2, 1);
    double* const b = right_.data() + row;
    for (int i = 0; i < nx; ++i) b[i] = source[static_cast<std::size_t>(row + i)] + across;
    if (diffusion.held(0, 0)) b[0] += fine.coupling[0].front() * diffusion.held_value(0, 0);
    if (diffusion.held(0, 1)) b[nx - 1] += fine.coupling[0].back() * diffusion.held_value(0, 1);
  });
  const auto dot_of = [size](const std::vector<double>& a, const std::vector<double>& b) {
    return ordered_sum(size, [&](std::size_t v) { return a[v] * b[v]; });
  };
  const double target = tolerance * std::sqrt(dot_of(right_, right_));
  SteadyResult result;
  if (!(target > 0)) {
    std::fill(c.begin(), c.end(), 0.0);
    return result;
  }

  apply(fine, c.data(), right_.data(), residual_.data());
  double norm = std::sqrt(dot_of(residual_, residual_));
  double rz_before = 0;
  constexpr int limit = 200;
  for (; norm > target && result.iterations < limit; ++result.iterations) {
    fine.b = residual_;
    cycle(0);  // fine.x = M^-1 residual
    const double rz = dot_of(residual_, fine.x);
    const double beta = result.iterations > 0 ? rz / rz_before : 0.0;
    rz_before = rz;
    for_voxels(size, [&](std::size_t v) { search_[v] = fine.x[v] + (beta != 0 ? beta * search_[v] : 0.0); });
    apply(fine, search_.data(), nullptr, image_.data());
    const double alpha = rz / dot_of(search_, image_);
    for_voxels(size, [&](std::size_t v) {
      c[v] += alpha * search_[v];
      residual_[v] -= alpha * image_[v];
    });
    norm = std::sqrt(dot_of(residual_, residual_));
  }
  result.residual = norm / target * tolerance;

  // What the tolerance leaves: no negative values, and gains = losses, by one common factor.
  const bool positive_input = ordered_sum(size, [&](std::size_t v) { return right_[v] < 0 ? 1.0 : 0.0; }) == 0;
  if (positive_input) {
    for_voxels(size, [&](std::size_t v) { c[v] = c[v] > 0 ? c[v] : 0.0; });
    // The net gain is summed from the differences per voxel, and the factor applied as an addition: gains and losses at
    // held faces are far larger than what remains of them.
    apply(fine, c.data(), nullptr, image_.data());
    apply(fine, c.data(), right_.data(), residual_.data());
    const double losses = ordered_sum(size, [&](std::size_t v) { return image_[v]; });
    const double net = ordered_sum(size, [&](std::size_t v) { return residual_[v]; });
    const double more = losses > 0 ? net / losses : 0.0;
    for_voxels(size, [&](std::size_t v) { c[v] += more * c[v]; });
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
