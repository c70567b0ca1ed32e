// Osteolysis and the vicious cycle: cells with the bone programme have bone resorbed, resorbed bone frees TGFbeta, TGFbeta
// drives the programme (matrix/osteolyse.h; review L424-434).
//
// Bone that has lost half of its density is stroma from then on: open to cells and to their protease. The TGFbeta that was
// bound in it has then gone to the field `tgfb` where it lay: kappa (1 = half-effect) for a whole voxel.
// Copies of a split cell resorb their share each: what bone loses and frees is an expectation, as the numbers of cells are.
// Limits: no new bone is laid down; osteoclasts are not cells.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "matrix/osteolyse.h"
#include "matrix/reach.h"
#include "matrix/slab_sum.h"
#include "model/process.h"

namespace invado {
namespace {

class Osteolysis final : public SiteProcess {
 public:
  std::string_view name() const override { return "osteolysis"; }
  std::vector<std::string_view> reads() const override {
    return {"x", "y", "z", "radius", "weight", "bone_programme", "matrix", "fields"};
  }
  std::vector<std::string_view> writes() const override { return {"matrix", "fields"}; }

  void describe(ParamVisitor& v) override {
    v.number("speed", law_.speed_um_h, Unit::UmPerHour, non_negative,
             "of the front in bone within reach of a cell that recruits osteoclasts as well as it can",
             "assumed: 7 um a day, as osteoclasts erode trabeculae (5 to 10, from memory, unverified)");
    v.number("programme_half", law_.programme_half, Unit::One, positive, "bone programme that recruits half as many",
             "assumed");
    v.number("fastest", law_.fastest_um_h, Unit::UmPerHour, positive,
             "speed of a front that many cells together do not exceed",
             "assumed: 36 um a day, as osteoclasts tunnel (40, from memory, unverified)");
    v.number("reach", reach_, Unit::Um, non_negative, "reach of what the cells send to osteoclasts, beyond the radius",
             "assumed");
    v.number(
        "tgfb", tgfb_, Unit::One, non_negative, "TGFbeta that a voxel of bone frees in its volume, 1 = half-effect",
        "kappa of biology.md 6: 200 ug in a kg of bone (Bonewald & Mundy 1990, abstract) of 1.9 kg/l are 380 ng/ml; half "
        "of the effect at 1 ng/ml (from memory, unverified)");
  }
  [[nodiscard]] bool switch_off() override {
    off_ = true;
    return true;
  }
  // What bone frees stays in the field until it has spread or decayed: a steady state, which forgets what was, has no place
  // for it.
  void configure(World& world) override {
    for (std::size_t s = 0; s < world.sites.size() && !off_; ++s) {
      Site& site = world.sites[s];
      const auto tgfb = std::ranges::find(site.fields, "tgfb", &Field::name);
      if (!has_bone(site.matrix) || tgfb == site.fields.end() || tgfb->frozen) continue;
      if (tgfb->solver == FieldSolver::Steady)
        throw ConfigError(
            fmt::format("{}fields.tgfb.solve: is steady where bone frees TGFbeta bit by bit, must be transient or "
                        "automatic (or processes.osteolysis off)",
                        s == 0 ? "" : fmt::format("secondary_sites.{}.", site.name)));
      tgfb->solver = FieldSolver::Transient;
    }
  }
  bool needed(const World& world) const override {
    return std::ranges::any_of(world.sites, [](const Site& site) { return has_bone(site.matrix); });
  }

  void apply_to(World&, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const site : sites)
      if (site->cells.size() > 0 && has_bone(site->matrix)) resorb(*site, tick.dt_min / 60);
  }

 private:
  bool off_ = false;
  Resorption law_;
  double reach_ = 20;
  double tgfb_ = 380;

  static bool has_bone(const Matrix& matrix) { return !matrix.none() && (matrix.tissues & only(Tissue::Bone)) != 0; }

  // Bone with a neighbour across one of its faces that is none. Beyond the faces of the box bone goes on.
  static bool at_surface(const Matrix& matrix, std::size_t v) {
    const auto is_bone = [&](std::size_t voxel) { return matrix.tissue_at(voxel) == Tissue::Bone; };
    if (!is_bone(v)) return false;
    std::size_t stride = 1, rest = v;
    for (const int n : matrix.grid.shape) {
      const auto count = static_cast<std::size_t>(n), at = rest % count;
      if ((at > 0 && !is_bone(v - stride)) || (at + 1 < count && !is_bone(v + stride))) return true;
      rest /= count;
      stride *= count;
    }
    return false;
  }

