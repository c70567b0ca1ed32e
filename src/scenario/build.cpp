#include "scenario/build.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scenario/files.h"
#include "scenario/image_file.h"
#include "scenario/lattice.h"
#include "scenario/memory.h"
#include "scenario/points_file.h"
#include "scenario/quantity.h"
#include "scenario/shapes.h"
#include "scenario/text.h"

namespace invado {
namespace {

constexpr std::array<std::string_view, 7> lattice_arrays{"density", "pore",         "stiffness", "alignment",
                                                         "fibre",   "crosslinking", "tissue"};

// The cadence of a process: a key of `steps`, times a small whole number. A process that is not in this table moves with the
// cells.
struct Group {
  std::string_view process;
  std::string_view key;
  double StepsDraft::*step;
  int times = 1;
};
constexpr std::array<Group, 18> groups{{
    {"motility", "motion", &StepsDraft::motion},
    {"mechanics", "motion", &StepsDraft::motion},
    {"transport", "fields", &StepsDraft::fields},
    {"signalling", "signalling", &StepsDraft::signalling},
    {"response", "signalling", &StepsDraft::signalling},
    {"sensing", "matrix", &StepsDraft::matrix},
    {"proteolysis", "matrix", &StepsDraft::matrix, 2},
    {"deposition", "matrix", &StepsDraft::matrix},
    {"realignment", "matrix", &StepsDraft::matrix},
    {"osteolysis", "matrix", &StepsDraft::matrix},
    {"division", "fate", &StepsDraft::fate},
    {"death", "fate", &StepsDraft::fate},
    {"anoikis", "fate", &StepsDraft::fate},
    {"angiogenesis", "fate", &StepsDraft::fate},
    {"intravasation", "fate", &StepsDraft::fate},
    {"circulation", "fate", &StepsDraft::fate},
    {"extravasation", "fate", &StepsDraft::fate},
    {"colonisation", "fate", &StepsDraft::fate},
}};

// The space of a site: where its keys stand in the scenario, and the grids that they give.
struct Space {
  const SpaceDraft* draft;
  std::string prefix;  // of the paths of its keys
  Grid3 factors{}, matrix{};
  double factor_voxels = 0, matrix_voxels = 0;
  bool countable = true;
};

class Builder {
 public:
  Builder(Draft& draft, const Processes& processes, Documents& documents, const LoadOptions& options, Problems& problems,
          Scenario& scenario)
      : draft_(draft),
        processes_(processes),
        documents_(documents),
        options_(options),
        problems_(problems),
        out_(scenario) {}

  void build() {
    out_.name = draft_.name;
    out_.about = draft_.about;
    out_.world.seed = Seed{static_cast<std::uint64_t>(draft_.seed)};
    out_.world.wells = draft_.assay.kind == AssayKind::Wells;
    out_.assay = assay_word(draft_.assay.kind);
    if (draft_.assay.kind == AssayKind::Transwell) out_.world.read_out = ReadOut::Transwell;
    if (draft_.assay.kind == AssayKind::Monolayer) out_.world.read_out = ReadOut::Monolayer;
    times();
    for (const std::string& name : draft_.types) out_.world.types.emplace_back().name = name;
    sites();
    populations();
    perturbations();
    output_arrays();
    for (std::size_t s = 0; s < spaces_.size(); ++s) {
      field_rules(spaces_[s], out_.world.sites[s].domain);
      vessels(spaces_[s], out_.world.sites[s]);
    }
    if (problems_.empty() && draft_.matrix.given && draft_.matrix.image.given)
      image_ = read_image_file(draft_.matrix.image, origin_of("matrix.image.file"),
                               static_cast<double>(options_.memory_bytes.value_or(available_memory())),
                               out_.world.sites.front().domain.planar, options_, problems_, out_);
    if (!problems_.empty() || !fits_memory()) return;
    for (std::size_t s = 0; s < spaces_.size(); ++s) allocate(spaces_[s], out_.world.sites[s]);
    if (out_.world.read_out == ReadOut::Transwell && !lower_face(out_.world.sites.front().matrix, Tissue::Membrane))
      wrong("matrix", "has no membrane (no voxel of tissue membrane), which `assay: {kind: transwell}` is read by");
  }

