// The blood stream: cells die of anoikis, shear and the immune system, or lodge in the capillaries of an organ
// (cascade/blood.h).
//
//   hazard of a cell in a clump of n = (anoikis_rate + shear + immune (1 - platelets)) n^-g
//   hazard of lodging = passages x chance
//
// Competing times: what comes first within the step happens, so that shares do not depend on the cadence. A clump lodges
// as a whole, its cells die one by one.
// Limits: the blood is well mixed; a lodged cell is never washed off again.
#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "cascade/blood.h"
#include "cascade/clumps.h"
#include "model/commit.h"
#include "model/process.h"

namespace invado {
namespace {

class CirculationProcess final : public Process {
 public:
  std::string_view name() const override { return "circulation"; }
  std::vector<std::string_view> reads() const override {
    return {"id", "group", "radius", "lodged", "arrived_min", "anoikis_rate_1_h", "detached_min"};
  }
  std::vector<std::string_view> writes() const override { return {"detached_min", "neighbours", "lodged", "arrived_min"}; }
  bool needed(const World& world) const override { return blood_of(world) < world.sites.size(); }

  void apply(World& world, const Tick& tick) const override {
    const std::size_t blood = blood_of(world);
    if (blood == world.sites.size()) return;
    Site& site = world.sites[blood];
    Population& c = site.cells;
    const BloodStream& stream = world.blood_stream;
    const Clumps clumps(c.group, c.id);
    std::vector<double> chance_of(blood, 0.0);
    for (std::size_t k = 0; k < clumps.count(); ++k) {
      const std::span<const std::size_t> rows = clumps.rows_of(k);
      const auto n = static_cast<int>(rows.size());
      for (const std::size_t row : rows) {
        c.neighbours[row] = n - 1;
        c.detached_min[row] += tick.dt_min;
      }
      if (c.lodged[rows[0]] != 0) continue;
      const double lasts = exposure(c.arrived_min[rows[0]], tick.time_min, tick.dt_min);
      double passes = 1, radius = 0;
      for (const std::size_t row : rows) radius = std::max(radius, c.radius[row]);
      for (std::size_t s = 0; s < blood; ++s) {
        chance_of[s] = lodging_chance(world.sites[s].organ.lodging, n, radius, stream.reference_radius);
        passes *= 1 - chance_of[s];
      }
      const auto u = uniform4(tick.seed, tick.step, Purpose::Circulation, c.group[rows[0]]);
      const double lodges_at = waiting_time(stream.passages_1_h / 60 * (1 - passes), u[0]);
      const bool lodges = lodges_at < lasts;
      const double circulates = lodges ? lodges_at : lasts;
      std::vector<std::size_t> alive;
      for (const std::size_t row : rows) {
        const double anoikis = static_cast<double>(c.phenotype[+Phenotype::AnoikisRate][row]);
        const double hazard = anoikis + stream.shear_death_1_h + stream.immune_death();
        const auto v = uniform4(tick.seed, tick.step, Purpose::Circulation, c.id[row], 1);
        if (waiting_time(clump_exposure(n, stream.cluster_protection) * hazard / 60, v[0]) >= circulates) {
          alive.push_back(row);
          continue;
        }
        const double which = v[1] * hazard;
        site.queues.departures.push_back({c.id[row], row,
                                          which < anoikis                            ? Leaving::Anoikis
                                          : which < anoikis + stream.shear_death_1_h ? Leaving::Shear
                                                                                     : Leaving::Immune});
      }
      if (!lodges) continue;
      const std::size_t bed = bed_of(chance_of, u[1] * (1 - passes));
      for (const std::size_t row : alive) {
        c.lodged[row] = static_cast<std::uint8_t>(1 + bed);
        c.arrived_min[row] = tick.time_min + tick.dt_min - lasts + lodges_at;
        note_stage(world, bed, c, row, Stage::Lodged);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Process> make_circulation() { return std::make_unique<CirculationProcess>(); }

}  // namespace invado
