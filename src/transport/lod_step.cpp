#include "transport/lod_step.h"

#include <cmath>

#include "base/parallel.h"

namespace invado {
namespace {

constexpr int group = 8;                        // lines along x that are transposed and solved together
constexpr std::ptrdiff_t parallel_from = 8192;  // voxels below which one thread is quicker

// At voxel v along one axis: A_axis c = D/h^2 times the second difference, and the energy D/h^2 (c - c_next)^2 of the face
// behind it, with that of a held face before the first voxel.
struct AxisTerms {
  double second_difference = 0, energy = 0;
};

AxisTerms axis_terms(const Diffusion& d, int axis, std::span<const double> c, std::ptrdiff_t v) {
  const int n = d.voxels(axis);
  const std::ptrdiff_t step = axis == 0   ? 1
                              : axis == 1 ? d.voxels(0)
                                          : static_cast<std::ptrdiff_t>(d.voxels(0)) * d.voxels(1);
  const bool around = d.periodic[static_cast<std::size_t>(axis)];
  const int i = static_cast<int>(v / step % n);
  const auto at = [&](std::ptrdiff_t u) { return c[static_cast<std::size_t>(u)]; };
  const double here = at(v);
  double before = 0, behind = 0, energy = 0;
  if (i > 0)
    before = at(v - step) - here;
  else if (around)
    before = at(v + step * (n - 1)) - here;
  else if (d.held(axis, 0)) {
    const double gap = d.held_value(axis, 0) - here;
    before = 2 * gap;
    energy = 2 * gap * gap;
  }
  if (i < n - 1 || around) {
    behind = (i < n - 1 ? at(v + step) : at(v - step * (n - 1))) - here;
    energy += behind * behind;
  } else if (d.held(axis, 1)) {
    const double gap = d.held_value(axis, 1) - here;
    behind = 2 * gap;
    energy += 2 * gap * gap;
  }
  const double rate = d.exchange_rate(axis);
  return {rate * (before + behind), rate * energy};
}

}  // namespace

void LodStep::prepare(const Diffusion& diffusion, double dt_min) {
  d_ = diffusion;
  decay_dt_ = diffusion.decay * dt_min;
  for (int axis = 0; axis < 3; ++axis)
    along_[static_cast<std::size_t>(axis)].factorise(d_.voxels(axis), dt_min * d_.exchange_rate(axis),
                                                     d_.periodic[static_cast<std::size_t>(axis)], d_.held(axis, 0),
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
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (nx * ny * d_.voxels(2) > parallel_from)
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
#pragma omp parallel for schedule(INVADO_SCHEDULE) if (nx * ny * d_.voxels(2) > parallel_from)
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
  const auto terms = [&](std::size_t v) {
    std::array<AxisTerms, 3> all{};
    for (int axis = 0; axis < 3; ++axis)
      if (!d.idle(axis)) all[static_cast<std::size_t>(axis)] = axis_terms(d, axis, c, static_cast<std::ptrdiff_t>(v));
    return all;
  };
  const double extra = ordered_sum(c.size(), [&](std::size_t v) {
    const auto [x, y, z] = terms(v);
    return x.second_difference * y.second_difference + (x.second_difference + y.second_difference) * z.second_difference;
  });
  const double energy = ordered_sum(c.size(), [&](std::size_t v) {
    const auto [x, y, z] = terms(v);
    return x.energy + y.energy + z.energy;
  });
  return energy > 0 ? dt_min * std::fabs(extra) / energy : 0.0;
}

}  // namespace invado
