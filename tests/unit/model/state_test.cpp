// Nothing of the state is forgotten: every number of a World, filled with a pattern of its own, comes back from a checkpoint
// to the same bits, and what decides the future is in the digest.
//
// The walk over the World is written here once more, independently of model/state.h and model/columns.h: with structured
// bindings that name every member, so that a new member does not compile until somebody says here what it is.
// Planted mistakes seen to fail (failed checks of 1400): ligand left out of columns.h (5), path_um called Derived (4); in
// state.h births of the ledger (4), next_id (2), fibre.yz (4), events (1), the second site (120) not visited, taken_up a
// report (4); -0 made 0 when a list is read (53); first_tick not remembered by FounderTracks (1); another vector in
// Observables (1).
#include "model/state.h"

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "../io/made_up_world.h"
#include "analysis/msd.h"
#include "analysis/observables.h"
#include "io/checkpoint.h"
#include "model/digest.h"

namespace fs = std::filesystem;
using namespace invado;

namespace {

// What becomes of a member.
enum class Fate {
  Decides,   // state, in the digest
  Reported,  // state, not in the digest
  Remade,    // of the cells: as many zeros as there are rows
};

template <class Population, class Visit>
void walk_cells(const std::string& at, Population& cells, Visit&& visit) {
  auto& [id, parent, founder, type, origin, treated, x, y, z, ux, uy, uz, step_x, step_y, step_z, vx, vy, vz, speed_in_place,
         wrap_x, wrap_y, wrap_z, start_x, start_y, start_z, path_um, radius, speed_factor, pressure, neighbours, away_x,
         away_y, away_z, born_min, cycle_min, cycle_length_min, detached_min, anchored, anchored_neighbours, ligand,
         pore_um2, stiffness_kpa, group, weight, arrived_min, lodged, dormancy, state, extrinsic, derived, phenotype] =
      cells;
  visit(at + "id", Fate::Decides, id);
  visit(at + "parent", Fate::Decides, parent);
  visit(at + "founder", Fate::Decides, founder);
  visit(at + "type", Fate::Decides, type);
  visit(at + "origin", Fate::Decides, origin);
  visit(at + "treated", Fate::Decides, treated);
  visit(at + "x", Fate::Decides, x);
  visit(at + "y", Fate::Decides, y);
  visit(at + "z", Fate::Decides, z);
  visit(at + "ux", Fate::Decides, ux);
  visit(at + "uy", Fate::Decides, uy);
  visit(at + "uz", Fate::Decides, uz);
  visit(at + "step_x", Fate::Remade, step_x);
  visit(at + "step_y", Fate::Remade, step_y);
  visit(at + "step_z", Fate::Remade, step_z);
  visit(at + "vx", Fate::Decides, vx);
  visit(at + "vy", Fate::Decides, vy);
  visit(at + "vz", Fate::Decides, vz);
  visit(at + "speed_in_place", Fate::Decides, speed_in_place);
  visit(at + "wrap_x", Fate::Decides, wrap_x);
  visit(at + "wrap_y", Fate::Decides, wrap_y);
  visit(at + "wrap_z", Fate::Decides, wrap_z);
  visit(at + "start_x", Fate::Decides, start_x);
  visit(at + "start_y", Fate::Decides, start_y);
  visit(at + "start_z", Fate::Decides, start_z);
  visit(at + "path_um", Fate::Decides, path_um);
  visit(at + "radius", Fate::Decides, radius);
  visit(at + "speed_factor", Fate::Decides, speed_factor);
  visit(at + "pressure", Fate::Decides, pressure);
  visit(at + "neighbours", Fate::Decides, neighbours);
  visit(at + "away_x", Fate::Decides, away_x);
  visit(at + "away_y", Fate::Decides, away_y);
  visit(at + "away_z", Fate::Decides, away_z);
  visit(at + "born_min", Fate::Decides, born_min);
  visit(at + "cycle_min", Fate::Decides, cycle_min);
  visit(at + "cycle_length_min", Fate::Decides, cycle_length_min);
  visit(at + "detached_min", Fate::Decides, detached_min);
  visit(at + "anchored", Fate::Decides, anchored);
  visit(at + "anchored_neighbours", Fate::Decides, anchored_neighbours);
  visit(at + "ligand", Fate::Decides, ligand);
  visit(at + "pore_um2", Fate::Decides, pore_um2);
  visit(at + "stiffness_kpa", Fate::Decides, stiffness_kpa);
  visit(at + "group", Fate::Decides, group);
  visit(at + "weight", Fate::Decides, weight);
  visit(at + "arrived_min", Fate::Decides, arrived_min);
  visit(at + "lodged", Fate::Decides, lodged);
  visit(at + "dormancy", Fate::Decides, dormancy);
  const auto several = [&](const std::string& name, auto& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) visit(at + name + "." + std::to_string(i), Fate::Decides, columns[i]);
  };
  several("state", state);
  several("extrinsic", extrinsic);
  several("derived", derived);
  several("phenotype", phenotype);
}

