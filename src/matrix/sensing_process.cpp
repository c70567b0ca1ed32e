// Sensing: what a cell finds of the matrix around it. Columns `ligand`, `anchored`, `pore`, `stiffness`.
//   ligand    largest rho/rho_ref of the voxels whose box comes within R + reach of the centre, so that a cell in its own
//             tunnel still holds on to the walls. Membrane carries no ligand.
//   anchored  one of these voxels has rho >= 0.05 mg/ml or is solid (membrane, wall, bone).
//   pore, stiffness  trilinear at the centre (the steric factor is not made from this pore: it averages voxel by voxel).
// `matrix: none`: ligand 0, stiffness 0, the widest pore, not anchored. A bare dish and a suspension look the same here;
// a dish scenario switches anoikis off.
#include <algorithm>

#include "base/parallel.h"
#include "matrix/reach.h"
#include "model/matrix_points.h"
#include "model/process.h"

namespace invado {
namespace {

class Sensing final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "sensing"; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {"x", "y", "z", "radius", "matrix"}; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"ligand", "anchored", "pore", "stiffness"}; }
  [[nodiscard]] std::vector<std::string_view> fills() const override { return writes(); }

  void describe(ParamVisitor& v) override {
    v.number("reach", reach_, Unit::Um, non_negative, "how far beyond its radius a cell holds on to matrix",
             "biology.md 4b");
    v.number("anchoring_density", anchoring_density_, Unit::MgPerMl, positive, "least density that anchors a cell",
             "biology.md 4b, assumed");
  }

  // Without matrix what cells feel of it stays as it was at the start.
  [[nodiscard]] bool needed(const World& world) const override {
    return std::ranges::any_of(world.sites, [](const Site& site) { return !site.matrix.none(); });
  }

  void start_cells(const World&, Site& site, std::size_t first) const override { sense(site, first); }
  void apply_to(World&, std::span<Site* const> sites, const Tick&) const override {
    for (Site* const site : sites) sense(*site, 0);
  }

 private:
  double reach_ = 10;
  double anchoring_density_ = 0.05;

  // The cells from row `first` on.
  void sense(Site& site, std::size_t first) const {
    const std::size_t n = site.cells.size() - first;
    if (site.matrix.none()) {
      const float open = static_cast<float>(site.matrix.law.pore_max);
      for_rows(n, [&](std::size_t k) { set(site.cells, first + k, {}, open, 0); });
    } else {
      for_blocks((n + many - 1) / many,
                 [&](std::size_t block) { sense_around(site, first + many * block, std::min(many, n - many * block)); });
    }
  }

  struct Hold {
    float ligand = 0;
    bool anchored = false;
  };

  static void set(Population& cells, std::size_t row, Hold hold, float pore, float stiffness) {
    cells.ligand[row] = hold.ligand;
    cells.anchored[row] = hold.anchored ? 1 : 0;
    cells.pore_um2[row] = pore;
    cells.stiffness_kpa[row] = stiffness;
  }

  // The cells in rows first .. first + count - 1, at most 16.
  void sense_around(Site& site, std::size_t first, std::size_t count) const {
    const Matrix& matrix = site.matrix;
    Population& cells = site.cells;
    const std::array<bool, 3> periodic = site.domain.periodic();
    ManyVectors x;
    for (std::size_t k = 0; k < many; ++k) {
      const std::size_t row = first + std::min(k, count - 1);
      x[0][k] = cells.x[row];
      x[1][k] = cells.y[row];
      x[2][k] = cells.z[row];
    }
    const TrilinearMany centres(AxisPairs(matrix.grid, 0, x[0], periodic[0]), AxisPairs(matrix.grid, 1, x[1], periodic[1]),
                                AxisPairs(matrix.grid, 2, x[2], periodic[2]));
    FeltMatrix felt;
    feel_matrix(matrix, centres, felt);
    Many pore;
    feel_pores(matrix, centres, pore);
    const bool any_solid = matrix.any(solid);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t row = first + k;
      const Reach around{cells.position(row), cells.radius[row] + reach_};
      set(cells, row, any_solid ? hold_on<true>(matrix, periodic, around) : hold_on<false>(matrix, periodic, around),
          static_cast<float>(pore[k]), static_cast<float>(felt.stiffness[k]));
    }
  }

  struct Reach {
    Vec3 centre;
    double radius;
  };

  // What a cell finds to hold on to. Without solid tissue, which may carry no ligand, the density alone tells.
  template <bool any_solid>
  [[nodiscard]] Hold hold_on(const Matrix& matrix, std::array<bool, 3> periodic, const Reach& around) const {
    Doubles8 densest{};
    bool on_solid = false;
    for_runs_touched(matrix.grid, periodic, around.centre, around.radius, 0, matrix.grid.shape[2], [&](const VoxelRun& run) {
      if constexpr (any_solid)
        for (std::size_t v = run.voxel; v < run.voxel + static_cast<std::size_t>(run.count); ++v) {
          on_solid |= solid(matrix.tissue_at(v));
          densest.set(0, std::max(densest[0], matrix.collagen(v)));
        }
      else
        densest = larger(densest, load_first(&matrix.density[run.voxel], static_cast<std::size_t>(run.count)));
    });
    const double rho = largest(densest);
    return {static_cast<float>(rho / matrix.law.rho_ref), on_solid || rho >= anchoring_density_};
  }
};

}  // namespace

std::unique_ptr<Process> make_sensing() { return std::make_unique<Sensing>(); }

}  // namespace invado
