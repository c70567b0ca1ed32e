#include "scenario/warnings.h"

#include <fmt/core.h>

#include <algorithm>

#include "model/columns.h"
#include "model/headline_signals.h"
#include "scenario/founders.h"
#include "scenario/quantity.h"
#include "scenario/shapes.h"
#include "scenario/text.h"

namespace invado {
namespace {

// Founders that are parted may overlap by 10 % of their distance: closest packing then fills 0.74 / 0.9^3 = 101 % (discs:
// 0.91 / 0.9^2). What fills more cannot be parted, and trying takes hours.
constexpr double overfull = 1;

// Of the volume: closest packing of equal spheres, of discs where the domain is a plane.
double densest(const Domain& domain) { return domain.planar ? 0.91 : 0.74; }

// Volume of the founders over that of their shape.
double share_filled(const FounderPopulation& founders, const World& world) {
  const Domain& domain = world.sites[founders.site].domain;
  const double r = world.types[founders.type].radius;
  const double one = domain.planar ? 3.14159265358979 * r * r : 4.0 / 3.0 * 3.14159265358979 * r * r * r;
  return static_cast<double>(founders.count) * one / volume_of(founders.place.region, domain);
}

std::string filled_text(const FounderPopulation& founders, const World& world) {
  return fmt::format("{} cells of radius {} fill {:.0f} % of the shape; at most {:.0f} % fit without overlap",
                     founders.count, to_text(world.types[founders.type].radius, Unit::Um),
                     100 * share_filled(founders, world), 100 * densest(world.sites[founders.site].domain));
}

bool in_a_shape(const FounderPopulation& founders, const World& world) {
  return founders.count > 0 && !world.sites[founders.site].domain.spaceless() &&
         founders.place.region.kind != Region::Kind::Points;
}

// By type: has some population cells of it?
std::vector<bool> types_of_founders(const Scenario& scenario, std::size_t types) {
  std::vector<bool> used(types, false);
  for (const FounderPopulation& founders : scenario.founders) {
    used[founders.type] = true;
    for (const int type : founders.place.point_type) used[static_cast<std::size_t>(type)] = true;
  }
  return used;
}

bool from_command_line(const Node::Key& key) {
  return key.origin.source != nullptr && key.origin.source->kind == Source::Kind::CommandLine;
}

// None of its keys, and of those in what lies in it, was written in a file.
bool only_from_command_line(const Node& node) {
  return std::ranges::all_of(node.keys, from_command_line) && std::ranges::all_of(node.items, only_from_command_line);
}

class Warnings {
 public:
  explicit Warnings(Scenario& scenario) : scenario_(scenario), file_(printable(scenario.path.string())) {}

  void late_perturbations(const Draft& draft) {
    for (const PerturbationDraft& p : draft.perturbations)
      if (p.from && *p.from >= draft.duration)
        warn(fmt::format("perturbations.{}.from", p.name),
             fmt::format("begins at {} h, when the run of {} h is over", shortest(*p.from), shortest(draft.duration)));
  }

  void late_founders(const Draft& draft) {
    for (const PopulationDraft& p : draft.populations)
      if (p.from && *p.from >= draft.duration)
        warn(fmt::format("population.{}.from", p.name),
             fmt::format("nobody comes: {} h is after the run of {} h", shortest(*p.from), shortest(draft.duration)));
  }

  // `prefix`: of the site's keys.
  void fibres_without_order(const SpaceDraft& space, const std::string& prefix) {
    const MatrixDraft& matrix = space.matrix;
    const bool ordered =
        matrix.alignment > 0 || matrix.image.given ||
        std::ranges::any_of(matrix.regions, [](const RegionDraft& region) { return region.alignment.value_or(0) > 0; });
    if (matrix.orientation == random_orientation && !ordered)
      warn(prefix + "matrix.orientation", "random directions have no effect where the alignment of fibres is 0");
  }

  // Basement membrane opens at half of its density, which proteases do not get to where it is twice the floor or less.
  void lasting_membranes(const SpaceDraft& space, const std::string& prefix) {
    constexpr int membrane = static_cast<int>(Tissue::BasementMembrane);
    const MatrixDraft& matrix = space.matrix;
    const auto look_at = [&](int tissue, double density, const std::string& key) {
      if (tissue == membrane && density > 0 && density <= 2 * matrix.law.rho_floor)
        warn(prefix + key,
             fmt::format("basement membrane of {} stays shut: it opens at half of that, and proteases leave {}",
                         to_text(density, Unit::MgPerMl), to_text(matrix.law.rho_floor, Unit::MgPerMl)));
    };
    if (matrix.given) look_at(matrix.tissue, matrix.density, "matrix.density");
    for (const RegionDraft& region : matrix.regions)
      look_at(region.tissue.value_or(matrix.tissue), region.density.value_or(matrix.density),
              fmt::format("matrix.regions.{}", region.name));
  }

  void unused_types(const Draft& draft) {
    const std::vector<bool> used = types_of_founders(scenario_, draft.types.size());
    for (std::size_t type = 0; type < used.size(); ++type)
      if (!used[type]) warn("cell_types." + draft.types[type], "no population has cells of this type");
  }

