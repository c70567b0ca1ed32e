// Several sites: vessels, organs, the blood between them, and founders in each.
// Planted and seen to fail: sites in the order of their section; vessels laid before the regions; the grid of the primary
// site for all; founders of an organ in the tumour; the file that a site extends over its own keys; sites of an intervention
// ignored, or in the order of their names.
#include <doctest/doctest.h>

#include "made_up_processes.h"

using namespace made_up;

namespace {

const std::string vessels =
    "vessels:\n"
    "  bent: {path: [[0 um, 50 um, 50 um], [50 um, 50 um, 50 um], [50 um, 100 um, 50 um]], radius: 6 um}\n"
    "  straight: {path: [[0 um, 0 um, 100 um], [100 um, 100 um, 100 um]]}\n";

// The organs stand in another order than the blood meets them.
const std::string organs =
    "secondary_sites:\n"
    "  liver: {domain: {size: [20 um, 20 um, 20 um]}}\n"
    "  bone:\n"
    "    domain: {size: [60 um, 60 um, 60 um], voxel: 10 um, boundary: {x: periodic}}\n"
    "    matrix: {voxel: 5 um, density: 1 mg/ml, regions: {b: {shape: {slab: {axis: z, from: 0 um, to: 60 um}}, density: 40 "
    "mg/ml, tissue: bone}}}\n"
    "    fields: {oxygen: {diffusion: 1e5 um^2/min, initial: 5 kPa}, tgfb: {frozen: true, initial: 0.1}}\n"
    "    vessels: {s: {path: [[30 um, 0 um, 30 um], [30 um, 60 um, 30 um]], radius: 8 um}}\n"
    "    vessel_wall: {basement_membrane: 5 um, oxygen: 30 mmHg, perfusion: 2 1/min}\n"
    "    permeability: 3\n"
    "    affinity: 8\n"
    "  lung: {domain: {size: [40 um, 80 um, 40 um]}}\n"
    "circulation: {shear_death: 0.2 1/h, bed_death_for: 2 d, split_in: 4, lodging: {lung: 0.9, bone: 0.3}}\n";

const std::string populations =
    "population:\n"
    "  core: {type: cell, count: 3, place: {sphere: {centre: [50 um, 50 um, 50 um], radius: 20 um}}}\n"
    "  injected: {type: cell, count: 2, place: circulation}\n"
    "  intratibial: {type: cell, count: 4, site: bone, place: {slab: {axis: x, from: 0 um, to: 9 um}}}\n"
    "  more: {type: cell, count: 1, site: primary, place: {slab: {axis: x, from: 0 um, to: 9 um}}}\n";

const std::string whole = head + box100 + "matrix: {}\n" + vessels + organs + one_type + populations;

const Site& site_named(const World& world, const std::string& name) {
  for (const Site& site : world.sites)
    if (site.name == name) return site;
  throw ConfigError("no site " + name);
}

}  // namespace

TEST_CASE("the sites stand as the blood meets them, those that it does not name behind, and the blood last") {
  const Loaded s = load_text(whole);
  const World& w = s.scenario.world;
  std::vector<std::string> names;
  for (const Site& site : w.sites) names.push_back(site.name);
  CHECK(names == std::vector<std::string>{"primary", "lung", "bone", "liver", "blood"});
  CHECK(blood_of(w) == 4);
  CHECK(w.sites[4].domain.spaceless());
  CHECK(w.sites[4].matrix.none());
  CHECK(w.sites[4].fields.empty());
  for (std::size_t site = 0; site < 4; ++site) CHECK(w.sites[site].compartment == Compartment::Tissue);
  CHECK(w.sites[1].organ.lodging == 0.9);
  CHECK(w.sites[2].organ.lodging == 0.3);
  CHECK(w.sites[3].organ.lodging == 0);
  CHECK(w.sites[2].organ.permeability == 3);
  CHECK(w.sites[2].organ.affinity == 8);
  CHECK(w.sites[1].organ.permeability == 1);
  CHECK(w.blood_stream.shear_death_1_h == 0.2);
  CHECK(w.blood_stream.immune_death_1_h == 0.1);
  CHECK(w.blood_stream.bed_death_min == 2880);
  CHECK(w.blood_stream.split_in == 4);
  CHECK(w.blood_stream.split_out == 1);
}

