// The columns of series.csv: names that others rely on, and values on Worlds of known answer.
// Planted mistakes seen to fail: the sum of strands for their mean, speed and persistence of a type from all cells,
// an organ's capillaries without their weights, or those of the organ before it.
#include "analysis/observables.h"

#include <doctest/doctest.h>
#include <omp.h>
#include <map>
#include <string>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/columns.h"

using namespace invado;

namespace {

// `cells` founders on a line along z from the middle of the box; every fourth is a fibroblast; tick of 6 min.
World line_of_cells(std::size_t cells, std::int64_t tick, bool two_types = false) {
  World world;
  world.types = {{.name = "sts"}};
  if (two_types) world.types.push_back({.name = "fibroblast"});
  world.clock = {360000000, tick};
  world.sites.resize(1);
  Site& site = world.sites[0];
  site.domain.size = {400, 400, 4000};
  Region sphere;
  sphere.centre = {200, 200, 100};
  sphere.radius = 50;
  site.start_region = {sphere};
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t row = append_row(site.cells);
    Population& c = site.cells;
    c.id[row] = static_cast<std::int64_t>(i);
    c.parent[row] = -1;
    c.type[row] = two_types && i % 4 == 3 ? 1 : 0;
    c.radius[row] = 8;
    c.x[row] = 200, c.y[row] = 200;
    c.z[row] = 100 + 30 * static_cast<double>(i);
    c.start_x[row] = 200, c.start_y[row] = 200 - 3 * static_cast<double>(tick),
    c.start_z[row] = c.z[row] - 4 * static_cast<double>(tick);
    c.path_um[row] = 10 * static_cast<double>(tick);
    c.state[+State::Pakt][row] = static_cast<double>(i);
    c.derived[+Derived::Runx2Activity][row] = i < 3 ? 0.9f : 0.1f;
    c.derived[+Derived::VimentinSynthesis][row] = 0.1f;
  }
  site.ledger.founders = static_cast<std::int64_t>(cells);
  return world;
}

}  // namespace

TEST_CASE("columns have the names of the contract, headline signals first") {
  const Observables observables(line_of_cells(8, 0));
  const auto names = observables.names();
  CHECK(names[0] == "time_h");
  CHECK(names[1] == "cells");
  CHECK(names[2] == "births");
  const auto has = [&](std::string_view name) { return std::ranges::count(names, name) == 1; };
  for (const char* name : {"deaths_apoptosis",
                           "deaths_anoikis",
                           "deaths_necrosis",
                           "deaths_shear",
                           "deaths_immune",
                           "deaths_rupture",
                           "left",
                           "mig_index",
                           "inv_index",
                           "survival_24h",
                           "vimentin_synthesis_1_h",
                           "high_branch_fraction",
                           "front_um_q50",
                           "front_um_q90",
                           "front_um_q95",
                           "front_um_q99",
                           "front_um_max",
                           "front_speed_um_h",
                           "front_speed_se",
                           "front_roughness_um",
                           "front_near_boundary",
                           "front_area_um2",
                           "front_volume_um3",
                           "strands",
                           "strand_length_um_mean",
                           "strand_length_um_max",
                           "islands",
                           "island_cells",
                           "invaded",
                           "detached_cells",
                           "clusters",
                           "largest_cluster",
                           "degraded_um3",
                           "pore_mean_um2",
                           "net_displacement_um_mean",
                           "msd_um2",
                           "path_speed_um_h_mean",
                           "persistence_fit_h",
                           "alive_fraction",
                           "speed_um_h_q50"})
    CHECK_MESSAGE(has(name), name);
  const auto place = [&](std::string_view name) { return std::ranges::find(names, name) - names.begin(); };
  const auto first = place("pakt_mean");
  CHECK(names[static_cast<std::size_t>(first) + 4] == "pakt_q95");
  CHECK(place("vimentin_stability_mean") == first + 5);
  CHECK(place("runx2_activity_mean") == first + 10);
  CHECK(place("akt_total_mean") == first + 15);
  for (const NamedQuantity& q : states) CHECK(has(std::string(q.name) + "_sd"));
  for (const NamedQuantity& q : derived_signals) CHECK(has(std::string(q.name) + "_q05"));
  for (const PhenotypeName& p : phenotypes) CHECK(has(std::string(p.column) + "_q95"));
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted);
  CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
}

