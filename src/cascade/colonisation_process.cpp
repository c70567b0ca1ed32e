// Colonisation: a cell that has come to an organ waits, then begins to divide or falls dormant; the dormant may wake
// (cascade/colony.h). Until it has settled it dies as the lodged do: bed_death anoikis_rate, for `bed_death_for` after
// lodging.
// Limits: daughters of a cell that has begun never fall dormant; nothing in the organ wakes the dormant.
#include <memory>
#include <vector>

#include "base/hazard.h"
#include "base/parallel.h"
#include "cascade/colony.h"
#include "model/commit.h"
#include "model/process.h"

namespace invado {
namespace {

class ColonisationProcess final : public Process {
 public:
  std::string_view name() const override { return "colonisation"; }
  std::vector<std::string_view> reads() const override {
    return {"id", "arrived_min", "dormancy", "bone_programme", "anoikis_rate_1_h"};
  }
  std::vector<std::string_view> writes() const override { return {"dormancy"}; }
  bool needed(const World& world) const override { return blood_of(world) < world.sites.size(); }

  void describe(ParamVisitor& v) override {
    v.number("wait_from", wait_from_h_, Unit::Hour, non_negative, "shortest time from lodging to the decision",
             "biology.md 6, unverified: day 3");
    v.number("wait_to", wait_to_h_, Unit::Hour, non_negative, "longest time from lodging to the decision",
             "biology.md 6, unverified: day 10");
    if (wait_to_h_ < wait_from_h_) v.complain("wait_to", "is shorter than wait_from");
    v.number("initiation", law_.initiation, Unit::One, fraction, "chance to begin where nothing favours it",
             "biology.md 6, unverified: Luzzi 1998, 2.5 % in liver");
    v.number("waking", law_.waking_1_h, Unit::PerHour, non_negative, "rate at which dormant cells wake",
             "biology.md 6, assumed: 10^-3 to 10^-2 a day");
  }
  void configure(World&) override {
    law_.wait_from_min = 60 * wait_from_h_;
    law_.wait_to_min = 60 * wait_to_h_;
  }

  void apply(World& world, const Tick& tick) const override {
    for (std::size_t s = 1; s < blood_of(world); ++s) settle(world, s, tick);
  }

 private:
  Colonisation law_;
  double wait_from_h_ = 72, wait_to_h_ = 240;

  enum class Fate : std::uint8_t { Goes, Dies, Begins, Sleeps, Wakes };

  [[nodiscard]] Fate fate_of(const World& world, const Site& site, std::size_t row, const Tick& tick) const {
    const Population& c = site.cells;
    const auto dormancy = static_cast<Dormancy>(c.dormancy[row]);
    if (dormancy == Dormancy::None) return Fate::Goes;
    const auto u = uniform4(tick.seed, tick.step, Purpose::Colonisation, c.id[row], 1);
    if (dormancy == Dormancy::Dormant) return u[0] < chance(law_.waking_1_h / 60, tick.dt_min) ? Fate::Wakes : Fate::Goes;
    const double since = tick.time_min + tick.dt_min - c.arrived_min[row];
    const double deadly = std::clamp(world.blood_stream.bed_death_min - (since - tick.dt_min), 0.0, tick.dt_min);
    const double hazard = world.blood_stream.bed_death * static_cast<double>(c.phenotype[+Phenotype::AnoikisRate][row]);
    if (u[0] < chance(hazard / 60, deadly)) return Fate::Dies;
    // When a cell decides is drawn once, for good: the address has no time.
    if (since < law_.wait(uniform4(tick.seed, 0, Purpose::Colonisation, c.id[row])[0])) return Fate::Goes;
    return u[1] < law_.begins(site.organ.affinity, c.state[+State::BoneProgramme][row]) ? Fate::Begins : Fate::Sleeps;
  }

  void settle(World& world, std::size_t s, const Tick& tick) const {
    Site& site = world.sites[s];
    Population& c = site.cells;
    std::vector<Fate> fate(c.size());
    for_rows(c.size(), [&](std::size_t row) { fate[row] = fate_of(world, site, row, tick); });
    std::vector<std::size_t> changed;
    for (std::size_t row = 0; row < c.size(); ++row)
      if (fate[row] != Fate::Goes) changed.push_back(row);
    std::ranges::sort(changed, {}, [&](std::size_t row) { return c.id[row]; });
    for (const std::size_t row : changed) {
      if (fate[row] == Fate::Dies) {
        site.queues.departures.push_back({c.id[row], row, Leaving::Anoikis});
        continue;
      }
      const bool sleeps = fate[row] == Fate::Sleeps;
      c.dormancy[row] = static_cast<std::uint8_t>(sleeps ? Dormancy::Dormant : Dormancy::None);
      note_stage(world, s, c, row, sleeps ? Stage::Dormant : fate[row] == Fate::Begins ? Stage::Initiated : Stage::Woken);
    }
  }
};

}  // namespace

std::unique_ptr<Process> make_colonisation() { return std::make_unique<ColonisationProcess>(); }

}  // namespace invado
