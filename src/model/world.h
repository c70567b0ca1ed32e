// What exists: sites with cells, matrix and soluble factors, and the clock. Everything that lasts longer than one call
// of a process is in here, so a checkpoint is World + clock + resolved scenario and nothing else.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/cascade.h"
#include "model/fields.h"
#include "model/matrix.h"
#include "model/perturbation.h"
#include "model/population.h"
#include "model/queues.h"
#include "model/vessels.h"

namespace invado {

enum class Boundary { Closed, Periodic, Open };

// The box [0, size] and what happens to cells at its faces.
struct Domain {
  Vec3 size{0, 0, 0};  // [um]; zero: no space (assay wells)
  std::array<Boundary, 3> boundary{Boundary::Closed, Boundary::Closed, Boundary::Closed};
  bool planar = false;  // one factor voxel thick in z: cells stay in their plane, the walk has two dimensions

  [[nodiscard]] bool spaceless() const { return size.x <= 0; }
  [[nodiscard]] std::array<bool, 3> periodic() const {
    return {boundary[0] == Boundary::Periodic, boundary[1] == Boundary::Periodic, boundary[2] == Boundary::Periodic};
  }
};

// The initial region of the cells, from which invasion depth is measured (union of the `place` shapes).
// Depth of a point: distance outside the region along its natural direction, 0 inside.
struct Region {
  enum class Kind { Sphere, Shell, Cylinder, Box, Slab, Points };
  Kind kind = Kind::Sphere;
  Vec3 centre;               // sphere, shell, cylinder [um]
  double radius = 0;         // outer radius [um]
  double inner_radius = 0;   // shell
  int axis = 2;              // cylinder, slab
  double from = 0, to = 0;   // slab, cylinder: extent along the axis [um]
  Vec3 low, high;            // box; bounding box of points
  std::vector<Vec3> points;  // points: the region is their convex hull; when empty, the bounding box stands for it
};

// Names and constants of a cell type that more than one room needs.
struct CellType {
  std::string name;
  bool signalling = true;         // `signalling: off`: responses have only their base
  bool starts_high = false;       // branch at the start
  double radius = 8.4;            // [um]
  double nucleus_radius = 4.72;   // [um]
  bool turns_away = true;         // the walk looks at the direction away from the neighbours
  double division_reference = 1;  // G0: division law of the response at the type's noise-free steady state
  double division_unit_1_h = 1;   // what one unit of the division law is worth: (ln2/doubling)/G0, from division [1/h]
  // Noise-free steady state of the type and its branch, without perturbations and soluble factors; 0 when off.
  std::array<double, state_count> steady_state{};
  std::array<double, derived_count> steady_derived{};
};

// A population of the scenario: which type, and what overrides its start.
struct PopulationInfo {
  std::string name;
  std::uint8_t type = 0;
  double high_fraction = -1;  // share that starts on the high branch; negative: as the type says
};

// Why the population of a site changed, since t = 0.
struct Ledger {
  std::int64_t founders = 0;
  std::int64_t births = 0;
  std::int64_t arrivals = 0;  // from other sites, copies included
  std::array<std::int64_t, leaving_count> departures{};
  std::array<double, stage_count> stages{};  // what happened here on the way to other sites, in weights
  double entered_together = 0;               // of the intravasated: those who went in clumps of two and more
  // The same per cell type. Grows at the first founder or event of a type.
  struct OfType {
    std::int64_t founders = 0;
    std::int64_t births = 0;
    std::array<std::int64_t, leaving_count> departures{};
    std::int64_t arrivals = 0;
  };
  std::vector<OfType> types;

  OfType& of_type(std::uint8_t type) {
    if (types.size() <= type) types.resize(std::size_t{type} + 1);
    return types[type];
  }
};

struct Site {
  std::string name = "primary";
  Compartment compartment = Compartment::Tissue;
  Domain domain;
  Population cells;
  Matrix matrix;
  Grid3 factor_grid;
  std::vector<Field> fields;
  Vessels vessels;
  Organ organ;  // secondary sites
  std::vector<Region> start_region;
  Queues queues;
  Ledger ledger;
  std::vector<Event> events;  // since the last snapshot
  // Stamp of the cells: no two contents of `cells` that any stepper of this program made have the same one.
  // What a process worked out from the cells holds as long as the stamp does. 0: nobody keeps count.
  std::uint64_t revision = 0;
  // The stepper for which `cells` were made ready to be written by threads; 0: none.
  std::uint64_t ready_for = 0;
};

// Reports that processes make to the run's log and to observers; never feed back into the physics. Threads that step
// different sites make them at once.
struct Diagnostics {
  std::int64_t mechanics_substeps = 0;  // extra sub-steps taken since t = 0
  double transport_error = 0;           // largest relative splitting-error estimate of a transient solve

  void count_substep() { std::atomic_ref(mechanics_substeps).fetch_add(1, std::memory_order_relaxed); }
  void note_transport_error(double error) {
    std::atomic_ref largest(transport_error);
    for (double before = largest; error > before && !largest.compare_exchange_weak(before, error);) {
    }
  }
};

struct Clock {
  std::int64_t tick_us = 0;  // length of a tick [microseconds of simulated time]
  std::int64_t tick = 0;     // ticks done

  [[nodiscard]] double minutes(std::int64_t at_tick) const {
    return static_cast<double>(at_tick) * static_cast<double>(tick_us) / 60e6;
  }
  [[nodiscard]] double time_min() const { return minutes(tick); }
  [[nodiscard]] double time_h() const { return static_cast<double>(tick) * static_cast<double>(tick_us) / 3600e6; }
};

// Founders that come while the run goes on, in the order in which they come: rows that know who and where they are, while
// processes fill the rest when they come. Follows from the scenario alone, so that no checkpoint keeps it.
struct Newcomers {
  std::vector<std::int64_t> tick;  // when each comes, ascending: it is there from the end of that many ticks on
  std::vector<std::size_t> site;   // index of the site where each comes
  Population cells;
};

// What an assay is read by, beside the observables of every run.
enum class ReadOut : std::uint8_t {
  None,
  Transwell,  // `invaded`: cells below the membrane
  Monolayer,  // `wound_um`: how wide the wound still is
};

struct World {
  std::vector<CellType> types;
  std::vector<PopulationInfo> populations;
  std::vector<Perturbation> perturbations;
  bool wells = false;  // assay: wells: signalling only
  ReadOut read_out = ReadOut::None;
  Seed seed;
  std::vector<Site> sites;  // the tumour, the organs, and last the blood where there is one
  BloodStream blood_stream;
  Clock clock;
  std::int64_t next_id = 0;
  Newcomers newcomers;
  std::vector<StageRecord> stage_records;  // since they were last told
  Diagnostics diagnostics;
};

// Which of the sites of `world` it is.
[[nodiscard]] inline std::size_t index_of(const World& world, const Site& site) {
  return static_cast<std::size_t>(&site - world.sites.data());
}

// Index of the blood among the sites; their number where there is none.
[[nodiscard]] inline std::size_t blood_of(const World& world) {
  const std::size_t last = world.sites.size();
  return last > 0 && world.sites.back().compartment == Compartment::Blood ? last - 1 : last;
}

}  // namespace invado
