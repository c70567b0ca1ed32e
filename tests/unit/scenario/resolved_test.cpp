// The resolved copy runs as the original does; the run's id is its content.
// Planted and seen to fail: tables of points named by their old path, points left out of the id, another seed in the copy,
// numbers of six digits in the copy.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "engine/stepper.h"
#include "made_up_processes.h"
#include "model/digest.h"
#include "scenario/resolved.h"

using namespace made_up;

namespace {
const std::string rich =
    head + "about: \"quotes \\\" and\\nlines, \xC3\xA4\"\nseed: 12\n" + box100 +
    "matrix: {density: 2 mg/ml, regions: {b: {shape: {shell: {centre: [50 um, 50 um, 50 um], radius: 9 um, inner_radius: 3 "
    "um}}, tissue: bone}}}\n"
    "fields: {oxygen: {diffusion: 1e5 um^2/min, boundary: {x: 38 mmHg, y: {low: open, high: 1.5 mmHg}}}, egf: {frozen: "
    "true, gradient: {axis: y, low: 0, high: 2}}}\n"
    "cell_types: {cell: {signalling: {gain: 0.1 1/min}, weights: {egf: 0.3}, body: {doubling: 20 h}}, dull: {signalling: "
    "off}}\n" +
    ten_cells +
    "perturbations: {k: {knobs: {pi3k_input: x3, vimentin_s39: S39A, akt1_knockdown: 0.1}, types: [dull], from: 1 h, onset: "
    "2 h}, g: {knobs: {pten: 0}}}\n"
    "processes: {division: off, response: {every: 12 min}}\noutput: {checkpoints: 1 h, tracks: 10 min, fields: [density]}\n";
}  // namespace

TEST_CASE("the resolved copy loads again to the same run, whatever was written") {
  const Folder f;
  for (const std::string& text :
       {minimal, rich, head + "assay: {kind: wells}\n" + one_type + "population: {p: {type: cell, count: 5}}\n",
        head + "assay: {kind: spheroid}\n" + one_type + "population: {p: {type: cell, count: 5}}\n",
        head + "assay: {kind: transwell, plug: 30 um, attractant: egf}\n" + one_type +
            "population: {p: {type: cell, count: 5}}\n",
        head + "assay: {kind: monolayer}\n" + one_type + "population: {p: {type: cell, count: 50}}\n",
        head + "assay: {kind: microtracks}\n" + one_type + "population: {p: {type: cell, count: 5}}\n"}) {
    const Loaded first = load(f.write("a.yaml", text));
    const Loaded again = load(f.write("b.yaml", first.scenario.resolved_yaml));
    CHECK(again.scenario.run_id == first.scenario.run_id);
    CHECK(again.scenario.name == first.scenario.name);
    CHECK(again.scenario.about == first.scenario.about);
    CHECK(again.scenario.duration_us == first.scenario.duration_us);
    CHECK(again.scenario.output.checkpoints_us == first.scenario.output.checkpoints_us);
    CHECK(again.scenario.output.checkpoint_wall_s == first.scenario.output.checkpoint_wall_s);
    CHECK(again.scenario.world.sites[0].matrix.density == first.scenario.world.sites[0].matrix.density);
    for (std::size_t i = 0; i < first.scenario.schedule.entries.size(); ++i) {
      CHECK(again.scenario.schedule.entries[i].every_ticks == first.scenario.schedule.entries[i].every_ticks);
      CHECK(again.scenario.schedule.entries[i].on == first.scenario.schedule.entries[i].on);
    }
    for (std::size_t i = 0; i < first.scenario.world.sites[0].fields.size(); ++i)
      for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t side = 0; side < 2; ++side)
          CHECK(again.scenario.world.sites[0].fields[i].face[a][side].value ==
                first.scenario.world.sites[0].fields[i].face[a][side].value);
  }
}