TEST_CASE("values of a line of cells") {
  World world = line_of_cells(8, 10);
  world.sites[0].ledger.births = 2;  // 8 + 2 - 2 = 8 are there
  world.sites[0].ledger.departures[static_cast<std::size_t>(Leaving::Anoikis)] = 1;
  world.sites[0].ledger.departures[static_cast<std::size_t>(Leaving::Left)] = 1;
  Observables observables(world);
  const auto row = observables.sample(world);
  const auto value = [&](std::string_view name) { return observables.value(row, name); };
  CHECK(value("time_h") == 1.0);
  CHECK(value("cells") == 8);
  CHECK(value("deaths_anoikis") == 1);
  CHECK(value("left") == 1);
  CHECK(value("alive_fraction") == doctest::Approx(0.9));
  CHECK(value("head_count_balance") == 0);
  CHECK(value("pakt_mean") == doctest::Approx(3.5));
  CHECK(value("pakt_q50") == doctest::Approx(3.5));
  CHECK(value("pakt_sd") == doctest::Approx(2.449489742783178));
  CHECK(value("high_branch_fraction") == doctest::Approx(0.375));
  CHECK(value("vimentin_synthesis_1_h") == doctest::Approx(0.1));
  // Depths of the cells at 60, 90, ..., 210 um from the middle: 10, 40, 70, 100, 130, 160.
  CHECK(value("front_cells") == 6);
  CHECK(value("front_um_q50") == doctest::Approx(85));
  CHECK(value("front_um_max") == doctest::Approx(160));
  CHECK(value("invaded") == 5);
  CHECK(value("detached_cells") == 6);  // 30 apart, reach 20: nobody touches
  CHECK(value("islands") == 0);
  CHECK(value("strands") == 0);
  CHECK(value("strand_length_um_max") == 0);
  CHECK(value("front_area_um2") == doctest::Approx(8 * 4 * 3.14159265 * 64));  // eight spheres
  CHECK(value("clusters") == 0);
  CHECK(value("largest_cluster") == 1);
  CHECK(value("net_displacement_um_mean") == doctest::Approx(50));  // (0, 30, 40)
  CHECK(value("msd_um2") == doctest::Approx(2500));
  CHECK(value("msd_se_um2") == doctest::Approx(0));
  CHECK(value("path_speed_um_h_mean") == doctest::Approx(100));
  CHECK(value("degraded_um3") == 0);
  CHECK(std::isnan(value("pore_mean_um2")));  // no matrix
  CHECK(std::isnan(value("no such column")));

  // Cells 6 and 7 and cells 2, 3 and 4 come to touch; 7 is a daughter, who does not count among the founders.
  Population& cells = world.sites[0].cells;
  cells.z[7] = cells.z[6] + 15;
  cells.z[3] = cells.z[2] + 15, cells.z[4] = cells.z[2] + 30;
  cells.parent[7] = 0;
  cells.start_x[7] = 1e6;
  const auto touching = observables.sample(world);
  CHECK(observables.value(touching, "clusters") == 2);
  CHECK(observables.value(touching, "largest_cluster") == 3);
  CHECK(observables.value(touching, "detached_cells") == 3);  // 5, 6, 7: outside and not with the largest group
  CHECK(observables.value(touching, "founders_alive") == 7);
  CHECK(observables.value(touching, "msd_um2") == doctest::Approx((5 * 2500 + 2 * 30 * 30 + 25 * 25 + 10 * 10) / 7.0));
}

TEST_CASE("strands have their mean and their longest length") {
  // 15 um from cell to cell: 100 to 145 inside the region, to 205 outside; on the other side 85 to 55 inside, to 10 outside.
  World world = line_of_cells(15, 0);
  for (std::size_t i = 0; i < 15; ++i)
    world.sites[0].cells.z[i] = i < 8 ? 100 + 15.0 * static_cast<double>(i) : 85 - 15.0 * static_cast<double>(i - 8);
  world.sites[0].cells.z[14] = 300;  // detached
  Observables observables(world);
  const auto row = observables.sample(world);
  CHECK(observables.value(row, "strands") == 2);
  CHECK(observables.value(row, "strand_length_um_max") == doctest::Approx(60));
  CHECK(observables.value(row, "strand_length_um_mean") == doctest::Approx((60 + 45) / 2.0));
  CHECK(observables.value(row, "detached_cells") == 1);
}