template <class Matrix, class Visit>
void walk_matrix(const std::string& at, Matrix& matrix, Visit&& visit) {
  [[maybe_unused]] auto& [grid, law, density, density_start, crosslinking, tissue, fibre, tissues, crosslinked, degraded,
                          deposited] = matrix;
  visit(at + "density", Fate::Decides, density);
  visit(at + "density_start", Fate::Decides, density_start);
  visit(at + "crosslinking", Fate::Decides, crosslinking);
  visit(at + "tissue", Fate::Decides, tissue);
  visit(at + "fibre", Fate::Decides, fibre);
  visit(at + "degraded", Fate::Decides, degraded);
  visit(at + "deposited", Fate::Decides, deposited);
}

template <class Field, class Visit>
void walk_field(const std::string& at, Field& field, Visit&& visit) {
  [[maybe_unused]] auto& [name, is_pressure, diffusion, decay, initial, frozen, gradient_axis, gradient_low, gradient_high,
                          face, periodic, solver, value, amount_start, secreted, taken_up, decayed, through_boundary] =
      field;
  visit(at + "value", Fate::Decides, value);
  visit(at + "amount_start", Fate::Decides, amount_start);
  visit(at + "secreted", Fate::Decides, secreted);
  visit(at + "taken_up", Fate::Decides, taken_up);
  visit(at + "decayed", Fate::Decides, decayed);
  visit(at + "through_boundary", Fate::Decides, through_boundary);
}

template <class Vessels, class Visit>
void walk_vessels(const std::string& at, Vessels& vessels, Visit&& visit) {
  [[maybe_unused]] auto& [names, wall, oxygen, perfusion, segments, tips, sprouts] = vessels;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const std::string of = at + "segment" + std::to_string(s) + ".";
    auto& [from, to, radius, laid_min, vessel] = segments[s];
    visit(of + "from_x", Fate::Decides, from.x);
    visit(of + "from_y", Fate::Decides, from.y);
    visit(of + "from_z", Fate::Decides, from.z);
    visit(of + "to_x", Fate::Decides, to.x);
    visit(of + "to_y", Fate::Decides, to.y);
    visit(of + "to_z", Fate::Decides, to.z);
    visit(of + "radius", Fate::Decides, radius);
    visit(of + "laid_min", Fate::Decides, laid_min);
    visit(of + "vessel", Fate::Decides, vessel);
  }
  for (std::size_t t = 0; t < tips.size(); ++t) {
    const std::string of = at + "tip" + std::to_string(t) + ".";
    auto& [place, heading, radius, vessel, number] = tips[t];
    visit(of + "x", Fate::Decides, place.x);
    visit(of + "y", Fate::Decides, place.y);
    visit(of + "z", Fate::Decides, place.z);
    visit(of + "heading_x", Fate::Decides, heading.x);
    visit(of + "heading_y", Fate::Decides, heading.y);
    visit(of + "heading_z", Fate::Decides, heading.z);
    visit(of + "radius", Fate::Decides, radius);
    visit(of + "vessel", Fate::Decides, vessel);
    visit(of + "number", Fate::Decides, number);
  }
  visit(at + "sprouts", Fate::Decides, sprouts);
}

