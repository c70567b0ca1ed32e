// From text to a typed scenario: every section, with processes made up for the test.
// Planted and seen to fail: a warning about the branch that looks at a founder on the low one; founders caught in a wall not
// counted.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "made_up_processes.h"

using namespace made_up;

TEST_CASE("the smallest scenario has all defaults") {
  const Loaded s = load_text(minimal);
  CHECK(s.scenario.name == "made up");
  CHECK(s.scenario.duration_us == 36000000000);
  CHECK(s.scenario.tick_us == 30000000);
  CHECK(s.scenario.world.clock.tick_us == 30000000);
  CHECK(s.scenario.world.sites.size() == 1);
  const Site& site = s.scenario.world.sites[0];
  CHECK(site.matrix.none());
  CHECK(site.factor_grid.shape == std::array<int, 3>{5, 5, 5});
  CHECK(site.start_region.size() == 1);
  CHECK(s.scenario.output.series_us == 600000000);
  CHECK(s.scenario.output.snapshots_us == 3600000000);
  CHECK(s.scenario.output.tracks_us == 0);
  CHECK(s.scenario.output.checkpoints_us == 0);
  CHECK(s.scenario.output.checkpoint_wall_s == 300);
  CHECK(s.scenario.output.all_arrays);
  CHECK(s.scenario.founders[0].count == 10);
  CHECK(s.values.configured ==
        std::vector<std::string>{"transport", "signalling", "response", "motility", "proteolysis", "division"});
}

TEST_CASE("the schedule: groups of steps, proteolysis every second matrix step, own cadences, off") {
  const Loaded s =
      load_text(minimal +
                "steps: {signalling: 3 min, fate: 12 min, motion: 1 min, fields: 1 min, matrix: 1 min}\n"
                "processes: {response: {every: 2 min}, division: off, motility: {drag: 4 1/h, thorough: true}}\n");
  CHECK(s.scenario.tick_us == 60000000);
  const auto& e = s.scenario.schedule.entries;
  REQUIRE(e.size() == 6);
  CHECK(e[0].every_ticks == 1);   // transport
  CHECK(e[1].every_ticks == 3);   // signalling
  CHECK(e[2].every_ticks == 2);   // response, its own
  CHECK(e[4].every_ticks == 2);   // proteolysis
  CHECK(e[5].every_ticks == 12);  // division
  CHECK(e[4].on);
  CHECK_FALSE(e[5].on);
  CHECK(s.values.drag == doctest::Approx(4.0 / 60));
  CHECK(s.values.thorough);
}

TEST_CASE("a process sees its keys: forms, shared sections, plain values by name") {
  const Loaded s =
      load_text(head + box100 +
                "cell_types:\n  a: {signalling: off, weights: {egf: 0.2, tgfb: 0.4}}\n"
                "  cell: {signalling: {gain: 0.1 1/min}, body: {radius: 5 um, growth: 0.25, doubling: never}}\n" +
                ten_cells);
  REQUIRE(s.values.types.size() == 2);
  CHECK_FALSE(s.values.types[0].network);
  CHECK(s.values.types[0].weight_names == std::vector<std::string>{"egf", "tgfb"});
  CHECK(s.values.types[0].weights == std::vector<double>{0.2, 0.4});
  CHECK(s.values.types[1].network);
  CHECK(s.values.types[1].gain == 6);
  CHECK(s.values.types[1].radius == 5);
  CHECK(s.values.types[1].growth == 0.25);
  CHECK(s.scenario.world.types[1].name == "cell");
  CHECK(s.scenario.world.types[1].radius == 5);
  CHECK(s.scenario.founders[0].type == 1);
}

