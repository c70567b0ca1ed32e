#include "model/invariants.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/param.h"
#include "model/columns.h"
#include "model/suspects.h"

namespace invado {
namespace {

using namespace suspects;

constexpr std::int64_t cheap_turns = 16;    // rounds in which cheap checks see everything
constexpr std::int64_t running_turns = 64;  // steps in which the checks at the end of a step see every voxel

// Fibre orientation is kept in single precision. A stored component is off by at most 2^-25 (half the distance of floats
// below 1), the sum of three in single precision by 2^-25 twice more: 5 x 2^-25 < 2^-22.
constexpr float trace_tolerance = 0x1p-22F;
// Each realignment rounds a component by 2^-25 and by 2^-31 in its fixed-point sum, and remembers the rounding of some
// 1/(share realigned in one call) calls before. A thousand calls that all err to one side: 3e-5.
constexpr float definite_tolerance = 1e-4F;
// Highest of the levels of the network: beyond it their sum is no longer resolved to 1e-4 (the network faults there too).
constexpr double highest_level = 1e12;
// Ids and head counts are exact in double precision too, and a dozen of them add up without overflow.
constexpr std::int64_t highest_count = std::int64_t{1} << 53;
// e^x of a slow factor must be a number.
constexpr double widest_log_factor = 700;

// density, density_start, crosslinking, tissue, six components of the fibre tensor
constexpr std::size_t matrix_bytes = 2 * sizeof(double) + sizeof(float) + 1 + 6 * sizeof(float);

// How much one search looks at.
enum class Depth {
  Everything,
  AfterProcess,  // within a step: what was written; lattices of at most look_bytes
  AtEnd,         // all rows; a part of the voxels
  Cheap,         // a part of the rows and of the voxels
};
constexpr std::size_t look_bytes = std::size_t{2} << 20;

class Search {
 public:
  Search(const World& world, Depth depth, std::int64_t round, std::span<const std::string_view> written = {})
      : world_(world), depth_(depth), turns_(depth == Depth::Cheap ? cheap_turns : running_turns), written_(written) {
    turn_ = ((round % turns_) + turns_) % turns_;
  }

  std::optional<Violation> run() {
    const bool done = clock() || ids() || sites() || diagnostics();
    static_cast<void>(done);
    return found_;
  }

 private:
  const World& world_;
  Depth depth_;
  std::int64_t turns_, turn_;
  std::span<const std::string_view> written_;  // AfterProcess
  std::optional<Violation> found_;

  // Notes the violation; true, for the caller to end with.
  bool report(std::string_view quantity, std::string text) {
    found_ = Violation{std::string(quantity), std::move(text)};
    return true;
  }
  [[nodiscard]] bool within_step() const { return depth_ == Depth::AfterProcess; }
  [[nodiscard]] bool wanted(std::string_view quantity) const {
    return !within_step() || std::ranges::find(written_, quantity) != written_.end();
  }
  // The part of this round.
  [[nodiscard]] Part turn_of(std::size_t n) const {
    const auto turn = static_cast<std::size_t>(turn_), turns = static_cast<std::size_t>(turns_);
    return {n * turn / turns, n * (turn + 1) / turns};
  }
  [[nodiscard]] Part rows(std::size_t n) const { return depth_ == Depth::Cheap ? turn_of(n) : Part{0, n}; }
  // What about the cells cannot be cut into parts is looked at in one round of them.
  [[nodiscard]] bool due(std::int64_t turn) const { return depth_ != Depth::Cheap || turn_ == turn % turns_; }
  // Voxels of a lattice that takes so many bytes per voxel.
  [[nodiscard]] Part voxels(std::size_t n, std::size_t bytes) const {
    if (depth_ == Depth::Everything) return {0, n};
    if (depth_ == Depth::AfterProcess) return {0, n * bytes <= look_bytes ? n : 0};
    return turn_of(n);
  }
  // Whether the ledger of a lattice is compared, for which all of it is summed.
  [[nodiscard]] bool ledger_due(std::int64_t turn, std::size_t n, std::size_t bytes) const {
    if (depth_ == Depth::Everything) return true;
    return depth_ == Depth::AfterProcess ? n * bytes <= look_bytes : turn_ == turn % turns_;
  }

