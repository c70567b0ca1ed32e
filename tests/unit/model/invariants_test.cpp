// Invariants of a World: every one is broken once in a good world, and named.
// Seen to fail: each of 89 planted mistakes in model/invariants.cpp, one at a time. One per condition (finite by exponent
// for double and float, low, high and open ends, each bound of a column, each relation, ids, counts in all and per type,
// queues, events, clock, diagnostics, density, crosslinking, tissue, trace, minors, determinant, ledgers and their
// tolerances), and: rounds that do not rotate or leave out the last rows, negative rounds, sums that leave out values or
// blocks, not the lowest id or voxel, the site not named, all columns after a process, a ledger that is never due.
#include "model/invariants.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "../../physics/field_world.h"

using namespace invado;

namespace {

constexpr double nan_ = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

double volume(const World& world) { return world.sites[0].matrix.grid.voxel_volume(); }

// 40 cells of two types after 50 minutes: 35 founders, of which 5 have died, and 10 daughters; two soluble factors with a
// past, and a matrix of which something was eaten and something added.
World good_world() {
  World world = small_world(35, 7, 0.5);
  world.types.resize(2);
  world.types[0].name = "core_type";
  world.types[1].name = "rim_type";
  world.populations.resize(2);
  world.perturbations.resize(1);
  world.clock.tick = 100;
  Site& site = world.sites[0];
  site.domain.size = {200, 160, 120};
  site.domain.boundary = {Boundary::Closed, Boundary::Closed, Boundary::Closed};
  site.factor_grid = {{10, 8, 6}, {20, 20, 20}};
  Population& c = site.cells;
  for_each_column(c, [](const ColumnInfo&, auto& column) { column.resize(30); });  // ids 30..34 have died
  for (std::size_t mother = 0; mother < 10; ++mother) {
    const std::size_t row = append_row(c);
    copy_row(c, mother, row);
    c.id[row] = world.next_id++;
    c.parent[row] = c.id[mother];
  }
  site.ledger.types.resize(2);
  site.ledger.births = 10;
  site.ledger.departures[static_cast<std::size_t>(Leaving::Apoptosis)] = 5;
  site.ledger.types[0] = {20, 4, {}};
  site.ledger.types[1] = {15, 6, {5, 0, 0, 0, 0, 0, 0}};
  for (std::size_t row = 0; row < c.size(); ++row) {
    const std::size_t founder = static_cast<std::size_t>(c.founder[row]);
    const auto u = uniform4(Seed{5}, 0, Purpose::Placement, c.id[row]);
    c.type[row] = founder < 4 || (founder >= 10 && founder < 26) ? 0 : 1;  // 20 founders and 4 daughters of type 0
    c.origin[row] = c.type[row];
    c.treated[row] = row % 2;
    c.x[row] = c.start_x[row] = 200 * u[0];
    c.y[row] = c.start_y[row] = 160 * u[1];
    c.z[row] = c.start_z[row] = 120 * u[2];
    c.ux[row] = static_cast<float>(2 * u[0] - 1);
    c.away_y[row] = 1;
    c.speed_factor[row] = 1.2F;
    c.born_min[row] = c.parent[row] < 0 ? 0 : 30;
    c.neighbours[row] = 3;
    c.anchored_neighbours[row] = 2;
    c.anchored[row] = 1;
    c.pore_um2[row] = 400;
    for (auto& level : c.state) level[row] = 0.5;
    for (auto& factor : c.extrinsic) factor[row] = -0.1;
    for (auto& signal : c.derived) signal[row] = 1;
    for (auto& phenotype : c.phenotype) phenotype[row] = 2;
  }
  // Type 1 has 15 founders: 10 alive and the 5 dead.
  site.events = {{20, 33, -1, 1, {1, 2, 3}}, {30, 44, 9, 0, {4, 5, 6}}};
  world.diagnostics = {3, 0.01};

  add_matrix(world, 5, 1.7);  // 30720 voxels: several blocks and more than 1 MB
  Matrix& m = site.matrix;
  for (std::size_t v = 0; v < 100; ++v) {
    m.density[v] = 1.0;
    m.degraded_mg_um3 += 0.7 * volume(world);
    m.density[20000 + v] = 1.9;
    m.deposited_mg_um3 += 0.2 * volume(world);
  }
  m.fibre[500] = {0.36F, 0.64F, 0, 0.48F, 0, 0};  // one direction, (0.6, 0.8, 0)

  site.fields.resize(2);
  site.fields[0].name = "oxygen";
  site.fields[0].is_pressure = true;
  site.fields[1].name = "mmp";
  for (Field& field : site.fields) {
    field.value.resize(480);
    for (std::size_t v = 0; v < 480; ++v) field.value[v] = 0.1 * static_cast<double>(v % 7);
    field.secreted = 1e5;
    field.taken_up = 2e4;
    field.decayed = 3e4;
    field.through_boundary = -1e4;
    field.amount_start = amount(world, field) - 4e4;
  }
  return world;
}

World planar_world() {
  World world = good_world();
  Site& site = world.sites[0];
  site.domain.planar = true;
  Population& c = site.cells;
  for (std::size_t row = 0; row < c.size(); ++row) c.z[row] = c.start_z[row] = 60;
  return world;
}

World periodic_world() {
  World world = good_world();
  Site& site = world.sites[0];
  site.domain.boundary = {Boundary::Periodic, Boundary::Periodic, Boundary::Periodic};
  Population& c = site.cells;
  c.x[0] = 0;
  c.wrap_x[0] = -3;
  c.start_x[0] = -450;
  return world;
}

// Assay wells: no space, no lattices.
World wells_world() {
  World world = good_world();
  Site& site = world.sites[0];
  site.domain.size = {0, 0, 0};
  site.matrix = {};
  site.factor_grid = {};
  site.fields.clear();
  Population& c = site.cells;
  for (auto* column : {&c.x, &c.y, &c.z, &c.start_x, &c.start_y, &c.start_z}) column->assign(c.size(), 0.0);
  return world;
}

// Rows in another order.
void reverse_rows(World& world) {
  for_each_column(world.sites[0].cells, [](const ColumnInfo&, auto& column) { std::reverse(column.begin(), column.end()); });
}

struct Broken {
  std::string quantity, text;
  std::function<void(World&)> how;
  World (*before)() = good_world;
};

// The row of cell 12 in the good world.
constexpr std::size_t row12 = 12;
Population& cells(World& world) { return world.sites[0].cells; }
Matrix& matrix(World& world) { return world.sites[0].matrix; }
void set_fibre(World& world, const FibreTensor& q) { matrix(world).fibre[500] = q; }

std::vector<Broken> broken_cells() {
  std::vector<Broken> all;
  const auto add = [&](std::string quantity, std::string text, std::function<void(World&)> how,
                       World (*before)() = good_world) {
    all.push_back({std::move(quantity), std::move(text), std::move(how), before});
  };
  // Any floating column that is not finite.
  {
    World world = good_world();
    for_each_column(cells(world), [&]<class Numbers>(const ColumnInfo& info, Numbers&) {
      using T = typename Numbers::value_type;
      if constexpr (std::is_floating_point_v<T>) {
        const std::string unit = info.unit == "1" ? "" : " " + std::string(info.unit);
        for (const T value : {static_cast<T>(nan_), static_cast<T>(inf), -static_cast<T>(nan_), static_cast<T>(-inf)}) {
          const std::string word = std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
          add(std::string(info.name), "cell 12: " + std::string(info.name) + " = " + word + unit + ", must be finite",
              [name = info.name, value](World& w) {
                for_each_column(cells(w), [&]<class Others>(const ColumnInfo& at, Others& column) {
                  if constexpr (std::is_same_v<Numbers, Others>)
                    if (at.name == name) column[row12] = value;
                });
              });
        }
      }
    });
  }
  // Bounds. x, y, z in the closed box; half open where it is periodic; in their plane.
  add("x", "cell 12: x = -0.5 um, must lie in [0, 200] um", [](World& w) { cells(w).x[row12] = -0.5; });
  add("x", "cell 12: x = 200.00000001 um, must lie in [0, 200] um", [](World& w) { cells(w).x[row12] = 200.00000001; });
  add("y", "cell 12: y = 160.5 um, must lie in [0, 160] um", [](World& w) { cells(w).y[row12] = 160.5; });
  add("z", "cell 12: z = -1e-300 um, must lie in [0, 120] um", [](World& w) { cells(w).z[row12] = -1e-300; });
  add(
      "x", "cell 12: x = 200 um, must lie in [0, 200) um", [](World& w) { cells(w).x[row12] = 200; }, periodic_world);
  add(
      "z", "cell 12: z = 60.5 um, must stay in its plane at 60 um", [](World& w) { cells(w).z[row12] = 60.5; },
      planar_world);
  add(
      "uz", "cell 12: uz = 0.1, must be 0", [](World& w) { cells(w).uz[row12] = 0.1F; }, planar_world);
  add(
      "vz", "cell 12: vz = 0.1 um/min, must be 0 um/min", [](World& w) { cells(w).vz[row12] = 0.1F; }, planar_world);
  add(
      "step_z", "cell 12: step_z = -0.1 um, must be 0 um", [](World& w) { cells(w).step_z[row12] = -0.1F; }, planar_world);
  add("start_y", "cell 12: start_y = -1 um, must lie in [0, 160] um", [](World& w) { cells(w).start_y[row12] = -1; });
  add("wrap_z", "cell 12: wrap_z = 1, must be 0", [](World& w) { cells(w).wrap_z[row12] = 1; });
  add("away_x", "cell 12: away_x = 1.5, must lie in [-1.00000095367432, 1.00000095367432]",
      [](World& w) { cells(w).away_x[row12] = 1.5; });
  add("radius", "cell 12: radius = 0 um, must be positive", [](World& w) { cells(w).radius[row12] = 0; });
  add("radius", "cell 12: radius = -8 um, must be positive", [](World& w) { cells(w).radius[row12] = -8; });
  add("speed_factor", "cell 12: speed_factor = 0, must be positive", [](World& w) { cells(w).speed_factor[row12] = 0; });
  for (const char* name : {"path_um", "born_min", "cycle_min", "cycle_length_min", "detached_min", "pressure", "ligand",
                           "pore", "stiffness", "speed_um_h", "neighbours"}) {
    World world = good_world();
    for_each_column(cells(world), [&](const ColumnInfo& info, auto&) {
      if (info.name != name) return;
      const std::string unit = info.unit == "1" ? "" : " " + std::string(info.unit);
      const std::string must = info.name == "born_min" ? "must lie in [0, 50] min"
                               : info.name == "pore"   ? "must lie in [0, 400.0004] um^2"
                                                       : "must not be negative";
      add(name, "cell 12: " + std::string(name) + " = -1" + unit + ", " + must, [name](World& w) {
        for_each_column(cells(w), [&]<class Numbers>(const ColumnInfo& at, Numbers& column) {
          if (at.name == name) column[row12] = static_cast<typename Numbers::value_type>(-1);
        });
      });
    });
  }
  add("born_min", "cell 12: born_min = 51 min, must lie in [0, 50] min", [](World& w) { cells(w).born_min[row12] = 51; });
  add("pore", "cell 12: pore = 401 um^2, must lie in [0, 400.0004] um^2", [](World& w) { cells(w).pore_um2[row12] = 401; });
  add("anchored", "cell 12: anchored = 2, must lie in [0, 1]", [](World& w) { cells(w).anchored[row12] = 2; });
  add("anchored_neighbours", "cell 12: anchored_neighbours = 4, must not exceed neighbours = 3",
      [](World& w) { cells(w).anchored_neighbours[row12] = 4; });
  for (std::size_t s = 0; s < state_count; ++s) {
    const std::string name(states[s].name);
    add(name, "cell 12: " + name + " = -0.001, must lie in [0, 1000000000000]",
        [s](World& w) { cells(w).state[s][row12] = -0.001; });
    add(name, "cell 12: " + name + " = 2000000000000, must lie in [0, 1000000000000]",
        [s](World& w) { cells(w).state[s][row12] = 2e12; });
  }
  add("extrinsic_pi3k_input", "cell 12: extrinsic_pi3k_input = 701, must lie in [-700, 700]",
      [](World& w) { cells(w).extrinsic[0][row12] = 701; });
  add("vimentin_stability", "cell 12: vimentin_stability = 1.5, must lie in [0, 1]",
      [](World& w) { cells(w).derived[+Derived::VimentinStability][row12] = 1.5F; });
  add("trim16_occupancy", "cell 12: trim16_occupancy = -0.5, must lie in [0, 1]",
      [](World& w) { cells(w).derived[+Derived::Trim16Occupancy][row12] = -0.5F; });
  add("emt_score", "cell 12: emt_score = 1.25, must be at most 1",
      [](World& w) { cells(w).derived[+Derived::EmtScore][row12] = 1.25F; });
  add("erk", "cell 12: erk = -0.25, must not be negative",
      [](World& w) { cells(w).derived[+Derived::Erk][row12] = -0.25F; });
  for (std::size_t p = 0; p < phenotype_count; ++p) {
    const std::string name(phenotypes[p].column);
    const std::string unit = phenotypes[p].unit == "1" ? "" : " " + std::string(phenotypes[p].unit);
    add(name, "cell 12: " + name + " = -0.5" + unit + ", must not be negative",
        [p](World& w) { cells(w).phenotype[p][row12] = -0.5F; });
  }
  // Who it is.
  add("type", "cell 12: type = 2, must lie in [0, 2)", [](World& w) { cells(w).type[row12] = 2; });
  add("origin", "cell 12: origin = 2, must lie in [0, 2)", [](World& w) { cells(w).origin[row12] = 2; });
  add("treated", "cell 12: treated = 0x2, but there are 1 perturbations", [](World& w) { cells(w).treated[row12] = 2; });
  add("parent", "cell 12: parent = 12, must be older than the cell", [](World& w) { cells(w).parent[row12] = 12; });
  add("parent", "cell 12: parent = -2, must lie in [-1, 45)", [](World& w) { cells(w).parent[row12] = -2; });
  add("founder", "cell 12: founder = 11, must be the cell itself, which has no parent",
      [](World& w) { cells(w).founder[row12] = 11; });
  add("founder", "cell 44: founder = 10, must not be younger than the parent 9",
      [](World& w) { cells(w).founder[39] = 10; });
  add("founder", "cell 12: founder = -1, must lie in [0, 45)", [](World& w) { cells(w).founder[row12] = -1; });
  add("ids", "cell 45: its id must lie in [0, 45)", [](World& w) { cells(w).id[39] = 45; });
  add("ids", "cell -3: its id must lie in [0, 45)", [](World& w) { cells(w).id[39] = -3; });
  add("ids", "next id -1, must not be negative", [](World& w) { w.next_id = -1; });
  add("ids", "cell 7: the id of more than one cell", [](World& w) {
    cells(w).id[8] = 7;
    cells(w).founder[8] = 7;
  });
  add("radius", "column radius: 39 rows, but 40 cells", [](World& w) { cells(w).radius.pop_back(); });
  add("erk", "column erk: 41 rows, but 40 cells", [](World& w) { cells(w).derived[+Derived::Erk].push_back(1); });
  return all;
}

std::vector<Broken> broken_books() {
  const auto ledger = [](World& w) -> Ledger& { return w.sites[0].ledger; };
  const auto events = [](World& w) -> std::vector<Event>& { return w.sites[0].events; };
  const auto field = [](World& w, std::size_t f) -> Field& { return w.sites[0].fields[f]; };
  return {
      {"clock", "clock: a step of 0 us, must be positive", [](World& w) { w.clock.tick_us = 0; }},
      {"clock", "clock: step -1, must lie in [0, 4294967295]", [](World& w) { w.clock.tick = -1; }},
      {"clock", "clock: step 4294967296, must lie in [0, 4294967295]", [](World& w) { w.clock.tick = 4294967296; }},
      {"diagnostics", "mechanics_substeps = -1, must not be negative",
       [](World& w) { w.diagnostics.mechanics_substeps = -1; }},
      {"diagnostics", "transport_error = nan, must be finite", [](World& w) { w.diagnostics.transport_error = nan_; }},
      // Head count, in all and for each type.
      {"head count", "40 cells, but 35 founders + 11 births - 5 departures",
       [&](World& w) { w.sites[0].ledger.births = 11; }},
      {"head count", "40 cells, but 34 founders + 10 births - 5 departures",
       [](World& w) { w.sites[0].ledger.founders = 34; }},
      {"head count", "39 cells, but 35 founders + 10 births - 5 departures",
       [](World& w) { for_each_column(cells(w), [](const ColumnInfo&, auto& column) { column.pop_back(); }); }},
      {"head count", "23 cells of type core_type, but 20 founders + 4 births - 0 departures",
       [](World& w) { cells(w).type[row12] = 1; }},
      {"head count", "16 cells of type rim_type, but 15 founders + 7 births - 5 departures",
       [ledger](World& w) { ledger(w).types[1].births = 7; }},
      {"head count", "0 cells of type 2, but 1 founders + 0 births - 0 departures",
       [ledger](World& w) {
         ledger(w).types.push_back({1, 0, {}});
       }},
      {"head count", "5 departures by apoptosis, but those of the types add up to 4",
       [ledger](World& w) {
         --ledger(w).types[1].departures[0];
         ++ledger(w).types[1].departures[2];
       }},
      {"head count", "35 founders, but those of the types add up to 36",
       [ledger](World& w) {
         ++ledger(w).types[0].founders;
         --ledger(w).types[0].births;
       }},
      // What is queued and told.
      {"queues", "1 births and 0 departures are queued between steps",
       [](World& w) {
         w.sites[0].queues.births.push_back({12, row12, {1, 0, 0}, 7});
       }},
      {"queues", "0 births and 1 departures are queued between steps",
       [](World& w) {
         w.sites[0].queues.departures.push_back({12, row12, Leaving::Anoikis});
       }},
      {"events", "event of cell 44: at 51 min, must lie in [0, 50] min", [events](World& w) { events(w)[1].time_min = 51; }},
      {"events", "event of cell 44: at nan um, must be finite", [events](World& w) { events(w)[1].position.z = nan_; }},
      {"events", "event of cell 33: kind 9, parent -1: no such event", [events](World& w) { events(w)[0].kind = 9; }},
      {"events", "event of cell 33: kind 1, parent 4: no such event", [events](World& w) { events(w)[0].parent = 4; }},
      {"events", "event of cell 44: kind 0, parent 44: no such event", [events](World& w) { events(w)[1].parent = 44; }},
      {"events", "event of cell 45: kind 0, parent 9: no such event", [events](World& w) { events(w)[1].id = 45; }},
      // Matrix: 40 x 32 x 24 voxels; 1234 = (34, 30, 0).
      {"matrix", "matrix, voxel (34, 30, 0): density nan mg/ml, must be finite",
       [](World& w) { matrix(w).density[1234] = nan_; }},
      {"matrix", "matrix, voxel (34, 30, 0): density -0.1 mg/ml, must not be negative",
       [](World& w) { matrix(w).density[1234] = -0.1; }},
      {"matrix", "matrix, voxel (34, 30, 0): density 0.2 mg/ml, must lie in [0.25, 21.70000002] mg/ml",
       [](World& w) { matrix(w).density[1234] = 0.2; }},
      {"matrix", "matrix, voxel (34, 30, 0): density 22 mg/ml, must lie in [0.25, 21.70000002] mg/ml",
       [](World& w) { matrix(w).density[1234] = 22; }},
      {"matrix", "matrix, voxel (34, 30, 0): density at the start -1 mg/ml, must not be negative",
       [](World& w) { matrix(w).density_start[1234] = -1; }},
      {"matrix", "matrix, voxel (34, 30, 0): density at the start inf mg/ml, must be finite",
       [](World& w) { matrix(w).density_start[1234] = inf; }},
      {"matrix", "matrix, voxel (34, 30, 0): crosslinking 0.99, must be at least 1",
       [](World& w) { matrix(w).crosslinking[1234] = 0.99F; }},
      {"matrix", "matrix, voxel (34, 30, 0): crosslinking nan, must be finite",
       [](World& w) { matrix(w).crosslinking[1234] = static_cast<float>(nan_); }},
      {"matrix", "matrix, voxel (34, 30, 0): tissue 8, must be one of the tissues",
       [](World& w) { matrix(w).tissue[1234] = 8; }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.36, 0.64, 0, 0.48, inf, 0), must be finite",
       [](World& w) { matrix(w).fibre[500][4] = static_cast<float>(inf); }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.36, 0.64, 1e-06, 0.48, 0, 0), must have the trace 1",
       [](World& w) { matrix(w).fibre[500][2] = 1e-6F; }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.359999, 0.64, 0, 0.48, 0, 0), must have the trace 1",
       [](World& w) { matrix(w).fibre[500][0] = 0.359999F; }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.36, 0.64, 0, 0.481, 0, 0), must be positive semi-definite",
       [](World& w) { matrix(w).fibre[500][3] = 0.481F; }},
      // One of the minors of two rows is negative, the determinant is 0.
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.5, 0.5, 0, 0.6, 0, 0), must be positive semi-definite",
       [](World& w) {
         set_fibre(w, {0.5F, 0.5F, 0, 0.6F, 0, 0});
       }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.5, 0, 0.5, 0, 0.6, 0), must be positive semi-definite",
       [](World& w) {
         set_fibre(w, {0.5F, 0, 0.5F, 0, 0.6F, 0});
       }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0, 0.5, 0.5, 0, 0, 0.6), must be positive semi-definite",
       [](World& w) {
         set_fibre(w, {0, 0.5F, 0.5F, 0, 0, 0.6F});
       }},
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (-0.5, 0.75, 0.75, 0, 0, 0), must be positive semi-definite",
       [](World& w) {
         set_fibre(w, {-0.5F, 0.75F, 0.75F, 0, 0, 0});
       }},
      // All minors of two rows are positive, the determinant is not.
      {"matrix", "matrix, voxel (20, 12, 0): fibre tensor (0.5, 0.25, 0.25, 0.2, 0.2, -0.2), must be positive semi-definite",
       [](World& w) {
         set_fibre(w, {0.5F, 0.25F, 0.25F, 0.2F, 0.2F, -0.2F});
       }},
      {"matrix", "matrix: 30719 values of density, but 30720 voxels", [](World& w) { matrix(w).density.pop_back(); }},
      {"matrix", "matrix: 30719 values of tissue, but 30720 voxels", [](World& w) { matrix(w).tissue.pop_back(); }},
      {"matrix", "matrix: 30719 values of fibre, but 30720 voxels", [](World& w) { matrix(w).fibre.pop_back(); }},
      {"matrix", "matrix: an entry of its ledger is -1, must not be negative",
       [](World& w) { matrix(w).degraded_mg_um3 = -1; }},
      // Fields: 10 x 8 x 6 voxels; 234 = (4, 7, 2).
      {"fields", "field oxygen, voxel (4, 7, 2): -0.1 mmHg, must not be negative",
       [field](World& w) { field(w, 0).value[234] = -0.1; }},
      {"fields", "field mmp, voxel (4, 7, 2): nan, must be finite", [field](World& w) { field(w, 1).value[234] = nan_; }},
      {"fields", "field mmp, voxel (4, 7, 2): -1e-300, must not be negative",
       [field](World& w) { field(w, 1).value[234] = -1e-300; }},
      {"fields", "field mmp: 479 values, but 480 voxels", [field](World& w) { field(w, 1).value.pop_back(); }},
  };
}

