#include "scenario/warnings.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/columns.h"
#include "model/headline_signals.h"
#include "scenario/founders.h"
#include "scenario/quantity.h"
#include "scenario/shapes.h"
#include "scenario/text.h"

namespace invado {
namespace {

class Warnings {
 public:
  explicit Warnings(Scenario& scenario) : scenario_(scenario), file_(printable(scenario.path.string())) {}

  void late_perturbations(const Draft& draft) {
    for (const PerturbationDraft& p : draft.perturbations)
      if (p.from && *p.from >= draft.duration)
        warn(fmt::format("perturbations.{}.from", p.name),
             fmt::format("begins at {} h, when the run of {} h is over", shortest(*p.from), shortest(draft.duration)));
  }

  void unused_types(const Draft& draft) {
    std::vector<bool> used(draft.types.size(), false);
    for (const FounderPopulation& founders : scenario_.founders) {
      used[founders.type] = true;
      for (const int type : founders.place.point_type) used[static_cast<std::size_t>(type)] = true;
    }
    for (std::size_t type = 0; type < used.size(); ++type)
      if (!used[type]) warn("cell_types." + draft.types[type], "no population has cells of this type");
  }

  // `settled`: the assay puts the cells where they belong, near a face or not.
  void places(bool settled) {
    for (const FounderPopulation& founders : scenario_.founders) {
      const Domain& domain = scenario_.world.sites[founders.site].domain;
      if (founders.count == 0 || domain.spaceless()) continue;
      if (!settled) near_boundary(founders, domain);
      if (founders.place.region.kind != Region::Kind::Points) crowded(founders, domain);
    }
  }

  // The first founder of each population, started: does it get the branch that was asked for, can it move where it is?
  void first_founders() {
    World probe = first_of_each();
    const Population& cells = probe.sites.front().cells;
    std::size_t row = 0;
    std::int64_t first_id = scenario_.world.next_id;
    for (std::size_t p = 0; p < scenario_.founders.size(); ++p) {
      const FounderPopulation& founders = scenario_.founders[p];
      if (founders.count == 0) continue;
      const CellType& type = probe.types[cells.type[row]];
      const double share = scenario_.world.populations[p].high_fraction;
      const bool network = type.signalling && type.steady_derived[+Derived::Runx2Activity] > 0;  // it is there and ran
      const double activity = static_cast<double>(cells.derived[+Derived::Runx2Activity][row]);
      if (network && (share > 0 || (share < 0 && type.starts_high)) && activity <= high_branch)
        warn(share > 0 ? fmt::format("population.{}.initial_state", founders.name)
                       : fmt::format("cell_types.{}.signalling.branch", type.name),
             fmt::format(
                 "the high branch is asked for, but '{}' has only the low one here (runx2_activity {:.2g}): its cells "
                 "start low",
                 type.name, activity));
      stuck(founders, static_cast<double>(cells.phenotype[+Phenotype::PoreLimit][row]), first_id);
      first_id += founders.count;
      ++row;
    }
  }

 private:
  void warn(const std::string& path, const std::string& what) {
    std::string line = fmt::format("{}: {}: {}", file_, path, what);
    if (std::ranges::find(scenario_.warnings, line) == scenario_.warnings.end())
      scenario_.warnings.push_back(std::move(line));
  }

  [[nodiscard]] static std::string place_of(const FounderPopulation& founders) {
    return fmt::format("population.{}.place", founders.name);
  }

  void near_boundary(const FounderPopulation& founders, const Domain& domain) {
    constexpr double near = 100;  // [um]: what an invasive front covers in a day
    const Bounds box = bounds_of(founders.place.region, domain);
    for (int axis = 0; axis < (domain.planar ? 2 : 3); ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      const double below = box.low[axis], above = domain.size[axis] - box.high[axis];
      const bool fills = below + above < 0.1 * domain.size[axis];
      if (domain.boundary[a] == Boundary::Periodic || fills || std::min(below, above) >= near) continue;
      warn(place_of(founders), fmt::format("begins only {} from the {} boundary of axis {}; the front will soon meet it",
                                           to_text(std::min(below, above), Unit::Um),
                                           domain.boundary[a] == Boundary::Open ? "open" : "closed", axis_words[a]));
    }
  }