TEST_CASE("a matrix eaten to a half has lost half of its volume") {
  World world = line_of_cells(1, 0);
  Matrix& m = world.sites[0].matrix;
  m.grid = {{4, 4, 40}, {100, 100, 100}};
  m.density.assign(640, 1.7);
  m.density_start = m.density;
  m.tissue.assign(640, 1);
  m.crosslinking.assign(640, 1.0f);
  m.density[7] = 0.85;
  m.density[8] = 3.4;  // deposited: no negative degradation
  Observables observables(world);
  const auto row = observables.sample(world);
  CHECK(observables.value(row, "degraded_um3") == doctest::Approx(0.5e6));
  CHECK(observables.value(row, "pore_mean_um2") == doctest::Approx((638 * 20 + 40 + 10) / 640.0));
}

namespace {
// Cell i moves outwards by 2.5 (i + 1) um/h.
void spread(World& world) {
  for (std::size_t i = 0; i < world.sites[0].cells.size(); ++i)
    world.sites[0].cells.z[i] += 2.5 * static_cast<double>(i + 1) * world.clock.time_h();
}
}  // namespace

TEST_CASE("ledgers close when what came and went explains what is there") {
  World world = line_of_cells(1, 0);
  Site& site = world.sites[0];
  site.factor_grid = {{2, 1, 1}, {10, 10, 10}};
  Field field;
  field.name = "egf";
  field.value = {1.0, 3.0};  // 4000 um^3
  field.amount_start = 1000, field.secreted = 5000, field.taken_up = 700, field.decayed = 1600, field.through_boundary = 300;
  site.fields = {field};
  site.matrix.grid = {{1, 1, 1}, {10, 10, 10}};
  site.matrix.density = {1.0};
  site.matrix.density_start = {2.0};
  site.matrix.tissue = {1};
  site.matrix.degraded_mg_um3 = 1200, site.matrix.deposited_mg_um3 = 200;
  Observables observables(world);
  auto row = observables.sample(world);
  CHECK(observables.value(row, "egf_mean") == doctest::Approx(2));
  CHECK(observables.value(row, "egf_amount") == doctest::Approx(4000));
  CHECK(observables.value(row, "egf_balance") == doctest::Approx(0));
  CHECK(observables.value(row, "matrix_balance") == doctest::Approx(0));
  site.fields[0].through_boundary = -300;
  site.matrix.deposited_mg_um3 = 0;
  row = observables.sample(world);
  CHECK(observables.value(row, "egf_balance") == doctest::Approx(600.0 / 8600));
  CHECK(observables.value(row, "matrix_balance") == doctest::Approx(200.0 / 2000));
}

TEST_CASE("speed of the front and persistence follow from all samples, also after a restart") {
  Observables whole(line_of_cells(8, 0));
  std::vector<std::vector<double>> rows;
  for (std::int64_t tick = 0; tick <= 20; ++tick) {
    World world = line_of_cells(8, tick);
    spread(world);
    rows.push_back(whole.sample(world));
  }
  CHECK(std::isnan(whole.value(rows[0], "front_speed_um_h")));
  CHECK(std::isnan(whole.value(rows[1], "front_speed_se")));
  // The same six cells are outside all the time; the 90 % quantile is the mean of the last two.
  CHECK(whole.value(rows[15], "front_speed_um_h") == doctest::Approx(2.5 * (7 + 8) / 2).epsilon(1e-9));
  CHECK(whole.value(rows[15], "front_speed_se") < 1e-9);
  // Ballistic: longer persistence than has been seen.
  CHECK(whole.value(rows[20], "persistence_fit_h") > 10);

  // Each type by its own columns. Of the two fibroblasts, cells 3 and 7 (10 and 20 um/h), 0.9 of the way to the faster one;
  // distances from the start are those of Fuerth's law with a persistence of 0.5 h, of the others 0.2 h.
  Observables of_types(line_of_cells(8, 0, true));
  std::vector<double> last;
  for (std::int64_t tick = 0; tick <= 20; ++tick) {
    World world = line_of_cells(8, tick, true);
    spread(world);
    Population& c = world.sites[0].cells;
    for (std::size_t i = 0; i < 8; ++i) {
      const double t = world.clock.time_h(), p = c.type[i] == 1 ? 0.5 : 0.2;
      c.start_x[i] = c.x[i], c.start_y[i] = c.y[i];
      c.start_z[i] = c.z[i] - std::sqrt(2 * 400 * p * (t - p * (1 - std::exp(-t / p))));
    }
    last = of_types.sample(world);
  }
  CHECK(of_types.value(last, "front_speed_um_h") == doctest::Approx(2.5 * (7 + 8) / 2).epsilon(1e-9));
  CHECK(of_types.value(last, "fibroblast.front_speed_um_h") == doctest::Approx(19).epsilon(1e-9));
  CHECK(of_types.value(last, "fibroblast.persistence_fit_h") == doctest::Approx(0.5).epsilon(1e-6));
  CHECK(of_types.value(last, "sts.persistence_fit_h") == doctest::Approx(0.2).epsilon(1e-6));

  // What a checkpoint keeps: the ten samples so far.
  Observables before(line_of_cells(8, 0));
  for (std::int64_t tick = 0; tick < 10; ++tick) {
    World world = line_of_cells(8, tick);
    spread(world);
    (void)before.sample(world);
  }
  Observables resumed(line_of_cells(8, 0));
  std::map<std::string, std::vector<double>> kept;
  Observables::for_each_memory(before, [&](const std::string& name, const auto& value) { kept[name] = value; });
  Observables::for_each_memory(resumed, [&](const std::string& name, auto& value) { value = kept.at(name); });
  CHECK(resumed.consistent());
  World world = line_of_cells(8, 10);
  spread(world);
  const auto again = resumed.sample(world);
  for (std::size_t c = 0; c < again.size(); ++c)
    CHECK((again[c] == rows[10][c] || (std::isnan(again[c]) && std::isnan(rows[10][c]))));
}