// "quantity: text" of what the rounds find. (One mistake may show in several ways: a wrong type is missing from the head
// count.)
std::set<std::string> seen_in(int rounds, const std::function<std::optional<Violation>(int)>& find) {
  std::set<std::string> seen;
  for (int round = 0; round < rounds; ++round)
    if (const auto violation = find(round)) seen.insert(violation->quantity + ": " + violation->text);
  return seen;
}

void check_all_modes(const Broken& broken) {
  CAPTURE(broken.text);
  World world = broken.before();
  broken.how(world);
  CHECK_FALSE(find_violation(world, Checks::Off, 0));
  const auto violation = find_violation(world, Checks::Full, 0);
  REQUIRE(violation);
  CHECK(violation->quantity == broken.quantity);
  CHECK(violation->text == broken.text);
  const std::string expected = broken.quantity + ": " + broken.text;
  CHECK(seen_in(16, [&](int round) { return find_violation(world, Checks::Cheap, 1000 + round); }).contains(expected));
  CHECK(seen_in(64, [&](int round) { return find_violation_at_end(world, round); }).contains(expected));
}

}  // namespace

TEST_CASE("good worlds have nothing to report") {
  World nobody = good_world();
  for_each_column(cells(nobody), [](const ColumnInfo&, auto& column) { column.clear(); });
  nobody.sites[0].ledger = {};
  World bare = good_world();
  bare.sites[0].matrix = {};
  bare.sites[0].fields.clear();
  World reversed = good_world();
  reverse_rows(reversed);
  World frozen = good_world();  // minus zero is zero, the ends belong to the box, and 1/3 three times is a trace of 1
  cells(frozen).x[3] = -0.0;
  cells(frozen).y[3] = 160;
  frozen.sites[0].fields[0].value[7] = -0.0;
  for (const World& world :
       {good_world(), planar_world(), periodic_world(), wells_world(), nobody, bare, reversed, frozen}) {
    for (const int threads : {1, 3}) {
      omp_set_num_threads(threads);
      const auto full = find_violation(world, Checks::Full, 0);
      CHECK_MESSAGE(!full, full->text);
      for (int round = -20; round < 64; ++round) {
        const auto cheap = find_violation(world, Checks::Cheap, round);
        CHECK_MESSAGE(!cheap, cheap->text);
        const auto at_end = find_violation_at_end(world, round);
        CHECK_MESSAGE(!at_end, at_end->text);
      }
    }
  }
}