  void crowded(const FounderPopulation& founders, const Domain& domain) {
    constexpr double densest = 0.74;  // closest packing of equal spheres
    constexpr double densest_discs = 0.91;
    const double r = scenario_.world.types[founders.type].radius;
    const double one = domain.planar ? 3.14159265358979 * r * r : 4.0 / 3.0 * 3.14159265358979 * r * r * r;
    const double packing = static_cast<double>(founders.count) * one / volume_of(founders.place.region, domain);
    if (packing > (domain.planar ? densest_discs : densest))
      warn(place_of(founders), fmt::format("{} cells of radius {} fill {:.0f} % of the shape; at most {:.0f} % fit without "
                                           "overlap",
                                           founders.count, to_text(r, Unit::Um), 100 * packing,
                                           100 * (domain.planar ? densest_discs : densest)));
  }

  [[nodiscard]] World first_of_each() const {
    const World& world = scenario_.world;
    World probe;
    probe.seed = world.seed;
    probe.wells = world.wells;
    probe.types = world.types;
    probe.populations = world.populations;
    probe.perturbations = world.perturbations;
    Site& site = probe.sites.emplace_back();
    site.domain = world.sites.front().domain;
    std::int64_t id = world.next_id;
    for (std::size_t p = 0; p < scenario_.founders.size(); ++p) {
      const FounderPopulation& founders = scenario_.founders[p];
      if (founders.count == 0) continue;
      const std::size_t row = append_row(site.cells);
      const std::vector<int>& types = founders.place.point_type;
      site.cells.id[row] = id;
      site.cells.type[row] = types.empty() ? founders.type : static_cast<std::uint8_t>(types.front());
      site.cells.origin[row] = static_cast<std::uint8_t>(p);
      site.cells.treated[row] = treated_bits(probe, id, site.cells.type[row], p);
      site.cells.radius[row] = probe.types[site.cells.type[row]].radius;
      site.cells.speed_factor[row] = 1;
      // Those who ask for some cells on the high branch: this one is among them.
      if (probe.populations[p].high_fraction > 0) probe.populations[p].high_fraction = 1;
      id += founders.count;
    }
    for (const std::string_view name : {"signalling", "response"})
      for (const ScheduleEntry& entry : scenario_.schedule.entries)
        if (entry.on && entry.process->name() == name) entry.process->start(probe);
    return probe;
  }

  // Founders where phi, the steric factor of the speed, is zero: they can neither move nor be reached.
  void stuck(const FounderPopulation& founders, double pore_limit, std::int64_t first_id) {
    const Site& site = scenario_.world.sites[founders.site];
    if (site.matrix.none()) return;
    constexpr std::int64_t most = 1000;
    const std::int64_t looked = std::min(founders.count, most);
    std::int64_t caught = 0;
    for (std::int64_t n = 0; n < looked; ++n) {
      const Vec3 x = founder_position(founders, static_cast<std::size_t>(n), site, scenario_.world.seed, first_id + n);
      if (steric_factor_at(site.matrix, x, pore_limit, site.domain.periodic()) <= 0) ++caught;
    }
    if (10 * caught > looked)
      warn(place_of(founders),
           fmt::format(
               "{} of {} founders cannot move before the matrix around them is degraded (their nuclei need pores of more "
               "than {:.3g} um^2)",
               caught, looked, pore_limit));
  }

  Scenario& scenario_;
  std::string file_;
};

}  // namespace

void add_warnings(const Draft& draft, Scenario& scenario) {
  Warnings warnings(scenario);
  warnings.late_perturbations(draft);
  warnings.unused_types(draft);
  const bool settled = draft.assay.kind == AssayKind::Transwell || draft.assay.kind == AssayKind::Microtracks;
  if (!scenario.world.wells) warnings.places(settled);
  warnings.first_founders();
}

}  // namespace invado