TEST_CASE("what a process finds wrong is reported with its place") {
  CHECK(failure_of_text(head + box100 + "cell_types: {cell: {body: {radius: 60 um}}}\n" + ten_cells).text ==
        "s.yaml:5:36: cell_types.cell.body.radius: is too large for this test");
  CHECK(failure_of_text(head + box100 + "cell_types: {cell: {body: {radius: 13 um}}}\n" + ten_cells).text ==
        "s.yaml:5:36: cell_types.cell.body.radius: brings bad luck");
  CHECK(failure_of_text(head + box100 + "cell_types: {cell: {body: {radios: 13 um}}}\n" + ten_cells).text ==
        "s.yaml:5:28: cell_types.cell.body.radios: unknown key (did you mean 'radius'?)");
  CHECK(failure_of_text(head + box100 + "cell_types: {cell: 5}\n" + ten_cells).text ==
        "s.yaml:5:20: cell_types.cell: must be a map of keys (got '5')");
  CHECK(failure_of_text(head + box100 + "cell_types: {cell: {weights: {egf: 2}}}\n" + ten_cells).text ==
        "s.yaml:5:36: cell_types.cell.weights.egf: is out of range (got '2', allowed [0, 1])");
}

TEST_CASE("domain: boundaries, a plane, grids") {
  const Loaded s = load_text(
      head +
      "domain: {size: [100 um, 200 um, 20 um], voxel: 20 um, boundary: {x: periodic, y: open}}\nmatrix: {voxel: 5 um}\n" +
      one_type +
      "population: {p: {type: cell, count: 10, place: {sphere: {centre: [50 um, 50 um, 10 um], radius: 40 um}}}}\n");
  const Site& site = s.scenario.world.sites[0];
  CHECK(site.domain.planar);
  CHECK(site.domain.boundary == std::array<Boundary, 3>{Boundary::Periodic, Boundary::Open, Boundary::Closed});
  CHECK(site.factor_grid.shape == std::array<int, 3>{5, 10, 1});
  CHECK(site.matrix.grid.shape == std::array<int, 3>{20, 40, 4});
  CHECK(site.matrix.grid.spacing.z == 5);
}

TEST_CASE("the lattice: density, fibre tensor of alignment and direction, regions in order") {
  const Loaded s = load_text(
      minimal +
      "matrix:\n"
      "  density: 2 mg/ml\n  alignment: 0.6\n  direction: [0, 3, 4]\n  crosslinking: 1.5\n  law: {pore_ref: 25 um^2}\n"
      "  regions:\n"
      "    left: {shape: {box: {from: [0 um, 0 um, 0 um], to: [50 um, 100 um, 100 um]}}, density: 3 mg/ml, tissue: bone, "
      "alignment: 0}\n"
      "    hole: {shape: {sphere: {centre: [5 um, 5 um, 5 um], radius: 1 um}}, tissue: none}\n");
  const Matrix& m = s.scenario.world.sites[0].matrix;
  CHECK(m.grid.shape == std::array<int, 3>{10, 10, 10});
  CHECK(m.law.pore_ref == 25);
  const std::size_t left = m.grid.index(2, 5, 5), right = m.grid.index(7, 5, 5), hole = m.grid.index(0, 0, 0);
  CHECK(m.density[left] == 3);
  CHECK(m.density[right] == 2);
  CHECK(m.density[hole] == 0);
  CHECK(m.tissue_at(left) == Tissue::Bone);
  CHECK(m.tissue_at(right) == Tissue::Stroma);
  CHECK(m.tissue_at(hole) == Tissue::None);
  CHECK(m.density_start == m.density);
  CHECK(m.crosslinking[right] == 1.5f);
  // s = (3 lambda_1 - 1)/2 along n = (0, 0.6, 0.8); trace 1.
  const PrincipalAxis axis = principal_axis(m.orientation(right));
  CHECK((3 * axis.value - 1) / 2 == doctest::Approx(0.6).epsilon(1e-6));
  CHECK(axis.direction.y == doctest::Approx(0.6).epsilon(1e-6));
  CHECK(axis.direction.z == doctest::Approx(0.8).epsilon(1e-6));
  CHECK(m.orientation(right).trace() == doctest::Approx(1).epsilon(1e-6));
  CHECK(m.fibre[left][0] == doctest::Approx(1.0 / 3));
  CHECK(m.fibre[left][3] == 0);
}

