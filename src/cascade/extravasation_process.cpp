// From the capillaries of an organ into its tissue, or death on the way (cascade/blood.h).
//
//   leaves at k X/(K + X) permeability, X of the member of the clump that expresses most: it opens the way for all
//   dies at bed_death anoikis_rate n^-g, for `bed_death_for` after lodging
//
// Where: at a random place of the organ's vessels, beside the tube; without vessels anywhere in the organ. A clump stays
// together.
// Limits: the tissue behind the wall does not hinder.
#include <algorithm>
#include <memory>
#include <vector>

#include "base/grid.h"
#include "cascade/blood.h"
#include "cascade/clumps.h"
#include "model/commit.h"
#include "model/process.h"

namespace invado {
namespace {

class ExtravasationProcess final : public Process {
 public:
  std::string_view name() const override { return "extravasation"; }
  std::vector<std::string_view> reads() const override {
    return {"id", "group", "radius", "weight", "lodged", "arrived_min", "mmp_expression", "anoikis_rate_1_h"};
  }
  std::vector<std::string_view> writes() const override { return {}; }
  bool needed(const World& world) const override { return blood_of(world) < world.sites.size(); }

  void describe(ParamVisitor& v) override {
    v.number("rate", law_.rate_1_h, Unit::PerHour, non_negative, "rate of a lodged cell at much MMP",
             "biology.md 6, unverified: 1/36 h");
    v.number("mmp_half", law_.mmp_half, Unit::One, positive, "MMP expression of half the rate", "biology.md 6, assumed");
  }

  void apply(World& world, const Tick& tick) const override {
    const std::size_t blood = blood_of(world);
    if (blood == world.sites.size()) return;
    Site& site = world.sites[blood];
    const Population& c = site.cells;
    const BloodStream& stream = world.blood_stream;
    const Clumps clumps(c.group, c.id);
    for (std::size_t k = 0; k < clumps.count(); ++k) {
      const std::span<const std::size_t> rows = clumps.rows_of(k);
      const std::size_t leader = rows[0];
      // Who lodged in this very step begins with the next one.
      if (c.lodged[leader] == 0 || c.arrived_min[leader] >= tick.time_min) continue;
      const auto n = static_cast<int>(rows.size());
      const std::size_t organ = c.lodged[leader] - std::size_t{1};
      double mmp = 0;
      for (const std::size_t row : rows) mmp = std::max(mmp, c.state[+State::MmpExpression][row]);
      const double lasts = exposure(c.arrived_min[leader], tick.time_min, tick.dt_min);
      const double begins = tick.time_min + tick.dt_min - lasts;
      const auto u = uniform4(tick.seed, tick.step, Purpose::Extravasation, c.group[leader]);
      const double leaves_at = waiting_time(law_.rate(mmp, world.sites[organ].organ.permeability) / 60, u[0]);
      // Killing goes on until the clump leaves, or the time of it is over.
      const double deadly =
          std::clamp(c.arrived_min[leader] + stream.bed_death_min - begins, 0.0, std::min(lasts, leaves_at));
      std::vector<std::size_t> alive;
      for (const std::size_t row : rows) {
        const double hazard = stream.bed_death * static_cast<double>(c.phenotype[+Phenotype::AnoikisRate][row]) *
                              clump_exposure(n, stream.cluster_protection);
        const double v = uniform4(tick.seed, tick.step, Purpose::Extravasation, c.id[row], 1)[0];
        if (waiting_time(hazard / 60, v) >= deadly)
          alive.push_back(row);
        else
          site.queues.departures.push_back({c.id[row], row, Leaving::Anoikis});
      }
      if (leaves_at < lasts) leave(world, site, alive, organ, tick);
    }
  }

 private:
  Extravasation law_;

  static void leave(const World& world, Site& site, const std::vector<std::size_t>& rows, std::size_t organ,
                    const Tick& tick) {
    const Population& c = site.cells;
    const std::int64_t copies = world.blood_stream.copies(world.blood_stream.split_out, lightest(c.weight, rows));
    for (std::int64_t copy = 0; copy < copies; ++copy) {
      Vec3 centre, away{1, 0, 0};
      for (std::size_t m = 0; m < rows.size(); ++m) {
        const std::size_t row = rows[m];
        const double radius = c.radius[row];
        if (m == 0) centre = way_out(world.sites[organ], radius, tick, c.group[row], copy, away);
        // The others of a clump around the first, each at one contact's distance.
        Vec3 at = centre;
        if (m > 0) {
          const auto u =
              uniform4(tick.seed, tick.step, Purpose::Extravasation, c.id[row], 2 + 2 * static_cast<std::uint32_t>(copy));
          const auto d = direction(u[0], u[1]);
          Vec3 aside{d[0], d[1], d[2]};
          if (dot(aside, away) < 0) aside = -aside;  // not into the vessel
          at += (2 * radius) * aside;
        }
        site.queues.passages.push_back({c.id[row], row, organ, copy, c.group[row], inside(world.sites[organ].domain, at),
                                        c.weight[row] / static_cast<double>(copies)});
      }
    }
  }

  static Vec3 inside(const Domain& domain, Vec3 x) {
    for (int axis = 0; axis < 3; ++axis) x[axis] = held_between(x[axis], 0.0, domain.size[axis]);
    return x;
  }

  // A place beside the organ's vessels, uniform over their surface, for a cell of `radius`; `away` from the vessel there.
  static Vec3 way_out(const Site& organ, double radius, const Tick& tick, std::int64_t group, std::int64_t copy,
                      Vec3& away) {
    const auto block = 3 + 2 * static_cast<std::uint32_t>(copy);
    const auto u = uniform4(tick.seed, tick.step, Purpose::Extravasation, group, block);
    const Vec3 size = organ.domain.size;
    if (organ.vessels.none()) return {u[0] * size.x, u[1] * size.y, u[2] * size.z};
    double area = 0;
    for (const VesselSegment& s : organ.vessels.segments) area += s.radius * norm(s.to - s.from);
    double at = u[0] * area;
    const VesselSegment* segment = &organ.vessels.segments.back();
    for (const VesselSegment& s : organ.vessels.segments) {
      const double here = s.radius * norm(s.to - s.from);
      if (at < here) {
        segment = &s;
        break;
      }
      at -= here;
    }
    const Vec3 axis = unit(segment->to - segment->from);
    const Vec3 least = axis.x * axis.x < 0.5 ? Vec3{1, 0, 0} : Vec3{0, 1, 0};
    const Vec3 e1 = unit(cross(axis, least)), e2 = cross(axis, e1);
    const SinCos turn = sincos_turn(u[2]);
    away = turn.cos * e1 + turn.sin * e2;
    return segment->from + u[1] * (segment->to - segment->from) + (segment->radius + organ.vessels.wall + radius) * away;
  }
};

}  // namespace

std::unique_ptr<Process> make_extravasation() { return std::make_unique<ExtravasationProcess>(); }

}  // namespace invado
