// Interventions and genotypes: the one list of knobs that a perturbation can turn, and how doses combine.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace invado {

enum class KnobKind {
  Fraction,  // 0..1 of the normal function is blocked; several combine as 1 - prod(1 - d)
  Level,     // replaces a level; of several the later wins; `x3` multiplies instead
  Mutant,    // 0 = wild type, or one of the words in `words`
};

enum class Knob : std::size_t {
  Pi3kInhibitor,
  AktInhibitor,
  MyrAkt,
  AktKinaseDead,
  Akt1Knockdown,
  Akt2Knockdown,
  RictorKnockdown,
  Runx2Knockdown,
  Runx2Overexpression,
  Runx2DnaMutant,
  Runx2ErkMutant,
  Runx2SmadMutant,
  Foxo,
  FoxoAaa,
  Gsk3b,
  Gsk3bCa,
  Smurf2,
  ProteasomeInhibitor,
  ValOverexpression,
  ValKnockdown,
  VimentinKnockdown,
  VimentinS39,
  CaspaseInhibitor,
  CaspaseClamp,
  MekInhibitor,
  TgfbInhibitor,
  SmadInhibitor,
  Usp4,
  Twist,
  OxidativeStress,
  Stat3Inhibitor,
  Trim16,
  Pten,
  Pi3kInput,
  TgfbBath,
  P38,
  Cxcl12,
  MmpInhibitor,
};
inline constexpr std::size_t knob_count = 38;
constexpr std::size_t operator+(Knob k) { return static_cast<std::size_t>(k); }

struct KnobInfo {
  std::string_view name;
  KnobKind kind;
  double high;  // largest allowed dose (the smallest is 0)
  std::string_view meaning;
  std::string_view source;
};