// 1000 voxels of parallel fibres, each along a direction of its own, uniform on the sphere: <n_i n_j> = delta_ij / 3 with
// standard deviations of sqrt(4/45) (i = j) and sqrt(1/15) per voxel; in a plane 1/2, 1/8 and 1/8, nothing along z. Four
// standard errors. Seen to fail: the same direction in all voxels; a region's own orientation not asked for.
TEST_CASE("the lattice: fibres along a direction of their own in each voxel") {
  const Matrix m = load_text(minimal + "matrix: {alignment: 1, orientation: random}\n").scenario.world.sites[0].matrix;
  std::array<double, 6> mean{};
  for (const FibreTensor& q : m.fibre)
    for (std::size_t c = 0; c < 6; ++c) mean[c] += static_cast<double>(q[c]) / static_cast<double>(m.fibre.size());
  for (std::size_t c = 0; c < 3; ++c) CHECK(std::fabs(mean[c] - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / 1000));
  for (std::size_t c = 3; c < 6; ++c) CHECK(std::fabs(mean[c]) < 4 * std::sqrt(1.0 / 15 / 1000));
  const PrincipalAxis one = principal_axis(m.orientation(17));
  CHECK(one.value == doctest::Approx(1).epsilon(1e-5));

  const Matrix flat =
      load_text(head + "domain: {size: [500 um, 200 um, 20 um], voxel: 20 um}\n" + one_type +
                "population: {p: {type: cell, count: 1, place: {slab: {axis: x, from: 0 um, to: 500 um}}}}\n"
                "matrix:\n  voxel: 10 um\n  alignment: 1\n  direction: [0, 1, 0]\n"
                "  regions: {left: {shape: {slab: {axis: x, from: 0 um, to: 250 um}}, orientation: random}}\n")
          .scenario.world.sites[0]
          .matrix;
  double xx = 0, n = 0;
  for (std::size_t v = 0; v < flat.grid.size(); ++v) {
    CHECK(flat.fibre[v][2] == 0);
    if (v % 50 >= 25) CHECK(flat.fibre[v][1] == 1);
    if (v % 50 < 25) xx += static_cast<double>(flat.fibre[v][0]), ++n;
  }
  CHECK(std::fabs(xx / n - 0.5) < 4 * std::sqrt(0.125 / n));
}

TEST_CASE("fields: units by name, boundary of faces, gradient, solver") {
  const Loaded s = load_text(minimal +
                             "fields:\n"
                             "  oxygen: {diffusion: 1e5 um^2/min, decay: 0.1 1/min, initial: 5 kPa, boundary: {x: 38 mmHg, "
                             "y: {low: open, high: closed}}, solve: steady}\n"
                             "  egf: {frozen: true, gradient: {axis: z, low: 0.5, high: 2}, boundary: {z: open}}\n");
  const auto& fields = s.scenario.world.sites[0].fields;
  REQUIRE(fields.size() == 2);
  const Field& o = fields[0];
  CHECK(o.is_pressure);
  CHECK(o.initial == doctest::Approx(37.50308415));
  CHECK(o.solver == FieldSolver::Steady);
  for (const FieldFace& face : o.face[0]) {
    CHECK(face.kind == FieldFace::Kind::Held);
    CHECK(face.value == 38);
  }
  CHECK(o.face[1][0].kind == FieldFace::Kind::Held);
  CHECK(o.face[1][0].value == o.initial);
  CHECK(o.face[1][1].kind == FieldFace::Kind::Closed);
  CHECK(o.face[2][0].kind == FieldFace::Kind::Closed);
  CHECK(o.value.size() == 125);
  const Field& e = fields[1];
  CHECK_FALSE(e.is_pressure);
  CHECK(e.frozen);
  CHECK(e.gradient_axis == 2);
  CHECK(e.face[2][0].value == 0.5);
  CHECK(e.face[2][1].value == 2);
}

