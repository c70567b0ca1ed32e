// The names of what a cell computes inside: 16 states of the signalling network, what follows from them, and the
// phenotype that they set. Part of every file's format: these names are columns of snapshots and of series.csv, keys
// of response tables and axes of sweeps.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace invado {

struct NamedQuantity {
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
};

// States of the network (dimensionless levels), in the order of reference equations.
enum class State : std::size_t {
  Pakt,
  AktTotal,
  Mtorc2,
  Pi3k,
  Runx2Mrna,
  Runx2,
  Val,
  VimentinFree,
  VimentinPs39,
  Caspase,
  Tgfbr,
  Smad,
  Snai2,
  Ecadherin,
  MmpExpression,
  BoneProgramme,
};
inline constexpr std::size_t state_count = 16;
inline constexpr std::array<NamedQuantity, state_count> states{{
    {"pakt", "1", "AKT phosphorylated at S473; 1 = strongly active"},
    {"akt_total", "1", "total AKT protein"},
    {"mtorc2", "1", "mTORC2 (mTOR and RICTOR)"},
    {"pi3k", "1", "PI3K p110beta/p85 and FAK capacity"},
    {"runx2_mrna", "1", "RUNX2 messenger RNA"},
    {"runx2", "1", "RUNX2 protein"},
    {"val", "1", "long non-coding RNA VAL (LINC01546)"},
    {"vimentin_free", "1", "vimentin not phosphorylated at S39"},
    {"vimentin_ps39", "1", "vimentin phosphorylated at S39 (all vimentin under S39D)"},
    {"caspase", "1", "active caspase"},
    {"tgfbr", "1", "TGFbeta receptor I at the membrane"},
    {"smad", "1", "nuclear phospho-SMAD2/3"},
    {"snai2", "1", "SNAI1/2"},
    {"ecadherin", "1", "E-cadherin"},
    {"mmp_expression", "1", "MMP2/9/13/14 expression"},
    {"bone_programme", "1", "OPN, PTHrP, IL-8, VEGF programme of RUNX2"},
}};

// What follows from the states at once.
enum class Derived : std::size_t {
  VimentinStability,
  Runx2Activity,
  VimentinHalfLife,
  Trim16Occupancy,
  FoxoNuclear,
  Smurf2Active,
  Gsk3bActive,
  Vimentin,
  VimentinEffective,
  Pip3,
  Erk,
  EmtScore,
  VimentinSynthesis,
  Runx2Smad,
};
inline constexpr std::size_t derived_count = 14;
inline constexpr std::array<NamedQuantity, derived_count> derived_signals{{
    {"vimentin_stability", "1", "basal loss of vimentin over its present loss; 1 = fully protected"},
    {"runx2_activity", "1", "transcriptional activity of RUNX2; 0.01 low branch, 0.9 high branch"},
    {"vimentin_half_life_h", "h", "half-life of vimentin at its present loss"},
    {"trim16_occupancy", "1", "share of vimentin bound by TRIM16"},
    {"foxo_nuclear", "1", "nuclear FOXO1/3/4"},
    {"smurf2_active", "1", "active SMURF2"},
    {"gsk3b_active", "1", "active GSK3beta"},
    {"vimentin", "1", "total vimentin"},
    {"vimentin_effective", "1", "vimentin weighted by its effect on motility (pS39 counts double)"},
    {"pip3", "1", "PIP3 drive"},
    {"erk", "1", "ERK activity"},
    {"emt_score", "1", "1 - E-cadherin over its maximum"},
    {"vimentin_synthesis_1_h", "1/h", "synthesis of vimentin"},
    {"runx2_smad", "1", "RUNX2 at work with SMAD: the product of their activities, less the RUNX2 that cannot bind SMAD"},
}};

// What the signals and the place make of the cell (response table).
enum class Phenotype : std::size_t {
  FreeSpeed,
  Persistence,
  MmpSecretion,
  AdhesionCell,
  AdhesionMatrix,
  PoreLimit,
  AnoikisRate,
  DeathRate,
  DivisionRate,
  VegfSecretion,
  RuptureRate,
};
inline constexpr std::size_t phenotype_count = 11;
// `key` of the response table and unit of its value; `column` in files.
struct PhenotypeName {
  std::string_view key;
  std::string_view column;
  std::string_view unit;
  std::string_view meaning;
};
inline constexpr std::array<PhenotypeName, phenotype_count> phenotypes{{
    {"speed", "free_speed_um_h", "um/h", "root-mean-square speed without obstacles"},
    {"persistence", "persistence_h", "h", "correlation time of the velocity"},
    {"mmp_secretion", "mmp_secretion", "1", "protease output, relative"},
    {"adhesion_cell", "adhesion_cell", "um/min", "cell-cell adhesion strength"},
    {"adhesion_matrix", "adhesion_matrix", "1", "cell-matrix adhesion, relative"},
    {"pore_limit", "pore_limit_um2", "um^2", "pore cross-section at which movement arrests"},
    {"anoikis_rate", "anoikis_rate_1_h", "1/h", "death rate when detached"},
    {"death_rate", "death_rate_1_h", "1/h", "death rate when attached"},
    {"division_rate", "division_rate_1_h", "1/h", "division rate"},
    {"vegf_secretion", "vegf_secretion", "1", "VEGF output, relative"},
    {"rupture_rate", "rupture_rate_1_h", "1/h", "nuclear rupture rate in tight pores"},
}};

constexpr std::size_t operator+(State s) { return static_cast<std::size_t>(s); }
constexpr std::size_t operator+(Derived d) { return static_cast<std::size_t>(d); }
constexpr std::size_t operator+(Phenotype p) { return static_cast<std::size_t>(p); }

}  // namespace invado