TEST_CASE("warnings: no way into the blood, none out of it") {
  const auto warnings = [](const std::string& way, const std::string& founders) {
    std::string all;
    for (const std::string& warning :
         load_text(head + box100 + "matrix: {}\n" + way + organs + one_type + "population:\n" + founders).scenario.warnings)
      if (warning.find("vessels") != std::string::npos || warning.find("lodging") != std::string::npos)
        all += warning.substr(warning.find(": ") + 2) + "\n";
    return all;
  };
  const std::string core =
      "  core: {type: cell, count: 3, place: {sphere: {centre: [50 um, 50 um, 50 um], radius: 20 um}}}\n";
  const std::string none_to_liver = "circulation.lodging.liver: is 0: no cell will come to this site\n";
  CHECK(warnings(vessels, core) == none_to_liver);
  CHECK(warnings("", core) ==
        "vessels: no cell can enter the blood: where cells begin there is no vessel, and none begins in the blood\n" +
            none_to_liver);
  CHECK(warnings("", core + "  injected: {type: cell, count: 2, place: circulation}\n") == none_to_liver);
  CHECK(
      warnings("", core + "  tibia: {type: cell, count: 4, site: bone, place: {slab: {axis: x, from: 0 um, to: 9 um}}}\n") ==
      none_to_liver);
  CHECK(warnings(vessels, core + "  hepatic: {type: cell, count: 1, site: liver, place: {slab: {axis: x, from: 0 um, to: 9 "
                                 "um}}}\n")
            .empty());
}

TEST_CASE("an intervention acts at the sites that it names, by their place in the blood, and without any at all of them") {
  const auto mask = [](const std::string& sites) {
    return load_text(whole + "perturbations: {drug: {knobs: {pi3k_inhibitor: 0.5}, from: 1 h" + sites + "}}\n")
        .scenario.world.perturbations[0]
        .sites;
  };
  CHECK(mask("") == ~std::uint64_t{0});
  CHECK(mask(", sites: [primary]") == 0b00001);
  CHECK(mask(", sites: [lung]") == 0b00010);
  CHECK(mask(", sites: [bone, liver]") == 0b01100);
  CHECK(mask(", sites: [blood]") == 0b10000);
}

TEST_CASE("each site has its own box, grids, matrix and factors") {
  const Loaded s = load_text(whole);
  const Site &bone = site_named(s.scenario.world, "bone"), &lung = site_named(s.scenario.world, "lung");
  CHECK(bone.domain.boundary[0] == Boundary::Periodic);
  CHECK(bone.factor_grid.shape == std::array<int, 3>{6, 6, 6});
  CHECK(bone.matrix.grid.shape == std::array<int, 3>{12, 12, 12});
  CHECK(bone.matrix.density[0] == 40);
  REQUIRE(bone.fields.size() == 2);
  CHECK(bone.fields[0].is_pressure);
  CHECK(bone.fields[0].initial == doctest::Approx(37.503));
  CHECK(bone.fields[0].value.size() == 216);
  CHECK(lung.factor_grid.shape == std::array<int, 3>{2, 4, 2});
  CHECK(lung.matrix.none());
  CHECK(lung.fields.empty());
  CHECK(s.scenario.world.sites[0].matrix.grid.shape == std::array<int, 3>{10, 10, 10});
}