template <class Site, class Visit>
void walk_site(const std::string& at, Site& site, Visit&& visit) {
  [[maybe_unused]] auto& [name, compartment, domain, cells, matrix, factor_grid, fields, vessels, organ, start_region,
                          queues, ledger, events, revision, ready_for] = site;
  walk_vessels(at + "vessels.", vessels, visit);
  walk_cells(at + "cells.", cells, visit);
  walk_matrix(at + "matrix.", matrix, visit);
  for (std::size_t f = 0; f < fields.size(); ++f) walk_field(at + "field" + std::to_string(f) + ".", fields[f], visit);
  auto& [founders, births, arrivals, departures, stages, entered_together, types] = ledger;
  visit(at + "ledger.founders", Fate::Decides, founders);
  visit(at + "ledger.births", Fate::Decides, births);
  visit(at + "ledger.arrivals", Fate::Decides, arrivals);
  for (std::size_t i = 0; i < stages.size(); ++i)
    visit(at + "ledger.stages." + std::to_string(i), Fate::Reported, stages[i]);
  visit(at + "ledger.entered_together", Fate::Reported, entered_together);
  for (std::size_t i = 0; i < departures.size(); ++i)
    visit(at + "ledger.departures." + std::to_string(i), Fate::Decides, departures[i]);
  for (std::size_t t = 0; t < types.size(); ++t) {
    const std::string of = at + "ledger.type" + std::to_string(t) + ".";
    auto& [type_founders, type_births, type_departures, type_arrivals] = types[t];
    visit(of + "arrivals", Fate::Reported, type_arrivals);
    visit(of + "founders", Fate::Reported, type_founders);
    visit(of + "births", Fate::Reported, type_births);
    for (std::size_t i = 0; i < type_departures.size(); ++i)
      visit(of + "departures." + std::to_string(i), Fate::Reported, type_departures[i]);
  }
  for (std::size_t e = 0; e < events.size(); ++e) {
    const std::string of = at + "event" + std::to_string(e) + ".";
    auto& [time_min, id, parent, kind, position] = events[e];
    visit(of + "time_min", Fate::Reported, time_min);
    visit(of + "id", Fate::Reported, id);
    visit(of + "parent", Fate::Reported, parent);
    visit(of + "kind", Fate::Reported, kind);
    visit(of + "x", Fate::Reported, position.x);
    visit(of + "y", Fate::Reported, position.y);
    visit(of + "z", Fate::Reported, position.z);
  }
}

template <class World, class Visit>
void walk(World& world, Visit&& visit) {
  [[maybe_unused]] auto& [types, populations, perturbations, wells, read_out, seed, sites, blood_stream, clock, next_id,
                          newcomers, stage_records, diagnostics] = world;
  auto& [seed_value] = seed;
  auto& [tick_us, tick] = clock;
  auto& [substeps, transport_error] = diagnostics;
  visit("seed", Fate::Decides, seed_value);
  visit("tick_us", Fate::Decides, tick_us);
  visit("tick", Fate::Decides, tick);
  visit("next_id", Fate::Decides, next_id);
  for (std::size_t r = 0; r < stage_records.size(); ++r) {
    const std::string of = "stage_record" + std::to_string(r) + ".";
    auto& [time_min, stage, site, id, group, founder, parent, weight, pakt, stability, runx2, ecadherin, mmp, bone] =
        stage_records[r];
    visit(of + "time_min", Fate::Reported, time_min);
    visit(of + "stage", Fate::Reported, stage);
    visit(of + "site", Fate::Reported, site);
    visit(of + "id", Fate::Reported, id);
    visit(of + "group", Fate::Reported, group);
    visit(of + "founder", Fate::Reported, founder);
    visit(of + "parent", Fate::Reported, parent);
    visit(of + "weight", Fate::Reported, weight);
    visit(of + "pakt", Fate::Reported, pakt);
    visit(of + "vimentin_stability", Fate::Reported, stability);
    visit(of + "runx2_activity", Fate::Reported, runx2);
    visit(of + "ecadherin", Fate::Reported, ecadherin);
    visit(of + "mmp_expression", Fate::Reported, mmp);
    visit(of + "bone_programme", Fate::Reported, bone);
  }
  visit("mechanics_substeps", Fate::Reported, substeps);
  visit("transport_error", Fate::Reported, transport_error);
  for (std::size_t s = 0; s < sites.size(); ++s) walk_site("site" + std::to_string(s) + ".", sites[s], visit);
}