 private:
  void wrong(const std::string& path, std::string what) { problems_.complain(origin_of(path), path, std::move(what)); }

  [[nodiscard]] Origin origin_of(const std::string& path) const { return invado::origin_of(documents_.root, path); }

  // --- time ---

  // Whole microseconds, or 0 after complaining.
  std::int64_t microseconds(const std::string& path, double minutes) {
    const auto us = whole_microseconds(minutes);
    if (!us || *us <= 0) {
      wrong(path, explain("is no whole number of microseconds", to_text(minutes, Unit::Min),
                          "at least 1e-6 s, without fractions of it"));
      return 0;
    }
    return *us;
  }

  // A duration that must be a whole number of ticks.
  std::int64_t in_ticks(const std::string& path, double minutes) {
    const std::int64_t tick = out_.tick_us;
    const std::int64_t us = microseconds(path, minutes);
    if (us == 0 || tick == 0 || us % tick == 0) return us;
    const std::int64_t below = us / tick * tick;
    const std::string near =
        below > 0 ? fmt::format("{} or {}", duration_text(below), duration_text(below + tick)) : duration_text(below + tick);
    wrong(path,
          explain(fmt::format("is no whole multiple of the tick of {}", duration_text(tick)), duration_text(us), near));
    return us;
  }

  void times() {
    const StepsDraft& s = draft_.steps;
    std::int64_t tick = 0;
    const auto add = [&](const char* key, double minutes) {
      tick = std::gcd(tick, microseconds(fmt::format("steps.{}", key), minutes));
    };
    add("motion", s.motion);
    add("fields", s.fields);
    add("signalling", s.signalling);
    add("matrix", s.matrix);
    add("fate", s.fate);
    out_.tick_us = tick;
    out_.world.clock.tick_us = tick;
    if (draft_.duration > 0) out_.duration_us = in_ticks("duration", draft_.duration * 60);
    if (tick > 0 && out_.duration_us / tick > 0xFFFFFFFELL)
      wrong("duration",
            explain("has too many steps", fmt::format("{} ticks of {}", out_.duration_us / tick, duration_text(tick)),
                    "4294967294 ticks"));
    const OutputDraft& o = draft_.output;
    const auto every = [&](const char* key, double minutes) {
      return minutes > 0 ? in_ticks(fmt::format("output.{}", key), minutes) : 0;
    };
    out_.output.series_us = every("series", o.series);
    out_.output.snapshots_us = every("snapshots", o.snapshots);
    out_.output.tracks_us = every("tracks", o.tracks);
    const Node* output = documents_.root.find("output");
    const Node* checkpoints = output != nullptr ? output->find("checkpoints") : nullptr;
    const bool as_map = checkpoints != nullptr && checkpoints->kind == Node::Kind::Map;
    out_.output.checkpoints_us = every(as_map ? "checkpoints.every" : "checkpoints", o.checkpoints);
    out_.output.checkpoint_wall_s = 60 * o.checkpoint_wall;
    schedule();
  }

  void schedule() {
    for (std::size_t p = 0; p < processes_.size(); ++p) {
      const ProcessDraft& d = draft_.processes[p];
      const std::string_view name = processes_[p]->name();
      const auto group = std::ranges::find(groups, name, &Group::process);
      const double step = group == groups.end() ? draft_.steps.motion : draft_.steps.*(group->step) * group->times;
      const std::int64_t every =
          d.every > 0 ? in_ticks(fmt::format("processes.{}.every", name), d.every) : whole_microseconds(step).value_or(0);
      ScheduleEntry& entry = out_.schedule.entries.emplace_back();
      entry.every_ticks = out_.tick_us > 0 ? every / out_.tick_us : 1;
      entry.on = d.on || !processes_[p]->switch_off();
    }
  }