  [[nodiscard]] std::string at(const Site& site) const { return world_.sites.size() > 1 ? site.name + ", " : std::string(); }

  bool clock() {
    const Clock& clock = world_.clock;
    if (clock.tick_us <= 0) return report("clock", fmt::format("clock: a step of {} us, must be positive", clock.tick_us));
    if (clock.tick < 0 || clock.tick > std::int64_t{UINT32_MAX})  // a step is 32 bits of the address of chance
      return report("clock", fmt::format("clock: step {}, must lie in [0, {}]", clock.tick, UINT32_MAX));
    return false;
  }

  bool diagnostics() {
    const Diagnostics& d = world_.diagnostics;
    if (d.mechanics_substeps < 0)
      return report("diagnostics", fmt::format("mechanics_substeps = {}, must not be negative", d.mechanics_substeps));
    if (wrong(d.transport_error, non_negative))
      return report("diagnostics", fmt::format("transport_error = {}, {}", number(d.transport_error),
                                               requirement(d.transport_error, non_negative, "1")));
    return false;
  }

  bool ids() {
    if (world_.next_id < 0) return report("ids", fmt::format("next id {}, must not be negative", world_.next_id));
    if (world_.next_id > highest_count)
      return report("ids", fmt::format("next id {}, must be at most {}", world_.next_id, highest_count));
    for (const Site& site : world_.sites) {
      const std::vector<std::int64_t>& id = site.cells.id;
      const Part part = rows(id.size());
      for (std::size_t row = part.from; row < part.to; ++row)
        if (id[row] < 0 || id[row] >= world_.next_id) return bad_id();
    }
    if (!due(1)) return false;
    // Births append and departures keep the order, so rows are in the order of ids as a rule.
    std::int64_t last = -1;
    bool ascending = true;
    for (const Site& site : world_.sites)
      for (const std::int64_t id : site.cells.id) {
        ascending = ascending && id > last;
        last = id;
      }
    if (ascending) return false;
    std::vector<std::int64_t> sorted;
    for (const Site& site : world_.sites) sorted.insert(sorted.end(), site.cells.id.begin(), site.cells.id.end());
    std::ranges::sort(sorted);
    const auto twice = std::ranges::adjacent_find(sorted);
    return twice != sorted.end() && report("ids", fmt::format("cell {}: the id of more than one cell", *twice));
  }

  bool bad_id() {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const Site& site : world_.sites)
      for (const std::int64_t id : site.cells.id)
        if (id < 0 || id >= world_.next_id) least = std::min(least, id);
    return report("ids", fmt::format("cell {}: its id must lie in [0, {})", least, world_.next_id));
  }

  bool sites() {
    for (const Site& site : world_.sites)
      if (lengths(site) || columns(site) || relations(site) || head_count(site) || queues(site) || events(site) ||
          matrix(site) || fields(site))
        return true;
    return false;
  }

  bool lengths(const Site& site) {
    const std::size_t rows = site.cells.size();
    for_each_column(site.cells, [&](const ColumnInfo& info, const auto& column) {
      if (!found_ && column.size() != rows)
        report(info.name, fmt::format("{}column {}: {} rows, but {} cells", at(site), info.name, column.size(), rows));
    });
    return found_.has_value();
  }

  bool columns(const Site& site) {
    for_each_column(site.cells, [&](const ColumnInfo& info, const auto& column) {
      if (found_ || !wanted(info.name)) return;
      const Range range = range_of(site, info.name);
      const std::size_t first = rows(column.size()).from, end = rows(column.size()).to;
      const auto numbers = kept_numbers(column, first, end);
      if (!any_suspect(numbers.data(), numbers.size(), range)) return;
      const std::optional<std::size_t> row =
          lowest_id(site.cells, [&](std::size_t r) { return r >= first && r < end && wrong(column[r], range); });
      if (row)
        report(info.name,
               fmt::format("{}cell {}: {} = {}, {}", at(site), site.cells.id[*row], info.name,
                           with_unit(number(column[*row]), info.unit), requirement(column[*row], range, info.unit)));
    });
    return found_.has_value();
  }

