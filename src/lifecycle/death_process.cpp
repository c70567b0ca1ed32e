// Death of cells that hold on: apoptosis, necrosis without oxygen, rupture of the nucleus in tight pores.
//
//   hazard = death_rate (attached cells) + necrosis_rate where oxygen < threshold + rupture_rate where pore < 2 pore_limit
//
// Competing causes of one exponential hazard: the cell dies within dt with probability 1 - exp(-hazard dt), of cause c
// with probability hazard_c / hazard (biology.md 4). Detached cells die of anoikis instead of apoptosis.
// The pore is that of the voxel which holds the centre, where the nucleus is: an average would let the open space beside a
// thin membrane widen its pores, and a wall that a cell only touches tighten its track.
// Limits: the dead vanish at once, no debris and no necrotic core mass.
#include <memory>
#include <vector>

#include "base/parallel.h"
#include "lifecycle/hazard.h"
#include "model/process.h"

namespace invado {
namespace {

class DeathProcess final : public SiteProcess {
 public:
  std::string_view name() const override { return "death"; }
  std::vector<std::string_view> reads() const override {
    return {"id", "x", "y", "z", "detached_min", "death_rate_1_h", "rupture_rate_1_h", "pore_limit_um2", "matrix", "fields"};
  }
  std::vector<std::string_view> writes() const override { return {}; }

  void describe(ParamVisitor& v) override {
    v.number("necrosis_rate", necrosis_rate_, Unit::PerHour, non_negative, "death rate without oxygen",
             "biology.md 4, assumed");
    v.number("necrosis_below", necrosis_below_, Unit::MmHg, non_negative, "oxygen below which cells become necrotic",
             "biology.md 4, assumed");
  }

  void apply_to(World&, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const one : sites) {
      Site& site = *one;
      if (site.compartment == Compartment::Blood) continue;  // what kills there is of another kind
      const Population& cells = site.cells;
      const Field* const oxygen = find_field(site.fields, "oxygen");
      constexpr std::uint8_t stays = 255;
      static thread_local std::vector<std::uint8_t> cause;
      cause.assign(cells.size(), stays);
      std::uint8_t* const cause_of = cause.data();
      for_rows(cells.size(), [&](std::size_t row) {
        const double apoptosis =
            cells.detached_min[row] > 0 ? 0.0 : static_cast<double>(cells.phenotype[+Phenotype::DeathRate][row]);
        double necrosis = 0, rupture = 0;
        if (oxygen != nullptr) {
          const Trilinear around(site.factor_grid, cells.position(row), site.domain.periodic());
          necrosis =
              necrosis_hazard(around([&](std::size_t v) { return oxygen->value[v]; }), necrosis_below_, necrosis_rate_);
        }
        if (!site.matrix.none())
          rupture = rupture_hazard(site.matrix.pore(site.matrix.grid.voxel_of(cells.position(row))),
                                   static_cast<double>(cells.phenotype[+Phenotype::PoreLimit][row]),
                                   static_cast<double>(cells.phenotype[+Phenotype::RuptureRate][row]));
        const double hazard_1_h = apoptosis + necrosis + rupture;
        if (hazard_1_h <= 0) return;
        const auto u = uniform4(tick.seed, tick.step, Purpose::Death, cells.id[row]);
        if (u[0] >= chance(hazard_1_h / 60, tick.dt_min)) return;
        const double which = u[1] * hazard_1_h;
        const Leaving leaving = which < apoptosis              ? Leaving::Apoptosis
                                : which < apoptosis + necrosis ? Leaving::Necrosis
                                                               : Leaving::Rupture;
        cause_of[row] = static_cast<std::uint8_t>(leaving);
      });
      for (std::size_t row = 0; row < cells.size(); ++row)
        if (cause[row] != stays) site.queues.departures.push_back({cells.id[row], row, static_cast<Leaving>(cause[row])});
    }
  }

 private:
  double necrosis_rate_ = 0.05;  // [1/h]
  double necrosis_below_ = 2.5;  // [mmHg]
};

}  // namespace

std::unique_ptr<Process> make_death() { return std::make_unique<DeathProcess>(); }

}  // namespace invado