// A Level knob without a perturbation keeps the value of the cell type.
inline constexpr std::array<KnobInfo, knob_count> knobs{{
    {"pi3k_inhibitor", KnobKind::Fraction, 1, "share of PI3K activity blocked (LY294002)", "review L115-128"},
    {"akt_inhibitor", KnobKind::Fraction, 1, "share of AKT phosphorylation blocked", "review L180-187"},
    {"myr_akt", KnobKind::Level, 100, "membrane-targeted AKT drive; 6 = strong", "review L166-179, Tian 2020"},
    {"akt_kinase_dead", KnobKind::Fraction, 1, "share of myr-AKT without kinase activity", "review L115-126"},
    {"akt1_knockdown", KnobKind::Fraction, 1, "share of AKT1 removed", "Zhu 2011"},
    {"akt2_knockdown", KnobKind::Fraction, 1, "share of AKT2 removed", "Zhu 2011"},
    {"rictor_knockdown", KnobKind::Fraction, 1, "share of RICTOR (mTORC2) synthesis removed", "review L345-355"},
    {"runx2_knockdown", KnobKind::Fraction, 1, "share of RUNX2 transcripts removed", "review L336-349"},
    {"runx2_overexpression", KnobKind::Level, 100, "extra RUNX2 transcription", "review L43-62"},
    {"runx2_dna_mutant", KnobKind::Fraction, 1, "S203A/T205A/S207A: share of RUNX2 that AKT cannot activate",
     "review L211-225"},
    {"runx2_erk_mutant", KnobKind::Fraction, 1, "S301A/S319A: share of RUNX2 that ERK cannot activate", "review L485-492"},
    {"runx2_smad_mutant", KnobKind::Fraction, 1, "share of RUNX2 that cannot bind SMAD", "review L428-436"},
    {"foxo", KnobKind::Level, 100, "FOXO1/3/4 level; 1 = normal", "review L246-297"},
    {"foxo_aaa", KnobKind::Level, 100, "FOXO that AKT cannot exclude from the nucleus", "review L279-285"},
    {"gsk3b", KnobKind::Level, 100, "GSK3beta level; 1 = normal", "review L297-306"},
    {"gsk3b_ca", KnobKind::Level, 100, "constitutively active GSK3beta", "review L297-302"},
    {"smurf2", KnobKind::Level, 100, "SMURF2 level; 1 = normal", "review L231-239"},
    {"proteasome_inhibitor", KnobKind::Fraction, 1, "share of proteasomal decay blocked (MG132)", "review L231-234"},
    {"val_overexpression", KnobKind::Level, 100, "extra VAL transcription", "Tian 2020"},
    {"val_knockdown", KnobKind::Fraction, 1, "share of VAL removed", "Tian 2020"},
    {"vimentin_knockdown", KnobKind::Fraction, 1, "share of vimentin synthesis removed", "Zhu 2011"},
    {"vimentin_s39", KnobKind::Mutant, 2, "vimentin Ser39: wt, S39A or S39D", "Zhu 2011"},
    {"caspase_inhibitor", KnobKind::Fraction, 1, "share of caspase activation blocked (zVAD)", "Zhu 2011"},
    {"caspase_clamp", KnobKind::Level, 100, "caspase activity held at this level", "Zhu 2011"},
    {"mek_inhibitor", KnobKind::Fraction, 1, "share of ERK activation blocked", "review L485-492"},
    {"tgfb_inhibitor", KnobKind::Fraction, 1, "share of TGFbeta signalling blocked", "review L405-406"},
    {"smad_inhibitor", KnobKind::Fraction, 1, "share of SMAD activation blocked", "review L443-446"},
    {"usp4", KnobKind::Level, 100, "USP4 level; 1 = normal", "review L446-454"},
    {"twist", KnobKind::Level, 100, "TWIST1 level; 1 = normal", "review L454-457"},
    {"oxidative_stress", KnobKind::Level, 100, "H2O2", "review L180-190"},
    {"stat3_inhibitor", KnobKind::Fraction, 1, "share of STAT3 activity blocked", "Tian 2020"},
    {"trim16", KnobKind::Level, 100, "TRIM16 level; 1 = normal", "Tian 2020"},
    {"pten", KnobKind::Level, 100, "PTEN level; 1 = normal, 0 = null", "review L135-140"},
    {"pi3k_input", KnobKind::Level, 100, "receptor input to PI3K", "review L140-145"},
    {"tgfb_bath", KnobKind::Level, 100, "TGFbeta added to the medium (EC50 units)", "review L380-385"},
    {"p38", KnobKind::Level, 100, "p38 activity", "review L492-497"},
    {"cxcl12", KnobKind::Level, 100, "CXCL12 drive of MMP9", "review L129-131"},
    {"mmp_inhibitor", KnobKind::Fraction, 1, "share of MMP action blocked (GM6001)", "Wolf 2013"},
}};

inline constexpr std::array<std::string_view, 3> s39_words{"wt", "S39A", "S39D"};  // value 0, 1, 2 of vimentin_s39

// The doses in force for one group of cells at one time. A level is an affine function of what the cell type has by
// itself, so that ramps, replacements and multiplications combine in the order in which they are given.
struct Doses {
  std::array<double, knob_count> fraction_or_mutant{};  // Fraction: combined dose; Mutant: index of the word
  std::array<double, knob_count> scale;                 // Level: value = scale * own + offset
  std::array<double, knob_count> offset{};

  Doses() { scale.fill(1.0); }
  [[nodiscard]] double fraction(Knob k) const { return fraction_or_mutant[+k]; }
  [[nodiscard]] int mutant(Knob k) const { return static_cast<int>(fraction_or_mutant[+k]); }
  [[nodiscard]] double level(Knob k, double own) const { return scale[+k] * own + offset[+k]; }
  [[nodiscard]] bool changes_level(Knob k) const { return scale[+k] != 1.0 || offset[+k] != 0.0; }
  friend bool operator==(const Doses&, const Doses&) = default;
};

}  // namespace invado