  template <class Wrong>
  static std::optional<std::size_t> lowest_id(const Population& cells, Wrong&& is_wrong) {
    std::optional<std::size_t> lowest;
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (is_wrong(row) && (!lowest || cells.id[row] < cells.id[*lowest])) lowest = row;
    return lowest;
  }

  // Values that a column may have.
  [[nodiscard]] Range range_of(const Site& site, std::string_view name) const {
    const Domain& domain = site.domain;
    constexpr std::array<std::string_view, 3> axes{"x", "y", "z"};
    for (std::size_t a = 0; a < 3; ++a) {
      const bool around = domain.boundary[a] == Boundary::Periodic;
      const bool flat = domain.planar && a == 2;
      const double size = domain.size[static_cast<int>(a)];
      const std::string_view axis = axes[a];
      if (!name.ends_with(axis)) continue;
      const std::string_view stem = name.substr(0, name.size() - 1);
      if (stem.empty()) return domain.spaceless() ? any_number : Range{0, size, false, around};
      // A track begins where the cell was born, in coordinates that go on beyond a periodic box.
      if (stem == "start_") return domain.spaceless() || around ? any_number : Range{0, size};
      if (stem == "wrap_") return around && !domain.spaceless() ? any_number : Range{0, 0};
      if (stem == "u" || stem == "v" || stem == "step_") return flat ? Range{0, 0} : any_number;
      // A mean of unit vectors, each component rounded to 2^-20 of a unit.
      if (stem == "away_") return {-1 - 0x1p-20, 1 + 0x1p-20};
    }
    if (name == "id" || name == "founder") return {0, static_cast<double>(world_.next_id), false, true};
    if (name == "parent") return {-1, static_cast<double>(world_.next_id), false, true};
    if (name == "type") return {0, static_cast<double>(world_.types.size()), false, true};
    if (name == "origin") return {0, static_cast<double>(std::max<std::size_t>(1, world_.populations.size())), false, true};
    if (name == "group") return {-1, static_cast<double>(world_.next_id), false, true};
    if (name == "radius" || name == "speed_factor" || name == "weight") return positive;
    // arrived_min may lie ahead: within the interval of a process, of which not all has passed.
    if (name == "lodged") return {0, site.compartment == Compartment::Blood ? static_cast<double>(blood_of(world_)) : 0};
    if (name == "dormancy") return {0, site.compartment == Compartment::Blood ? 0 : static_cast<double>(Dormancy::Dormant)};
    if (name == "anchored") return fraction;
    if (name == "born_min") return {0, world_.clock.time_min()};
    // Interpolated with weights that sum to 1 within rounding, and rounded to single precision.
    if (name == "pore") return {0, site.matrix.law.pore_max * (1 + 1e-6)};
    for (const NamedQuantity& level : states)
      if (name == level.name) return {0, highest_level};
    if (name.starts_with("extrinsic_")) return {-widest_log_factor, widest_log_factor};
    if (name == derived_signals[+Derived::VimentinStability].name || name == derived_signals[+Derived::Trim16Occupancy].name)
      return fraction;
    if (name == derived_signals[+Derived::EmtScore].name) return {-infinity, 1};  // noise lifts E-cadherin above its maximum
    if (name == "treated") return any_number;                                     // bits; relations() looks at them
    return non_negative;  // lengths, times, counts, rates, shares of the others
  }

