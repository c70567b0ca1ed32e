// Proteolysis: cells eat matrix, by protease that they release and by protease on their surface (biology.md 4b).
//   soluble   d rho/dt = -k_s m (rho - rho_floor)+           m: field `mmp`, constant within a voxel of the factor grid
//   surface   d rho/dt = -k_m share mmp_secretion (rho - rho_floor)+   in voxels whose box comes within R + reach of the
//             centre and whose centre lies in the leading half: before the plane through the centre across the direction
//             of the velocity, or of the walk vector for a cell that stands still.
// Each is exact over the interval; the rates of several cells on one voxel add up. Soluble first, then surface.
// Where m is below `relevance` nothing is touched: at 1e-4 that is 2e-7 of the matrix per hour.
// Membranes, walls and bone are not degraded.
// MMP inhibitor: a dose that acts on all cells is in the medium and scales both actions; a dose narrowed to some cells
// scales what these cells do here (surface) and what they release (transport).
#include <algorithm>
#include <string>

#include "base/parallel.h"
#include "matrix/degrade.h"
#include "matrix/reach.h"
#include "matrix/slab_sum.h"
#include "model/medium.h"
#include "model/process.h"

namespace invado {
namespace {

struct ProteolysisParams {
  double soluble_rate = 0.002;  // k_s [1/h] at m = 1
  double surface_rate = 4;      // k_m [1/h] at mmp_secretion * share = 1
  double surface_share = 0.3;   // of the protease that stays on the surface
  double reach = 2;             // of the surface protease beyond the radius [um]
  double relevance = 1e-4;      // m below which nothing happens
};

class Proteolysis final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "proteolysis"; }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"x", "y", "z", "vx", "vy", "vz", "ux", "uy", "uz", "radius", "treated", "mmp_secretion", "fields", "matrix"};
  }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"matrix"}; }

  void describe(ParamVisitor& v) override {
    v.number("soluble_rate", p_.soluble_rate, Unit::PerHour, non_negative, "degradation by soluble protease at mmp = 1",
             "biology.md 4b, assumed");
    v.number("surface_rate", p_.surface_rate, Unit::PerHour, non_negative,
             "degradation by surface protease (MT1-MMP) at full share and mmp_secretion 1", "biology.md 4b, assumed");
    v.number("surface_share", p_.surface_share, Unit::One, fraction, "share of the protease that stays on the surface",
             "biology.md 8, assumed");
    v.number("reach", p_.reach, Unit::Um, non_negative, "reach of surface protease beyond the radius",
             "biology.md 4b, assumed");
    v.number("relevance", p_.relevance, Unit::One, non_negative, "mmp below which soluble protease is left out",
             "numerical: 2e-7 of the matrix per hour at the default");
  }

  void apply_to(World& world, std::span<Site* const> sites, const Tick& tick) const override {
    const double hours = tick.dt_min / 60;
    const bool inhibited = turned_by_any(world, Knob::MmpInhibitor);
    for (Site* const one : sites) {
      Site& site = *one;
      if (site.matrix.none()) continue;
      const double medium =
          inhibited ? doses_in_force(world.perturbations, medium_perturbations(world, index_of(world, site)), tick.time_min)
                          .fraction(Knob::MmpInhibitor)
                    : 0.0;
      const double lost =
          digest_by_soluble(site, (1 - medium) * hours) + digest_by_surface(world, site, tick, inhibited, hours);
      site.matrix.degraded_mg_um3 += lost * site.matrix.grid.voxel_volume();
    }
  }

 private:
  ProteolysisParams p_;

  // Sum over voxels of the density lost. [mg/ml]
  [[nodiscard]] double digest_by_soluble(Site& site, double hours) const {
    const Field* const field = find_field(site.fields, "mmp");
    if (field == nullptr || p_.soluble_rate <= 0 || hours <= 0 || field->value.empty()) return 0;
    Matrix& matrix = site.matrix;
    const Grid3& coarse = site.factor_grid;
    const Grid3& fine = matrix.grid;
    const double* const m = field->value.data();
    // What a factor voxel leaves of the density above the floor; 1 where it does nothing.
    thread_local std::vector<double> kept_scratch;
    kept_scratch.resize(coarse.size());
    double* const kept = kept_scratch.data();
    // Where in each row of factor voxels something is digested: most of the lattice lies far from the cells.
    struct Stretch {
      std::size_t first = 0, end = 0;
    };
    const auto coarse_nx = static_cast<std::size_t>(coarse.shape[0]);
    thread_local std::vector<Stretch> digests_scratch;
    digests_scratch.resize(coarse.size() / coarse_nx);
    Stretch* const digests = digests_scratch.data();
    for_rows(digests_scratch.size(), [&](std::size_t row) {
      const double rate = -p_.soluble_rate, relevance = p_.relevance;
      const double* const here = m + row * coarse_nx;
      const auto relevant = [relevance](double one) { return one > relevance; };
      const auto first = static_cast<std::size_t>(std::find_if(here, here + coarse_nx, relevant) - here);
      std::size_t end = coarse_nx;
      while (end > first && !relevant(here[end - 1])) --end;
      digests[row] = {first, end};
      double* const left = kept + row * coarse_nx;
#pragma omp simd
      for (std::size_t v = first; v < end; ++v) {
        const double share = invado::exp(rate * here[v] * hours);
        left[v] = here[v] > relevance ? share : 1.0;
      }
    });
    // The factor voxel that holds the centre of each matrix voxel, per axis.
    thread_local std::array<std::vector<int>, 3> holder_scratch;
    const std::array<std::vector<int>, 3>& holder = holder_scratch;
    for (int axis = 0; axis < 3; ++axis) {
      std::vector<int>& along = holder_scratch[static_cast<std::size_t>(axis)];
      along.resize(static_cast<std::size_t>(fine.shape[static_cast<std::size_t>(axis)]));
      for (std::size_t i = 0; i < along.size(); ++i)
        along[i] = coarse.voxel(axis, (static_cast<double>(i) + 0.5) * fine.spacing[axis]);
    }
    const std::size_t nx = holder[0].size(), ny = holder[1].size(), nz = holder[2].size();
    const bool any_shielded = matrix.any(solid);
    thread_local std::vector<double> lost_scratch;
    lost_scratch.resize(ny * nz);
    double* const lost = lost_scratch.data();
    for_blocks(nz, [&](std::size_t layer) {
      thread_local std::vector<double> share_scratch;  // what is left along a row: neighbouring rows have one in common
      share_scratch.resize(nx);
      double* const share = share_scratch.data();
      std::size_t shared_by = ~std::size_t{0};
      Stretch stretch;  // of matrix voxels
      for (std::size_t row = layer * ny; row < (layer + 1) * ny; ++row) {
        lost[row] = 0;
        const std::size_t coarse_row = coarse.index(0, holder[1][row - layer * ny], holder[2][layer]);
        if (shared_by != coarse_row) {
          const auto [first, end] = digests[coarse_row / coarse_nx];
          const auto fine_of = [&](std::size_t v) {
            return static_cast<std::size_t>(std::ranges::lower_bound(holder[0], static_cast<int>(v)) - holder[0].begin());
          };
          stretch = first < end ? Stretch{fine_of(first) / digested_together * digested_together, fine_of(end)} : Stretch{};
          for (std::size_t i = stretch.first; i < stretch.end; ++i) {
            const auto v = static_cast<std::size_t>(holder[0][i]);
            share[i] = v < first ? 1.0 : kept[coarse_row + v];
          }
        }
        shared_by = coarse_row;
        const std::size_t at = row * nx + stretch.first, count = stretch.end - stretch.first;
        if (count == 0) continue;
        double* const left = any_shielded ? shield(&matrix.tissue[at], share + stretch.first, count) : share + stretch.first;
        lost[row] = digest_row(&matrix.density[at], left, count, matrix.law.rho_floor);
      }
    });
    return ordered_sum(ny * nz, [&](std::size_t row) { return lost[row]; });
  }

  // The same shares, but all where nothing can be degraded.
  static double* shield(const std::uint8_t* tissue, const double* kept, std::size_t n) {
    thread_local std::vector<double> share;
    share.resize(n);
    for (std::size_t i = 0; i < n; ++i) share[i] = degradable(static_cast<Tissue>(tissue[i])) ? kept[i] : 1.0;
    return share.data();
  }

  // Matrix voxels along a row, of each of which a share is left. Partial sums by column, without branches: much of the
  // lattice passes here.
  static constexpr std::size_t digested_together = 8;
  static double digest_row(double* density, const double* share, std::size_t n, double rho_floor) {
    constexpr std::size_t lanes = digested_together;
    double lost[lanes] = {};
    const auto digest = [&](std::size_t i, double& lost_here) {
      const double before = density[i], left = rho_floor + (before - rho_floor) * share[i];
      const double if_dense = before > rho_floor ? left : before;
      const double after = share[i] < 1 ? if_dense : before;
      density[i] = after;
      lost_here += before - after;
    };
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
#pragma omp simd
      for (std::size_t l = 0; l < lanes; ++l) digest(i + l, lost[l]);
    }
    for (; i < n; ++i) digest(i, lost[i % lanes]);
    double sum = 0;
    for (const double part : lost) sum += part;
    return sum;
  }

  [[nodiscard]] double digest_by_surface(const World& world, Site& site, const Tick& tick, bool inhibited,
                                         double hours) const {
    const Population& cells = site.cells;
    if (p_.surface_rate * p_.surface_share <= 0 || cells.size() == 0) return 0;
    const std::span<const double> free_share =
        inhibited ? uninhibited(world, site, tick.time_min) : std::span<const double>{};
    Matrix& matrix = site.matrix;
    const bool any_shielded = matrix.any(solid);
    const std::array<bool, 3> periodic = site.domain.periodic();
    const double largest = *std::ranges::max_element(cells.radius);
    const Slabs slabs(matrix.grid, largest + p_.reach);
    thread_local RowsBySlab rows_scratch;
    rows_scratch.build(matrix.grid, slabs, periodic[2], cells.z,
                       [&](std::size_t row) { return cells.radius[row] + p_.reach; });
    const Foldable<float>& secretion = cells.phenotype[+Phenotype::MmpSecretion];
    return sum_over_slabs<1>(
        matrix.grid, slabs, rows_scratch,
        [&](SlabSum<1>& sum, int from, int to, std::span<const std::uint32_t> rows) {
          for (const std::uint32_t row : rows) {
            const double share = free_share.empty() ? 1.0 : free_share[row];
            const double rate = p_.surface_rate * p_.surface_share * static_cast<double>(secretion[row]) * share;
            const Vec3 ahead = heading(cells, row);
            if (rate <= 0 || ahead == Vec3{}) continue;  // NaN goes on, to be refused
            const Vec3 x = cells.position(row);
            const SlabSum<1>::Amounts amounts({rate});
            for_runs_touched(matrix.grid, periodic, x, cells.radius[row] + p_.reach, from, to, [&](const VoxelRun& run) {
              sum.add(run, amounts, [&](int n) {
                return dot(matrix.grid.centre(run.i + n, run.j, run.k) - x, ahead) > 0 &&
                       (!any_shielded || degradable(matrix.tissue_at(run.voxel + static_cast<std::size_t>(n))));
              });
            });
          }
        },
        [&](Touched<1>& some) {
          double rho[Touched<1>::most];
          for (std::size_t n = 0; n < some.count; ++n) rho[n] = matrix.density[some.voxel[n]];
#pragma omp simd
          for (std::size_t n = 0; n < some.count; ++n) {
            const double left = degraded_density(rho[n], matrix.law.rho_floor, some.sum[0][n] * hours);
            some.entry[n] = rho[n] - left;
            rho[n] = left;
          }
          for (std::size_t n = 0; n < some.count; ++n) matrix.density[some.voxel[n]] = rho[n];
        });
  }

  // Where the leading half points; zero: nowhere.
  static Vec3 heading(const Population& cells, std::size_t row) {
    const Vec3 v{cells.vx[row], cells.vy[row], cells.vz[row]};
    return v == Vec3{} ? Vec3{cells.ux[row], cells.uy[row], cells.uz[row]} : v;
  }

  // 1 - dose of MMP inhibitor, per row; cells that the same perturbations act on share it.
  static std::span<const double> uninhibited(const World& world, const Site& site, double time_min) {
    const Population& cells = site.cells;
    const std::uint64_t here = acting_at(world.perturbations, index_of(world, site));
    thread_local std::vector<double> share;
    share.resize(cells.size());
    std::uint64_t treated = 0;
    double kept = 1;
    for (std::size_t row = 0; row < cells.size(); ++row) {
      if (row == 0 || cells.treated[row] != treated) {
        treated = cells.treated[row];
        kept = 1 - doses_in_force(world.perturbations, treated & here, time_min).fraction(Knob::MmpInhibitor);
      }
      share[row] = kept;
    }
    return share;
  }
};

}  // namespace

std::unique_ptr<Process> make_proteolysis() { return std::make_unique<Proteolysis>(); }

}  // namespace invado
