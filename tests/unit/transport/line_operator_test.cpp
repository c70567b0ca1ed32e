// The implicit line operator against a dense solve, and the exchange law against its equation.
// Tolerance: Thomas is backward stable here (diagonally dominant, condition <= 1 + 4r = 41): 41 * 30 * 1.1e-16 = 1.4e-13.
// Seen to fail: held face r instead of 2r; periodic corner without one of its two neighbours; carry of the wrong row; inflow
// of the high face forgotten; uptake explicit, or booked at the old value; coarse loss times 8 (33 iterations), coarse
// coupling not halved (27); error estimate halved, or without the energy of held faces. Last points of a line not
// substituted; a held value or a periodic corner not scaled with the decay; a point left out between two parts; voxels
// without cells halved; target compared with the old value; the change of the amount without what was there; amounts of
// later steps without the exchange; two passes over planes one after the other; decay forgotten where nothing is solved
// along x.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"
#include "transport/line_operator.h"
#include "transport/lod_step.h"
#include "transport/steady.h"
#include "transport/voxel_exchange.h"

using namespace invado;

namespace {

std::vector<double> solve_dense(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t p = 0; p < n; ++p)
    for (std::size_t i = p + 1; i < n; ++i) {
      const double f = a[i][p] / a[p][p];
      for (std::size_t j = p; j < n; ++j) a[i][j] -= f * a[p][j];
      b[i] -= f * b[p];
    }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) b[i] -= a[i][j] * b[j];
    b[i] /= a[i][i];
  }
  return b;
}

}  // namespace

TEST_CASE("a line is solved as a dense matrix would be, for every boundary and length") {
  constexpr double r = 10, low = 3, high = 0.5;
  for (const int n : {1, 2, 3, 4, 17})
    for (const int kind : {0, 1, 2, 3, 4}) {  // closed, held low, held high, held both, periodic
      const bool held_low = kind == 1 || kind == 3, held_high = kind == 2 || kind == 3, periodic = kind == 4;
      const auto size = static_cast<std::size_t>(n);
      std::vector<std::vector<double>> a(size, std::vector<double>(size, 0.0));
      std::vector<double> b(size);
      for (std::size_t i = 0; i < size; ++i) {
        b[i] = uniform4(Seed{1}, static_cast<std::uint32_t>(n), Purpose::Placement, static_cast<std::int64_t>(i))[0];
        a[i][i] += 1;
        if (i + 1 < size) {
          a[i][i] += r, a[i][i + 1] -= r;
          a[i + 1][i + 1] += r, a[i + 1][i] -= r;
        }
      }
      if (periodic && n > 1) {
        a[0][0] += r, a[0][size - 1] -= r;
        a[size - 1][size - 1] += r, a[size - 1][0] -= r;
      }
      std::vector<double> c(size * 3);
      for (std::size_t i = 0; i < size; ++i)
        for (std::size_t l = 0; l < 3; ++l) c[i * 3 + l] = b[i] * static_cast<double>(l + 1);  // three lanes: 1, 2, 3 times
      std::vector<double> inflow_free = c;
      if (held_low) a[0][0] += 2 * r, b[0] += 2 * r * low;
      if (held_high) a[size - 1][size - 1] += 2 * r, b[size - 1] += 2 * r * high;
      const std::vector<double> expected = solve_dense(a, b);

      LineOperator line;
      line.factorise(n, r, periodic, held_low, low, held_high, high);
      line.solve(c.data(), 3, 3);
      double before = 0, after = 0;
      for (std::size_t i = 0; i < size; ++i) {
        CAPTURE(n);
        CAPTURE(kind);
        CHECK(c[i * 3] == doctest::Approx(expected[i]).epsilon(2e-13));
        if (!held_low && !held_high) CHECK(c[i * 3 + 2] == doctest::Approx(3 * expected[i]).epsilon(4e-13));
        for (std::size_t l = 0; l < 3; ++l) before += inflow_free[i * 3 + l], after += c[i * 3 + l];
      }
      // What the faces let in is the change of the amount.
      CHECK(line.inflow(c.data(), 3, 1, 3) == doctest::Approx(after - before).epsilon(1e-12).scale(before));
    }
}

TEST_CASE("no value becomes negative, whatever the step") {
  for (const bool periodic : {false, true})
    for (const double r : {1e-3, 1.0, 1e6}) {
      std::vector<double> c(101, 0.0);
      c[50] = 1;
      LineOperator line;
      line.factorise(101, r, periodic, true, 0.0, false, 0.0);
      for (int step = 0; step < 50; ++step) line.solve(c.data(), 1, 1);
      CHECK(*std::ranges::min_element(c) >= 0);
    }
}