  // --- space ---

  // The primary site, the secondary ones in the order in which the blood meets them, and the blood.
  void sites() {
    const std::vector<LodgingDraft>& met = draft_.circulation.lodging;
    std::ranges::stable_sort(draft_.secondary_sites, {}, [&](const SiteDraft& site) {
      return std::ranges::find(met, site.name, &LodgingDraft::name) - met.begin();
    });
    out_.world.sites.emplace_back();
    if (!out_.world.wells) spaces_.push_back({&draft_, ""});
    for (const SiteDraft& draft : draft_.secondary_sites) {
      Site& site = out_.world.sites.emplace_back();
      site.name = draft.name;
      site.organ = draft.organ;
      if (const auto at = std::ranges::find(met, draft.name, &LodgingDraft::name); at != met.end())
        site.organ.lodging = at->chance;
      spaces_.push_back({&draft, fmt::format("secondary_sites.{}.", draft.name)});
      if (draft.matrix.given && draft.matrix.image.given)
        wrong(spaces_.back().prefix + "matrix.image", "is for the primary site only (allowed density, regions)");
    }
    for (std::size_t s = 0; s < spaces_.size(); ++s) grids(spaces_[s], out_.world.sites[s].domain);
    if (!has_blood(draft_)) return;
    Site& blood = out_.world.sites.emplace_back();
    blood.name = blood_site;
    blood.compartment = Compartment::Blood;
    out_.world.blood_stream = draft_.circulation.stream;
  }

  // How many times `part` fits into `whole`; 0 when it does not, after complaining.
  double whole_parts(const std::string& path, double whole, double part, std::string_view what, bool of_part) {
    const double n = std::nearbyint(whole / part);
    if (n >= 1 && std::fabs(whole - n * part) <= 1e-9 * whole) return n;
    std::string allowed;
    const double below = std::floor(whole / part);
    if (of_part)
      allowed = below >= 1 ? fmt::format("{} or {}", shortest(whole / (below + 1)), shortest(whole / below))
                           : fmt::format("at most {}", shortest(whole));
    else
      allowed = below >= 1 ? fmt::format("{} or {}", shortest(below * part), shortest((below + 1) * part)) : shortest(part);
    wrong(path, explain(what, to_text(of_part ? part : whole, Unit::Um), allowed + " um"));
    return 0;
  }

  void grids(Space& space, Domain& domain) {
    const SpaceDraft& draft = *space.draft;
    domain.size = draft.size;
    for (std::size_t a = 0; a < 3; ++a) domain.boundary[a] = static_cast<Boundary>(draft.boundary[a]);
    if (std::isnan(draft.size.x + draft.size.y + draft.size.z)) return;
    std::array<double, 3> n{};
    for (int axis = 0; axis < 3; ++axis)
      n[static_cast<std::size_t>(axis)] =
          whole_parts(space.prefix + "domain.size", draft.size[axis], draft.voxel,
                      fmt::format("is no whole multiple of domain.voxel ({}) along {}", to_text(draft.voxel, Unit::Um),
                                  axis_words[static_cast<std::size_t>(axis)]),
                      false);
    const double finer =
        draft.matrix.given
            ? whole_parts(space.prefix + "matrix.voxel", draft.voxel, draft.matrix.voxel,
                          fmt::format("does not divide domain.voxel ({})", to_text(draft.voxel, Unit::Um)), true)
            : 1;
    space.factor_voxels = n[0] * n[1] * n[2];
    space.matrix_voxels = draft.matrix.given ? space.factor_voxels * finer * finer * finer : 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const double fine = n[a] * finer;
      if (fine < 1 || fine > 1e9) {
        space.countable = space.countable && fine < 1;
        continue;
      }
      const int axis = static_cast<int>(a);
      space.factors.shape[a] = static_cast<int>(n[a]);
      space.factors.spacing[axis] = draft.size[axis] / n[a];
      space.matrix.shape[a] = static_cast<int>(fine);
      space.matrix.spacing[axis] = draft.size[axis] / fine;
    }
    domain.planar = n[2] == 1;
  }

