// A run may be interrupted after any step: for every shipped scenario, in a small box with short cell cycles, a run of 60
// steps is saved after each step k = 1 ... 59, loaded into a World made anew from the scenario, and stepped on with another
// number of threads. The state at k + 1 is the same to the last bit, reports included; so is the end of runs that go on from
// some k, and of one that was interrupted after every single step.
// Planted mistakes seen to fail: after reading a checkpoint next_id one too high, cycle_min 0, walk vector ux
// 0.5, oxygen as at the start, density_start the density of now; death that counts its calls and draws by the count.
#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../unit/io/made_up_world.h"
#include "base/checksum.h"
#include "engine/stepper.h"
#include "hasty.h"
#include "io/checkpoint.h"
#include "model/digest.h"
#include "model/invariants.h"
#include "model/state.h"
#include "scenario/scenario.h"

namespace fs = std::filesystem;
using namespace invado;

namespace {

constexpr std::int64_t steps = 60;

struct Small {
  const char* file;
  std::vector<std::string> set;
};

// The shipped scenarios, and one whose cells come while the run goes on, smaller and livelier: within 60 steps cells divide
// and die, perturbations begin, oxygen is solved.
std::vector<Small> small_scenarios() {
  const auto spheroid = [](const std::string& type, int radius) {
    const std::string life = "cell_types." + type + ".life.", centre = "[160 um, 160 um, 160 um]";
    return std::vector<std::string>{"domain.size=[320 um, 320 um, 320 um]",
                                    "matrix.regions.bed.shape.sphere.centre=" + centre,
                                    "population.core.place.sphere.centre=" + centre,
                                    "population.core.place.sphere.radius=" + std::to_string(radius) + " um",
                                    "population.core.count=150",
                                    life + "doubling=1 h",
                                    life + "pressure_stop=10",
                                    "cell_types." + type + ".response.death_rate.scale=0.3 1/h",
                                    "processes.anoikis.delay=0.1 h",
                                    "steps.fate=2 min",
                                    "steps.signalling=3 min",
                                    "processes.transport.steady_every=5 min"};
  };
  const auto with = [](std::vector<std::string> set, std::initializer_list<const char*> more) {
    set.insert(set.end(), more.begin(), more.end());
    return set;
  };
  return {
      {"breast_invasive.yaml", spheroid("breast_invasive", 80)},
      {"breast_noninvasive.yaml", spheroid("breast_noninvasive", 80)},
      {"contact_guidance.yaml",
       {"domain.size=[240 um, 240 um, 240 um]", "population.singles.place.box.to=[240 um, 240 um, 240 um]",
        "population.singles.count=60", "cell_types.breast_invasive.response.death_rate.scale=0.5 1/h", "steps.fate=1 min",
        "processes.realignment={}", "steps.signalling=2 min"}},
      {"lung_adenocarcinoma_val_sirna.yaml",
       with(spheroid("lad", 80), {"perturbations.val_sirna.from=0.2 h", "perturbations.val_sirna.onset=0.2 h"})},
      {"metastasis_breast.yaml", hasty_breast()},
      {"metastasis_lung_adenocarcinoma.yaml",
       with(hasty_cascade(),
            {"domain.size=[240 um, 240 um, 240 um]", "matrix.regions.bed.shape.sphere.centre=[120 um, 120 um, 120 um]",
             "population.nodule.place.sphere.centre=[120 um, 120 um, 120 um]", "population.nodule.count=60",
             "circulation.split_in=2", "circulation.split_out=2",
             "vessels.lower.path=[[0 um, 90 um, 120 um], [240 um, 90 um, 120 um]]",
             "vessels.upper.path=[[0 um, 150 um, 120 um], [240 um, 150 um, 120 um]]", "vessel_wall.basement_membrane=0 um",
             "processes.intravasation.rate=20 1/h", "processes.intravasation.cluster_chance=1",
             "secondary_sites.bone.matrix.voxel=20 um", "cell_types.lad.life.doubling=1 h"})},
      {"lung_foci.yaml", with(hasty_cascade(), {"population.injected.count=100", "cell_types.lad.life.doubling=1 h"})},
      {"persistent_walk.yaml", {"population.walkers.count=400", "steps.motion=2 min"}},
      {"sarcoma_spheroid.yaml", spheroid("sts", 100)},
      {"sarcoma_spheroid_mmp_inhibited.yaml", with(spheroid("sts", 100), {"perturbations.gm6001.from=0.25 h"})},
      {"transwell.yaml",
       {"population.cells.count=80", "assay.attractant=egf", "cell_types.sts.response.death_rate.scale=0.5 1/h",
        "steps.fate=1 min", "steps.signalling=2 min"}},
      {"xenograft.yaml",
       {"domain.size=[240 um, 240 um, 240 um]", "matrix.regions.bed.shape.sphere.centre=[120 um, 120 um, 120 um]",
        "population.tumour.place.sphere.centre=[120 um, 120 um, 120 um]", "population.tumour.count=60",
        "vessels.left.path=[[40 um, 0 um, 120 um], [40 um, 240 um, 120 um]]",
        "vessels.right.path=[[200 um, 0 um, 120 um], [200 um, 240 um, 120 um]]", "processes.angiogenesis.rate=100 1/h",
        "processes.angiogenesis.vegf_least=0", "processes.angiogenesis.every=2 min", "cell_types.pc3.life.doubling=1 h",
        "cell_types.pc3.response.death_rate.scale=0.3 1/h", "steps.fate=1 min", "steps.signalling=3 min"}},
      {"wound_closure.yaml",
       {"population.sheet.count=100", "assay.gap=100 um", "cell_types.sts.life.doubling=1 h", "steps.fate=2 min",
        "steps.signalling=2 min"}},
      {"microtracks.yaml",
       {"domain.size=[200 um, 160 um, 20 um]", "population.cells.count=30",
        "cell_types.breast_invasive.response.death_rate.scale=0.5 1/h", "steps.fate=1 min", "steps.signalling=2 min"}},
      {"single_cells.yaml",
       {"domain.size=[240 um, 240 um, 240 um]", "population.cells.count=60",
        "cell_types.sts.response.death_rate.scale=0.5 1/h", "steps.fate=1 min", "steps.signalling=2 min"}},
      {"detached_cells.yaml",
       {"domain.size=[240 um, 240 um, 240 um]", "population.cells.count=60", "processes.anoikis.delay=0.1 h",
        "cell_types.lad.response.anoikis_rate.scale=1 1/h", "steps.fate=1 min", "steps.signalling=2 min"}},
      {"collagen_image.yaml", {"population.singles.count=80"}},
      {"wells_breast_loop.yaml", {"population.well.count=20"}},
      {"reference/q1_fibre_front.yaml", {"population.entering.every=5 min", "population.entering.count=6"}},
      {"wells_akt_vimentin.yaml", {"perturbations.myr_akt.from=1 h", "cell_types.sts.life.doubling=2 h"}},
  };
}

struct Run {
  World world;
  Stepper stepper;
};

Scenario scenario_of(const Small& small) {
  LoadOptions options;
  options.set = small.set;
  return load_scenario(fs::path(INVADO_SOURCE_DIR "/scenarios") / small.file, options);
}

Run begin(const Small& small) {
  Scenario scenario = scenario_of(small);
  Run run{std::move(scenario.world), Stepper(std::move(scenario.schedule))};
  place_founders(scenario, run.world);
  run.stepper.start(run.world);
  return run;
}

void save(const World& world, const fs::path& file) {
  CheckpointWriter writer;
  add_state(writer, world);
  writer.write(file);
}

Run load(const Small& small, const fs::path& file) {
  Scenario scenario = scenario_of(small);
  Run run{std::move(scenario.world), Stepper(std::move(scenario.schedule))};
  CheckpointReader reader(file);
  expect_newcomers(scenario, run.world);
  read_state(reader, run.world);
  reader.expect_all_read();
  return run;
}

void step(Run& run, int threads) {
  omp_set_num_threads(threads);
  run.stepper.step(run.world);
}

// Over everything that a checkpoint keeps, in the order of rows: more than the digest.
std::string all_bits(const World& world) {
  Checksum sum;
  for_each_state(world, [&]<class T>(const StateInfo& info, const T& value) {
    sum.add(info.name);
    if constexpr (std::is_arithmetic_v<T>)
      sum.add(std::as_bytes(std::span(&value, 1)));
    else
      for (const auto& one : value) sum.add(std::as_bytes(std::span(&one, 1)));
  });
  return sum.hex();
}

struct Happened {
  std::int64_t births = 0, departures = 0;
  double secreted = 0, taken_up = 0;
};

Happened happened(const World& world) {
  Happened sum;
  for (const Site& site : world.sites) {
    sum.births += site.ledger.births;
    for (const std::int64_t n : site.ledger.departures) sum.departures += n;
    for (const Field& field : site.fields) {
      sum.secreted += field.secreted;
      sum.taken_up += field.taken_up;
    }
  }
  return sum;
}

// Trials and differences of one scenario.
struct Score {
  int restarts = 0, differ = 0;
  void add(bool same) {
    ++restarts;
    differ += same ? 0 : 1;
  }
};

Score restart_everywhere(const Small& small, Happened& all) {
  const test::ScratchFolder folder;
  const fs::path file = folder.path() / "a.ckpt", again = folder.path() / "b.ckpt", chain_file = folder.path() / "c.ckpt";
  constexpr std::array<std::int64_t, 3> to_the_end{6, 29, 47};
  std::vector<std::pair<std::int64_t, Run>> going_on;
  Score score;
  Run run = begin(small);
  step(run, 2);
  save(run.world, chain_file);
  for (std::int64_t k = 1; k < steps; ++k) {
    const int threads = k % 2 == 0 ? 2 : k % 4 == 1 ? 1 : 3;
    save(run.world, file);
    Run resumed = load(small, file);
    if (k % 2 == 0) {  // restarted twice without a step in between
      save(resumed.world, again);
      resumed = load(small, again);
      score.add(test::bytes_of(file) == test::bytes_of(again));
    }
    if (find_violation(resumed.world, Checks::Full, 0)) FAIL_CHECK("a violation after a restart at step ", k);
    Run chained = load(small, chain_file);
    step(resumed, threads);
    step(chained, threads);
    save(chained.world, chain_file);
    step(run, 2);
    const std::string expected = digest(run.world), bits = all_bits(run.world);
    score.add(digest(resumed.world) == expected && all_bits(resumed.world) == bits);
    score.add(digest(chained.world) == expected && all_bits(chained.world) == bits);
    if (score.differ > 0) {
      FAIL_CHECK(std::string(small.file), ": differs after a restart at step ", k, " on ", threads, " threads");
      return score;
    }
    for (auto& [from, later] : going_on) step(later, from % 2 == 0 ? 3 : 1);
    if (std::ranges::find(to_the_end, k) != to_the_end.end()) going_on.emplace_back(k, std::move(resumed));
  }
  for (auto& each : going_on) {  // clang 14 captures no structured bindings
    const auto& from = each.first;
    auto& later = each.second;
    score.add(all_bits(later.world) == all_bits(run.world));
    CHECK_MESSAGE(all_bits(later.world) == all_bits(run.world), std::string(small.file), " from step ", from, " to the end");
  }
  CHECK(run.world.clock.tick == steps);
  const Happened now = happened(run.world);
  all.births += now.births;
  all.departures += now.departures;
  all.secreted += now.secreted;
  all.taken_up += now.taken_up;
  return score;
}

}  // namespace