TEST_CASE("lines one behind the other are solved to the same bits as lines side by side, decay included") {
  for (const int n : {1, 2, 3, 4, 5, 8, 22})
    for (const std::ptrdiff_t lines : {1, 3, 4, 6, 11, 13, 16, 35})
      for (const int kind : {0, 1, 2, 4})
        for (const double scale : {1.0, 0.75}) {
          if (n == 1 && kind == 4) continue;  // nothing is solved
          const auto size = static_cast<std::size_t>(n), count = static_cast<std::size_t>(lines);
          LineOperator line;
          line.factorise(n, 0.7, kind == 4, kind == 1, 3.0, kind >= 1 && kind < 3, 0.5, scale);
          LineOperator plain;
          plain.factorise(n, 0.7, kind == 4, kind == 1, 3.0, kind >= 1 && kind < 3, 0.5);
          std::vector<double> beside(size * count), behind(size * count), scaled(size * count);
          for (std::size_t l = 0; l < count; ++l)
            for (std::size_t i = 0; i < size; ++i) {
              const double value =
                  uniform4(Seed{2}, static_cast<std::uint32_t>(l), Purpose::Placement, n + 3 * lines)[i % 4];
              beside[i * count + l] = behind[l * size + i] = value;
              scaled[i * count + l] = scale * value;
            }
          line.solve(beside.data(), lines, lines);
          plain.solve(scaled.data(), lines, lines);
          line.solve_behind(behind.data(), n, lines);
          CAPTURE(n);
          CAPTURE(lines);
          CAPTURE(kind);
          bool same = true;
          double worst = 0;
          for (std::size_t l = 0; l < count; ++l)
            for (std::size_t i = 0; i < size; ++i) {
              same = same && beside[i * count + l] == behind[l * size + i];
              worst = std::max(worst, std::fabs(beside[i * count + l] - scaled[i * count + l]));
            }
          CHECK(same);
          CHECK(worst < 1e-13);
          CHECK(line.inflow(beside.data(), lines, 1, lines) == line.inflow(behind.data(), 1, n, lines));
        }
}

TEST_CASE("elimination in parts is elimination at once") {
  for (const bool held : {false, true}) {
    LineOperator line;
    line.factorise(21, 2.5, !held, held, 2.0, held, 0.25);
    std::vector<double> whole(21 * 5);
    for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<double>(i * i % 17);
    std::vector<double> parts = whole;
    line.solve(whole.data(), 5, 5);
    for (const auto& [from, to] : {std::pair{0, 1}, {1, 6}, {6, 20}, {20, 21}}) line.eliminate(parts.data(), 5, 5, from, to);
    line.substitute(parts.data(), 5, 5);
    CHECK(parts == whole);
  }
}

// Eleven voxels in a row: a whole block of the exchange and a part of one; voxels 2 and 6 hold nobody.
TEST_CASE("exchange solves its equation at the new value, and never takes more than is there") {
  const Grid3 grid{{11, 2, 1}, {20, 20, 20}};
  const std::vector<std::uint32_t> occupied{2, 3};  // blocks, of the second row
  const std::vector<std::size_t> cells{0, 1, 3, 4, 5, 7, 8, 9, 10};
  for (const std::size_t kinds : {0u, 1u, 2u, 3u}) {
    const std::vector<double> targets = {3, 1, 0.25};
    const std::vector<double> secretion{0.7, 11, 1};
    for (const double c : {0.0, 0.5, 2.0, 5.0})
      for (const double uptake : {0.0, 0.1, 1e6})
        for (const double source : {0.0, 2.0})
          for (const double dt : {1e-3, 1.0, 1e4}) {
            VoxelSums sums;
            sums.source.assign(16, 0.0);
            sums.rate.assign(16 * (1 + kinds), 0.0);
            for (const std::size_t v : cells) {
              sums.source[v] = source;
              sums.rate[v] = uptake;
              for (std::size_t t = 0; t < kinds; ++t) sums.rate[16 * (1 + t) + v] = secretion[t];
            }
            if (source == 0 && kinds == 2) sums.source.clear();
            VoxelExchange exchange;
            exchange.build(VoxelBlocks(grid), occupied, sums, std::span(targets).first(kinds), dt);
            CHECK(exchange.gives() == (kinds > 0 || source > 0));
            std::vector<double> row(11, c);
            Exchanged nobody;
            exchange.apply(0, row.data(), nobody);
            CHECK(nobody.changed == Exchanged{}.changed);
            CHECK(nobody.taken_up == Exchanged{}.taken_up);
            CHECK(row == std::vector<double>(11, c));
            Exchanged all;
            exchange.apply(1, row.data(), all);
            CHECK(row[2] == c);
            CHECK(row[6] == c);
            const double value = row[0];
            for (const std::size_t v : cells) CHECK(row[v] == value);
            double gain = source;
            for (std::size_t t = 0; t < kinds; ++t) gain += secretion[t] * std::max(0.0, targets[t] - value);
            const double largest = std::max({c, dt * gain, dt * uptake * value, 1.0});
            CHECK(value >= 0);
            // (target - value) is known to 1e-15, so the gain only to dt * secretion times it.
            const double rounding = 1e-14 * largest + dt * 12.7 * 1e-15;
            CHECK(std::fabs(value - c - dt * (gain - uptake * value)) <= rounding);
            CHECK(std::fabs(Exchanged::total(all.changed) - 9 * (value - c)) <= 1e-14 * largest);
            CHECK(std::fabs(Exchanged::total(all.taken_up) - 9 * dt * uptake * value) <= 9 * rounding);
          }
  }
}