TEST_CASE("types have columns of their own, with their own births and deaths") {
  World world = line_of_cells(8, 0, true);
  world.sites[0].ledger.of_type(1).births = 1;
  world.sites[0].ledger.of_type(1).departures[static_cast<std::size_t>(Leaving::Apoptosis)] = 2;
  Observables observables(world);
  const auto row = observables.sample(world);
  CHECK(observables.value(row, "cells") == 8);
  CHECK(observables.value(row, "sts.cells") == 6);
  CHECK(observables.value(row, "fibroblast.cells") == 2);
  CHECK(observables.value(row, "fibroblast.deaths_apoptosis") == 2);
  CHECK(observables.value(row, "fibroblast.alive_fraction") == doctest::Approx(2.0 / 4));  // 3 founders, 1 birth, 2 deaths
  CHECK(observables.value(row, "sts.births") == 0);
  CHECK(observables.value(row, "fibroblast.pakt_mean") == doctest::Approx(5));
  CHECK(observables.value(row, "fibroblast.front_um_max") == doctest::Approx(160));
  CHECK(std::isnan(observables.value(row, "sts.degraded_um3")));  // not a matter of types
}

// Seen to fail: signals of all cells instead of those that have some.
TEST_CASE("signals are of the cells that have signals") {
  World world = line_of_cells(8, 10, true);
  world.types[1].signalling = false;
  Observables observables(world);
  const auto row = observables.sample(world);
  const auto value = [&](std::string_view name) { return observables.value(row, name); };
  CHECK(value("cells") == 8);
  CHECK(value("pakt_mean") == doctest::Approx(3));  // of 0, 1, 2, 4, 5, 6
  CHECK(value("pakt_q95") <= 6);
  CHECK(value("high_branch_fraction") == doctest::Approx(0.5));
  CHECK(value("sts.pakt_mean") == value("pakt_mean"));
  CHECK(std::isnan(value("fibroblast.pakt_mean")));
  CHECK(std::isnan(value("fibroblast.mig_index")));
  CHECK(value("fibroblast.speed_um_h_mean") == 0);  // what cells do, all of them do
}

TEST_CASE("wells have no columns of space; nobody there gives empty fields, not faults") {
  World world = line_of_cells(4, 0);
  world.wells = true;
  world.sites[0].domain.size = {};
  world.sites[0].start_region.clear();
  Observables wells(world);
  const auto names = wells.names();
  CHECK(std::ranges::count(names, "pakt_mean") == 1);
  CHECK(std::ranges::count(names, "mig_index") == 1);
  for (const char* name :
       {"front_um_q90", "front_area_um2", "strands", "clusters", "msd_um2", "degraded_um3", "speed_um_h_mean"})
    CHECK(std::ranges::count(names, name) == 0);
  CHECK(wells.sample(world).size() == names.size());

  World empty = line_of_cells(0, 0);
  Observables nobody(empty);
  const auto row = nobody.sample(empty);
  CHECK(nobody.value(row, "cells") == 0);
  CHECK(std::isnan(nobody.value(row, "pakt_mean")));
  CHECK(nobody.value(row, "front_um_q90") == 0);
  CHECK(nobody.value(row, "largest_cluster") == 0);
  CHECK(nobody.value(row, "front_area_um2") == 0);
  CHECK(nobody.value(row, "strands") == 0);
}

