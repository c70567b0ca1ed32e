// The cells: one array per quantity. `id` is eternal, a row is not.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/foldable.h"
#include "base/vec3.h"
#include "model/signals.h"

namespace invado {

struct Population {
  // --- who ---
  std::vector<std::int64_t> id;       // unique, never reused
  Foldable<std::int64_t> parent;      // id of the mother, -1 for founders
  std::vector<std::int64_t> founder;  // id of the founder of the clone
  std::vector<std::uint8_t> type;     // index into World::types
  Foldable<std::uint8_t> origin;      // index of the population of the scenario that the founder belongs to
  Foldable<std::uint64_t> treated;    // bit p: perturbation p acts on this cell (decided once, inherited)
  // --- where and how it moves ---
  std::vector<double> x, y, z;                    // centre [um]
  std::vector<float> ux, uy, uz;                  // walk vector, unit root mean square
  std::vector<float> step_x, step_y, step_z;      // walk displacement that mechanics applies in this step [um] (derived)
  std::vector<float> vx, vy, vz;                  // displacement of the last motion step over its length [um/min]
  Foldable<float> speed_in_place;                 // rms speed in force at this place [um/h]
  Foldable<std::int32_t> wrap_x, wrap_y, wrap_z;  // periodic boundaries crossed, for unwrapped paths
  std::vector<double> start_x, start_y, start_z;  // founders: where they started [um]; offspring: where they were born
  std::vector<double> path_um;                    // length of the path since birth [um]
  // --- body ---
  std::vector<double> radius;               // [um]
  Foldable<float> speed_factor;             // lognormal factor of the lineage, mean 1
  std::vector<float> pressure;              // p of design.md 4, from mechanics
  std::vector<std::int32_t> neighbours;     // cells within reach 1.25 (Ri + Rj)
  Foldable<double> away_x, away_y, away_z;  // mean of the unit vectors away from the neighbours
  // --- life ---
  Foldable<double> born_min;                      // simulated time of birth; of founders, when they came [min]
  Foldable<double> cycle_min;                     // progress in the cell cycle [min] (fixed and erlang cycles)
  Foldable<double> cycle_length_min;              // drawn length of this cycle [min]; 0: exponential cycle
  Foldable<double> detached_min;                  // time without contact to matrix [min]
  Foldable<std::uint8_t> anchored;                // 1: matrix (rho >= 0.05 mg/ml) or solid tissue within reach
  std::vector<std::int32_t> anchored_neighbours;  // neighbours within reach that are anchored, from mechanics
  Foldable<float> ligand;                         // largest rho/rho_ref within reach; 0 = nothing to hold on to
  Foldable<float> pore_um2;                       // pore cross-section at the centre [um^2]
  Foldable<float> stiffness_kpa;                  // matrix stiffness at the centre [kPa]
  // --- way to other sites (model/cascade.h) ---
  Foldable<std::int64_t> group;     // clump in the blood, colony in an organ: id of its first cell; -1 in a tumour
  Foldable<double> weight;          // what the cell stands for; 1 unless it was split
  Foldable<double> arrived_min;     // simulated time when it entered the blood, or lodged [min]
  Foldable<std::uint8_t> lodged;    // in the blood: 1 + index of the site in whose capillaries it sticks; 0 circulates
  Foldable<std::uint8_t> dormancy;  // Dormancy
  // --- signalling ---
  std::array<Foldable<double>, state_count> state;         // the 16 states
  std::array<Foldable<double>, 3> extrinsic;               // log factors on pi3k_input, runx2_competence, vimentin_synthesis
  std::array<Foldable<float>, derived_count> derived;      // follow from states and doses
  std::array<Foldable<float>, phenotype_count> phenotype;  // from the response table

  [[nodiscard]] std::size_t size() const { return id.size(); }
  [[nodiscard]] Vec3 position(std::size_t row) const { return {x[row], y[row], z[row]}; }
};

}  // namespace invado
