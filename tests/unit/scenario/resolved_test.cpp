// The resolved copy runs as the original does; the run's id is its content.
#include <doctest/doctest.h>

#include <algorithm>

#include "made_up_processes.h"
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
        head + "assay: {kind: spheroid}\n" + one_type + "population: {p: {type: cell, count: 5}}\n"}) {
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

TEST_CASE("every shipped scenario loads, and so does its resolved copy, to the same run") {
  const Folder f;
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INVADO_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    INFO(entry.path().string());
    const Scenario first = load_scenario(entry.path());
    const Scenario again = load_scenario(f.write("again.yaml", first.resolved_yaml));
    CHECK(again.run_id == first.run_id);
    CHECK(again.world.sites[0].matrix.density == first.world.sites[0].matrix.density);
    CHECK(first.warnings.empty());
  }
  CHECK(seen >= 7);
}

TEST_CASE("every shipped cell type and matrix loads and names itself") {
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
}
