// Anoikis: a cell that holds on to nothing, itself or through a neighbour, dies after a delay.
//
//   detached = not anchored and no anchored neighbour (columns of sensing and mechanics); detached_min counts, contact
//   resets P(dies in dt) = 1 - exp(-anoikis_rate e), e = the part of the interval that lies beyond the delay (biology.md 4b)
//
// Where a site has no matrix the columns say nothing: a bare dish holds its cells (`without_matrix: survives`), a
// suspension does not (`detached`; the assay `detached` sets it).
// Limits: contact of any kind and length resets the clock at once.
#include <array>
#include <memory>
#include <vector>

#include "base/parallel.h"
#include "lifecycle/hazard.h"
#include "model/process.h"

namespace invado {
namespace {

constexpr std::array<std::string_view, 2> without_matrix_words{"survives", "detached"};

class AnoikisProcess final : public SiteProcess {
 public:
  std::string_view name() const override { return "anoikis"; }
  std::vector<std::string_view> reads() const override {
    return {"id", "anchored", "anchored_neighbours", "detached_min", "anoikis_rate_1_h", "matrix"};
  }
  std::vector<std::string_view> writes() const override { return {"detached_min"}; }

  void describe(ParamVisitor& v) override {
    v.number("delay", delay_h_, Unit::Hour, non_negative, "time without contact before the hazard begins",
             "biology.md 4b, assumed");
    v.choice("without_matrix", without_matrix_, without_matrix_words,
             "cells of a site without matrix: attached to a dish (survives) or in suspension (detached)", "assumed");
  }

  void apply_to(World&, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const one : sites) {
      Site& site = *one;
      if (site.compartment == Compartment::Blood) continue;  // competes with what else kills there
      const Population& cells = site.cells;
      Foldable<double>& detached_min = site.cells.detached_min;
      const bool no_matrix = site.matrix.none();
      static thread_local std::vector<std::uint8_t> dies;
      dies.assign(cells.size(), 0);
      std::uint8_t* const dies_at = dies.data();
      for_rows(cells.size(), [&](std::size_t row) {
        const bool detached =
            no_matrix ? without_matrix_ == 1 : cells.anchored[row] == 0 && cells.anchored_neighbours[row] == 0;
        detached_min[row] = detached ? detached_min[row] + tick.dt_min : 0;
        const double exposure = time_beyond(60 * delay_h_, cells.detached_min[row], tick.dt_min);
        if (!detached || exposure <= 0) return;
        const double rate = static_cast<double>(cells.phenotype[+Phenotype::AnoikisRate][row]) / 60;
        dies_at[row] = uniform4(tick.seed, tick.step, Purpose::Anoikis, cells.id[row])[0] < chance(rate, exposure);
      });
      for (std::size_t row = 0; row < cells.size(); ++row)
        if (dies[row] != 0) site.queues.departures.push_back({cells.id[row], row, Leaving::Anoikis});
    }
  }

 private:
  double delay_h_ = 4;
  int without_matrix_ = 0;
};

}  // namespace

std::unique_ptr<Process> make_anoikis() { return std::make_unique<AnoikisProcess>(); }

}  // namespace invado
