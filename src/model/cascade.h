// The way of a cell from one site to another: out of a tumour, through the blood, into an organ (biology.md 6).
//
// The blood is a site without space: its cells have signals and no place. A cell there either circulates or is lodged in
// the capillaries of an organ. Cells that were split carry a weight: what they stand for, in cells of the beginning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace invado {

enum class Compartment : std::uint8_t { Tissue, Blood };

// What a cell of a metastasis does (column `dormancy`).
enum class Dormancy : std::uint8_t {
  None = 0,     // divides as its type does
  Waiting = 1,  // has arrived in an organ, and has not yet begun
  Dormant = 2,  // has not begun, and may wake
};

// What happens to a cell on its way, each counted in weights (Ledger::stages) and told in cascade.csv.
enum class Stage : std::uint8_t { Intravasated, Lodged, Extravasated, Initiated, Dormant, Woken };
inline constexpr std::size_t stage_count = 6;
inline constexpr std::array<std::string_view, stage_count> stage_words{"intravasated", "lodged",  "extravasated",
                                                                       "initiated",    "dormant", "woken"};

// An organ, as the blood and those that arrive see it.
struct Organ {
  double lodging = 0;         // chance that a cell of the reference radius lodges when it passes
  double permeability = 1;    // of its capillaries: factor on the rate of extravasation
  double affinity = 0;        // b: the bone programme W multiplies the chance to begin by 1 + b W
  double progression = 0.01;  // chance of what has begun to become a macrometastasis, beyond this piece of the organ
};

// The blood stream: constants of the scenario's section `circulation`.
struct BloodStream {
  double shear_death_1_h = 0.15;
  double immune_death_1_h = 0.10;
  double platelets = 0;            // share of the immune killing that they prevent
  double passages_1_h = 0.1;       // passages through the capillaries that can end in lodging
  double reference_radius = 8.4;   // radius at which the chances of lodging hold [um]
  double cluster_protection = 1;   // hazards of a cell in a clump of n are n^-this
  double bed_death = 0.5;          // hazard of the lodged, in shares of their anoikis rate
  double bed_death_min = 72 * 60;  // for so long after lodging [min]
  std::int64_t split_in = 1;       // copies that a cell becomes when it enters the blood
  std::int64_t split_out = 1;      // ... when it leaves it

  // Deaths by immune cells that platelets around the cells leave [1/h]
  [[nodiscard]] double immune_death() const { return immune_death_1_h * (1 - platelets); }

  // Into how many of the `wanted` copies a clump goes: into one where copies would be lighter than those of a cell that was
  // split on its way in and on its way out. Those who come back to the blood would become ever lighter and ever more.
  [[nodiscard]] std::int64_t copies(std::int64_t wanted, double lightest_member) const {
    const double least = 1 / static_cast<double>(split_in * split_out);
    constexpr double rounding = 1e-9;
    return lightest_member >= least * static_cast<double>(wanted) * (1 - rounding) ? wanted : 1;
  }
};

// One line of cascade.csv. Numbers of 8 bytes only: checkpoints keep it byte by byte.
struct StageRecord {
  double time_min;
  std::int64_t stage;  // Stage
  std::int64_t site;   // where: the tissue that it left, or the organ
  std::int64_t id;
  std::int64_t group;    // its clump in the blood, its colony in an organ
  std::int64_t founder;  // id of the founder of the clone
  std::int64_t parent;   // id of the mother, or of the cell that it was split from; -1 for founders
  double weight;
  double pakt, vimentin_stability, runx2_activity, ecadherin, mmp_expression, bone_programme;  // when it happened
};
static_assert(sizeof(StageRecord) == 14 * 8);

}  // namespace invado