TEST_CASE("what is wrong with a cell is named, by full checks at once and by cheap ones within 16 rounds") {
  for (const Broken& broken : broken_cells()) check_all_modes(broken);
}

TEST_CASE("what is wrong with clock, counts, lattices and ledgers is named") {
  for (const Broken& broken : broken_books()) check_all_modes(broken);
}

TEST_CASE("ledgers of fields close to 1e-12 of what was there, came and went, per thousand steps") {
  World world = good_world();
  Field& mmp = world.sites[0].fields[1];
  const double now = amount(world, mmp);
  const double size = now + mmp.amount_start + 1e5 + 2e4 + 3e4 + 1e4;
  for (double Field::*entry :
       {&Field::amount_start, &Field::secreted, &Field::taken_up, &Field::decayed, &Field::through_boundary}) {
    World off = world;
    Field& field = off.sites[0].fields[1];
    field.*entry += 0.5e-12 * size;
    CHECK_FALSE(find_violation(off, Checks::Full, 0));
    field.*entry += 2e-12 * size;
    const auto violation = find_violation(off, Checks::Full, 0);
    REQUIRE(violation);
    CHECK(violation->quantity == "fields");
    CHECK(violation->text.starts_with("field mmp: amount "));
    CHECK(violation->text.find(" but its ledger says ") != std::string::npos);
    int seen = 0;
    for (int round = 0; round < 16; ++round) seen += find_violation(off, Checks::Cheap, round) ? 1 : 0;
    CHECK(seen == 1);
    off.clock.tick = 4000;
    CHECK_FALSE(find_violation(off, Checks::Full, 0));
    field.*entry = nan_;
    REQUIRE(find_violation(off, Checks::Full, 0));
    CHECK(find_violation(off, Checks::Full, 0)->quantity == "fields");
  }
  mmp.decayed += 1000;
  CHECK(find_violation(world, Checks::Full, 0)->text == "field mmp: amount 1147200 but its ledger says 1146200");
}

