#include "transport/lod_step.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace invado {
namespace {

constexpr std::ptrdiff_t group = 16;            // lines along x that are solved together
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

// Sum in eight strands, so that additions need not wait for one another.
double sum_of(const double* c, std::ptrdiff_t n) {
  std::array<double, 8> strand{};
  const std::ptrdiff_t whole = n - n % 8;
  for (std::ptrdiff_t i = 0; i < whole; i += 8)
    for (std::size_t l = 0; l < 8; ++l) strand[l] += c[i + static_cast<std::ptrdiff_t>(l)];
  for (std::ptrdiff_t i = whole; i < n; ++i) strand[static_cast<std::size_t>(i - whole)] += c[i];
  return ((strand[0] + strand[1]) + (strand[2] + strand[3])) + ((strand[4] + strand[5]) + (strand[6] + strand[7]));
}

// Ask for a row of the plane or slab that comes next, while this one is in the second cache: the first is full.
void fetch_row(const double* c, std::ptrdiff_t n) {
  constexpr std::ptrdiff_t line = 8;
  for (std::ptrdiff_t i = 0; i < n; i += line) __builtin_prefetch(c + i, 0, 2);
}

}  // namespace

void LodStep::prepare(const Diffusion& diffusion, double dt_min) {
  d_ = diffusion;
  decay_dt_ = diffusion.decay * dt_min;
  keep_ = 1 / (1 + decay_dt_);
  for (std::size_t a = 0; a < 3; ++a) {
    const int axis = static_cast<int>(a);
    const auto factorise = [&](LineOperator& line, double scale) {
      line.factorise(d_.voxels(axis), dt_min * d_.exchange_rate(axis), d_.periodic[a], d_.held(axis, 0),
                     d_.held_value(axis, 0), d_.held(axis, 1), d_.held_value(axis, 1), scale);
    };
    factorise(along_[a], 1.0);
    factorise(begin_[a], axis == 1 && !d_.idle(0) ? 1.0 : keep_);
  }
}

StepFlows LodStep::advance(std::span<double> c, int steps, const VoxelExchange* exchange) {
  StepFlows flows;
  double amount = 0;  // before the decay of the step that the pass begins
  for (int p = 0; p <= steps; ++p) {
    const Work work{.ends = p > 0,
                    .begins = p < steps,
                    .sums = p == 0,
                    .solves = p % 2 == 0 ? !d_.idle(0) || !d_.idle(1) : !d_.idle(2),
                    .exchange = exchange,
                    .axes = {!d_.idle(0), !d_.idle(1), !d_.idle(2)}};
    const Share done = p % 2 == 0 ? plane_pass(work, c) : slab_pass(work, c);
    amount += done.inflow_end;
    flows.through_boundary += done.inflow_end + done.inflow_begin;
    const double changed = Exchanged::total(done.exchanged.changed), taken_up = Exchanged::total(done.exchanged.taken_up);
    if (p == 0) {
      flows.before = amount = done.before;
    } else {
      amount += changed;
    }
    if (exchange != nullptr) {
      flows.secreted += exchange->gives() ? changed + taken_up : 0.0;
      flows.taken_up += exchange->gives() ? taken_up : -changed;
    }
    if (work.begins) flows.decayed += amount * (decay_dt_ * keep_);
    amount = amount * keep_ + done.inflow_begin;
  }
  return flows;
}

double LodStep::sweep(int axis, std::span<double> c) {
  Work work{.ends = true};
  work.axes[static_cast<std::size_t>(axis)] = !d_.idle(axis);
  return axis == 2 ? slab_pass(work, c).inflow_end : plane_pass(work, c).inflow_end;
}

// Exchange in one row along x; decay too, where nothing is solved after it.
void LodStep::begin_row(double* c, std::ptrdiff_t row, const Work& work, Share& share) const {
  const std::ptrdiff_t nx = d_.voxels(0);
  if (work.exchange != nullptr) work.exchange->apply(static_cast<std::size_t>(row), c, share.exchanged);
  if (work.sums) share.before += sum_of(c, nx);
  if (work.solves || keep_ == 1) return;
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < nx; ++i) c[i] *= keep_;
}