  // A pair of cells has one contact, with the nearest image. Cells of radius R are neighbours up to 1.25 x 2 R
  // (mechanics/contact.h); a type whose contacts reach further is not looked at.
  void narrow_period(const Domain& domain, const std::string& prefix, const Draft& draft) {
    if (domain.spaceless()) return;
    const std::vector<bool> used = types_of_founders(scenario_, draft.types.size());
    double widest = 0;
    for (std::size_t type = 0; type < used.size(); ++type)
      if (used[type]) widest = std::max(widest, scenario_.world.types[type].radius);
    const double reach = 1.25 * 2 * widest;
    for (std::size_t axis = 0; axis < (domain.planar ? 2 : 3); ++axis)
      if (const double size = domain.size[static_cast<int>(axis)];
          domain.boundary[axis] == Boundary::Periodic && size < 2 * reach)
        warn(prefix + "domain.size",
             fmt::format("{} along {} is narrow for a periodic axis: cells feel each other up to {} away, and of two images "
                         "within that only the nearer one; from {} on there are not two",
                         to_text(size, Unit::Um), axis_words[axis], to_text(reach, Unit::Um), to_text(2 * reach, Unit::Um)));
  }

  // `settled`: the assay puts the cells where they belong, near a face or not.
  void places(bool settled) {
    for (const FounderPopulation& founders : scenario_.founders) {
      const Domain& domain = scenario_.world.sites[founders.site].domain;
      if (founders.count == 0 || domain.spaceless()) continue;
      if (!settled) near_boundary(founders, domain);
      if (in_a_shape(founders, scenario_.world)) crowded(founders, domain);
    }
  }

  // Is there a way into the blood, and out of it into each organ?
  void cascade() {
    const World& world = scenario_.world;
    const std::size_t blood = blood_of(world);
    if (blood == world.sites.size()) return;
    const auto founded = [&](std::size_t site) {
      return std::ranges::any_of(scenario_.founders, [&](const FounderPopulation& f) { return f.site == site; });
    };
    bool way_in = founded(blood);
    for (std::size_t site = 0; site < blood; ++site) way_in = way_in || (founded(site) && !world.sites[site].vessels.none());
    if (!way_in)
      warn("vessels", "no cell can enter the blood: where cells begin there is no vessel, and none begins in the blood");
    for (std::size_t site = 1; site < blood; ++site)
      if (world.sites[site].organ.lodging == 0 && !founded(site))
        warn("circulation.lodging." + world.sites[site].name, "is 0: no cell will come to this site");
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
    const double filled = share_filled(founders, scenario_.world), most = densest(domain);
    if (filled > most && filled <= overfull) warn(place_of(founders), filled_text(founders, scenario_.world));
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
        if (entry.process->name() == name) entry.process->start(probe);
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

void refuse_overfull(const Scenario& scenario, const Node& root, Problems& problems) {
  if (scenario.world.wells) return;
  for (const FounderPopulation& founders : scenario.founders) {
    if (!in_a_shape(founders, scenario.world) || share_filled(founders, scenario.world) <= overfull) continue;
    const std::string path = fmt::format("population.{}.place", founders.name);
    problems.add(
        origin_of(root, path), path,
        filled_text(founders, scenario.world) + ": a larger shape, fewer cells, or processes.mechanics.settle: false");
  }
}

void refuse_types_without_cells(const Draft& draft, const Scenario& scenario, const Node& root, Problems& problems) {
  const Node* const types = root.find("cell_types");
  const std::vector<bool> used = types_of_founders(scenario, draft.types.size());
  std::vector<std::string> with_cells;
  for (std::size_t type = 0; type < used.size(); ++type)
    if (used[type]) with_cells.push_back(draft.types[type]);
  for (std::size_t type = 0; type < used.size(); ++type) {
    if (used[type] || types == nullptr || !from_command_line(types->keys[type]) ||
        !only_from_command_line(types->items[type]))
      continue;
    const std::string path = "cell_types." + draft.types[type];
    problems.add(origin_of(root, path), path,
                 explain("no population has cells of this type", draft.types[type], comma_list(with_cells),
                         nearest_word(draft.types[type], with_cells)));
  }
}

void add_warnings(const Draft& draft, Scenario& scenario) {
  Warnings warnings(scenario);
  warnings.late_perturbations(draft);
  warnings.late_founders(draft);
  const auto look_into = [&](const SpaceDraft& space, const std::string& prefix) {
    warnings.fibres_without_order(space, prefix);
    warnings.lasting_membranes(space, prefix);
  };
  look_into(draft, "");
  for (const SiteDraft& site : draft.secondary_sites) look_into(site, fmt::format("secondary_sites.{}.", site.name));
  warnings.unused_types(draft);
  for (const Site& site : scenario.world.sites)
    warnings.narrow_period(site.domain,
                           &site == scenario.world.sites.data() ? "" : fmt::format("secondary_sites.{}.", site.name), draft);
  const bool settled = draft.assay.kind == AssayKind::Transwell || draft.assay.kind == AssayKind::Microtracks;
  if (!scenario.world.wells) warnings.places(settled);
  warnings.cascade();
  warnings.first_founders();
}

}  // namespace invado
