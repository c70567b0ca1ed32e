// Intravasation: cells that touch a vessel enter the blood, alone or in clumps (cascade/intravasation.h).
//
// A cell touches a vessel when its surface comes within `reach` of the tube's. Where the basement membrane in between is
// intact nothing passes: the steric factor of its voxels is part of the rate. An entering cell may take along the cells that
// it is in contact with (1.25 (Ri + Rj)), the nearest first. Who has come to an organ and waits or sleeps there stays
// (assumed): dormant cells rest on small vessels, which keep them quiescent (Ghajar et al. 2013 Nat Cell Biol 15:807,
// abstract).
// Limits: every vessel leads into one blood stream; images across periodic faces are not seen.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "base/hazard.h"
#include "base/parallel.h"
#include "base/periodic.h"
#include "cascade/clumps.h"
#include "cascade/intravasation.h"
#include "model/commit.h"
#include "model/process.h"

namespace invado {
namespace {

constexpr double contact = 1.25;  // distance of cells in contact, in sums of radii

class IntravasationProcess final : public Process {
 public:
  std::string_view name() const override { return "intravasation"; }
  std::vector<std::string_view> reads() const override {
    return {"id",
            "x",
            "y",
            "z",
            "radius",
            "weight",
            "dormancy",
            "mmp_expression",
            "ecadherin",
            "free_speed_um_h",
            "pore_limit_um2",
            "matrix"};
  }
  std::vector<std::string_view> writes() const override { return {}; }

  void describe(ParamVisitor& v) override {
    v.number("rate", law_.rate_1_h, Unit::PerHour, non_negative, "rate of a cell that touches a vessel, k0",
             "calibrated: Butler & Gullino 1975, 10^6 cells a day from a tumour of 1 g");
    v.number("mmp_half", law_.mmp_half, Unit::One, positive, "MMP expression of half the rate", "biology.md 6, assumed");
    v.number("cohesion", law_.cohesion, Unit::One, fraction, "how much E-cadherin 1 slows the entry",
             "biology.md 6, assumed");
    v.number("speed_ref", law_.speed_ref_um_h, Unit::UmPerHour, positive, "speed at which the rate is `rate`",
             "biology.md 6, assumed");
    v.number("cluster_chance", law_.cluster_chance, Unit::One, fraction,
             "chance that an entering cell with E-cadherin 1 takes neighbours along", "biology.md 6, unverified: 2-5 %");
    v.number("reach", reach_, Unit::Um, non_negative, "gap between cell and vessel up to which they touch", "biology.md 6");
  }
  bool needed(const World& world) const override { return blood_of(world) < world.sites.size(); }

  void apply(World& world, const Tick& tick) const override {
    const std::size_t blood = blood_of(world);
    for (std::size_t s = 0; s < blood; ++s)
      if (!world.sites[s].vessels.none()) enter(world, world.sites[s], blood, tick);
  }

 private:
  Intravasation law_;
  double reach_ = 10;

  static bool rests(const Population& c, std::size_t row) {
    return c.dormancy[row] != static_cast<std::uint8_t>(Dormancy::None);
  }

  // The steric factor of what lies between a vessel and a cell outside of it: of the membrane where it is narrowest, on the
  // way out of the tube; without a membrane of the first voxel outside. 1 where only tubes are: nothing lies between.
  static double open_wall(const Site& site, const NearestVessel& vessel, double pore_limit) {
    if (site.matrix.none()) return 1;
    const Matrix& matrix = site.matrix;
    const StericLaw phi(pore_limit, matrix.law.pore_free);
    const double step = 0.25 * std::min({matrix.grid.spacing.x, matrix.grid.spacing.y, matrix.grid.spacing.z});
    std::optional<double> membrane, outside;
    for (int n = 0; n * step <= 4 * step + site.vessels.wall; ++n) {
      const std::size_t voxel = matrix.grid.voxel_of(vessel.surface + (n * step) * vessel.outward);
      const Tissue kind = matrix.tissue_at(voxel);
      if (kind == Tissue::BasementMembrane) membrane = std::min(membrane.value_or(1), phi(matrix.pore(voxel)));
      if (kind != Tissue::VesselWall && !outside) outside = phi(matrix.pore(voxel));
    }
    return membrane.value_or(outside.value_or(1));
  }

  void enter(const World& world, Site& site, std::size_t blood, const Tick& tick) const {
    const Population& c = site.cells;
    static thread_local std::vector<std::uint8_t> enters_scratch;
    enters_scratch.assign(c.size(), 0);
    std::uint8_t* const enters = enters_scratch.data();
    for_rows(c.size(), [&](std::size_t row) {
      if (rests(c, row)) return;
      const NearestVessel vessel = nearest_vessel(site.vessels, c.position(row));
      if (vessel.distance - c.radius[row] > reach_) return;
      const double phi = open_wall(site, vessel, static_cast<double>(c.phenotype[+Phenotype::PoreLimit][row]));
      const double rate = law_.rate(c.state[+State::MmpExpression][row], c.state[+State::Ecadherin][row],
                                    static_cast<double>(c.phenotype[+Phenotype::FreeSpeed][row]), phi);
      const double u = uniform4(tick.seed, tick.step, Purpose::Intravasation, c.id[row])[0];
      enters[row] = u < chance(rate / 60, tick.dt_min);
    });
    // In the order of ids, so that who goes with whom depends on nothing else.
    std::vector<std::size_t> first;
    for (std::size_t row = 0; row < c.size(); ++row)
      if (enters[row] != 0) first.push_back(row);
    std::ranges::sort(first, {}, [&](std::size_t row) { return c.id[row]; });
    for (const std::size_t row : first) {
      if (enters[row] == 2) continue;
      const auto u = uniform4(tick.seed, tick.step, Purpose::Intravasation, c.id[row]);
      std::vector<std::size_t> clump{row};
      const int size = law_.clump_size(c.state[+State::Ecadherin][row], u[1], u[2]);
      if (size > 1) take_along(site, row, size, enters, clump);
      const std::int64_t copies = world.blood_stream.copies(world.blood_stream.split_in, lightest(c.weight, clump));
      for (const std::size_t member : clump) {
        enters[member] = 2;
        for (std::int64_t copy = 0; copy < copies; ++copy)
          site.queues.passages.push_back(
              {c.id[member], member, blood, copy, c.id[row], {}, c.weight[member] / static_cast<double>(copies)});
      }
    }
  }

  // Adds the nearest cells in contact that do not go already, up to `size` together.
  static void take_along(const Site& site, std::size_t row, int size, const std::uint8_t* enters,
                         std::vector<std::size_t>& clump) {
    const Population& c = site.cells;
    struct Near {
      double distance2;
      std::int64_t id;
      std::size_t row;
    };
    std::vector<Near> near;
    const Vec3 x = c.position(row);
    for (std::size_t other = 0; other < c.size(); ++other) {
      if (other == row || enters[other] == 2 || rests(c, other)) continue;
      const Vec3 d = c.position(other) - x;
      const double reach = contact * (c.radius[row] + c.radius[other]);
      if (dot(d, d) <= reach * reach) near.push_back({dot(d, d), c.id[other], other});
    }
    std::ranges::sort(near, {}, [](const Near& n) { return std::pair(n.distance2, n.id); });
    for (const Near& n : near) {
      if (clump.size() == static_cast<std::size_t>(size)) break;
      clump.push_back(n.row);
    }
  }
};

}  // namespace

std::unique_ptr<Process> make_intravasation() { return std::make_unique<IntravasationProcess>(); }

}  // namespace invado