TEST_CASE("a path of n points is n - 1 pieces of vessel, which replace the tissue where they run") {
  const Loaded s = load_text(whole);
  const Vessels& v = s.scenario.world.sites[0].vessels;
  CHECK(v.names == std::vector<std::string>{"bent", "straight"});
  CHECK(v.wall == 10);
  CHECK(v.oxygen == 40);
  CHECK(v.perfusion == 20);
  REQUIRE(v.segments.size() == 3);
  CHECK(v.segments[0].from == Vec3{0, 50, 50});
  CHECK(v.segments[0].to == Vec3{50, 50, 50});
  CHECK(v.segments[1].from == Vec3{50, 50, 50});
  CHECK(v.segments[1].to == Vec3{50, 100, 50});
  CHECK(v.segments[1].radius == 6);
  CHECK(v.segments[1].vessel == 0);
  CHECK(v.segments[2].vessel == 1);
  CHECK(v.segments[2].radius == 15);
  CHECK(v.segments[2].laid_min == 0);
  CHECK(v.tips.empty());

  const Site& bone = site_named(s.scenario.world, "bone");
  CHECK(bone.vessels.oxygen == 30);
  CHECK(bone.vessels.perfusion == 2);
  // Voxels of 5 um around the axis x = z = 30 um: 8 um of vessel and half a voxel, 5 um of membrane, then the region.
  const auto tissue = [&](int i, int k) { return bone.matrix.tissue_at(bone.matrix.grid.index(i, 3, k)); };
  CHECK(tissue(6, 6) == Tissue::VesselWall);
  CHECK(tissue(7, 5) == Tissue::VesselWall);
  CHECK(tissue(8, 6) == Tissue::BasementMembrane);
  CHECK(tissue(9, 6) == Tissue::Bone);
  CHECK(bone.matrix.any(inert));
}

TEST_CASE("founders go to their sites, with ids running on") {
  const Loaded s = load_text(whole);
  for (const std::string& warning : s.scenario.warnings) CHECK(warning.find("population.injected") == std::string::npos);
  World w = s.scenario.world;
  place_founders(s.scenario, w);
  CHECK(w.next_id == 10);
  const Population &primary = w.sites[0].cells, &bone = w.sites[2].cells, &blood = w.sites[4].cells;
  CHECK(primary.id == std::vector<std::int64_t>{0, 1, 2, 9});
  CHECK(blood.id == std::vector<std::int64_t>{3, 4});
  CHECK(bone.id == std::vector<std::int64_t>{5, 6, 7, 8});
  CHECK(primary.group == std::vector<std::int64_t>{-1, -1, -1, -1});
  CHECK(blood.group == blood.id);
  CHECK(bone.group == bone.id);
  for (const Site& site : w.sites) {
    CHECK(site.cells.founder == site.cells.id);
    CHECK(site.ledger.founders == static_cast<std::int64_t>(site.cells.size()));
    for (const double weight : site.cells.weight) CHECK(weight == 1);
    for (const double arrived : site.cells.arrived_min) CHECK(arrived == 0);
    for (const std::uint8_t dormancy : site.cells.dormancy) CHECK(dormancy == static_cast<std::uint8_t>(Dormancy::None));
    for (const std::uint8_t lodged : site.cells.lodged) CHECK(lodged == 0);
  }
  CHECK(bone.origin == std::vector<std::uint8_t>(4, 2));
  for (std::size_t i = 0; i < bone.size(); ++i) {
    CHECK(bone.x[i] <= 9);
    CHECK(bone.y[i] <= 60);
  }
  CHECK(blood.position(1) == Vec3{});
  CHECK(w.sites[0].start_region.size() == 2);
  CHECK(w.sites[1].start_region.empty());
  CHECK(w.sites[2].start_region.size() == 1);
  CHECK(w.sites[4].start_region.empty());
}

TEST_CASE("a table of points lies in the box of its site") {
  const Folder f;
  f.write("points.csv", "x_um,y_um,z_um\n10,70,10\n");
  const std::string lung = "secondary_sites: {lung: {domain: {size: [40 um, 80 um, 40 um]}}}\n";
  const auto with = [&](const std::string& site) {
    return f.write("s.yaml", head + "domain: {size: [60 um, 60 um, 60 um]}\n" + lung + one_type +
                                 "population: {p: {type: cell, " + site + "place: {points: {file: points.csv}}}}\n");
  };
  CHECK(load(with("site: lung, ")).scenario.world.sites[1].start_region.size() == 1);
  CHECK(failure(with("")).text == "points.csv:2:4: y_um: is outside the domain (got '70 um', allowed [0, 60] um)");
}