  // What one column says about another.
  bool relations(const Site& site) {
    const Population& c = site.cells;
    const std::size_t first = rows(c.size()).from, end = rows(c.size()).to;
    const auto check = [&](std::string_view quantity, auto&& is_wrong, auto&& text) {
      if (found_ || !wanted(quantity)) return;
      bool any = false;
      for (std::size_t row = first; row < end; ++row) any |= is_wrong(row);
      if (!any) return;
      const auto row = lowest_id(c, [&](std::size_t r) { return r >= first && r < end && is_wrong(r); });
      report(quantity, fmt::format("{}cell {}: {}", at(site), c.id[*row], text(*row)));
    };
    check(
        "parent", [&](std::size_t r) { return c.parent[r] >= c.id[r]; },
        [&](std::size_t r) { return fmt::format("parent = {}, must be older than the cell", c.parent[r]); });
    check(
        "founder", [&](std::size_t r) { return c.parent[r] < 0 ? c.founder[r] != c.id[r] : c.founder[r] > c.parent[r]; },
        [&](std::size_t r) {
          return c.parent[r] < 0
                     ? fmt::format("founder = {}, must be the cell itself, which has no parent", c.founder[r])
                     : fmt::format("founder = {}, must not be younger than the parent {}", c.founder[r], c.parent[r]);
        });
    const std::size_t perturbations = world_.perturbations.size();
    const std::uint64_t known = perturbations >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << perturbations) - 1;
    check(
        "treated", [&](std::size_t r) { return (c.treated[r] & ~known) != 0; },
        [&](std::size_t r) {
          return fmt::format("treated = {:#x}, but there are {} perturbations", c.treated[r], perturbations);
        });
    check(
        "anchored_neighbours", [&](std::size_t r) { return c.anchored_neighbours[r] > c.neighbours[r]; },
        [&](std::size_t r) {
          return fmt::format("anchored_neighbours = {}, must not exceed neighbours = {}", c.anchored_neighbours[r],
                             c.neighbours[r]);
        });
    if (site.domain.planar)
      check(
          "z", [&](std::size_t r) { return c.z[r] != c.start_z[r]; },
          [&](std::size_t r) {
            return fmt::format("z = {} um, must stay in its plane at {} um", number(c.z[r]), number(c.start_z[r]));
          });
    return found_.has_value();
  }

  // Whether an entry of a ledger is no count.
  template <class Ledger>
  bool miscounted(const Site& site, const Ledger& ledger) {
    const auto is_wrong = [](std::int64_t n) { return n < 0 || n > highest_count; };
    for (const std::int64_t n : {ledger.founders, ledger.births, ledger.arrivals,
                                 *std::ranges::max_element(ledger.departures), *std::ranges::min_element(ledger.departures)})
      if (is_wrong(n))
        return report("head count", fmt::format("{}the ledger counts {}, must lie in [0, {}]", at(site), n, highest_count));
    return false;
  }