TEST_CASE("perturbations: doses, factors, words, masks, times") {
  const Loaded s = load_text(head + box100 + "cell_types: {cell: {}, other: {}}\n" + ten_cells +
                             "perturbations:\n"
                             "  a: {knobs: {akt1_knockdown: 0.85, pi3k_input: x3, vimentin_s39: S39D}, types: [other], "
                             "from: 1 h, until: 5 h, onset: 30 min, fraction: 0.5}\n"
                             "  b: {knobs: {myr_akt: 6}, populations: p}\n  c: {knobs: {mmp_inhibitor: 1.0}, from: 0 h}\n");
  const auto& p = s.scenario.world.perturbations;
  REQUIRE(p.size() == 3);
  REQUIRE(p[0].doses.size() == 3);
  const Doses full = doses_in_force(p, 1, 120);
  CHECK(full.fraction(Knob::Akt1Knockdown) == 0.85);
  CHECK(full.level(Knob::Pi3kInput, 2) == 6);
  CHECK(full.mutant(Knob::VimentinS39) == 2);
  CHECK(doses_in_force(p, 1, 75).fraction(Knob::Akt1Knockdown) == doctest::Approx(0.425));
  CHECK(p[0].types == 2);
  CHECK(p[0].fraction == 0.5);
  CHECK(p[0].from_min == 60);
  CHECK(p[0].until_min == 300);
  CHECK(p[0].onset_min == 30);
  CHECK_FALSE(p[0].genotype);
  CHECK(p[1].genotype);
  CHECK(p[1].populations == 1);
  CHECK(p[1].types == ~std::uint64_t{0});
  CHECK_FALSE(p[2].genotype);
  CHECK(p[2].from_min == 0);
}

TEST_CASE("the branch at the start") {
  const auto fraction_of = [](const std::string& state) {
    return load_text(head + box100 + one_type +
                     "population: {p: {type: cell, count: 1, place: {slab: {from: 0 um, to: 9 um}}" + state + "}}\n")
        .scenario.world.populations[0]
        .high_fraction;
  };
  CHECK(fraction_of("") < 0);
  CHECK(fraction_of(", initial_state: {branch: high}") == 1);
  CHECK(fraction_of(", initial_state: {branch: low}") == 0);
  CHECK(fraction_of(", initial_state: {high_fraction: 0.3}") == 0.3);
}

TEST_CASE("output: off, short form of checkpoints, lists of arrays") {
  const Loaded s = load_text(
      minimal + "output: {series: off, snapshots: 2 h, tracks: 30 s, checkpoints: 3 h, fields: [density, pore]}\n");
  CHECK(s.scenario.output.series_us == 0);
  CHECK(s.scenario.output.tracks_us == 30000000);
  CHECK(s.scenario.output.checkpoints_us == 10800000000);
  CHECK(s.scenario.output.checkpoint_wall_s == 0);
  CHECK_FALSE(s.scenario.output.all_arrays);
  CHECK(s.scenario.output.arrays == std::vector<std::string>{"density", "pore"});
  CHECK(load_text(minimal + "output: {checkpoints: off}\n").scenario.output.checkpoint_wall_s == 0);
}

TEST_CASE("assay wells: no space, only signalling") {
  const Loaded s = load_text(head + "assay: {kind: wells}\n" + one_type + "population: {p: {type: cell, count: 5}}\n");
  CHECK(s.scenario.world.wells);
  CHECK(s.scenario.assay == "wells");
  CHECK(s.scenario.world.sites[0].domain.spaceless());
  CHECK(s.scenario.world.sites[0].fields.empty());
  const auto& e = s.scenario.schedule.entries;
  const std::vector<bool> on{false, true, true, false, false, false};
  for (std::size_t i = 0; i < e.size(); ++i) CHECK(e[i].on == on[i]);
}