  void field_rules(const Space& space, const Domain& domain) {
    const std::array<bool, 3> periodic = domain.periodic();
    for (const FieldDraft& f : space.draft->fields) {
      const std::string path = fmt::format("{}fields.{}", space.prefix, f.name);
      for (std::size_t a = 0; a < 3; ++a) {
        const std::string here = fmt::format("{}.boundary.{}", path, axis_words[a]);
        if (periodic[a] && f.boundary_given[a])
          wrong(here, "has no meaning on a periodic axis (remove it, or change domain.boundary)");
        const bool opens = f.face[a][0].kind == FaceDraft::Kind::Open || f.face[a][1].kind == FaceDraft::Kind::Open;
        if (opens && f.has_gradient && f.gradient_axis != static_cast<int>(a))
          wrong(here,
                "open is held at the initial level, which a gradient along another axis does not have (allowed closed, a "
                "value)");
      }
      if (f.has_gradient && periodic[static_cast<std::size_t>(f.gradient_axis)])
        wrong(path + ".gradient", fmt::format("jumps at the periodic boundary of axis {}",
                                              axis_words[static_cast<std::size_t>(f.gradient_axis)]));
      if (std::ranges::find(lattice_arrays, f.name) != lattice_arrays.end())
        wrong(path, explain("is the name of an array of the matrix", f.name, "another name"));
    }
  }

  void vessels(const Space& space, Site& site) {
    const SpaceDraft& draft = *space.draft;
    if (draft.vessels.empty()) return;
    if (site.domain.planar)
      wrong(space.prefix + "vessels", "need room in three dimensions (domain.size has one voxel along z)");
    Vessels& out = site.vessels;
    out.wall = draft.vessel_wall.basement_membrane;
    out.oxygen = draft.vessel_wall.oxygen;
    out.perfusion = draft.vessel_wall.perfusion;
    const double widest = 0.5 * std::min({site.domain.size.x, site.domain.size.y, site.domain.size.z});
    for (const VesselDraft& vessel : draft.vessels) {
      const auto index = static_cast<std::int64_t>(out.names.size());
      if (!site.domain.planar && vessel.radius >= widest)
        wrong(
            fmt::format("{}vessels.{}.radius", space.prefix, vessel.name),
            explain("is as wide as the domain", to_text(vessel.radius, Unit::Um), "less than " + to_text(widest, Unit::Um)));
      out.names.push_back(vessel.name);
      for (const Vec3 x : vessel.path)
        points_inside(fmt::format("{}vessels.{}.path", space.prefix, vessel.name), x, site.domain);
      for (std::size_t i = 1; i < vessel.path.size(); ++i)
        out.segments.push_back({vessel.path[i - 1], vessel.path[i], vessel.radius, 0, index});
    }
  }

  void points_inside(const std::string& path, Vec3 x, const Domain& domain) {
    for (int axis = 0; axis < 3; ++axis)
      if (x[axis] < 0 || x[axis] > domain.size[axis])
        wrong(path, explain(fmt::format("leaves the domain along {}", axis_words[static_cast<std::size_t>(axis)]),
                            to_text(x[axis], Unit::Um), to_text(Range{0, domain.size[axis]}, Unit::Um)));
  }

  // --- cells ---

  [[nodiscard]] std::size_t site_of(const PopulationDraft& p) const {
    if (p.in_blood) return blood_of(out_.world);
    const auto at = std::ranges::find(draft_.secondary_sites, p.site, &SiteDraft::name);
    return p.site.empty() || at == draft_.secondary_sites.end()
               ? 0
               : 1 + static_cast<std::size_t>(at - draft_.secondary_sites.begin());
  }

