// Angiogenesis: vessels of a site sprout where VEGF is, and the tips of the sprouts climb it, laying capillaries that carry
// oxygen and are ways out (cascade/sprouting.h). Only where the site has a field `vegf`.
//
// A tip stops for good where it leaves the box, where VEGF is too low, or where it meets another vessel (anastomosis).
// Capillaries have no basement membrane of their own: those of tumours leak.
// Limits: vessels never regress; a sprout does not push cells aside; flow is not computed.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/grid.h"
#include "base/hazard.h"
#include "cascade/sprouting.h"
#include "model/process.h"

namespace invado {
namespace {

class AngiogenesisProcess final : public Process {
 public:
  std::string_view name() const override { return "angiogenesis"; }
  std::vector<std::string_view> reads() const override { return {"fields"}; }
  std::vector<std::string_view> writes() const override { return {"matrix"}; }

  void describe(ParamVisitor& v) override {
    v.number("rate", law_.rate_1_h, Unit::PerHour, non_negative, "sprouts per 100 um of vessel at much VEGF", "assumed");
    v.number("vegf_half", law_.vegf_half, Unit::One, positive, "VEGF of half the rate", "assumed");
    v.number("vegf_least", law_.vegf_least, Unit::One, non_negative, "VEGF below which a tip stops", "assumed");
    v.number("speed", law_.speed_um_h, Unit::UmPerHour, non_negative, "speed of a tip", "assumed: 0.2 mm a day");
    v.number("persistence", law_.persistence, Unit::One, fraction, "share of the old heading of a tip in the new one",
             "assumed");
    v.number("wander", law_.wander, Unit::One, non_negative, "random part of a tip's heading", "assumed");
    v.number("radius", law_.radius_um, Unit::Um, positive, "radius of a new capillary", "assumed");
  }
  bool needed(const World& world) const override {
    return std::ranges::any_of(world.sites, [](const Site& site) { return grows(site); });
  }

  void apply(World& world, const Tick& tick) const override {
    for (Site& site : world.sites)
      if (grows(site)) {
        const Field& vegf = *find_field(site.fields, "vegf");
        sprout(site, vegf, tick);
        extend(site, vegf, tick);
      }
  }

 private:
  Sprouting law_;

  static bool grows(const Site& site) { return !site.vessels.none() && find_field(site.fields, "vegf") != nullptr; }

  static double level(const Site& site, const Field& vegf, Vec3 x) {
    return Trilinear(site.factor_grid, x, site.domain.periodic())([&](std::size_t v) { return vegf.value[v]; });
  }
  // Unit vector up the gradient; zero where there is none.
  static Vec3 uphill(const Site& site, const Field& vegf, Vec3 x) {
    Vec3 slope;
    for (int axis = 0; axis < 3; ++axis) {
      Vec3 step;
      step[axis] = site.factor_grid.spacing[axis];
      slope[axis] = (level(site, vegf, x + step) - level(site, vegf, x - step)) / (2 * step[axis]);
    }
    return unit(slope);
  }

  void sprout(Site& site, const Field& vegf, const Tick& tick) const {
    Vessels& vessels = site.vessels;
    const std::size_t old = vessels.segments.size();
    for (std::size_t s = 0; s < old; ++s) {
      const VesselSegment segment = vessels.segments[s];
      const auto u = uniform4(tick.seed, tick.step, Purpose::Sprouting, static_cast<std::int64_t>(s));
      const Vec3 at = segment.from + u[1] * (segment.to - segment.from);
      if (u[0] >= chance(law_.rate(level(site, vegf, at), norm(segment.to - segment.from)) / 60, tick.dt_min)) continue;
      const Vec3 along = unit(segment.to - segment.from);
      const Vec3 climb = uphill(site, vegf, at);
      const Vec3 aside = unit(climb - dot(climb, along) * along);  // out of the vessel
      if (!(norm(aside) > 0)) continue;
      vessels.tips.push_back({at + segment.radius * aside, aside, law_.radius_um, segment.vessel, vessels.sprouts++});
    }
  }

  void extend(Site& site, const Field& vegf, const Tick& tick) const {
    Vessels& vessels = site.vessels;
    const double length = law_.speed_um_h / 60 * tick.dt_min;
    std::vector<VesselTip> growing;
    for (VesselTip tip : vessels.tips) {
      // Sprouts are numbered apart from segments by a block of their own.
      const auto u = uniform4(tick.seed, tick.step, Purpose::Sprouting, tip.number, 1);
      const auto d = direction(u[0], u[1]);
      tip.heading = law_.turn(tip.heading, uphill(site, vegf, tip.at), {d[0], d[1], d[2]});
      const Vec3 next = tip.at + length * tip.heading;
      bool goes_on = level(site, vegf, tip.at) >= law_.vegf_least && length > 0;
      for (int axis = 0; axis < 3; ++axis) goes_on = goes_on && next[axis] >= 0 && next[axis] <= site.domain.size[axis];
      if (!goes_on) continue;
      const bool meets = arrives_at_vessel(vessels, tip, next);
      vessels.segments.push_back({tip.at, next, tip.radius, tick.time_min + tick.dt_min, tip.vessel});
      lay_into_matrix(site.matrix, vessels.segments.back(), 0);
      tip.at = next;
      if (!meets) growing.push_back(tip);
    }
    vessels.tips = std::move(growing);
  }

  // Whether `next` lies in a vessel that lies ahead: what the tip has laid itself, and what it came out of, lie behind.
  static bool arrives_at_vessel(const Vessels& vessels, const VesselTip& tip, Vec3 next) {
    return std::ranges::any_of(vessels.segments, [&](const VesselSegment& segment) {
      const NearestVessel there = nearest_vessel(segment, next);
      return there.distance <= 0 && dot(there.axis - tip.at, tip.heading) > 0;
    });
  }
};

}  // namespace

std::unique_ptr<Process> make_angiogenesis() { return std::make_unique<AngiogenesisProcess>(); }

}  // namespace invado