TEST_CASE("assays in space: defaults that own keys override") {
  const std::string cells = one_type + "population: {p: {type: cell, count: 5}}\n";
  const Loaded spheroid = load_text(head + "assay: {kind: spheroid, radius: 100 um}\n" + cells);
  CHECK(spheroid.scenario.world.sites[0].domain.size == Vec3{1180, 1180, 1180});
  CHECK(spheroid.scenario.founders[0].place.region.radius == 100);
  const Matrix& m = spheroid.scenario.world.sites[0].matrix;
  CHECK(m.density[m.grid.voxel_of({590, 590, 590})] == 0.5);
  CHECK(m.density[0] == 1.7);
  const Loaded singles = load_text(
      head + "assay: {kind: single_cells}\ndomain: {size: [400 um, 400 um, 400 um]}\nprocesses: {division: on}\n" + cells);
  CHECK(singles.scenario.world.sites[0].domain.boundary[0] == Boundary::Periodic);
  CHECK(singles.scenario.founders[0].place.region.high == Vec3{400, 400, 400});
  CHECK(singles.scenario.schedule.entries[5].on);
  const Loaded detached = load_text(head + "assay: {kind: detached}\n" + cells);
  CHECK(detached.scenario.world.sites[0].matrix.none());
  CHECK_FALSE(detached.scenario.schedule.entries[5].on);
  // A shape of one's own replaces the assay's.
  const Loaded own = load_text(
      head + "assay: {kind: single_cells}\n" + one_type +
      "population: {p: {type: cell, count: 5, place: {sphere: {centre: [500 um, 500 um, 500 um], radius: 50 um}}}}\n");
  CHECK(own.scenario.founders[0].place.region.kind == Region::Kind::Sphere);
}

TEST_CASE("warnings: near a boundary, too many cells for a shape, begins too late") {
  const auto warnings = [](const std::string& place, int count, const std::string& more = "") {
    return load_text(head + "domain: {size: [1000 um, 1000 um, 1000 um], voxel: 20 um}\n" + one_type +
                     "population: {p: {type: cell, count: " + std::to_string(count) + ", place: " + place + "}}\n" + more)
        .scenario.warnings;
  };
  CHECK(warnings("{sphere: {centre: [500 um, 500 um, 500 um], radius: 110 um}}", 1500).empty());
  CHECK(warnings("{box: {from: [0 um, 0 um, 0 um], to: [1000 um, 1000 um, 1000 um]}}", 100).empty());
  CHECK(warnings("{sphere: {centre: [500 um, 150 um, 500 um], radius: 110 um}}", 1500).size() == 1);
  CHECK(warnings("{sphere: {centre: [500 um, 500 um, 500 um], radius: 50 um}}", 180).size() == 1);
  CHECK(warnings("{sphere: {centre: [500 um, 500 um, 500 um], radius: 110 um}}", 9,
                 "perturbations: {late: {knobs: {myr_akt: 6}, from: 10 h}}\n")
            .size() == 1);
  const auto only = [](const std::vector<std::string>& lines) { return lines.size() == 1 ? lines[0] : std::string(); };
  const std::string middle = "{sphere: {centre: [500 um, 500 um, 500 um], radius: 110 um}}";
  CHECK(warnings(middle + ", from: 9 h", 9).empty());
  CHECK(only(warnings(middle + ", from: 10 h", 9))
            .ends_with("population.p.from: nobody comes: 10 h is after the run of 10 h"));
  CHECK(warnings(middle, 9, "matrix: {orientation: random, alignment: 0.5}\n").empty());
  CHECK(only(warnings(middle, 9, "matrix: {orientation: random}\n"))
            .ends_with("matrix.orientation: random directions have no effect where the alignment of fibres is 0"));
  const auto membrane = [&](const std::string& density, const std::string& law = "") {
    const std::string shape = "{sphere: {centre: [500 um, 500 um, 500 um], radius: 300 um}}";
    return warnings(
        middle, 9,
        "matrix: {density: " + density + law + ", regions: {bm: {shape: " + shape + ", tissue: basement_membrane}}}\n");
  };
  CHECK(membrane("0.51 mg/ml").empty());
  CHECK(membrane("0 mg/ml").empty());
  CHECK(membrane("0.5 mg/ml", ", law: {density_floor: 0 mg/ml}").empty());
  CHECK(
      only(membrane("0.5 mg/ml"))
          .ends_with("matrix.regions.bm: basement membrane of 0.5 mg/ml stays shut: it opens at half of that, and proteases "
                     "leave 0.25 mg/ml"));
}