  void populations() {
    for (const PopulationDraft& p : draft_.populations) {
      const std::string path = fmt::format("population.{}", p.name);
      FounderPopulation& founders = out_.founders.emplace_back();
      PopulationInfo& info = out_.world.populations.emplace_back();
      const auto type = std::ranges::find(draft_.types, p.type);
      founders.name = info.name = p.name;
      founders.type = info.type =
          type == draft_.types.end() ? std::uint8_t{0} : static_cast<std::uint8_t>(type - draft_.types.begin());
      founders.count = std::max<std::int64_t>(p.count, 0);
      info.high_fraction = p.branch ? static_cast<double>(*p.branch) : p.high_fraction.value_or(-1);
      founders.site = site_of(p);
      coming(p, path, founders);
      Site& site = out_.world.sites[founders.site];
      if (out_.world.wells || !p.place.given) continue;
      founders.place.region = p.place.region;
      if (p.place.region.kind == Region::Kind::Points) points(p, path, site.domain, founders);
      inside_domain(path, founders.place.region, site.domain);
      site.start_region.push_back(founders.place.region);
      site.start_region.back().points = founders.place.points;
    }
  }

  // When the founders come: at t = 0, later, or again and again.
  void coming(const PopulationDraft& p, const std::string& path, FounderPopulation& founders) {
    const auto ticks = [&](const char* key, const std::optional<double>& hours) {
      if (!hours || *hours <= 0 || out_.tick_us == 0) return std::int64_t{0};
      return in_ticks(fmt::format("{}.{}", path, key), *hours * 60) / out_.tick_us;
    };
    const std::int64_t from = ticks("from", p.from), every = ticks("every", p.every), until = ticks("until", p.until);
    founders.ticks.assign(1, from);
    if (every <= 0) return;
    constexpr std::int64_t most_times = 1000000;
    if (const std::int64_t times = (until - from + every - 1) / every; times > most_times)
      wrong(path + ".every",
            explain("lets cells come too often", fmt::format("{} times", times), fmt::format("{}", most_times)));
    else
      for (std::int64_t tick = from + every; tick < until; tick += every) founders.ticks.push_back(tick);
  }

  void points(const PopulationDraft& p, const std::string& path, const Domain& domain, FounderPopulation& founders) {
    const std::string key = path + ".place.points.file";
    const Origin named = origin_of(key);
    std::filesystem::path from = out_.path;
    if (named.source != nullptr && named.source->kind == Source::Kind::File) from = named.source->path;
    const FoundFile found = find_named_file(p.place.points_file, from, options_.allow_dirs);
    if (found.path.empty()) {
      problems_.add(named, key, found.problem, found.code);
      return;
    }
    const Source& source = documents_.sources.emplace_back(Source{Source::Kind::File, shown_path(found.path), found.path});
    std::error_code error;
    const auto size = static_cast<double>(std::filesystem::file_size(found.path, error));
    const double limit = static_cast<double>(options_.memory_bytes.value_or(available_memory()));
    if (!error) tables_ += table_memory(std::min(size, static_cast<double>(longest_table)));
    if (!error && tables_ > limit) {
      problems_.add(
          named, key,
          fmt::format("needs more memory than there is (got a table of {}, which may take {} with all tables before "
                      "it; allowed {})",
                      size_text(size), size_text(tables_), size_text(limit)),
          Exit::NoMemory);
      return;
    }
    Problems own;
    PointTable table;
    ScenarioInput input{points_input(p.name), {}};
    try {
      input.text = read_found_file(found, longest_table);
      table = read_points(input.text, draft_.types, domain.size, source, own);
    } catch (const IoError& failure) {
      problems_.add(named, key, failure.what(), failure.code());
      return;
    } catch (const ConfigError& failure) {
      problems_.add(named, key, failure.what(), Exit::BadData);
      return;
    }
    for (const Problem& problem : own.since(0)) problems_.add(problem.origin, problem.path, problem.what, problem.code);
    if (!own.empty()) return;
    out_.inputs.push_back(std::move(input));
    founders.place.point_type = std::move(table.type);
    const auto rows = static_cast<std::int64_t>(table.positions.size());
    if (p.count >= 0 && p.count != rows)
      wrong(path + ".count", explain("is not the number of points in the file", fmt::format("{}", p.count),
                                     fmt::format("{}, or no count", rows)));
    founders.count = rows;
    Region& region = founders.place.region;
    region.low = region.high = region.centre = rows > 0 ? table.positions[0] : Vec3{};
    for (Vec3 x : table.positions)
      for (int axis = 0; axis < 3; ++axis) {
        region.low[axis] = std::min(region.low[axis], x[axis]);
        region.high[axis] = std::max(region.high[axis], x[axis]);
      }
    founders.place.points = std::move(table.positions);
    founders.place.point_radius = std::move(table.radius);
  }

