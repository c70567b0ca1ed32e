#include "transport/lod_step.h"

#include <cmath>

#include "base/parallel.h"

namespace invado {
namespace {

constexpr int group = 8;  // lines along x that are transposed and solved together
constexpr std::ptrdiff_t parallel_from = 8192;  // voxels below which one thread is quicker

// A_axis c = D/h^2 times the second difference; `homogeneous`: held faces count as zero.
void second_difference(const Diffusion& d, int axis, bool homogeneous, const double* c, double* out) {
  const int n = d.voxels(axis);
  const double rate = d.exchange_rate(axis);
  const std::ptrdiff_t step = axis == 0 ? 1 : axis == 1 ? d.voxels(0) : static_cast<std::ptrdiff_t>(d.voxels(0)) * d.voxels(1);
  const bool around = d.periodic[static_cast<std::size_t>(axis)];
  const double low = homogeneous ? 0 : d.held_value(axis, 0), high = homogeneous ? 0 : d.held_value(axis, 1);
  for_rows(d.grid.size(), [&](std::size_t v) {
    const auto at = static_cast<std::ptrdiff_t>(v);
    const int i = static_cast<int>(at / step % n);
    const double here = c[v];
    double sum = 0;
    if (i > 0) sum += c[at - step] - here;
    else if (around) sum += c[at + step * (n - 1)] - here;
    else if (d.held(axis, 0)) sum += 2 * (low - here);
    if (i < n - 1) sum += c[at + step] - here;
    else if (around) sum += c[at - step * (n - 1)] - here;
    else if (d.held(axis, 1)) sum += 2 * (high - here);
    out[v] = rate * sum;
  });
}

}  // namespace

void LodStep::prepare(const Diffusion& diffusion, double dt_min) {
  d_ = diffusion;
  decay_dt_ = diffusion.decay * dt_min;
  for (int axis = 0; axis < 3; ++axis)
    along_[static_cast<std::size_t>(axis)].factorise(
        d_.voxels(axis), dt_min * d_.exchange_rate(axis), d_.periodic[static_cast<std::size_t>(axis)], d_.held(axis, 0),
        d_.held_value(axis, 0), d_.held(axis, 1), d_.held_value(axis, 1));
}

StepFlows LodStep::advance(std::span<double> c) {
  StepFlows flows;
  const double keep = 1 / (1 + decay_dt_);
  flows.through_boundary = xy_pass(keep, !d_.idle(0), !d_.idle(1), c, flows.before);
  flows.decayed = flows.before * (decay_dt_ * keep);
  if (!d_.idle(2)) flows.through_boundary += z_pass(c);
  return flows;
}

double LodStep::sweep(int axis, std::span<double> c) {
  if (d_.idle(axis)) return 0;
  if (axis == 2) return z_pass(c);
  double before = 0;
  return xy_pass(1.0, axis == 0, axis == 1, c, before);
}

// Plane by plane: decay and sum, x in groups of transposed lines, then y along whole rows.
double LodStep::xy_pass(double keep, bool do_x, bool do_y, std::span<double> c, double& before) {
  const std::ptrdiff_t nx = d_.voxels(0), ny = d_.voxels(1), nz = d_.voxels(2);
  part_.assign(static_cast<std::size_t>(nz) * 2, 0.0);
  double* const amount = part_.data();
  double* const inflow = part_.data() + nz;
#pragma omp parallel for schedule(static) if (nx * ny * d_.voxels(2) > parallel_from)
  for (std::ptrdiff_t k = 0; k < nz; ++k) {
    thread_local std::vector<double> lines;
    if (lines.size() < static_cast<std::size_t>(nx * group)) lines.resize(static_cast<std::size_t>(nx * group));
    double* const t = lines.data();
    double* const plane = c.data() + k * nx * ny;
    double total = 0, in = 0;
    for (std::ptrdiff_t j = 0; j < ny; j += group) {
      const std::ptrdiff_t used = ny - j < group ? ny - j : group;
      std::array<double, group> lane{};
      std::array<double*, group> row{};
      for (std::ptrdiff_t l = 0; l < group; ++l) row[static_cast<std::size_t>(l)] = plane + (j + (l < used ? l : 0)) * nx;
      for (std::ptrdiff_t i = 0; i < nx; ++i)
        for (std::size_t l = 0; l < group; ++l) {
          const double value = row[l][i];
          lane[l] += value;
          t[i * group + static_cast<std::ptrdiff_t>(l)] = value * keep;
        }
      if (do_x) {
        along_[0].solve<group>(t, group, group);
        in += along_[0].inflow(t, group, used);
      }
      for (std::ptrdiff_t i = 0; i < nx; ++i)
        for (std::ptrdiff_t l = 0; l < used; ++l) row[static_cast<std::size_t>(l)][i] = t[i * group + l];
      for (std::ptrdiff_t l = 0; l < used; ++l) total += lane[static_cast<std::size_t>(l)];
    }
    if (do_y) {
      along_[1].solve(plane, nx, nx);
      in += along_[1].inflow(plane, nx, nx);
    }
    amount[k] = total;
    inflow[k] = in;
  }
  double net = 0;
  for (std::ptrdiff_t k = 0; k < nz; ++k) {
    before += amount[k];
    net += inflow[k];
  }
  return net;
}

// Slab by slab: z along whole rows.
double LodStep::z_pass(std::span<double> c) {
  const std::ptrdiff_t nx = d_.voxels(0), ny = d_.voxels(1);
  part_.assign(static_cast<std::size_t>(ny), 0.0);
  double* const inflow = part_.data();
#pragma omp parallel for schedule(static) if (nx * ny * d_.voxels(2) > parallel_from)
  for (std::ptrdiff_t j = 0; j < ny; ++j) {
    double* const slab = c.data() + j * nx;
    along_[2].solve(slab, nx * ny, nx);
    inflow[j] = along_[2].inflow(slab, nx * ny, nx);
  }
  double net = 0;
  for (std::ptrdiff_t j = 0; j < ny; ++j) net += inflow[j];
  return net;
}

double splitting_error(const Diffusion& d, double dt_min, std::span<const double> c) {
  thread_local std::vector<double> scratch;
  const std::size_t n = c.size();
  scratch.assign(4 * n, 0.0);
  double* const one = scratch.data();
  double* const both = one + n;
  double* const later = both + n;   // sum of A_i c of the axes done so far
  double* const mixed = later + n;  // A_x A_y c + (A_x + A_y) A_z c, collected from z to x
  for (int axis = 2; axis >= 0; --axis) {
    if (d.idle(axis)) continue;
    second_difference(d, axis, true, later, both);
    second_difference(d, axis, false, c.data(), one);
    for_rows(n, [&](std::size_t v) {
      mixed[v] += both[v];
      later[v] += one[v];
    });
  }
  const double extra = ordered_sum(n, [&](std::size_t v) { return mixed[v] * mixed[v]; });
  const double proper = ordered_sum(n, [&](std::size_t v) { return later[v] * later[v]; });
  return proper > 0 ? dt_min * std::sqrt(extra / proper) : 0.0;
}

}  // namespace invado