  bool head_count(const Site& site) {
    const Ledger& ledger = site.ledger;
    if (miscounted(site, ledger)) return true;
    for (const Ledger::OfType& of : ledger.types)
      if (miscounted(site, of)) return true;
    std::int64_t gone = 0;
    for (const std::int64_t count : ledger.departures) gone += count;
    const auto cells = static_cast<std::int64_t>(site.cells.size());
    const auto balance = [&](std::int64_t founders, std::int64_t births, std::int64_t arrivals, std::int64_t departures) {
      return fmt::format("{} founders + {} births{} - {} departures", founders, births,
                         world_.sites.size() > 1 ? fmt::format(" + {} arrivals", arrivals) : "", departures);
    };
    if (cells != ledger.founders + ledger.births + ledger.arrivals - gone)
      return report("head count", fmt::format("{}{} cells, but {}", at(site), cells,
                                              balance(ledger.founders, ledger.births, ledger.arrivals, gone)));
    if (due(1) && passed_on()) return true;
    if (!due(0)) return false;
    Ledger sum;
    std::vector<std::int64_t> alive(world_.types.size(), 0);
    for (const std::uint8_t type : site.cells.type)
      if (type < alive.size()) ++alive[type];  // another one is a wrong `type`, and missing here
    for (std::size_t t = 0; t < std::max(alive.size(), ledger.types.size()); ++t) {
      const Ledger::OfType of = t < ledger.types.size() ? ledger.types[t] : Ledger::OfType{};
      std::int64_t left = 0;
      for (std::size_t cause = 0; cause < leaving_count; ++cause) {
        left += of.departures[cause];
        sum.departures[cause] += of.departures[cause];
      }
      sum.founders += of.founders;
      sum.births += of.births;
      sum.arrivals += of.arrivals;
      const std::int64_t here = t < alive.size() ? alive[t] : 0;
      if (here != of.founders + of.births + of.arrivals - left)
        return report("head count", fmt::format("{}{} cells of type {}, but {}", at(site), here,
                                                t < alive.size() ? world_.types[t].name : fmt::format("{}", t),
                                                balance(of.founders, of.births, of.arrivals, left)));
    }
    const auto differs = [&](std::string_view what, std::int64_t all, std::int64_t of_types) {
      return all != of_types && report("head count", fmt::format("{}{} {}, but those of the types add up to {}", at(site),
                                                                 all, what, of_types));
    };
    if (differs("founders", ledger.founders, sum.founders) || differs("births", ledger.births, sum.births) ||
        differs("arrivals", ledger.arrivals, sum.arrivals))
      return true;
    for (std::size_t cause = 0; cause < leaving_count; ++cause)
      if (differs(fmt::format("departures by {}", leaving_words[cause]), ledger.departures[cause], sum.departures[cause]))
        return true;
    return false;
  }

  // Who has left one site has arrived in another, where splitting may have made several of it.
  bool passed_on() {
    std::int64_t passed = 0, arrived = 0;
    for (const Site& site : world_.sites) {
      passed += site.ledger.departures[static_cast<std::size_t>(Leaving::Passed)];
      arrived += site.ledger.arrivals;
    }
    const bool split = world_.blood_stream.split_in > 1 || world_.blood_stream.split_out > 1;
    if (split ? arrived >= passed : arrived == passed) return false;
    return report("head count", fmt::format("{} cells have passed on to other sites, but {} have arrived", passed, arrived));
  }

  // Between steps nothing is queued; within a step the entries name cells that are there.
  bool queues(const Site& site) {
    const Queues& q = site.queues;
    if (!within_step()) {
      if (q.births.empty() && q.departures.empty() && q.passages.empty()) return false;
      return report("queues", fmt::format("{}{} births and {} departures are queued between steps", at(site),
                                          q.births.size(), q.departures.size() + q.passages.size()));
    }
    const Population& cells = site.cells;
    const auto stranger = [&](std::int64_t id, std::size_t row) { return row >= cells.size() || cells.id[row] != id; };
    for (const Birth& birth : q.births) {
      if (stranger(birth.mother, birth.row))
        return report("queues",
                      fmt::format("{}cell {}: queued to divide, but not in row {}", at(site), birth.mother, birth.row));
      if (wrong(birth.radius, positive))
        return report("queues", fmt::format("{}cell {}: queued to divide into cells of radius {} um, {}", at(site),
                                            birth.mother, number(birth.radius), requirement(birth.radius, positive, "um")));
      for (int axis = 0; axis < 3; ++axis)
        if (!finite(birth.offset[axis]))
          return report("queues", fmt::format("{}cell {}: queued to divide by an offset of {} um, must be finite", at(site),
                                              birth.mother, number(birth.offset[axis])));
    }
    for (const Passage& passage : q.passages)
      if (stranger(passage.id, passage.row) || passage.to >= world_.sites.size() || wrong(passage.weight, positive))
        return report("queues", fmt::format("{}cell {}: queued to go to another site, but not in row {}, to no site or "
                                            "without weight",
                                            at(site), passage.id, passage.row));
    for (const Departure& departure : q.departures)
      if (stranger(departure.id, departure.row) || static_cast<std::size_t>(departure.cause) >= leaving_count)
        return report("queues", fmt::format("{}cell {}: queued to leave, but not in row {} or of no known cause", at(site),
                                            departure.id, departure.row));
    return false;
  }