  void inside_domain(const std::string& path, const Region& region, const Domain& domain) {
    if (region.kind == Region::Kind::Points) return;  // each point was checked
    const Bounds box = bounds_of(region, domain);
    for (int axis = 0; axis < 3; ++axis) {
      const double size = domain.size[axis], slack = 1e-9 * size;
      if (box.low[axis] < -slack || box.high[axis] > size + slack)
        wrong(path + ".place", fmt::format("leaves the domain along {} (got {} to {}, allowed {})",
                                           axis_words[static_cast<std::size_t>(axis)], to_text(box.low[axis], Unit::Um),
                                           to_text(box.high[axis], Unit::Um), to_text(Range{0, size}, Unit::Um)));
    }
  }

  // --- interventions ---

  void perturbations() {
    std::vector<std::string> sites;
    for (const Site& site : out_.world.sites) sites.push_back(site.name);
    for (const PerturbationDraft& p : draft_.perturbations) {
      const std::string path = fmt::format("perturbations.{}", p.name);
      Perturbation& out = out_.world.perturbations.emplace_back();
      out.name = p.name;
      for (const KnobDraft& dose : p.doses) out.doses.push_back({dose.knob, dose.value, dose.multiplies});
      out.fraction = p.fraction;
      out.genotype = !p.from;
      const auto minutes = [&](const char* key, const std::optional<double>& hours) {
        if (!hours || *hours <= 0) return 0.0;
        return static_cast<double>(in_ticks(fmt::format("{}.{}", path, key), *hours * 60)) / 60e6;
      };
      out.from_min = minutes("from", p.from);
      out.onset_min = minutes("onset", p.onset);
      if (p.until) out.until_min = minutes("until", p.until);
      if (!p.types.empty()) out.types = mask(p.types, draft_.types);
      std::vector<std::string> names;
      for (const PopulationDraft& population : draft_.populations) names.push_back(population.name);
      if (!p.populations.empty()) out.populations = mask(p.populations, names);
      if (!p.sites.empty()) out.sites = mask(p.sites, sites);
    }
  }

