// Laws and solvers without a world around them.
#include <cmath>

#include "base/maths.h"
#include "base/parallel.h"
#include "base/random.h"
#include "bench/measure.h"
#include "transport/lod_step.h"
#include "transport/steady.h"

namespace invado::bench {
namespace {

using Rows = std::vector<std::pair<std::string, Result>>;

Diffusion factor(int n, bool held) {
  Diffusion d;
  d.grid.shape = {n, n, n};
  d.grid.spacing = {20, 20, 20};
  d.coefficient = 1e5;
  d.decay = 0.1;
  for (auto& axis : d.face)
    for (FaceCondition& face : axis) face = {held, 38};
  return d;
}

int edge(int n, const Options& options) {
  return std::max(8, static_cast<int>(std::nearbyint(n / std::cbrt(options.smaller))));
}

// The implicit step of F1, F8, without its process: one solve per 0.01 min, as in PhysiCell.
Rows lod(const std::string& name, int n, int steps, const Options& options) {
  const Diffusion d = factor(edge(n, options), false);
  LodStep step;
  step.prepare(d, 0.01);
  std::vector<double> c(d.grid.size(), 38.0);
  Result r{.unit = "voxel", .units = static_cast<double>(c.size()), .steps = static_cast<double>(steps)};
  r.arrays = sizeof(double);
  r.times = repeat(
      options, [] {},
      [&] {
        for (int s = 0; s < steps; ++s) keep(step.advance(c));
      });
  r.checks = {{"value at the end", c[c.size() / 2]}};
  return {{name, r}};
}

// Oxygen around a ball of packed tissue (uptake 10 1/min at volume fraction 0.6, radius 0.3 of the box), from 38 mmHg.
Rows steady(const std::string& name, int edge_voxels, const Options& options) {
  const int n = edge(edge_voxels, options);
  const Diffusion d = factor(n, true);
  std::vector<double> loss(d.grid.size(), 0.0), source(d.grid.size(), 0.0), c;
  std::size_t v = 0;
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i, ++v) {
        const double x = i + 0.5 - 0.5 * n, y = j + 0.5 - 0.5 * n, z = k + 0.5 - 0.5 * n;
        if (x * x + y * y + z * z < 0.09 * n * n) loss[v] = 6;
      }
  SteadySolver solver;
  SteadyResult result;
  Result r{.unit = "voxel", .units = static_cast<double>(d.grid.size())};
  r.times = repeat(
      options, [&] { c.assign(d.grid.size(), 38.0); }, [&] { result = solver.solve(d, loss, source, 1e-10, c); });
  r.checks = {{"iterations", static_cast<double>(result.iterations)},
              {"value in the middle", c[c.size() / 2 + static_cast<std::size_t>(n) / 2]}};
  return {{name, r}};
}

constexpr std::size_t many = 1 << 20;

Rows gaussians(const Options& options) {
  std::vector<double> out(4 * many);
  std::uint32_t step = 0;
  Result r{.unit = "normal", .units = 4.0 * many};
  r.times = repeat(
      options, [] {},
      [&] {
        ++step;
        for_rows(many, [&](std::size_t i) {
          const auto z = gauss4(Seed{1}, step, Purpose::SignalNoise, static_cast<std::int64_t>(i));
          for (std::size_t k = 0; k < 4; ++k) out[4 * i + k] = z[k];
        });
        keep(out[0]);
      });
  double sum = 0;
  for (const double z : out) sum += z * z;
  r.checks = {{"variance", sum / static_cast<double>(out.size())}};
  return {{"gaussians", r}};
}

Rows exponentials(const Options& options) {
  std::vector<double> in(4 * many), out(4 * many);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = -10.0 * static_cast<double>(i) / static_cast<double>(in.size());
  Result r{.unit = "value", .units = static_cast<double>(in.size())};
  r.times = repeat(
      options, [] {},
      [&] {
        for_rows(in.size(), [&](std::size_t i) { out[i] = invado::exp(in[i]); });
        keep(out[0]);
      });
  r.checks = {{"exp(-5)", out[out.size() / 2]}};
  return {{"exponentials", r}};
}

}  // namespace

void add_kernels(Benchmarks& all) {
  all["lod_100"] = [](const Options& options) { return lod("lod_100", 100, 20, options); };
  all["lod_200"] = [](const Options& options) { return lod("lod_200", 200, 5, options); };
  all["steady_100"] = [](const Options& options) { return steady("steady_100", 100, options); };
  all["gaussians"] = gaussians;
  all["exponentials"] = exponentials;
}

}  // namespace invado::bench
