// Realignment: cells turn the fibres that they hold into the direction of their movement (biology.md 4b).
//   dQ/dt = r_a (v / 30 um/h) (v v^T - Q), v the unit vector of the velocity
// in voxels whose centre lies within the radius, and in the cell's own voxel; exact over the interval, the rates of several
// cells add up, the trace of Q stays 1.
#include <algorithm>

#include "matrix/reach.h"
#include "matrix/realign.h"
#include "matrix/slab_sum.h"
#include "model/process.h"

namespace invado {
namespace {

class Realignment final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "realignment"; }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"x", "y", "z", "vx", "vy", "vz", "radius", "type", "matrix"};
  }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"matrix"}; }

  void resize_types(std::size_t types) override { rate_.resize(types, 0.5); }
  void describe_type(ParamVisitor& v, std::size_t type) override {
    v.section("traction", "how the cells pull at the fibres", [&](ParamVisitor& inner) {
      inner.number("realignment", rate_[type], Unit::PerHour, Range{0, 1e4},
                   "rate at which fibres turn at a speed of 30 um/h", "biology.md 4b, assumed");
    });
  }

  void apply_to(World&, std::span<Site* const> sites, const Tick& tick) const override {
    const double hours = tick.dt_min / 60;
    for (Site* const site : sites)
      if (!site->matrix.none() && site->cells.size() > 0) realign(*site, hours);
  }

 private:
  static constexpr double reference_speed = 0.5;  // 30 um/h in um/min
  std::vector<double> rate_;

  void realign(Site& site, double hours) const {
    Matrix& matrix = site.matrix;
    const bool any_inert = matrix.any(inert);
    const Population& cells = site.cells;
    const std::array<bool, 3> periodic = site.domain.periodic();
    const Slabs slabs(matrix.grid, *std::ranges::max_element(cells.radius));
    thread_local RowsBySlab rows_scratch;
    rows_scratch.build(matrix.grid, slabs, periodic[2], cells.z, [&](std::size_t row) { return cells.radius[row]; });
    sum_over_slabs<6>(
        matrix.grid, slabs, rows_scratch,
        [&](SlabSum<6>& sum, int from, int to, std::span<const std::uint32_t> rows) {
          for (const std::uint32_t row : rows) {
            const Vec3 velocity{cells.vx[row], cells.vy[row], cells.vz[row]};
            const Vec3 v = unit(velocity);
            const double rate = rate_[cells.type[row]] * norm(velocity) / reference_speed;
            if (rate <= 0) continue;  // NaN goes on, to be refused
            const SlabSum<6>::Amounts pull({rate * v.x * v.x, rate * v.y * v.y, rate * v.z * v.z, rate * v.x * v.y,
                                            rate * v.x * v.z, rate * v.y * v.z});
            for_runs_held(matrix.grid, periodic, cells.position(row), cells.radius[row], from, to, [&](const VoxelRun& run) {
              sum.add(run, pull, [&](int n) {
                return !any_inert || !inert(matrix.tissue_at(run.voxel + static_cast<std::size_t>(n)));
              });
            });
          }
        },
        [&](Touched<6>& some) {
          float fibre[6][Touched<6>::most];
          for (std::size_t n = 0; n < some.count; ++n)
            for (std::size_t c = 0; c < 6; ++c) fibre[c][n] = matrix.fibre[some.voxel[n]][c];
          for (std::size_t n = 0; n < some.count; ++n) {
            const Sym3 q{fibre[0][n], fibre[1][n], fibre[2][n], fibre[3][n], fibre[4][n], fibre[5][n]};
            const Sym3 pull_dt{some.sum[0][n] * hours, some.sum[1][n] * hours, some.sum[2][n] * hours,
                               some.sum[3][n] * hours, some.sum[4][n] * hours, some.sum[5][n] * hours};
            const std::array<float, 6> next = realigned(q, pull_dt);
            for (std::size_t c = 0; c < 6; ++c) fibre[c][n] = next[c];
            some.entry[n] = 0;
          }
          for (std::size_t n = 0; n < some.count; ++n)
            for (std::size_t c = 0; c < 6; ++c) matrix.fibre[some.voxel[n]][c] = fibre[c][n];
        });
  }
};

}  // namespace

std::unique_ptr<Process> make_realignment() { return std::make_unique<Realignment>(); }

}  // namespace invado