TEST_CASE("there is a blood where there is something for it") {
  const std::string start = head + box100 + one_type;
  const auto sites = [](const std::string& text) { return load_text(text).scenario.world.sites.size(); };
  CHECK(sites(minimal) == 1);
  CHECK(sites(minimal + "vessels: {}\nsecondary_sites: {}\n") == 1);
  CHECK(sites(minimal + "circulation: {}\n") == 2);
  CHECK(sites(minimal + vessels) == 2);
  CHECK(sites(minimal + "secondary_sites: {lung: {domain: {size: [40 um, 40 um, 40 um]}}}\n") == 3);
  CHECK(sites(start + "population: {p: {type: cell, count: 1, place: circulation}}\n") == 2);
}

TEST_CASE("a scenario of one site says nothing of others; one of several says all of them, and loads again as the same") {
  const Folder f;
  const std::string alone = load(f.write("a.yaml", minimal)).scenario.resolved_yaml;
  for (const char* word : {"vessel", "secondary", "circulation", "site:"}) CHECK(alone.find(word) == std::string::npos);
  CHECK(load(f.write("a.yaml", minimal + "vessels: {}\nsecondary_sites: {}\n")).scenario.resolved_yaml == alone);
  for (const std::string& text :
       {whole, minimal + vessels, minimal + "circulation: {}\n", minimal + "circulation: {reference_radius: 0.1 mm}\n",
        head + box100 + one_type + "population: {p: {type: cell, count: 1, place: circulation}}\n"}) {
    const Loaded first = load(f.write("a.yaml", text));
    const Loaded again = load(f.write("b.yaml", first.scenario.resolved_yaml));
    INFO(first.scenario.resolved_yaml);
    CHECK(again.scenario.run_id == first.scenario.run_id);
    REQUIRE(again.scenario.world.sites.size() == first.scenario.world.sites.size());
    CHECK(first.scenario.resolved_yaml.find("shear_death") != std::string::npos);
    CHECK(first.scenario.world.blood_stream.reference_radius == again.scenario.world.blood_stream.reference_radius);
    for (std::size_t site = 0; site < first.scenario.world.sites.size(); ++site) {
      const Site &a = first.scenario.world.sites[site], &b = again.scenario.world.sites[site];
      CHECK(a.name == b.name);
      CHECK(a.organ.lodging == b.organ.lodging);
      CHECK(a.matrix.tissue == b.matrix.tissue);
      CHECK(a.vessels.names == b.vessels.names);
      CHECK(a.vessels.segments.size() == b.vessels.segments.size());
      CHECK(a.vessels.wall == b.vessels.wall);
    }
  }
  CHECK(load_text(minimal + vessels).scenario.resolved_yaml.find("basement_membrane: 10 um  # default") !=
        std::string::npos);
}

TEST_CASE("the run's id knows the sites and the order in which the blood meets them") {
  const auto id = [](const std::string& lodging, const std::string& more = "") {
    return load_text(minimal + "secondary_sites: {a: {domain: {size: [40 um, 40 um, 40 um]}" + more +
                     "}, b: {domain: {size: [40 um, 40 um, 40 um]}}}\ncirculation: {lodging: {" + lodging + "}}\n")
        .scenario.run_id;
  };
  CHECK(id("a: 0.5, b: 0.5") == id("a: 0.5, b: 0.5"));
  CHECK(id("a: 0.5, b: 0.5") != id("b: 0.5, a: 0.5"));
  CHECK(id("a: 0.5, b: 0.5") != id("a: 0.5, b: 0.4"));
  CHECK(id("a: 0.5, b: 0.5") != id("a: 0.5, b: 0.5", ", permeability: 2"));
}

