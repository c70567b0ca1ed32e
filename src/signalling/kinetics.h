// Constants of the signalling network, each declared once: symbol, key, unit, range, meaning, source.
// Symbols and defaults are those of the reference equations (Zhu et al. 2011 on AKT1 and vimentin pS39; Tian et al. 2020
// on VAL and TRIM16; a review of RUNX2 and the PI3K/AKT axis). The sources give directions; magnitudes are assumed.
#pragma once

#include <array>
#include <string_view>

#include "base/maths.h"
#include "base/param.h"

namespace invado {

// Rates in 1/h, levels dimensionless.
struct Kinetics {
  // --- what makes a cell type ---
  double I = 1.0, n = 1.0, rho = 1.0, e = 0.4, g = 0.08;
  double sV = 0.0105, vZ = 2.0, e0 = 1.0, chi = 1.0;
  double lam = 1.0, s3 = 1.0, T16 = 1.0, w1 = 0.6, w2 = 0.3, cin = 0.05;
  // --- PI3K, PTEN, AKT and the feedback of RUNX2 on them ---
  double p0 = 0.15, iT = 0.25, iE = 0.15, koff = 6.0, kap = 4.0;
  double dT = ln2 / 36, dM = ln2 / 16, dK = ln2 / 14;
  double tR = 0.5, mR = 2.5, kR = 1.2, KRa = 0.22;
  // --- RUNX2 ---
  double dr = ln2 / 3, r0 = 0.08, rA = 1.0, KA = 0.5, rS = 0.15;
  double ktl = 0.30, d0 = 0.08, dU = 0.12, dF = 0.12;
  double KU = 0.45, KF = 0.45, KG = 0.45;
  double b0 = 0.15, Kb = 0.45, KFO = 0.45, KGS = 0.9, KE = 0.5, er0 = 0.4, eRE = 0.3;
  // --- VAL, TRIM16, vimentin, caspase ---
  double dL = ln2 / 3.5, l0 = 0.02, lA = 1.0, KL = 0.45;
  double KT = 0.30, Ki = 0.12, dV = ln2 / 48, dTr = 0.085;
  double dC_V = 0.45, prot = 0.1, kph = 2.0, kdp = 0.8, phi = 2.0;
  double dCs = 0.7, KCA = 1.5;
  // --- TGFbeta, SMAD, EMT ---
  double gam = 0.25, Ktw = 0.5, bd = ln2 / 3, uB = 0.65, Kus = 0.4, dS = 1.4;
  double KS = 0.42, psi = 0.15, KPs = 0.15, sig = 4.0;
  double dZ = 0.35, gZ0 = 0.35, gZ = 0.65, dD = 0.06, KZ = 0.45;
  // --- output programmes ---
  double dX = ln2 / 8, x0 = 0.05, xR = 0.7, xA = 0.10, xE = 0.10, KX = 0.5;
  double dW = ln2 / 8, w0 = 0.25;
};

struct KineticConstant {
  std::string_view key;
  std::string_view symbol;
  double Kinetics::*value;
  Unit unit;
  Range range;
  std::string_view meaning;
  std::string_view source;
};

// Keys directly under `cell_types.<type>.signalling`: what differs between cell types.
inline constexpr std::array<KineticConstant, 15> context_constants{{
    {"pi3k_input", "I", &Kinetics::I, Unit::One, non_negative, "receptor input to PI3K; 1 = carcinoma cell in serum",
     "assumed"},
    {"pten", "n", &Kinetics::n, Unit::One, non_negative, "PTEN level; 0 = null", "assumed (direction: review L135-140)"},
    {"runx2_competence", "rho", &Kinetics::rho, Unit::One, non_negative, "how well the RUNX2 locus can be transcribed",
     "assumed"},
    {"erk_input", "e", &Kinetics::e, Unit::One, non_negative, "receptor input to ERK", "assumed"},
    {"tgfb_bath", "g", &Kinetics::g, Unit::One, non_negative, "TGFbeta in the medium (EC50 units), added to the field's",
     "assumed"},
    {"vimentin_synthesis", "sV", &Kinetics::sV, Unit::PerHour, non_negative, "basal synthesis of vimentin", "assumed"},
    {"vimentin_emt_gain", "vZ", &Kinetics::vZ, Unit::One, non_negative,
     "further synthesis of vimentin after loss of E-cadherin", "assumed"},
    {"ecadherin_max", "e0", &Kinetics::e0, Unit::One, positive, "E-cadherin without SNAI1/2", "assumed"},
    {"emt_competence", "chi", &Kinetics::chi, Unit::One, non_negative, "largest induction of SNAI1/2", "assumed"},
    {"val_competence", "lam", &Kinetics::lam, Unit::One, non_negative, "how well the VAL locus can be transcribed",
     "assumed"},
    {"stat3", "s3", &Kinetics::s3, Unit::One, non_negative, "STAT3 level", "assumed (direction: Tian 2020)"},
    {"trim16", "T16", &Kinetics::T16, Unit::One, non_negative, "TRIM16 level", "assumed (direction: Tian 2020)"},
    {"akt1_share", "w1", &Kinetics::w1, Unit::One, fraction, "share of AKT1 in active AKT",
     "assumed (sarcoma: Zhu 2011 Fig. 2)"},
    {"akt2_share", "w2", &Kinetics::w2, Unit::One, fraction, "share of AKT2 in active AKT",
     "assumed (sarcoma: Zhu 2011 Fig. 2)"},
    {"caspase_input", "cin", &Kinetics::cin, Unit::One, non_negative, "caspase activation without AKT", "assumed"},
}};

// Keys under `cell_types.<type>.signalling.kinetics`: the symbols themselves.
inline constexpr std::array<KineticConstant, 69> kinetic_constants{{
    {"p0", "p0", &Kinetics::p0, Unit::One, positive, "PIP3 phosphatase other than PTEN", "assumed"},
    {"iT", "iT", &Kinetics::iT, Unit::One, non_negative, "gain of TGFbeta receptors on PI3K, without SMAD",
     "assumed (direction: review L443-446)"},
    {"iE", "iE", &Kinetics::iE, Unit::One, non_negative, "gain of ERK on PI3K", "assumed (direction: review L506-508)"},
    {"koff", "koff", &Kinetics::koff, Unit::PerHour, positive, "loss of AKT pS473 (half-life 7 min)", "assumed (minutes)"},
    {"kap", "kap", &Kinetics::kap, Unit::One, positive, "PIP3 x mTORC2 for half of AKT phosphorylated", "assumed"},
    {"dT", "dT", &Kinetics::dT, Unit::PerHour, positive, "turnover of AKT (half-life 36 h)", "assumed"},
    {"dM", "dM", &Kinetics::dM, Unit::PerHour, positive, "turnover of mTORC2 (half-life 16 h)", "assumed"},
    {"dK", "dK", &Kinetics::dK, Unit::PerHour, positive, "turnover of PI3K/FAK (half-life 14 h)", "assumed"},
    {"tR", "tR", &Kinetics::tR, Unit::One, non_negative, "largest induction of AKT by RUNX2",
     "assumed (direction: review L323-325)"},
    {"mR", "mR", &Kinetics::mR, Unit::One, non_negative, "largest induction of mTORC2 by RUNX2",
     "assumed (direction: review L345-355)"},
    {"kR", "kR", &Kinetics::kR, Unit::One, non_negative, "largest induction of PI3K/FAK by RUNX2",
     "assumed (direction: review L318-325)"},
    {"KRa", "KRa", &Kinetics::KRa, Unit::One, positive, "RUNX2 activity for half induction (two RUNX sites, n = 2)",
     "assumed (sites: review L348-353)"},
    {"dr", "dr", &Kinetics::dr, Unit::PerHour, positive, "turnover of RUNX2 mRNA (half-life 3 h)", "assumed"},
    {"r0", "r0", &Kinetics::r0, Unit::One, non_negative, "basal RUNX2 transcription", "assumed"},
    {"rA", "rA", &Kinetics::rA, Unit::One, non_negative, "RUNX2 transcription by AKT",
     "assumed (direction: review L166-179)"},
    {"KA", "KA", &Kinetics::KA, Unit::One, positive, "pAKT for half RUNX2 transcription (n = 2)", "assumed"},
    {"rS", "rS", &Kinetics::rS, Unit::One, non_negative, "RUNX2 transcription by SMAD",
     "assumed (direction: review L385-387)"},
    {"ktl", "ktl", &Kinetics::ktl, Unit::PerHour, non_negative, "RUNX2 translation", "assumed"},
    {"d0", "d0", &Kinetics::d0, Unit::PerHour, positive, "basal decay of RUNX2 protein", "assumed"},
    {"dU", "dU", &Kinetics::dU, Unit::PerHour, non_negative, "decay of RUNX2 by SMURF2",
     "assumed (direction: review L231-234)"},
    {"dF", "dF", &Kinetics::dF, Unit::PerHour, non_negative, "decay of RUNX2 by FOXO",
     "assumed (direction: review L246-251)"},
    {"KU", "KU", &Kinetics::KU, Unit::One, positive, "pAKT for half inactivation of SMURF2 (n = 2)",
     "assumed (direction: review L234-239)"},
    {"KF", "KF", &Kinetics::KF, Unit::One, positive, "pAKT for half exclusion of FOXO from the nucleus (n = 2)",
     "assumed (direction: review L251-257)"},
    {"KG", "KG", &Kinetics::KG, Unit::One, positive, "pAKT for half inactivation of GSK3beta (n = 2)",
     "assumed (direction: review L302-306)"},
    {"b0", "b0", &Kinetics::b0, Unit::One, fraction, "DNA binding of RUNX2 that AKT has not phosphorylated",
     "assumed (direction: review L211-225)"},
    {"Kb", "Kb", &Kinetics::Kb, Unit::One, positive, "pAKT for half phosphorylation of the Runt domain (n = 2)", "assumed"},
    {"KFO", "KFO", &Kinetics::KFO, Unit::One, positive, "nuclear FOXO for half antagonism of RUNX2",
     "assumed (direction: review L267-279)"},
    {"KGS", "KGS", &Kinetics::KGS, Unit::One, positive, "GSK3beta for half antagonism of RUNX2",
     "assumed (direction: review L297-302)"},
    {"KE", "KE", &Kinetics::KE, Unit::One, positive, "ERK for half phosphorylation of RUNX2",
     "assumed (direction: review L485-492)"},
    {"er0", "er0", &Kinetics::er0, Unit::One, fraction, "activity of RUNX2 that ERK has not phosphorylated", "assumed"},
    {"eRE", "eRE", &Kinetics::eRE, Unit::One, non_negative, "gain of RUNX2 on ERK by EGFR",
     "assumed (direction: review L506-508)"},
    {"dL", "dL", &Kinetics::dL, Unit::PerHour, positive, "turnover of VAL (half-life 3.5 h)", "assumed"},
    {"l0", "l0", &Kinetics::l0, Unit::One, non_negative, "basal VAL transcription", "assumed"},
    {"lA", "lA", &Kinetics::lA, Unit::One, non_negative, "VAL transcription by AKT and STAT3",
     "assumed (direction: Tian 2020)"},
    {"KL", "KL", &Kinetics::KL, Unit::One, positive, "pAKT x STAT3 for half VAL transcription (n = 3)", "assumed"},
    {"KT", "KT", &Kinetics::KT, Unit::One, positive, "TRIM16 for half occupancy of vimentin without VAL", "assumed"},
    {"Ki", "Ki", &Kinetics::Ki, Unit::One, positive, "VAL that doubles KT (competition)", "assumed (mechanism: Tian 2020)"},
    {"dV", "dV", &Kinetics::dV, Unit::PerHour, positive, "basal decay of vimentin (half-life 48 h)", "assumed"},
    {"dTr", "dTr", &Kinetics::dTr, Unit::PerHour, non_negative, "decay of vimentin fully occupied by TRIM16",
     "assumed (mechanism: Tian 2020)"},
    {"dC_V", "dC_V", &Kinetics::dC_V, Unit::PerHour, non_negative, "cleavage of vimentin by caspase",
     "assumed (mechanism: Zhu 2011)"},
    {"prot", "prot", &Kinetics::prot, Unit::One, fraction, "share of that cleavage left when Ser39 is phosphorylated",
     "assumed (mechanism: Zhu 2011)"},
    {"kph", "kph", &Kinetics::kph, Unit::PerHour, non_negative, "phosphorylation of Ser39 per active AKT1",
     "assumed (mechanism: Zhu 2011)"},
    {"kdp", "kdp", &Kinetics::kdp, Unit::PerHour, non_negative, "dephosphorylation of Ser39", "assumed"},
    {"phi", "phi", &Kinetics::phi, Unit::One, non_negative, "effect of pS39 vimentin on motility relative to free vimentin",
     "assumed (direction: Zhu 2011)"},
    {"dCs", "dCs", &Kinetics::dCs, Unit::PerHour, positive, "turnover of active caspase", "assumed"},
    {"KCA", "KCA", &Kinetics::KCA, Unit::One, positive, "pAKT for half caspase activation (n = 2)", "assumed"},
    {"gam", "gam", &Kinetics::gam, Unit::One, non_negative, "autocrine TGFbeta2 by TWIST1-pS42",
     "assumed (direction: review L454-457)"},
    {"Ktw", "Ktw", &Kinetics::Ktw, Unit::One, positive, "pAKT for half autocrine TGFbeta2 (n = 2)", "assumed"},
    {"bd", "bd", &Kinetics::bd, Unit::PerHour, positive, "turnover of TGFbeta receptor I (half-life 3 h)", "assumed"},
    {"uB", "uB", &Kinetics::uB, Unit::One, fraction, "largest protection of the receptor by USP4",
     "assumed (direction: review L446-454)"},
    {"Kus", "Kus", &Kinetics::Kus, Unit::One, positive, "pAKT for half protection by USP4", "assumed"},
    {"dS", "dS", &Kinetics::dS, Unit::PerHour, positive, "turnover of nuclear pSMAD (half-life 30 min)", "assumed"},
    {"KS", "KS", &Kinetics::KS, Unit::One, positive, "SMAD scale of SNAI1/2 induction", "assumed"},
    {"psi", "psi", &Kinetics::psi, Unit::One, fraction, "SNAI1/2 induction without PI3K/AKT",
     "assumed (direction: review L98-101)"},
    {"KPs", "KPs", &Kinetics::KPs, Unit::One, positive, "pAKT for half permission of SNAI1/2", "assumed"},
    {"sig", "sig", &Kinetics::sig, Unit::One, non_negative, "synergy of RUNX2 with SMAD on SNAI1/2",
     "assumed (direction: review L402-411)"},
    {"dZ", "dZ", &Kinetics::dZ, Unit::PerHour, positive, "turnover of SNAI1/2 (half-life 2 h)", "assumed"},
    {"gZ0", "gZ0", &Kinetics::gZ0, Unit::One, positive, "share of SNAI1/2 turnover without GSK3beta", "assumed"},
    {"gZ", "gZ", &Kinetics::gZ, Unit::One, non_negative, "share of SNAI1/2 turnover by GSK3beta",
     "assumed (direction: review L457-460)"},
    {"dD", "dD", &Kinetics::dD, Unit::PerHour, positive, "turnover of E-cadherin (half-life 12 h)", "assumed"},
    {"KZ", "KZ", &Kinetics::KZ, Unit::One, positive, "SNAI1/2 for half repression of E-cadherin (n = 4)", "assumed"},
    {"dX", "dX", &Kinetics::dX, Unit::PerHour, positive, "turnover of MMP2/9/13/14 (half-life 8 h)", "assumed"},
    {"x0", "x0", &Kinetics::x0, Unit::One, non_negative, "basal MMP expression", "assumed"},
    {"xR", "xR", &Kinetics::xR, Unit::One, non_negative, "MMP expression by RUNX2", "assumed (direction: review L49-67)"},
    {"xA", "xA", &Kinetics::xA, Unit::One, non_negative, "MMP expression by AKT (ETS/AP-1)",
     "assumed (direction: review L131-134)"},
    {"xE", "xE", &Kinetics::xE, Unit::One, non_negative, "MMP expression by ERK", "assumed (direction: review L488-492)"},
    {"KX", "KX", &Kinetics::KX, Unit::One, positive, "RUNX2 activity for half of its programmes (n = 2)", "assumed"},
    {"dW", "dW", &Kinetics::dW, Unit::PerHour, positive, "turnover of the OPN/PTHrP/IL-8/VEGF programme (half-life 8 h)",
     "assumed"},
    {"w0", "w0", &Kinetics::w0, Unit::One, fraction, "share of that programme without SMAD",
     "assumed (direction: review L428-436)"},
}};

inline void describe_context(Kinetics& kinetics, ParamVisitor& visitor) {
  for (const KineticConstant& c : context_constants)
    visitor.number(c.key, kinetics.*c.value, c.unit, c.range, c.meaning, c.source);
  if (kinetics.w1 + kinetics.w2 > 1)
    visitor.complain("akt2_share", "akt1_share and akt2_share together are above 1, allowed is a sum of at most 1");
}

inline void describe_kinetics(Kinetics& kinetics, ParamVisitor& visitor) {
  for (const KineticConstant& c : kinetic_constants)
    visitor.number(c.key, kinetics.*c.value, c.unit, c.range, c.meaning, c.source);
}

}  // namespace invado