  static std::uint64_t mask(const std::vector<std::string>& chosen, const std::vector<std::string>& all) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < all.size() && i < 64; ++i)
      if (std::ranges::find(chosen, all[i]) != chosen.end()) bits |= std::uint64_t{1} << i;
    return bits;
  }

  void output_arrays() {
    const std::vector<std::string>& wanted = draft_.output.fields;
    out_.output.all_arrays = wanted.size() == 1 && wanted[0] == "all";
    if (out_.output.all_arrays) return;
    std::vector<std::string> known(lattice_arrays.begin(), lattice_arrays.end());
    for (const Space& space : spaces_)
      for (const FieldDraft& f : space.draft->fields)
        if (std::ranges::find(known, f.name) == known.end()) known.push_back(f.name);
    for (const std::string& name : wanted)
      if (std::ranges::find(known, name) == known.end())
        wrong("output.fields",
              explain("no such array", name, "all, or a list of " + comma_list(known), nearest_word(name, known)));
    out_.output.arrays = wanted;
  }

  // --- memory ---

  bool fits_memory() {
    double cells = 0, waiting = 0;
    for (const FounderPopulation& founders : out_.founders) {
      cells += static_cast<double>(founders.total());
      waiting += static_cast<double>(founders.later());
    }
    const bool snapshots = out_.output.snapshots_us > 0;
    MemoryNeed need = predict_memory({.cells = cells,
                                      .kept = bytes_of_unfolded_columns(),  // at least: load.cpp looks again when
                                      .spaceless = true,                    // processes are configured
                                      .waiting = waiting,
                                      .snapshots = snapshots,
                                      .series = out_.output.series_us > 0,
                                      .image = image_ ? image_->memory : 0});
    double most = -1;
    bool countable = true;
    std::string largest = "domain";
    for (const Space& space : spaces_) {
      const std::vector<FieldDraft>& fields = space.draft->fields;
      const MemoryNeed more = predict_memory(
          {.matrix_voxels = space.matrix_voxels,
           .factor_voxels = space.factor_voxels,
           .factors = static_cast<double>(fields.size()),
           .steady = std::ranges::any_of(fields, [](const FieldDraft& f) { return f.solve != 1; }),  // 1: transient
           .snapshots = snapshots});
      need += more;
      const double size = space.countable ? more.matrix + more.fields : std::numeric_limits<double>::infinity();
      if (size > most) most = size, largest = space.prefix + "domain";
      countable = countable && space.countable;
    }
    const std::uint64_t limit = options_.memory_bytes.value_or(available_memory());
    if (countable && need.total() <= static_cast<double>(limit)) return true;
    const std::string culprit = need.cells > need.matrix + need.fields ? "population" : largest;
    problems_.add(origin_of(culprit), culprit, too_little_memory(need, limit), Exit::NoMemory);
    return false;
  }

  void allocate(const Space& space, Site& site) {
    const SpaceDraft& draft = *space.draft;
    site.factor_grid = space.factors;
    std::optional<MatrixImage> picture;
    if (image_) {  // of the primary site, which is the first
      picture = matrix_from_image(image_->image, image_->placement, space.matrix, site.domain.planar);
      image_.reset();
      warn_of_image(*picture, out_);
    }
    if (draft.matrix.given)
      site.matrix = make_matrix(draft.matrix, space.matrix, site.domain.planar, picture ? &*picture : nullptr,
                                out_.world.seed, static_cast<std::uint32_t>(index_of(out_.world, site)));
    else
      site.matrix.law = draft.matrix.law;
    for (const VesselSegment& segment : site.vessels.segments) lay_into_matrix(site.matrix, segment, site.vessels.wall);
    for (const FieldDraft& f : draft.fields) site.fields.push_back(make_field(f, site.domain, space.factors.size()));
  }

  Draft& draft_;
  const Processes& processes_;
  Documents& documents_;
  const LoadOptions& options_;
  Problems& problems_;
  Scenario& out_;
  std::vector<Space> spaces_;  // of the sites but the blood, in their order; none in wells
  std::optional<ImageFile> image_;
  double tables_ = 0;  // memory that tables of points may take [bytes]
};

}  // namespace

std::string points_input(std::string_view population) { return fmt::format("inputs/points_{}.csv", population); }

void build_scenario(Draft& draft, const Processes& processes, Documents& documents, const LoadOptions& options,
                    Problems& problems, Scenario& scenario) {
  Builder(draft, processes, documents, options, problems, scenario).build();
}

}  // namespace invado