  struct Loss {
    std::size_t voxel;
    double density;
  };

  void resorb(Site& site, double hours) const {
    Matrix& matrix = site.matrix;
    const Population& cells = site.cells;
    const std::array<bool, 3> periodic = site.domain.periodic();
    const double largest = *std::ranges::max_element(cells.radius);
    const Slabs slabs(matrix.grid, largest + reach_);
    thread_local RowsBySlab rows_scratch;
    rows_scratch.build(matrix.grid, slabs, periodic[2], cells.z,
                       [&](std::size_t row) { return cells.radius[row] + reach_; });
    // What each slab has lost: a slab is one thread's.
    std::vector<std::vector<Loss>> losses(static_cast<std::size_t>(slabs.count));
    const std::size_t layer = matrix.grid.index(0, 0, 1);
    const Vec3 spacing = matrix.grid.spacing;
    const double voxel_um = (spacing.x + spacing.y + spacing.z) / 3;
    const double lost = sum_over_slabs<1>(
        matrix.grid, slabs, rows_scratch,
        [&](SlabSum<1>& sum, int from, int to, std::span<const std::uint32_t> rows) {
          for (const std::uint32_t row : rows) {
            const double recruits = cells.weight[row] * law_.recruitment(cells.state[+State::BoneProgramme][row]);
            if (recruits <= 0) continue;
            const SlabSum<1>::Amounts amounts({recruits});
            for_runs_touched(
                matrix.grid, periodic, cells.position(row), cells.radius[row] + reach_, from, to, [&](const VoxelRun& run) {
                  sum.add(run, amounts, [&](int n) { return at_surface(matrix, run.voxel + static_cast<std::size_t>(n)); });
                });
          }
        },
        [&](Touched<1>& some) {
          for (std::size_t n = 0; n < some.count; ++n) {
            double& rho = matrix.density[some.voxel[n]];
            const double left = law_.density(rho, some.sum[0][n], voxel_um, hours);
            some.entry[n] = rho - left;
            rho = left;
            const auto slab = static_cast<std::size_t>(slabs.of(static_cast<int>(some.voxel[n] / layer)));
            losses[slab].push_back({some.voxel[n], some.entry[n]});
          }
        });
    matrix.degraded_mg_um3 += lost * matrix.grid.voxel_volume();
    // In the order of voxels: several of them lie in one voxel of the field.
    for (const std::vector<Loss>& of_slab : losses) set_free(site, of_slab);
  }

  void set_free(Site& site, const std::vector<Loss>& losses) const {
    Matrix& matrix = site.matrix;
    const auto tgfb = std::ranges::find(site.fields, "tgfb", &Field::name);
    const bool bound = tgfb != site.fields.end() && !tgfb->frozen;
    const double per_voxel = matrix.grid.voxel_volume() / site.factor_grid.voxel_volume();
    const auto nx = static_cast<std::size_t>(matrix.grid.shape[0]), ny = static_cast<std::size_t>(matrix.grid.shape[1]);
    matrix.tissues |= only(Tissue::Stroma);
    for (const auto& [v, lost] : losses) {
      const double start = matrix.density_start[v];
      if (lost > 0 && bound && start > 0) {
        const Vec3 centre =
            matrix.grid.centre(static_cast<int>(v % nx), static_cast<int>(v / nx % ny), static_cast<int>(v / nx / ny));
        const double left = matrix.density[v] / start;
        const double freed = tgfb_ * (freed_share(left) - freed_share(left + lost / start));
        tgfb->value[site.factor_grid.voxel_of(centre)] += freed * per_voxel;
        tgfb->secreted += freed * matrix.grid.voxel_volume();
      }
      if (matrix.density[v] < 0.5 * start) matrix.tissue[v] = static_cast<std::uint8_t>(Tissue::Stroma);
    }
  }
};

}  // namespace

std::unique_ptr<Process> make_osteolysis() { return std::make_unique<Osteolysis>(); }

}  // namespace invado