// Along one axis, and without held faces along all three, the order of the axes is none: several steps at once are the
// single steps one after the other, up to rounding (2e-13 per line solve). Exchange comes before decay in each of them.
TEST_CASE("several steps at once are as many single steps") {
  for (const std::array<int, 3> shape : {std::array<int, 3>{13, 18, 9}, {30, 1, 1}, {1, 17, 3}, {1, 1, 12}, {1, 1, 1}})
    for (const int kind : {0, 1, 2, 3}) {  // closed, periodic, held; with cells in the last one
      Diffusion d;
      d.grid = {shape, {20, 20, 20}};
      d.coefficient = 900;
      d.decay = 0.2;
      if (kind == 1) d.periodic = {true, false, true};
      const bool line = std::ranges::count(shape, 1) >= 2;
      if (kind == 2 && !line) continue;
      if (kind == 2) {
        const auto axis = static_cast<std::size_t>(std::ranges::max_element(shape) - shape.begin());
        d.face[axis] = {FaceCondition{true, 2}, FaceCondition{}};
      }
      std::vector<double> together(d.grid.size());
      for (std::size_t v = 0; v < together.size(); ++v) together[v] = static_cast<double>(v * 7 % 5);
      std::vector<double> single = together;
      VoxelExchange exchange;
      // The same everywhere, linear: it commutes with diffusion.
      const VoxelBlocks blocks(d.grid);
      std::vector<std::uint32_t> everywhere(blocks.count());
      std::iota(everywhere.begin(), everywhere.end(), 0U);
      VoxelSums sums;
      sums.source.assign(blocks.count() * VoxelBlocks::lanes, 0);
      sums.rate.assign(blocks.count() * VoxelBlocks::lanes, 0);
      for (std::size_t v = 0; v < together.size(); ++v) {
        sums.source[blocks.lane_of(v)] = 0.5;
        sums.rate[blocks.lane_of(v)] = 0.75;
      }
      exchange.build(blocks, everywhere, sums, {}, 0.4);
      const VoxelExchange* const cells = kind == 3 ? &exchange : nullptr;
      LodStep step;
      step.prepare(d, 0.4);
      for (const int steps : {2, 3, 4}) {
        const double start = std::accumulate(together.begin(), together.end(), 0.0);
        const StepFlows at_once = step.advance(together, steps, cells);
        StepFlows one_by_one;
        for (int s = 0; s < steps; ++s) {
          const StepFlows flows = step.advance(single, 1, cells);
          one_by_one.secreted += flows.secreted;
          one_by_one.taken_up += flows.taken_up;
          one_by_one.decayed += flows.decayed;
          one_by_one.through_boundary += flows.through_boundary;
        }
        CAPTURE(shape[0]);
        CAPTURE(kind);
        CAPTURE(steps);
        double worst = 0;
        for (std::size_t v = 0; v < single.size(); ++v) worst = std::max(worst, std::fabs(single[v] - together[v]));
        CHECK(worst < 1e-12);
        CHECK(at_once.secreted == doctest::Approx(one_by_one.secreted).epsilon(1e-12));
        CHECK(at_once.taken_up == doctest::Approx(one_by_one.taken_up).epsilon(1e-12));
        CHECK(at_once.decayed == doctest::Approx(one_by_one.decayed).epsilon(1e-12));
        CHECK(at_once.through_boundary == doctest::Approx(one_by_one.through_boundary).epsilon(1e-12));
        const double end = std::accumulate(together.begin(), together.end(), 0.0);
        CHECK(std::fabs(end - start - (at_once.secreted - at_once.taken_up - at_once.decayed + at_once.through_boundary)) <
              1e-13 * (1 + start + at_once.secreted));
      }
    }
}