TEST_CASE("a cell type without cells is warned of") {
  LoadOptions options;
  options.set = {"cell_types.other.body.radius=3 um", "population.p.type=other"};
  const std::vector<std::string> warnings = load_text(minimal, options).scenario.warnings;
  REQUIRE(!warnings.empty());
  CHECK(warnings[0].ends_with("cell_types.cell: no population has cells of this type"));
}

TEST_CASE("a periodic axis on which cells reach two images of another is warned of") {
  // Cells of radius 8.4 um reach 21 um.
  const auto warned = [](const std::string& height) {
    const Loaded s = load_text(head + "domain: {size: [100 um, 100 um, " + height +
                               "], voxel: 5 um, boundary: {z: periodic}}\n" + one_type +
                               "population: {p: {type: cell, count: 2, place: {sphere: {centre: [50 um, 50 um, 17 um], "
                               "radius: 16 um}}}}\n");
    return std::ranges::count_if(s.scenario.warnings, [](const std::string& line) {
      return line.find(": domain.size: ") != std::string::npos && line.find("along z is narrow") != std::string::npos;
    });
  };
  CHECK(warned("40 um") == 1);
  CHECK(warned("45 um") == 0);
}

TEST_CASE("a branch that a type does not have and a place without a way out are warned of") {
  const Folder f;
  const auto warnings = [&](const std::string& type, const std::string& more) {
    std::string all;
    for (const std::string& line :
         load_scenario(f.write("s.yaml", head + "extends: cells/" + type + ".yaml\n" + more)).warnings)
      all += line.substr(line.find("s.yaml")) + "\n";
    return all;
  };
  const auto cells = [](const std::string& type, const std::string& more) {
    return "population: {p: {type: " + type + ", count: 9, " + more + "}}\n";
  };
  const std::string wells = "assay: {kind: wells}\n";
  CHECK(
      warnings("sts", wells + cells("sts", "initial_state: {branch: high}"))
          .starts_with("s.yaml: population.p.initial_state: the high branch is asked for, but 'sts' has only the low one"));
  CHECK(warnings("sts", wells + cells("sts", "initial_state: {high_fraction: 0.1}")).find("only the low one") !=
        std::string::npos);
  CHECK(warnings("sts", wells + cells("sts", "initial_state: {branch: low}")).empty());
  CHECK(warnings("melanoma", wells + cells("melanoma", "initial_state: {branch: high}")).empty());
  CHECK(warnings("osteoblast", wells + cells("osteoblast", "initial_state: {high_fraction: 1e-9}")).empty());
  CHECK(warnings("sts", wells + "cell_types: {sts: {signalling: {branch: high}}}\n" + cells("sts", ""))
            .starts_with("s.yaml: cell_types.sts.signalling.branch: the high branch is asked for"));
  // A genotype is part of the steady state from which a founder starts.
  CHECK(warnings("sts", wells + "perturbations: {g: {knobs: {runx2_overexpression: 3}}}\n" +
                            cells("sts", "initial_state: {branch: high}"))
            .empty());

  const std::string box =
      "domain: {size: [1000 um, 1000 um, 1000 um]}\nmatrix: {density: 1.7 mg/ml, regions: {wall: {shape: "
      "{slab: {axis: z, from: 0 um, to: 300 um}}, tissue: membrane}}}\n";
  const auto at = [&](const std::string& z) {
    return cells("sts", "place: {sphere: {centre: [500 um, 500 um, " + z + "], radius: 50 um}}");
  };
  CHECK(
      warnings("sts", box + at("150 um")) ==
      "s.yaml: population.p.place: 9 of 9 founders cannot move before the matrix around them is degraded (their nuclei need "
      "pores of more than 7 um^2)\n");
  CHECK(warnings("sts", box + at("600 um")).empty());
  // Also where nothing that the response makes of a cell can change in a run. Seen to fail with a response that was not
  // started for it: what is not known then is how much room the nuclei need.
  const std::string settled =
      "cell_types: {sts: {signalling: off, response: {division_rate: {reduce: {pressure: {gain: 0}}}, "
      "vegf_secretion: {add: {hypoxia: {gain: 0}}}}}}\n";
  CHECK(warnings("sts", settled + box + at("150 um")) == warnings("sts", box + at("150 um")));
}