TEST_CASE("each value says where it came from") {
  const Folder f;
  const std::string yaml = load(f.write("a.yaml", rich)).scenario.resolved_yaml;
  const std::string file = (f.path() / "a.yaml").string();
  CHECK(yaml.find("voxel: 20 um  # " + file + ":6:") != std::string::npos);
  CHECK(yaml.find("radius: 8.4 um  # default: assumed") != std::string::npos);
  CHECK(yaml.find("motion: 0.5 min  # default: design.md 4") != std::string::npos);
  CHECK(yaml.find("pi3k_input: x3  # ") != std::string::npos);
  CHECK(yaml.find("egf: 0.3  # ") != std::string::npos);
}

TEST_CASE("the run's id: values and seed count, names, comments, order and spelling do not") {
  const auto id = [](const std::string& text) { return load_text(text).scenario.run_id; };
  const std::string base = id(minimal);
  CHECK(base.size() == 32);
  CHECK(id(minimal + "about: something else\n") == base);
  LoadOptions renamed;
  renamed.set = {"name=another title"};
  CHECK(load_text(minimal, renamed).scenario.run_id == base);
  CHECK(id("# a comment\n" + box100 + head + ten_cells + one_type) == base);
  CHECK(id(minimal + "seed: 1\nsteps: {motion: 30 s}\n") == base);  // written defaults
  CHECK(id(minimal + "seed: 2\n") != base);
  CHECK(id(minimal + "steps: {motion: 15 s}\n") != base);
  CHECK(id(minimal + "fields: {egf: {frozen: true}}\n") != base);
}

namespace {

// Digest of the world after its start and three steps.
std::string after_three_steps(Scenario scenario) {
  World world = std::move(scenario.world);
  place_founders(scenario, world);
  Stepper stepper(std::move(scenario.schedule));
  stepper.start(world);
  for (int step = 0; step < 3; ++step) stepper.step(world);
  return digest(world);
}

// What a run folder holds, loaded where there is nothing else: another folder, no shipped parameter sets.
Scenario from_run_folder(const Scenario& first) {
  const Folder run;
  const char* shipped = std::getenv("INVADO_CONFIGS");
  const std::string before = shipped != nullptr ? shipped : "";
  setenv("INVADO_CONFIGS", run.path().c_str(), 1);
  for (const ScenarioInput& input : first.inputs) run.write(input.name, input.text);
  Scenario again = load_scenario(run.write("scenario.resolved.yaml", first.resolved_yaml));
  shipped != nullptr ? setenv("INVADO_CONFIGS", before.c_str(), 1) : unsetenv("INVADO_CONFIGS");
  return again;
}

}  // namespace

TEST_CASE("every shipped scenario runs on from its resolved copy alone: same id, same bits") {
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INVADO_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    INFO(entry.path().string());
    LoadOptions options;
    options.seed = 20110127 + static_cast<std::uint64_t>(seen);
    options.set = {"output.tracks=30 min", "duration=10 h"};
    Scenario first = load_scenario(entry.path(), options);
    std::ifstream text(entry.path());
    const std::string words((std::istreambuf_iterator<char>(text)), {});
    CHECK(first.inputs.empty() == (words.find("file:") == std::string::npos));
    CHECK(load_scenario(entry.path()).warnings.empty());
    Scenario again = from_run_folder(first);
    CHECK(again.run_id == first.run_id);
    CHECK(again.resolved_yaml.find("tracks: 30 min") != std::string::npos);
    CHECK(after_three_steps(std::move(again)) == after_three_steps(std::move(first)));
  }
  CHECK(seen >= 7);
}