TEST_CASE("a site extends files: the last one wins, its own keys win over them, --set over all") {
  const Folder f;
  f.write("base.yaml",
          "schema: 1\ndomain: {size: [40 um, 40 um, 40 um]}\nmatrix: {density: 1 mg/ml, alignment: 0.5}\naffinity: 1\n");
  f.write("organs/lung.yaml", "extends: soft.yaml\nmatrix: {density: 2 mg/ml}\npermeability: 2\naffinity: 2\n");
  f.write("organs/soft.yaml", "matrix: {crosslinking: 2}\n");  // beside the file that names it
  const auto file =
      f.write("s.yaml", minimal + "secondary_sites: {lung: {extends: [base.yaml, organs/lung.yaml], affinity: 3}}\n");
  Loaded s = load(file);
  const Site& lung = s.scenario.world.sites[1];
  CHECK(lung.domain.size.x == 40);
  CHECK(lung.matrix.density[0] == 2);
  CHECK(lung.matrix.crosslinking[0] == 2);
  CHECK(lung.organ.permeability == 2);
  CHECK(lung.organ.affinity == 3);
  CHECK(s.scenario.resolved_yaml.find("permeability: 2  # " + shown_path(f.path() / "organs/lung.yaml") + ":3:") !=
        std::string::npos);
  LoadOptions set;
  set.set = {"secondary_sites.lung.matrix.density=3 mg/ml", "circulation.lodging.lung=0.4"};
  s = load(file, set);
  CHECK(s.scenario.world.sites[1].matrix.density[0] == 3);
  CHECK(s.scenario.world.sites[1].organ.lodging == 0.4);
  // A variant of the scenario changes one key of the site; a file that it extends there wins over all of the scenario's.
  CHECK(load(f.write("t.yaml", "schema: 1\nextends: s.yaml\nsecondary_sites: {lung: {permeability: 9}}\n"))
            .scenario.world.sites[1]
            .organ.permeability == 9);
  CHECK(load(f.write("u.yaml", "schema: 1\nextends: s.yaml\nsecondary_sites: {lung: {extends: base.yaml}}\n"))
            .scenario.world.sites[1]
            .organ.affinity == 1);
  set.set = {"secondary_sites.lung.extends=base.yaml"};
  CHECK(failure(file, set).text ==
        "--set secondary_sites.lung.extends: cannot be set on the command line (write it into the scenario)");
  set.set = {"secondary_sites.lung={extends: base.yaml}"};
  CHECK(failure(file, set).text ==
        "--set secondary_sites.lung: secondary_sites.lung.extends: cannot be set on the command line (write it into the "
        "scenario)");
  f.write("organs/soft.yaml", "matrix: {crosslinkin: 2}\nschema: 2\n");
  CHECK(failure(file).text ==
        "organs/soft.yaml:1:10: secondary_sites.lung.matrix.crosslinkin: unknown key (did you mean 'crosslinking'?)\n"
        "organs/soft.yaml:2:9: secondary_sites.lung.schema: is out of range (got '2', allowed 1)");
}

TEST_CASE("an assay places the cells of the primary site only, and is as large as they need") {
  const std::string others =
      "  injected: {type: cell, count: 500, place: circulation}\n"
      "  lodged: {type: cell, count: 500, site: lung, place: {slab: {axis: x, from: 0 um, to: 40 um}}}\n";
  const std::string organ = "secondary_sites: {lung: {domain: {size: [40 um, 40 um, 40 um]}}}\n";
  const auto transwell = [&](const std::string& more) {
    return load_text(head + "assay: {kind: transwell}\n" + one_type + "population:\n  p: {type: cell, count: 100}\n" + more);
  };
  const Loaded alone = transwell(""), among = transwell(others + organ);
  CHECK(among.scenario.world.sites[0].domain.size == alone.scenario.world.sites[0].domain.size);
  CHECK(among.scenario.world.sites[0].start_region.size() == 1);
  CHECK(among.scenario.founders[1].site == 2);
  CHECK(among.scenario.founders[2].site == 1);
}

TEST_CASE("arrays of any site may be kept; memory is asked for all sites") {
  CHECK(load_text(whole + "output: {fields: [density, tgfb]}\n").scenario.output.arrays ==
        std::vector<std::string>{"density", "tgfb"});
  LoadOptions little;
  little.memory_bytes = 60 << 20;
  CHECK(failure_of_text(minimal, little).text == "accepted");
  const std::string organ = "secondary_sites: {lung: {domain: {size: [2 mm, 2 mm, 2 mm]}, matrix: {}}}\n";
  const Failure large = failure_of_text(minimal + organ, little);
  CHECK(large.code == 71);
  CHECK(large.text.starts_with("s.yaml:7:34: secondary_sites.lung.domain: needs more memory than there is (got "));
}