TEST_CASE("every problem of a file is listed, twenty at most, as lines or as JSON") {
  const std::string text =
      head + "domain: {size: [100 um, 100, 100 um], voxle: 20 um}\n" + one_type + ten_cells + "seed: -1\nstuff: 1\n";
  const Failure f = failure_of_text(text);
  CHECK(f.code == 64);
  CHECK(f.text ==
        "s.yaml:4:25: domain.size: the unit is missing (got '100', allowed a length in um, nm, mm)\n"
        "s.yaml:4:39: domain.voxle: unknown key (did you mean 'voxel'?)\n"
        "s.yaml:7:7: seed: is out of range (got '-1', allowed a whole number from 0 to 9223372036854775807)\n"
        "s.yaml:8:1: stuff: unknown key (allowed assay, extends, schema, name, about, seed, duration, steps, domain, "
        "matrix, fields, vessels, vessel_wall, secondary_sites, circulation, cell_types, population, perturbations, "
        "processes, output)");
  std::string many = minimal;
  for (int i = 0; i < 250; ++i) many += "key" + std::to_string(i) + ": 1\n";
  const std::string lines = failure_of_text(many).text;
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 20);
  CHECK(lines.ends_with("and 230 more problems"));
  LoadOptions json;
  json.json_errors = true;
  const auto first =
      nlohmann::json::parse(failure_of_text(text, json).text.substr(0, failure_of_text(text, json).text.find('\n')));
  CHECK(first["line"] == 4);
  CHECK(first["column"] == 25);
  CHECK(first["key"] == "domain.size");
}

TEST_CASE("memory is predicted before it is taken") {
  LoadOptions small;
  small.memory_bytes = 1 << 20;
  const std::string big =
      head + "domain: {size: [1000 um, 1000 um, 1000 um], voxel: 10 um}\nmatrix: {}\nfields: {egf: {frozen: true}}\n" +
      one_type + ten_cells;
  const Failure f = failure_of_text(big, small);
  CHECK(f.code == 71);
  CHECK(f.text.find("s.yaml:4:9: domain: needs more memory than there is (got ") == 0);
  const Failure huge =
      failure_of_text(head + "domain: {size: [2e7 um, 2e7 um, 2e7 um], voxel: 20 um}\n" + one_type + ten_cells);
  CHECK(huge.code == 71);
  const Failure absurd =
      failure_of_text(head + "domain: {size: [1e300 um, 1e300 um, 1e300 um], voxel: 1e-3 um}\n" + one_type + ten_cells);
  CHECK(absurd.code == 71);
}
