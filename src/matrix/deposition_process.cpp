// Deposition: cells that make matrix fill and crosslink the voxels that they hold (biology.md 4b).
//   d rho/dt = k_dep (rho_target - rho)+       d chi/dt = k_lox (chi_max - chi)
// in voxels whose centre lies within the radius, and in the cell's own voxel; the rates of several cells add up.
// By default nobody does: fibroblasts have `remodelling: {deposition: 0.01 1/h}` in their parameter set.
#include <algorithm>

#include "matrix/deposit.h"
#include "matrix/reach.h"
#include "matrix/slab_sum.h"
#include "model/process.h"

namespace invado {
namespace {

struct Remodelling {
  double deposition = 0;    // k_dep [1/h]
  double crosslinking = 0;  // k_lox [1/h]
};

class Deposition final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "deposition"; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {"x", "y", "z", "radius", "type", "matrix"}; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"matrix"}; }

  void describe(ParamVisitor& v) override {
    v.number("target", target_, Unit::MgPerMl, non_negative, "density up to which cells fill the matrix",
             "assumed: the reference collagen");
    v.number("crosslinking_max", crosslinking_max_, Unit::One, Range{1, 100}, "crosslinking that cells can reach",
             "assumed");
  }
  void resize_types(std::size_t types) override { types_.resize(types); }
  void describe_type(ParamVisitor& v, std::size_t type) override {
    Remodelling& p = types_[type];
    v.section("remodelling", "what the cells add to the matrix", [&](ParamVisitor& inner) {
      inner.number("deposition", p.deposition, Unit::PerHour, non_negative,
                   "rate of filling the matrix; fibroblasts 0.01 1/h", "biology.md 4b, assumed");
      inner.number("crosslinking", p.crosslinking, Unit::PerHour, non_negative, "rate of crosslinking (LOX)",
                   "biology.md 4b, assumed");
    });
  }

  void apply_to(World&, std::span<Site* const> sites, const Tick& tick) const override {
    if (std::ranges::none_of(types_, [](const Remodelling& p) { return p.deposition > 0 || p.crosslinking > 0; })) return;
    const double hours = tick.dt_min / 60;
    for (Site* const site : sites)
      if (!site->matrix.none() && site->cells.size() > 0) remodel(*site, hours);
  }

 private:
  double target_ = 1.7;
  double crosslinking_max_ = 3;
  std::vector<Remodelling> types_;

  void remodel(Site& site, double hours) const {
    Matrix& matrix = site.matrix;
    const bool any_inert = matrix.any(inert);
    if (std::ranges::any_of(types_, [](const Remodelling& p) { return p.crosslinking > 0; })) matrix.crosslinked = true;
    const Population& cells = site.cells;
    const std::array<bool, 3> periodic = site.domain.periodic();
    const Slabs slabs(matrix.grid, *std::ranges::max_element(cells.radius));
    thread_local RowsBySlab rows_scratch;
    rows_scratch.build(matrix.grid, slabs, periodic[2], cells.z, [&](std::size_t row) { return cells.radius[row]; });
    const double gained = sum_over_slabs<2>(
        matrix.grid, slabs, rows_scratch,
        [&](SlabSum<2>& sum, int from, int to, std::span<const std::uint32_t> rows) {
          for (const std::uint32_t row : rows) {
            const Remodelling& p = types_[cells.type[row]];
            if (p.deposition <= 0 && p.crosslinking <= 0) continue;
            const SlabSum<2>::Amounts rates({p.deposition, p.crosslinking});
            for_runs_held(matrix.grid, periodic, cells.position(row), cells.radius[row], from, to, [&](const VoxelRun& run) {
              sum.add(run, rates, [&](int n) {
                return !any_inert || !inert(matrix.tissue_at(run.voxel + static_cast<std::size_t>(n)));
              });
            });
          }
        },
        [&](Touched<2>& some) {
          for (std::size_t n = 0; n < some.count; ++n) {
            const std::size_t voxel = some.voxel[n];
            const double rho = matrix.density[voxel];
            matrix.density[voxel] = deposited_density(rho, target_, some.sum[0][n] * hours);
            matrix.crosslinking[voxel] = static_cast<float>(
                crosslinked(static_cast<double>(matrix.crosslinking[voxel]), crosslinking_max_, some.sum[1][n] * hours));
            some.entry[n] = matrix.density[voxel] - rho;
          }
        });
    matrix.deposited_mg_um3 += gained * matrix.grid.voxel_volume();
  }
};

}  // namespace

std::unique_ptr<Process> make_deposition() { return std::make_unique<Deposition>(); }

}  // namespace invado