// Lines along x and y of one plane, group by group while they are near. before(j): comes before everything else in row j.
// `next`: the plane to ask for meanwhile, or none.
template <class Before>
double LodStep::solve_plane(double* plane, const double* next, const std::array<LineOperator, 3>& along, const Work& work,
                            Before&& before) const {
  const std::ptrdiff_t nx = d_.voxels(0), ny = d_.voxels(1);
  double inflow = 0;
  for (std::ptrdiff_t j = 0; j < ny; j += group) {
    const std::ptrdiff_t end = std::min(j + group, ny);
    for (std::ptrdiff_t row = j; row < end; ++row) {
      if (next != nullptr) fetch_row(next + row * nx, nx);
      before(row);
    }
    if (work.axes[0]) {
      along[0].solve_behind(plane + j * nx, nx, end - j);
      inflow += along[0].inflow(plane + j * nx, 1, nx, end - j);
    }
    if (work.axes[1]) along[1].eliminate(plane, nx, nx, j, end);
  }
  if (work.axes[1]) {
    along[1].substitute(plane, nx, nx);
    inflow += along[1].inflow(plane, nx, 1, nx);
  }
  return inflow;
}

LodStep::Share LodStep::plane_pass(const Work& work, std::span<double> c) {
  const std::ptrdiff_t nx = d_.voxels(0), ny = d_.voxels(1), nz = d_.voxels(2);
  share_.assign(static_cast<std::size_t>(nz), Share{});
  share_out(static_cast<std::size_t>(nz), nx * ny * nz > parallel_from, [&](std::size_t at) {
    const auto k = static_cast<std::ptrdiff_t>(at);
    double* const plane = c.data() + k * nx * ny;
    const double* const next = k + 1 < nz ? plane + nx * ny : nullptr;
    Share share;
    if (work.ends) share.inflow_end = solve_plane(plane, work.begins ? nullptr : next, along_, work, [](std::ptrdiff_t) {});
    if (work.begins)
      share.inflow_begin = solve_plane(plane, next, begin_, work,
                                       [&](std::ptrdiff_t j) { begin_row(plane + j * nx, k * ny + j, work, share); });
    share_[at] = share;
  });
  return total(share_);
}

LodStep::Share LodStep::slab_pass(const Work& work, std::span<double> c) {
  const std::ptrdiff_t nx = d_.voxels(0), ny = d_.voxels(1), nz = d_.voxels(2), stride = nx * ny;
  share_.assign(static_cast<std::size_t>(ny), Share{});
  share_out(static_cast<std::size_t>(ny), nx * ny * nz > parallel_from, [&](std::size_t at) {
    const auto j = static_cast<std::ptrdiff_t>(at);
    double* const slab = c.data() + j * nx;
    const bool another = j + 1 < ny;
    Share share;
    if (work.ends && work.axes[2]) {
      for (std::ptrdiff_t k = 0; k < nz; k += 4) {
        const std::ptrdiff_t end = std::min(k + 4, nz);
        // Rows of a slab lie far apart: no processor guesses where the next ones are.
        for (std::ptrdiff_t row = k; row < end && another && !work.begins; ++row) fetch_row(slab + row * stride + nx, nx);
        along_[2].eliminate(slab, stride, nx, k, end);
      }
      along_[2].substitute(slab, stride, nx);
      share.inflow_end = along_[2].inflow(slab, stride, 1, nx);
    }
    if (work.begins) {
      for (std::ptrdiff_t k = 0; k < nz; k += 4) {
        const std::ptrdiff_t end = std::min(k + 4, nz);
        for (std::ptrdiff_t row = k; row < end; ++row) {
          if (another) fetch_row(slab + row * stride + nx, nx);
          begin_row(slab + row * stride, row * ny + j, work, share);
        }
        if (work.axes[2]) begin_[2].eliminate(slab, stride, nx, k, end);
      }
      if (work.axes[2]) {
        begin_[2].substitute(slab, stride, nx);
        share.inflow_begin = begin_[2].inflow(slab, stride, 1, nx);
      }
    }
    share_[at] = share;
  });
  return total(share_);
}

LodStep::Share LodStep::total(const std::vector<Share>& shares) {
  Share sum;
  for (const Share& share : shares) {
    sum.before += share.before;
    for (std::size_t l = 0; l < VoxelBlocks::lanes; ++l) {
      sum.exchanged.changed[l] += share.exchanged.changed[l];
      sum.exchanged.taken_up[l] += share.exchanged.taken_up[l];
    }
    sum.inflow_end += share.inflow_end;
    sum.inflow_begin += share.inflow_begin;
  }
  return sum;
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
