// What the assays must show (biology.md 5.2 rows 1, 2, 8):
//     microtracks: an inhibitor of MMPs changes the speed by less than 10 % (Kraning-Rush 2013), nothing is digested
//     dense gel, pores of 5.7 um^2, below the limit of 7: without protease nobody moves, with it they do (Wolf 2013)
//     transwell: the membrane is never digested, and lets nobody through when its pores are below the limit
// Tolerance: the statements' own, and 2 % for "nobody moves" (contacts move cells a little).
#include <doctest/doctest.h>

#include <algorithm>

#include "../support/run_scenario.h"

using namespace invado;
using namespace invado::test;

namespace {

// Mean length of the path over time [um/h].
double path_speed(const World& world) {
  const Population& cells = world.sites.front().cells;
  double sum = 0;
  for (const double path : cells.path_um) sum += path;
  return sum / static_cast<double>(cells.size()) / world.clock.time_h();
}

std::ptrdiff_t below_membrane(const World& world) {
  const Site& site = world.sites.front();
  const double face = lower_face(site.matrix, Tissue::Membrane).value();
  return std::ranges::count_if(site.cells.z, [&](double z) { return z < face; });
}

}  // namespace

TEST_CASE("in microtracks protease does not matter, in dense gel it decides") {
  std::array<double, 2> track{}, gel{};
  for (std::size_t k = 0; k < 2; ++k) {
    std::vector<std::string> drug;
    if (k == 1) drug = {"perturbations.gm6001.knobs.mmp_inhibitor=1"};
    std::vector<std::string> short_and_drug = drug;
    short_and_drug.emplace_back("duration=6 h");
    Run in_track(shipped("microtracks.yaml"), short_and_drug);
    in_track.to_the_end();
    track[k] = path_speed(in_track.world);
    Run in_gel(INVADO_SOURCE_DIR "/tests/physics/dense_gel.yaml", drug);
    in_gel.to_the_end();
    gel[k] = path_speed(in_gel.world);
  }
  MESSAGE("tracks ", track[0], ", inhibited ", track[1], " um/h; dense gel ", gel[0], ", inhibited ", gel[1]);
  CHECK(track[1] / track[0] == doctest::Approx(1).epsilon(0.1));
  CHECK(gel[1] < 0.02 * gel[0]);
  CHECK(gel[0] > 1);
  CHECK(track[0] > 1.2 * gel[0]);
}

TEST_CASE("transwell: the membrane stays, and lets through what its pores let through") {
  for (const double pore : {8.0, 2.9}) {  // 50 um^2, and 6.6: below the limit of 7
    Run run(shipped("transwell.yaml"), {"duration=24 h", "assay.pore_diameter=" + std::to_string(pore) + " um"});
    const Matrix& matrix = run.world.sites.front().matrix;
    const std::vector<double> density = matrix.density;
    run.to_the_end();
    double digested = 0;
    for (std::size_t v = 0; v < density.size(); ++v) {
      if (matrix.tissue_at(v) == Tissue::Stroma) digested += density[v] - matrix.density[v];
      if (matrix.tissue_at(v) == Tissue::Membrane) REQUIRE(matrix.density[v] == density[v]);
    }
    MESSAGE("pores of ", pore, " um: ", below_membrane(run.world), " of 200 below after 24 h");
    CHECK(digested > 0);
    CHECK((below_membrane(run.world) > 0) == (pore > 3));
  }
}