  bool events(const Site& site) {
    if (!due(2)) return false;
    const double now = world_.clock.time_min();
    for (const Event& event : site.events) {
      const auto kind = static_cast<std::int64_t>(event.kind);
      const Range past{0, now};
      if (wrong(event.time_min, past))
        return report("events", fmt::format("{}event of cell {}: at {} min, {}", at(site), event.id, number(event.time_min),
                                            requirement(event.time_min, past, "min")));
      const bool born = kind == 0;
      if (kind < 0 || kind > static_cast<std::int64_t>(leaving_count) || event.id < 0 || event.id >= world_.next_id ||
          (born ? event.parent < 0 || event.parent >= event.id : event.parent != -1))
        return report("events", fmt::format("{}event of cell {}: kind {}, parent {}: no such event", at(site), event.id,
                                            kind, event.parent));
      for (int axis = 0; axis < 3; ++axis)
        if (!finite(event.position[axis]))
          return report("events", fmt::format("{}event of cell {}: at {} um, must be finite", at(site), event.id,
                                              number(event.position[axis])));
    }
    return false;
  }

  [[nodiscard]] std::string voxel_text(const Site& site, std::string_view name, const Grid3& grid, std::size_t v) const {
    const auto nx = static_cast<std::size_t>(grid.shape[0]), ny = static_cast<std::size_t>(grid.shape[1]);
    return fmt::format("{}{}, voxel ({}, {}, {})", at(site), name, v % nx, v / nx % ny, v / nx / ny);
  }

  // A ledger closes to 1e-12 of what was there and of what came and went, per thousand steps: each step rounds every entry
  // by 2^-53, and the amounts are sums over voxels.
  [[nodiscard]] double ledger_tolerance(double size, double steps_per_tick = 1) const {
    return 1e-12 * std::max(1.0, steps_per_tick * static_cast<double>(world_.clock.tick) / 1000) * size;
  }

  // Density lies between what proteolysis leaves and what was there at the start with all that was ever deposited.
  struct DensityLimits {
    double floor, gain;
    [[nodiscard]] Range of(double start) const { return {std::min(start, floor), start + gain}; }
  };

  bool matrix(const Site& site) {
    const Matrix& m = site.matrix;
    if (m.none() || !wanted("matrix")) return false;
    const std::size_t n = m.grid.size();
    const auto length = [&](std::string_view name, std::size_t voxels) {
      return voxels != n &&
             report("matrix", fmt::format("{}matrix: {} values of {}, but {} voxels", at(site), voxels, name, n));
    };
    if (length("density", m.density.size()) || length("density at the start", m.density_start.size()) ||
        length("crosslinking", m.crosslinking.size()) || length("tissue", m.tissue.size()) ||
        length("fibre", m.fibre.size()))
      return true;
    for (const double entry : {m.degraded_mg_um3, m.deposited_mg_um3})
      if (wrong(entry, non_negative))
        return report("matrix", fmt::format("{}matrix: an entry of its ledger is {}, {}", at(site), number(entry),
                                            requirement(entry, non_negative, "1")));
    const double volume = m.grid.voxel_volume();
    const DensityLimits limits{m.law.rho_floor, m.deposited_mg_um3 / volume * (1 + 1e-9)};
    const Part part = voxels(n, matrix_bytes);
    const Sights sights = over_blocks(part, [&](std::size_t first, std::size_t count) {
      return Sight{suspect_matrix(m, limits, first, count), 0};
    });
    for (std::size_t v = sights.suspect; v < part.to; ++v)
      if (wrong_matrix(site, limits, v)) return true;
    if (!ledger_due(3, n, matrix_bytes)) return false;
    const double now = volume * sum_of(m.density), start = volume * sum_of(m.density_start);
    const double expected = start + m.deposited_mg_um3 - m.degraded_mg_um3;
    if (!(std::fabs(now - expected) <= ledger_tolerance(now + start + m.deposited_mg_um3 + m.degraded_mg_um3)))
      return report("matrix", fmt::format("{}matrix: holds {} mg/ml um^3 but its ledger says {}", at(site), number(now),
                                          number(expected)));
    return false;
  }

