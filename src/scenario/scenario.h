// The typed result of reading a scenario: everything that a run needs, checked, and where each value came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/schedule.h"
#include "model/world.h"

namespace invado {

// When and what to write. Times in microseconds of simulated time, whole multiples of the tick; 0 = never.
struct OutputPlan {
  std::int64_t series_us = 0;
  std::int64_t snapshots_us = 0;
  std::int64_t tracks_us = 0;
  std::int64_t checkpoints_us = 0;
  double checkpoint_wall_s = 0;  // the same by the clock on the wall [s]
  bool all_arrays = true;
  std::vector<std::string> arrays;  // names of lattice and field arrays kept in snapshots, when not all
};

// Where founders are put: one shape of `place`.
struct Placement {
  Region region;                     // sphere, shell, box, slab, cylinder
  std::vector<Vec3> points;          // explicit positions (points file)
  std::vector<double> point_radius;  // per point; empty: radius of the type
  std::vector<int> point_type;       // per point, index of type; empty: type of the population
};

struct FounderPopulation {
  std::string name;
  std::uint8_t type = 0;
  std::int64_t count = 0;  // each time
  std::size_t site = 0;    // index into World::sites
  Placement place;
  std::vector<std::int64_t> ticks{0};  // when that many come, ascending

  [[nodiscard]] std::int64_t at_start() const { return ticks.front() == 0 ? count : 0; }
  [[nodiscard]] std::int64_t later() const { return total() - at_start(); }
  [[nodiscard]] std::int64_t total() const { return count * static_cast<std::int64_t>(ticks.size()); }
};

// A file that the resolved copy names, by this relative path: a table of points as it was read, or the pixels of a picture.
// A run folder keeps it beside `scenario.resolved.yaml`, so that the folder needs no other file to run again.
struct ScenarioInput {
  std::string name;  // inputs/points_<population>.csv, inputs/matrix_image.nrrd: letters, digits, _ - . only
  std::string text;
};

struct Scenario {
  std::string name;
  std::string about;
  std::filesystem::path path;
  std::string text;           // the file as read
  std::string resolved_yaml;  // every value in force, with its source as a comment
  std::string run_id;         // content hash (32 hex) of resolved values and seed
  std::int64_t duration_us = 0;
  std::int64_t tick_us = 0;
  World world;        // types, perturbations, sites with lattice and fields ready; no cells yet
  Schedule schedule;  // processes configured, cadences set
  OutputPlan output;
  std::vector<FounderPopulation> founders;
  std::vector<ScenarioInput> inputs;  // files that resolved_yaml names, to be written beside it
  std::string assay;                  // kind of the ready-made experiment; empty: none
  std::vector<std::string> warnings;  // complete lines for the user
};

struct LoadOptions {
  std::vector<std::string> set;                   // `path=value`, in order
  std::optional<std::uint64_t> seed;              // --seed
  std::vector<std::filesystem::path> allow_dirs;  // --allow-dir
  bool json_errors = false;
  std::optional<std::uint64_t> memory_bytes;  // --memory; else 80 % of what the machine has
};

// Read, merge, check. Throws ConfigError with all problems of the file (exit 64; 65 when only a table of points is wrong, 66
// when only a file that it names is missing, 71 when it cannot fit into memory), or IoError (66, 77) when the file cannot be
// read.
[[nodiscard]] Scenario load_scenario(const std::filesystem::path& file, const LoadOptions& options = {});

// Put the founders of t = 0 into their sites of the world (positions, ids, types; walk start is the processes' business),
// and those that come later among its newcomers.
void place_founders(const Scenario& scenario, World& world);

// Only the newcomers: what a checkpoint does not keep.
void expect_newcomers(const Scenario& scenario, World& world);

// JSON schema (draft-07) of the scenario language, and the table of all parameters (key, unit, range, default, meaning,
// source) as tab-separated lines.
[[nodiscard]] std::string scenario_schema_json();
[[nodiscard]] std::string parameter_table();

}  // namespace invado