TEST_CASE("every voxel has its round, and only one") {
  for (const std::size_t voxel : {0u, 15359u, 15360u, 30719u}) {
    World world = good_world();
    matrix(world).tissue[voxel] = 9;
    int cheap = 0, at_end = 0;
    for (int round = 0; round < 16; ++round) cheap += find_violation(world, Checks::Cheap, round) ? 1 : 0;
    for (int round = 0; round < 64; ++round) at_end += find_violation_at_end(world, round) ? 1 : 0;
    CHECK(cheap == 1);
    CHECK(at_end == 1);
  }
}

TEST_CASE("every voxel counts in a ledger, however many there are") {
  for (const int n : {1, 7, 8, 17, 18}) {  // 17^3 and 18^3: more than one block of 4096
    World world = good_world();
    Site& site = world.sites[0];
    site.fields.resize(1);
    site.factor_grid.shape = {n, n, n};
    Field& field = site.fields[0];
    field.value.assign(site.factor_grid.size(), 0.25);
    field.secreted = field.taken_up = field.decayed = field.through_boundary = 0;
    field.amount_start = 0.25 * n * n * n * 8000;
    CHECK_FALSE(find_violation(world, Checks::Full, 0));
    for (const std::size_t v : {std::size_t{0}, field.value.size() / 2, field.value.size() - 1}) {
      field.value[v] = 0.5;
      CHECK(find_violation(world, Checks::Full, 0));
      field.value[v] = 0.25;
    }
  }
}