  // Whether anything in these voxels may be wrong; without branches.
  static bool suspect_matrix(const Matrix& m, const DensityLimits& limits, std::size_t first, std::size_t count) {
    std::uint64_t seen = 0;
    const double* const rho = m.density.data() + first;
    const double* const start = m.density_start.data() + first;
    for (std::size_t v = 0; v < count; ++v) {
      const double least = start[v] < limits.floor ? start[v] : limits.floor;
      seen |= not_finite(rho[v]) | not_finite(start[v]) | negative(least) | negative(rho[v] - least) |
              negative((start[v] + limits.gain) - rho[v]);
    }
    std::uint32_t single = 0;
    const float* const chi = m.crosslinking.data() + first;
    for (std::size_t v = 0; v < count; ++v) single |= not_finite(chi[v]) | negative(chi[v] - 1.0F);
    const FibreTensor* const fibre = m.fibre.data() + first;
    for (std::size_t v = 0; v < count; ++v) {
      const FibreMarks marks = fibre_marks(fibre[v]);
      single |= marks.finite | marks.trace | marks.definite;
    }
    std::uint8_t tissue = 0;
    for (std::size_t v = first; v < first + count; ++v) tissue = std::max(tissue, m.tissue[v]);
    return ((seen & Bits<double>::sign) != 0) || ((single & Bits<float>::sign) != 0) || tissue >= tissue_words.size();
  }

  // Words whose sign bit is set when the tensor is not finite, has not trace 1, is not positive semi-definite: all
  // principal minors of two and three rows; with a trace of 1 those of one row follow.
  struct FibreMarks {
    std::uint32_t finite, trace, definite;
  };
  [[gnu::always_inline]] static FibreMarks fibre_marks(const FibreTensor& q) {
    const auto [xx, yy, zz, xy, xz, yz] = q;
    const float trace = xx + yy + zz - 1.0F;
    const float minor_z = xx * yy - xy * xy, minor_y = xx * zz - xz * xz, minor_x = yy * zz - yz * yz;
    const float determinant = xx * minor_x - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
    constexpr float e = definite_tolerance;
    return {not_finite(xx) | not_finite(yy) | not_finite(zz) | not_finite(xy) | not_finite(xz) | not_finite(yz),
            negative(trace_tolerance - trace) | negative(trace_tolerance + trace),
            negative(minor_z + e) | negative(minor_y + e) | negative(minor_x + e) | negative(determinant + e)};
  }

  bool wrong_matrix(const Site& site, const DensityLimits& limits, std::size_t v) {
    const Matrix& m = site.matrix;
    const auto bad = [&](std::string_view what, const std::string& value, const std::string& must) {
      return report("matrix", fmt::format("{}: {} {}, {}", voxel_text(site, "matrix", m.grid, v), what, value, must));
    };
    const double rho = m.density[v], start = m.density_start[v];
    if (wrong(start, non_negative))
      return bad("density at the start", number(start) + " mg/ml", requirement(start, non_negative, "mg/ml"));
    if (wrong(rho, limits.of(start)))
      return bad(
          "density", number(rho) + " mg/ml",
          wrong(rho, non_negative) ? requirement(rho, non_negative, "mg/ml") : requirement(rho, limits.of(start), "mg/ml"));
    const Range linked{1, infinity};
    if (wrong(m.crosslinking[v], linked))
      return bad("crosslinking", number(m.crosslinking[v]),
                 finite(m.crosslinking[v]) ? "must be at least 1" : "must be finite");
    if (m.tissue[v] >= tissue_words.size()) return bad("tissue", number(m.tissue[v]), "must be one of the tissues");
    const FibreTensor& q = m.fibre[v];
    const FibreMarks marks = fibre_marks(q);
    const auto tensor = [&] {
      std::string text = "(";
      for (std::size_t c = 0; c < q.size(); ++c) text += (c > 0 ? ", " : "") + number(q[c]);
      return text + ")";
    };
    if ((marks.finite & Bits<float>::sign) != 0) return bad("fibre tensor", tensor(), "must be finite");
    if ((marks.trace & Bits<float>::sign) != 0) return bad("fibre tensor", tensor(), "must have the trace 1");
    if ((marks.definite & Bits<float>::sign) != 0) return bad("fibre tensor", tensor(), "must be positive semi-definite");
    return false;
  }