// Numbers that never repeat, with those among them that careless code changes: -0, subnormals, NaN with a payload,
// infinities, integers beyond 2^53 and 2^63.
class Pattern {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void fill(T& value) {
    const std::uint64_t n = ++count_;
    // Odd multiples: all different, all bits in use.
    const std::uint64_t bits = n * 0x9e3779b97f4a7c15u;
    if constexpr (std::is_same_v<T, double>)
      value = std::bit_cast<double>(special(n, bits, 63, 52));
    else if constexpr (std::is_same_v<T, float>)
      value = std::bit_cast<float>(static_cast<std::uint32_t>(special(n, bits >> 32, 31, 23)));
    else
      std::memcpy(&value, &bits, sizeof value);
  }
  template <class T, std::size_t n>
  void fill(std::array<T, n>& values) {
    for (T& value : values) fill(value);
  }
  template <class T>
  void fill(std::vector<T>& values) {
    for (T& value : values) fill(value);
  }
  template <class T>
  void fill(Foldable<T>& values) {
    for (T& value : values) fill(value);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  // Sign at bit `top`, exponent above bit `mantissa`.
  static std::uint64_t special(std::uint64_t n, std::uint64_t bits, int top, int mantissa) {
    const std::uint64_t sign = std::uint64_t{1} << top, low = (std::uint64_t{1} << mantissa) - 1, exponent = sign - 1 - low;
    switch (n % 6) {
      case 0: return n % 5 == 0 ? sign : (bits & low) | 1;  // -0, or a subnormal
      case 1: return exponent | (bits & low) | 1;           // NaN, signalling or quiet, with a payload
      case 2: return n % 5 == 0 ? exponent | sign : bits & (sign | low | exponent);
      default: return (bits & (sign | low)) | ((exponent >> 1) & exponent);  // about 1
    }
  }
  std::uint64_t count_ = 0;
};

template <class T>
requires std::is_arithmetic_v<T> std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
template <class T>
std::string bytes_of(const Foldable<T>& values) {
  std::string bytes;
  for (const T& value : values) bytes += bytes_of(value);
  return bytes;
}

// Two sites that differ in everything that can differ; no cells in them, values zero.
World empty_world() {
  World world;
  world.types.resize(3);
  world.seed = Seed{18446744073709551557u};
  world.clock.tick_us = 30000000;
  world.sites.resize(2);
  for (std::size_t s = 0; s < 2; ++s) {
    Site& site = world.sites[s];
    site.name = s == 0 ? "primary" : "lung";
    site.domain.size = {100, 100, 100};
    const int extra = static_cast<int>(s);
    site.matrix.grid = {{3 + extra, 2, 2}, {10, 10, 10}};
    const std::size_t voxels = site.matrix.grid.size();
    site.matrix.density.resize(voxels);
    site.matrix.density_start.resize(voxels);
    site.matrix.crosslinking.resize(voxels);
    site.matrix.tissue.resize(voxels);
    site.matrix.fibre.resize(voxels);
    site.factor_grid = {{2, 2, 1 + extra}, {20, 20, 20}};
    site.fields.resize(2);
    site.fields[0].name = "egf";
    site.fields[1].name = "oxygen";
    for (Field& field : site.fields) field.value.resize(site.factor_grid.size());
  }
  return world;
}

World filled_world(Pattern& pattern) {
  World world = empty_world();
  for (std::size_t s = 0; s < 2; ++s) {
    walk_cells("", world.sites[s].cells, [&](const std::string&, Fate, auto& column) { column.resize(7 - 2 * s); });
    world.sites[s].ledger.types.resize(3 - s);
    world.sites[s].events.resize(2 + s);
    world.sites[s].vessels.segments.resize(1 + s);
    world.sites[s].vessels.tips.resize(2 - s);
  }
  world.stage_records.resize(2);
  const World was = world;
  walk(world, [&](const std::string&, Fate, auto& value) { pattern.fill(value); });
  world.seed = was.seed;  // compared with the scenario's by read_state
  world.clock = was.clock;
  world.clock.tick = 123456789;
  return world;
}

}  // namespace

TEST_CASE("every number of a World comes back from a checkpoint to the same bits") {
  const test::ScratchFolder folder;
  const fs::path file = folder.path() / "a.ckpt";
  Pattern pattern;
  const World saved = filled_world(pattern);
  CheckpointWriter writer;
  add_state(writer, saved);
  writer.write(file);

  World loaded = empty_world();
  CheckpointReader reader(file);
  read_state(reader, loaded);
  reader.expect_all_read();

  std::map<std::string, std::string> wanted;
  walk(saved, [&]<class T>(const std::string& name, Fate fate, const T& value) {
    std::string bytes = bytes_of(value);
    if (fate == Fate::Remade) bytes.assign(bytes.size(), '\0');
    CHECK(wanted.emplace(name, bytes).second);
  });
  std::size_t compared = 0;
  walk(loaded, [&](const std::string& name, Fate, const auto& value) {
    CHECK_MESSAGE((bytes_of(value) == wanted[name]), name);
    ++compared;
  });
  CHECK(compared == wanted.size());
  CHECK(digest(loaded) == digest(saved));
  MESSAGE(compared, " members, ", pattern.count(), " numbers");

  // What came back, saved once more, is the same file.
  CheckpointWriter again;
  add_state(again, loaded);
  again.write(folder.path() / "b.ckpt");
  CHECK((test::bytes_of(folder.path() / "b.ckpt") == test::bytes_of(file)));
}