TEST_CASE("the ledger of the matrix closes to 1e-12 per thousand steps") {
  World eaten = good_world();
  for (std::size_t v = 3000; v < 3010; ++v) matrix(eaten).density[v] = 1.5;  // 10 x 0.2 mg/ml x 125 um^3 that nobody booked
  CHECK(find_violation(eaten, Checks::Full, 0)->text.starts_with("matrix: holds 6521"));
  CHECK(seen_in(16, [&](int round) { return find_violation(eaten, Checks::Cheap, round); }).size() == 1);
  CHECK(seen_in(64, [&](int round) { return find_violation_at_end(eaten, round); }).size() == 1);
  for (double Matrix::*entry : {&Matrix::degraded_mg_um3, &Matrix::deposited_mg_um3}) {
    World world = good_world();
    matrix(world).*entry += 5e-6;  // of 1.3e7 in all: 4e-13
    CHECK_FALSE(find_violation(world, Checks::Full, 0));
    matrix(world).*entry += 5e-5;
    REQUIRE(find_violation(world, Checks::Full, 0));
    CHECK(find_violation(world, Checks::Full, 0)->text.starts_with("matrix: holds "));
  }
}

TEST_CASE("the lowest id and the lowest voxel are named, whatever the order of rows and the threads") {
  World world = good_world();
  for (const std::size_t row : {39, 12, 30}) cells(world).radius[row] = nan_;
  for (const std::size_t voxel : {30000u, 777u, 12345u}) matrix(world).density[voxel] = nan_;
  World reversed = world;
  reverse_rows(reversed);
  for (const int threads : {1, 2, 8}) {
    omp_set_num_threads(threads);
    for (World* w : {&world, &reversed})
      CHECK(find_violation(*w, Checks::Full, 0)->text == "cell 12: radius = nan um, must be finite");
    World lattice = good_world();
    matrix(lattice).density = matrix(world).density;
    CHECK(find_violation(lattice, Checks::Full, 0)->text == "matrix, voxel (17, 19, 0): density nan mg/ml, must be finite");
  }
}