TEST_CASE("a table of points belongs to the run: the resolved copy brings it along, the id knows what it holds") {
  const Folder f;
  const std::string rows = "x_um,y_um,z_um,type,radius_um\n10,20,30.125,b,7.5\r\n50,60,70,a,9\n# note\n11.1,12.2,13.3,b,8\n";
  f.write("deep/er/cells.csv", rows);
  f.write("deep/cells.yaml", "population: {left-side: {type: a, place: {points: {file: er/cells.csv}}}}\n");
  const std::string text =
      head + box100 + "matrix: {}\ncell_types: {a: {signalling: off}, b: {life: {doubling: 20 h}}}\n" +
      "population: {others: {type: b, count: 3, place: {sphere: {centre: [50 um, 50 um, 50 um], radius: 20 um}}}}\n";
  LoadOptions options;
  options.seed = 77;
  options.set = {"matrix.density=2.5 mg/ml", "population.others.count=4"};
  const auto loaded = [&](const std::string& file, const std::string& extends) {
    return load_scenario(f.write(file, "extends: " + extends + "\n" + text), options);
  };
  Scenario first = loaded("s.yaml", "deep/cells.yaml");
  REQUIRE(first.inputs.size() == 1);
  CHECK(first.inputs[0].name == "inputs/points_left-side.csv");
  CHECK(first.inputs[0].text == rows);
  CHECK(first.resolved_yaml.find("file: \"inputs/points_left-side.csv\"") != std::string::npos);
  const std::string id = first.run_id;
  Scenario again = from_run_folder(first);
  CHECK(again.run_id == id);
  REQUIRE(again.inputs.size() == 1);
  CHECK(again.inputs[0].text == rows);
  CHECK(after_three_steps(std::move(again)) == after_three_steps(std::move(first)));

  // The same points elsewhere and written in another way are the same run; another digit is another.
  f.write("moved.csv", "z_um,y_um,x_um,radius_um,type\n30.125,20,1e1,7.5,b\n70,60,50,9,a\n13.3,12.2,11.1,8,b\n");
  f.write("moved.yaml", "population: {left-side: {type: a, place: {points: {file: moved.csv}}}}\n");
  CHECK(loaded("t.yaml", "moved.yaml").run_id == id);
  f.write("moved.csv", "z_um,y_um,x_um,radius_um,type\n30.125,20,1e1,7.5,b\n70,60,50,9,a\n13.3,12.2,11.100001,8,b\n");
  CHECK(loaded("t.yaml", "moved.yaml").run_id != id);
}

TEST_CASE("every shipped cell type, matrix and site loads and names itself") {
  const Folder f;
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INVADO_SOURCE_DIR "/configs/cells")) {
    const std::string type = entry.path().stem().string();
    ++seen;
    INFO(type);
    const Scenario s = load_scenario(f.write("s.yaml", head + "assay: {kind: wells}\nextends: cells/" + type +
                                                           ".yaml\npopulation: {p: {type: " + type + ", count: 1}}\n"));
    CHECK(s.world.types.size() == 1);
    CHECK(s.world.types[0].name == type);
    CHECK(s.world.types[0].signalling == (type != "fibroblast"));
  }
  CHECK(seen == 11);
  seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INVADO_SOURCE_DIR "/configs/matrices")) {
    const std::string matrix = entry.path().stem().string();
    ++seen;
    INFO(matrix);
    const Scenario s =
        load_scenario(f.write("s.yaml", head + "extends: matrices/" + matrix + ".yaml\n" + box100 + one_type + ten_cells));
    CHECK_FALSE(s.world.sites[0].matrix.none());
  }
  CHECK(seen == 5);
  seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INVADO_SOURCE_DIR "/configs/sites")) {
    const std::string site = entry.path().stem().string();
    ++seen;
    INFO(site);
    const Scenario s =
        load_scenario(f.write("s.yaml", minimal + "secondary_sites: {" + site + ": {extends: sites/" + site + ".yaml}}\n"));
    REQUIRE(s.world.sites.size() == 3);
    CHECK(s.world.sites[1].name == site);
    CHECK_FALSE(s.world.sites[1].matrix.none());
    CHECK_FALSE(s.world.sites[1].vessels.none());
    CHECK(s.world.sites[1].matrix.any(inert));  // the vessels are laid into it
  }
  CHECK(seen == 2);
}
