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
#include "model/process.h"

namespace invado {
namespace {

class Sensing final : public Process {
 public:
  [[nodiscard]] std::string_view name() const override { return "sensing"; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {"x", "y", "z", "radius", "matrix"}; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"ligand", "anchored", "pore", "stiffness"}; }

  void describe(ParamVisitor& v) override {
    v.number("reach", reach_, Unit::Um, non_negative, "how far beyond its radius a cell holds on to matrix",
             "biology.md 4b");
    v.number("anchoring_density", anchoring_density_, Unit::MgPerMl, positive, "least density that anchors a cell",
             "biology.md 4b, assumed");
  }

  void start(World& world) const override { sense(world); }
  void apply(World& world, const Tick&) const override { sense(world); }

 private:
  double reach_ = 10;
  double anchoring_density_ = 0.05;

  void sense(World& world) const {
    for (Site& site : world.sites) {
      if (site.matrix.none()) {
        const float open = static_cast<float>(site.matrix.law.pore_max);
        for_rows(site.cells.size(), [&](std::size_t row) { set(site.cells, row, 0, false, open, 0); });
      } else {
        const std::array<bool, 3> periodic = site.domain.periodic();
        for_rows(site.cells.size(), [&](std::size_t row) { sense_around(site, periodic, row); });
      }
    }
  }

  static void set(Population& cells, std::size_t row, float ligand, bool anchored, float pore, float stiffness) {
    cells.ligand[row] = ligand;
    cells.anchored[row] = anchored ? 1 : 0;
    cells.pore_um2[row] = pore;
    cells.stiffness_kpa[row] = stiffness;
  }

  void sense_around(Site& site, std::array<bool, 3> periodic, std::size_t row) const {
    const Matrix& matrix = site.matrix;
    const Vec3 x = site.cells.position(row);
    double densest = 0;
    bool solid = false;
    for_runs_touched(matrix.grid, periodic, x, site.cells.radius[row] + reach_, 0, matrix.grid.shape[2],
                     [&](const VoxelRun& run) {
                       for (std::size_t v = run.voxel; v < run.voxel + static_cast<std::size_t>(run.count); ++v) {
                         solid |= !degradable(matrix.tissue_at(v));
                         densest = std::max(densest, matrix.collagen(v));
                       }
                     });
    const Trilinear around(matrix.grid, x, periodic);
    const double pore = around([&](std::size_t v) { return matrix.pore(v); });
    const double stiffness = around(
        [&](std::size_t v) { return matrix.law.stiffness(matrix.density[v], static_cast<double>(matrix.crosslinking[v])); });
    set(site.cells, row, static_cast<float>(densest / matrix.law.rho_ref), solid || densest >= anchoring_density_,
        static_cast<float>(pore), static_cast<float>(stiffness));
  }
};

}  // namespace

std::unique_ptr<Process> make_sensing() { return std::make_unique<Sensing>(); }

}  // namespace invado