TEST_CASE("several sites are told apart, and ids are unique among all of them") {
  World world = good_world();
  world.sites.push_back(good_world().sites[0]);
  world.sites[1].name = "lung";
  CHECK(find_violation(world, Checks::Full, 0)->text == "cell 0: the id of more than one cell");
  for (std::vector<std::int64_t>* column : {&world.sites[1].cells.id, &world.sites[1].cells.founder})
    for (std::int64_t& id : *column) id += 45;
  for (std::int64_t& parent : world.sites[1].cells.parent) parent += parent < 0 ? 0 : 45;
  world.next_id = 90;
  CHECK_FALSE(find_violation(world, Checks::Full, 0));
  world.sites[1].cells.radius[3] = -1;
  CHECK(find_violation(world, Checks::Full, 0)->text == "lung, cell 48: radius = -1 um, must be positive");
  world.sites[1].cells.radius[3] = 8;
  world.sites[1].matrix.tissue[0] = 99;
  CHECK(find_violation(world, Checks::Full, 0)->text ==
        "lung, matrix, voxel (0, 0, 0): tissue 99, must be one of the tissues");
}

TEST_CASE("after a process only what it wrote is looked at, and what is queued names cells that are there") {
  World world = good_world();
  world.sites[0].queues.births.push_back({12, row12, {1, 0, 0}, 7});
  world.sites[0].queues.departures.push_back({13, 13, Leaving::Anoikis});
  const std::vector<std::string_view> x{"x"}, y{"y"}, lattices{"matrix", "fields"}, nothing;
  for (const auto* written : {&x, &y, &lattices, &nothing}) CHECK_FALSE(find_violation_after(world, *written));
  {
    World off = world;
    cells(off).x[row12] = nan_;
    CHECK_FALSE(find_violation_after(off, y));
    CHECK_FALSE(find_violation_after(off, nothing));
    CHECK(find_violation_after(off, x)->text == "cell 12: x = nan um, must be finite");
  }
  {
    World off = world;
    matrix(off).tissue[1234] = 8;
    CHECK_FALSE(find_violation_after(off, x));
    CHECK(find_violation_after(off, lattices)->quantity == "matrix");
    off = world;
    off.sites[0].fields[0].value[234] = -1;
    CHECK_FALSE(find_violation_after(off, x));
    CHECK(find_violation_after(off, lattices)->quantity == "fields");
    off = world;
    off.sites[0].fields[0].secreted += 1;
    CHECK(find_violation_after(off, lattices)->text.starts_with("field oxygen: amount "));
  }
  const auto queued = [&](std::function<void(Queues&)> how) {
    World off = world;
    how(off.sites[0].queues);
    const auto violation = find_violation_after(off, nothing);
    REQUIRE(violation);
    CHECK(violation->quantity == "queues");
    return violation->text;
  };
  CHECK(queued([](Queues& q) { q.births[0].row = 13; }) == "cell 12: queued to divide, but not in row 13");
  CHECK(queued([](Queues& q) { q.births[0].row = 40; }) == "cell 12: queued to divide, but not in row 40");
  CHECK(queued([](Queues& q) { q.births[0].radius = 0; }) ==
        "cell 12: queued to divide into cells of radius 0 um, must be positive");
  CHECK(queued([](Queues& q) { q.births[0].radius = nan_; }) ==
        "cell 12: queued to divide into cells of radius nan um, must be finite");
  CHECK(queued([](Queues& q) { q.births[0].offset.z = nan_; }) ==
        "cell 12: queued to divide by an offset of nan um, must be finite");
  CHECK(queued([](Queues& q) { q.departures[0].row = 12; }) ==
        "cell 13: queued to leave, but not in row 12 or of no known cause");
  CHECK(queued([](Queues& q) { q.departures[0].cause = static_cast<Leaving>(8); }) ==
        "cell 13: queued to leave, but not in row 13 or of no known cause");
  World lost = world;
  lost.sites[0].ledger.births = 3;
  CHECK(find_violation_after(lost, nothing)->quantity == "head count");
}