  bool fields(const Site& site) {
    if (!wanted("fields")) return false;
    const std::size_t n = site.factor_grid.size();
    for (std::size_t f = 0; f < site.fields.size(); ++f) {
      const Field& field = site.fields[f];
      const std::string name = "field " + field.name;
      if (field.value.size() != n)
        return report("fields", fmt::format("{}{}: {} values, but {} voxels", at(site), name, field.value.size(), n));
      const Part part = voxels(n, sizeof(double));
      const Sights sights = over_blocks(part, [&](std::size_t first, std::size_t count) {
        const double* const values = field.value.data() + first;
        return Sight{any_suspect(values, count, non_negative), lane_sum(values, count)};
      });
      // Exactly not negative: every solution is a sum of products of such numbers (transport/line_operator.h, steady.h).
      for (std::size_t v = sights.suspect; v < part.to; ++v)
        if (wrong(field.value[v], non_negative))
          return report("fields", fmt::format("{}: {}, {}", voxel_text(site, name, site.factor_grid, v),
                                              field.is_pressure ? number(field.value[v]) + " mmHg" : number(field.value[v]),
                                              requirement(field.value[v], non_negative, "1")));
      if (!ledger_due(4 + static_cast<std::int64_t>(f), n, sizeof(double))) continue;
      if (ledger_of(site, field, name, part.to - part.from == n ? sights.sum : sum_of(field.value))) return true;
    }
    return false;
  }

  // amount - amount_start = secreted - taken_up - decayed + through_boundary. A steady field starts anew at each solution:
  // its amount_start is the present amount, and the flows balance among themselves.
  bool ledger_of(const Site& site, const Field& field, const std::string& name, double sum) {
    const double now = site.factor_grid.voxel_volume() * sum;
    const double expected = field.amount_start + (field.secreted - field.taken_up - field.decayed + field.through_boundary);
    const double size = now + std::fabs(field.amount_start) + std::fabs(field.secreted) + std::fabs(field.taken_up) +
                        std::fabs(field.decayed) + std::fabs(field.through_boundary);
    // A field is stepped as often as it spreads by a voxel.
    const Vec3 h = site.factor_grid.spacing;
    const double edge = std::min({h.x, h.y, h.z});
    const double steps = std::max(1.0, field.diffusion * world_.clock.minutes(1) / (edge * edge));
    if (!finite(expected) || !(std::fabs(now - expected) <= ledger_tolerance(size, steps)))
      return report("fields",
                    fmt::format("{}{}: amount {} but its ledger says {}", at(site), name, number(now), number(expected)));
    return false;
  }
};

}  // namespace

std::optional<Violation> find_violation(const World& world, Checks checks, std::int64_t round) {
  if (checks == Checks::Off) return std::nullopt;
  return Search(world, checks == Checks::Full ? Depth::Everything : Depth::Cheap, round).run();
}

std::optional<Violation> find_violation_after(const World& world, std::span<const std::string_view> written) {
  return Search(world, Depth::AfterProcess, 0, written).run();
}

std::optional<Violation> find_violation_at_end(const World& world, std::int64_t round) {
  return Search(world, Depth::AtEnd, round).run();
}

}  // namespace invado