TEST_CASE("a run goes on exactly from any step, on any number of threads") {
  const int threads = omp_get_max_threads();
  const std::vector<Small> all = small_scenarios();
  // None of the shipped ones is forgotten.
  std::size_t shipped = 0;
  for (const auto& entry : fs::directory_iterator(INVADO_SOURCE_DIR "/scenarios"))
    if (entry.path().extension() == ".yaml") {
      ++shipped;
      CHECK_MESSAGE(
          std::ranges::count(all, entry.path().filename().string(), [](const Small& s) { return std::string(s.file); }) == 1,
          entry.path().filename().string());
    }
  CHECK(shipped + 1 == all.size());  // and one of the reference cases: cells that come while the run goes on
  Score total;
  for (const Small& small : all) {
    Happened here;
    const Score score = restart_everywhere(small, here);
    MESSAGE(std::string(small.file), ": ", score.restarts, " restarts, ", score.differ, " differ; ", here.births,
            " births, ", here.departures, " departures");
    if (std::string(small.file).find("spheroid") != std::string::npos || std::string(small.file).starts_with("breast") ||
        std::string(small.file).starts_with("lung")) {
      CHECK(here.births > 0);
      CHECK(here.departures > 0);
      CHECK(here.taken_up > 0);
    }
    total.restarts += score.restarts;
    total.differ += score.differ;
  }
  CHECK(total.differ == 0);
  MESSAGE(total.restarts, " restarts, ", total.differ, " differ");
  omp_set_num_threads(threads);
}