TEST_CASE("a changed bit of what decides the future changes the digest, one of a report does not") {
  Pattern pattern;
  World world = filled_world(pattern);
  const std::string before = digest(world);
  std::size_t members = 0;
  walk(world, [&]<class T>(const std::string& name, Fate fate, T& value) {
    char* byte = nullptr;
    if constexpr (std::is_arithmetic_v<T>)
      byte = reinterpret_cast<char*>(&value);
    else
      byte = reinterpret_cast<char*>(&value[value.size() - 1]);
    *byte = static_cast<char>(*byte ^ 1);
    CHECK_MESSAGE((digest(world) != before) == (fate == Fate::Decides), name);
    *byte = static_cast<char>(*byte ^ 1);
    ++members;
  });
  CHECK(digest(world) == before);
  CHECK(members > 250);
}

TEST_CASE("the list of columns has every column once, and every entry of the state its own name") {
  Population cells;
  std::set<const void*> listed;
  std::set<std::string_view> names;
  std::size_t bytes = 0;
  for_each_column(cells, [&](const ColumnInfo& info, auto& column) {
    bytes += sizeof column;
    CHECK(listed.insert(&column).second);
    CHECK_MESSAGE(names.insert(info.name).second, info.name);
  });
  // Population holds columns only: their number follows from its size, whoever wrote the list.
  CHECK(bytes == sizeof(Population));

  World world = empty_world();
  std::set<std::string> entries;
  for_each_state(world, [&](const StateInfo& info, auto&) { CHECK_MESSAGE(entries.insert(info.name).second, info.name); });
}

TEST_CASE("what tracks and curves remember is saved as a whole, and they go on as if nothing had been") {
  const test::ScratchFolder folder;
  std::size_t bytes = 0;
  FounderTracks tracks;
  FounderTracks::for_each_memory(tracks, [&](const std::string&, auto& value) { bytes += sizeof value; });
  CHECK(bytes + sizeof(std::size_t) == sizeof(FounderTracks));  // all but the limit, which is given to the constructor
  const World world = test::made_up_world({});
  Observables curves(world);
  bytes = 0;
  Observables::for_each_memory(curves, [&](const std::string&, auto& value) { bytes += sizeof value; });
  // All but the columns and regions, which follow from the World.
  CHECK(bytes + sizeof(std::vector<Observable>) + sizeof(std::vector<StartRegion>) == sizeof(Observables));

  // Twelve frames and samples at one stretch, and interrupted after the fifth.
  const auto at = [](std::int64_t n) {
    World w = test::made_up_world({.cells = static_cast<std::size_t>(40 + n), .tick = 10 * (n + 2)});
    for (std::size_t row = 0; row < w.sites[0].cells.size(); ++row) {
      w.sites[0].cells.x[row] = 10 + 0.7 * static_cast<double>((static_cast<std::int64_t>(row) * (n + 3)) % 17);
      w.sites[0].cells.wrap_x[row] = static_cast<std::int32_t>(n % 2);
    }
    if (n > 3) w.sites[0].cells.parent[3] = 1;  // a founder less to follow: its track ends
    if (n > 6) w.sites[0].cells.id[2] = 1000 + n;
    return w;
  };
  FounderTracks interrupted;
  Observables interrupted_curves(world);
  for (std::int64_t n = 0; n < 12; ++n) {
    if (n == 5) {
      CheckpointWriter writer;
      const auto add = [&](const std::string& name, const auto& value) { writer.add(name, value); };
      FounderTracks::for_each_memory(interrupted, add);
      Observables::for_each_memory(interrupted_curves, add);
      writer.write(folder.path() / "a.ckpt");
      interrupted = FounderTracks();
      interrupted_curves = Observables(world);
      CheckpointReader reader(folder.path() / "a.ckpt");
      const auto read = [&](const std::string& name, auto& value) { reader.read(name, value); };
      FounderTracks::for_each_memory(interrupted, read);
      Observables::for_each_memory(interrupted_curves, read);
      reader.expect_all_read();
      CHECK(interrupted.consistent());
      CHECK(interrupted_curves.consistent());
    }
    tracks.add_frame(at(n));
    interrupted.add_frame(at(n));
    const std::vector<double> a = curves.sample(at(n)), b = interrupted_curves.sample(at(n));
    CHECK((bytes_of(a) == bytes_of(b)));
  }
  const std::vector<MsdPoint> a = tracks.msd(), b = interrupted.msd();
  REQUIRE(a.size() == 6);
  REQUIRE(b.size() == a.size());
  CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(MsdPoint)) == 0);
}
