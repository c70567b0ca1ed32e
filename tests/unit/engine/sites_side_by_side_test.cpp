// Small sites go through the processes of a step side by side: what comes out is what comes out one after the other.
// Seen to fail, with planted mistakes in engine/stepper.cpp and base/parallel.h: other sites that leave out
// the last process, sites without a stamp, processes in reverse order, every interval one tick long, a fault that is told
// for the first job.
#include <doctest/doctest.h>
#include <omp.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "../../small_world.h"
#include "base/error.h"
#include "engine/stepper.h"
#include "model/digest.h"

using namespace invado;

namespace {

using OnSite = std::function<void(World&, Site&, const Tick&)>;

class OfSites final : public SiteProcess {
 public:
  OfSites(std::string name, OnSite act) : name_(std::move(name)), act_(std::move(act)) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"x"}; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {}; }
  void apply_to(World& world, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const site : sites) act_(world, *site, tick);
  }

 private:
  std::string name_;
  OnSite act_;
};

// All sites at once: cells move towards the mean of all.
class OfAll final : public Process {
 public:
  [[nodiscard]] std::string_view name() const override { return "gathering"; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {"x"}; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {}; }
  void apply(World& world, const Tick&) const override {
    double sum = 0, count = 0;
    for (const Site& site : world.sites)
      for (const double x : site.cells.x) sum += x, count += 1;
    for (Site& site : world.sites)
      for (double& x : site.cells.x) x = 0.75 * x + 0.25 * sum / count;
  }
};

void for_cells(Site& site, const std::function<double(double)>& moved) {
  for (double& x : site.cells.x) x = moved(x);
}

// Four sites: two small ones, one with too many cells for that, and one without.
World four_sites() {
  World world = small_world(20, 1, 0.5);
  const World many = small_world(700, 2, 0.5);
  world.sites.push_back(many.sites[0]);
  world.sites.push_back(small_world(30, 3, 0.5).sites[0]);
  world.sites.push_back(small_world(0, 4, 0.5).sites[0]);
  std::int64_t id = 0;
  for (Site& site : world.sites) {
    site.name += std::to_string(&site - world.sites.data());
    site.ledger.of_type(0).founders = static_cast<std::int64_t>(site.cells.size());
    site.cells.speed_factor.assign(site.cells.size(), 1.0F);
    for (std::int64_t& one : site.cells.id) one = id++;
    site.cells.founder = site.cells.id;
  }
  world.next_id = id;
  return world;
}

// Doubling and shift do not commute, nor do they with what comes between them.
Stepper stepper_of(const OnSite& at_last = [](World&, Site&, const Tick&) {}) {
  Schedule schedule;
  const auto add = [&](std::unique_ptr<Process> process, std::int64_t every) {
    schedule.entries.push_back({std::move(process), every, true});
  };
  add(std::make_unique<OfSites>("halving",
                                [](World&, Site& site, const Tick&) { for_cells(site, [](double x) { return x / 2; }); }),
      1);
  add(std::make_unique<OfSites>("shift",
                                [](World&, Site& site, const Tick& tick) {
                                  if (tick.dt_min != 3 * 0.5) throw ModelFault("three steps of half a minute are longer");
                                  for_cells(site, [&](double x) { return x + tick.dt_min; });
                                }),
      3);
  add(std::make_unique<OfAll>(), 2);
  add(std::make_unique<OfSites>("growth",
                                [](World& world, Site& site, const Tick& tick) {
                                  for_cells(site, [&](double x) {
                                    return x + 1.0 / (1 + tick.step) + static_cast<double>(index_of(world, site));
                                  });
                                }),
      1);
  add(std::make_unique<OfSites>("last", at_last), 1);
  return Stepper(std::move(schedule));
}

}  // namespace

TEST_CASE("what comes out side by side is what comes out one after the other") {
  World one_by_one = four_sites();
  Stepper careful = stepper_of();
  careful.set_checks(Checks::Full, 1);  // after every process: side by side there is nothing to look at in between
  for (int step = 0; step < 12; ++step) careful.step(one_by_one);
  const int threads = omp_get_max_threads();
  for (const int t : {1, 2, 5}) {
    omp_set_num_threads(t);
    World world = four_sites();
    Stepper stepper = stepper_of();
    for (int step = 0; step < 12; ++step) stepper.step(world);
    CHECK(digest(world) == digest(one_by_one));
    double spent = 0;
    for (const double seconds : stepper.seconds()) spent += seconds;
    CHECK(spent > 0);
  }
  omp_set_num_threads(threads);
}

TEST_CASE("cells of every site have a new stamp after a step") {
  World world = four_sites();
  Stepper stepper = stepper_of();
  stepper.step(world);
  std::set<std::uint64_t> seen{0};
  for (int step = 0; step < 3; ++step) {
    for (const Site& site : world.sites) CHECK(seen.insert(site.revision).second);
    stepper.step(world);
  }
}

TEST_CASE("of several faults the one of the first site is told, with step and process") {
  const int threads = omp_get_max_threads();
  for (const int t : {1, 2, 5}) {
    omp_set_num_threads(t);
    World world = four_sites();
    Stepper stepper = stepper_of([](World& of, Site& site, const Tick& tick) {
      if (tick.step == 4 && index_of(of, site) != 1) throw ModelFault("trouble in " + site.name);
    });
    for (int step = 0; step < 4; ++step) stepper.step(world);
    CHECK_THROWS_WITH_AS(stepper.step(world), ("step 4 (0.03 h), last: trouble in " + world.sites[0].name).c_str(),
                         ModelFault);
  }
  omp_set_num_threads(threads);
}