TEST_CASE("organs and the blood count cells in their weights; capillaries belong to their organ") {
  World world = line_of_cells(4, 0);
  world.sites.resize(4);
  const auto add = [&](std::size_t site, std::int64_t group, double weight, Dormancy dormancy, std::uint8_t lodged) {
    Population& c = world.sites[site].cells;
    const std::size_t row = append_row(c);
    c.id[row] = 100 * static_cast<std::int64_t>(site) + static_cast<std::int64_t>(row);
    c.group[row] = group, c.weight[row] = weight, c.lodged[row] = lodged, c.radius[row] = 8;
    c.dormancy[row] = static_cast<std::uint8_t>(dormancy);
  };
  for (const std::size_t organ : {1, 2}) world.sites[organ].domain.size = {400, 400, 400};
  world.sites[1].name = "lung";
  world.sites[2].name = "bone";
  world.sites[3].name = "blood";
  world.sites[3].compartment = Compartment::Blood;
  for (int i = 0; i < 9; ++i) add(1, 5, 0.5, Dormancy::None, 0);
  for (int i = 0; i < 7; ++i) add(1, 6, 1, Dormancy::None, 0);  // one too few for a colony
  add(1, 7, 2, Dormancy::Waiting, 0);
  add(1, 8, 0.25, Dormancy::Dormant, 0);
  add(3, 9, 3, Dormancy::None, 0);
  add(3, 10, 0.125, Dormancy::None, 2);  // 1 + index of the lung
  add(3, 11, 4, Dormancy::None, 3);
  world.sites[1].ledger.stages[static_cast<std::size_t>(Stage::Extravasated)] = 6;
  world.sites[1].ledger.stages[static_cast<std::size_t>(Stage::Initiated)] = 3;
  world.sites[1].ledger.stages[static_cast<std::size_t>(Stage::Woken)] = 1;
  world.sites[2].ledger.stages[static_cast<std::size_t>(Stage::Initiated)] = 2;
  world.sites[1].organ.progression = 0.25;
  world.sites[2].organ.progression = 0.5;
  world.sites[0].ledger.entered_together = 4;
  world.sites[1].ledger.entered_together = 2;
  Observables observables(world);
  const auto row = observables.sample(world);
  for (const std::pair<const std::string, double>& column :
       std::map<std::string, double>{{"lung.burden", 4.5 + 7 + 2 + 0.25 + 0.125},
                                     {"bone.burden", 4},
                                     {"lung.waiting", 2},
                                     {"lung.dormant", 0.25},
                                     {"lung.colonies", 0.5},
                                     {"lung.colony_cells_max", 9},
                                     {"lung.extravasated", 6},
                                     {"lung.macrometastases", 1},
                                     {"bone.macrometastases", 1},
                                     {"macrometastases", 2},
                                     {"intravasated_in_clusters", 6},
                                     {"bone.colonies", 0},
                                     {"circulating", 3},
                                     {"in_capillaries", 4.125},
                                     {"dormant", 0.25},
                                     {"colonies", 0.5},
                                     {"extravasated", 6}}) {
    CHECK_MESSAGE(observables.value(row, column.first) == column.second, column.first);
  }
}

TEST_CASE("the same bits for any order of rows and number of threads") {
  const std::size_t n = 9000;
  World world = line_of_cells(n, 7);
  for (std::size_t i = 0; i < n; ++i) {
    world.sites[0].cells.state[+State::Pakt][i] = 1.0 / static_cast<double>(i + 3);
    world.sites[0].cells.z[i] = 100 + 0.4 * static_cast<double>((i * 7919) % n);
  }
  World other = world;
  for_each_column(other.sites[0].cells, [](const ColumnInfo&, auto& column) { std::ranges::reverse(column); });
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = Observables(world).sample(world);
  omp_set_num_threads(3);
  const auto three = Observables(other).sample(other);
  omp_set_num_threads(threads);
  for (std::size_t c = 0; c < one.size(); ++c) CHECK((one[c] == three[c] || (std::isnan(one[c]) && std::isnan(three[c]))));
}