// One mode of a closed box: a split step multiplies it by 1/((1 + dt lx)(1 + dt ly)), a step without splitting by
// 1/(1 + dt (lx + ly)); in a steady state the relative error is dt lx ly/(lx + ly). A gradient between held faces has none.
TEST_CASE("the splitting error is that of the mode") {
  constexpr int nx = 12, ny = 9;
  Diffusion d;
  d.grid = {{nx, ny, 2}, {20, 20, 20}};
  d.coefficient = 800;
  std::vector<double> c(d.grid.size());
  const double px = 3.14159265358979323846 * 3 / nx, py = 3.14159265358979323846 * 2 / ny;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) c[d.grid.index(i, j, k)] = 2 + std::cos(px * (i + 0.5)) * std::cos(py * (j + 0.5));
  const double lx = 8 * std::pow(std::sin(px / 2), 2), ly = 8 * std::pow(std::sin(py / 2), 2);
  CHECK(splitting_error(d, 0.4, c) == doctest::Approx(0.4 * lx * ly / (lx + ly)).epsilon(1e-12));
  d.face[0] = {FaceCondition{true, 0}, FaceCondition{true, 0}};  // the same wave, as a sine
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) c[d.grid.index(i, j, k)] = std::sin(px * (i + 0.5)) * std::cos(py * (j + 0.5));
  CHECK(splitting_error(d, 0.4, c) == doctest::Approx(0.4 * lx * ly / (lx + ly)).epsilon(1e-12));
  d.face[0] = {FaceCondition{true, 1}, FaceCondition{true, 4}};
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) c[d.grid.index(i, j, k)] = 1 + 3 * (i + 0.5) / nx;
  CHECK(splitting_error(d, 0.4, c) < 1e-14);
}

// The preconditioner cannot change a steady state, only the work: each V-cycle takes an order of magnitude off.
TEST_CASE("a steady solve takes a few iterations, for any shape and boundary") {
  for (const std::array<int, 3> shape : {std::array<int, 3>{33, 29, 17}, {40, 1, 40}, {200, 1, 1}, {16, 16, 16}})
    for (const bool held : {false, true}) {
      Diffusion d;
      d.grid = {shape, {20, 20, 20}};
      d.coefficient = 1e5;
      d.decay = 0.1;
      if (held)
        for (auto& axis : d.face) axis = {FaceCondition{true, 38}, FaceCondition{true, 38}};
      std::vector<double> c(d.grid.size(), 1.0), loss(d.grid.size(), 0.0), source(d.grid.size(), 0.0);
      for (std::size_t v = 0; v < c.size(); v += 3) loss[v] = static_cast<double>(v % 7);
      source[c.size() / 2] = 5;
      SteadySolver solver;
      const SteadyResult result = solver.solve(d, loss, source, 1e-10, c);
      CAPTURE(shape[0]);
      CAPTURE(held);
      CHECK(result.residual <= 1e-10);
      CHECK(result.iterations <= 18);
      CHECK(*std::ranges::min_element(c) >= 0);
    }
}

// The cycle is in single precision, the answer is not: of values that single precision cannot hold, and beside losses that
// it cannot hold, the residual is the same.
TEST_CASE("a steady solve is as good for values and losses of any size") {
  Diffusion d;
  d.grid = {{20, 18, 12}, {20, 20, 20}};
  d.coefficient = 1e5;
  d.decay = 0.1;
  std::vector<double> loss(d.grid.size(), 0.0), source(d.grid.size(), 0.0);
  for (std::size_t v = 0; v < loss.size(); v += 5) loss[v] = static_cast<double>(v % 7);
  std::vector<double> ordinary;
  for (const double size : {1.0, 1e-60, 1e60}) {
    std::vector<double> c(d.grid.size(), 0.0);
    source[700] = 5 * size;
    SteadySolver solver;
    const SteadyResult result = solver.solve(d, loss, source, 1e-12, c);
    CAPTURE(size);
    CHECK(result.residual <= 1e-12);
    CHECK(result.iterations <= 18);
    if (ordinary.empty()) ordinary = c;
    for (std::size_t v = 0; v < c.size(); v += 11) CHECK(c[v] / size == doctest::Approx(ordinary[v]).epsilon(1e-9));
  }
  loss[900] = 1e30;  // nothing is left in that voxel
  std::vector<double> c(d.grid.size(), 0.0);
  source[700] = 5;
  SteadySolver solver;
  CHECK(solver.solve(d, loss, source, 1e-12, c).residual <= 1e-12);
  CHECK(c[900] < 1e-25);
  CHECK(c[700] > 0);
}
