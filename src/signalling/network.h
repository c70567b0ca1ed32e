// The AKT - RUNX2 - TGFbeta - vimentin network: 16 levels per cell, dx/dt = production - loss x, rates in 1/h.
//
//   A pAKT   T AKT   M mTORC2   K PI3K/FAK   r RUNX2 mRNA   R RUNX2   L VAL   V, Vp vimentin free, pS39   C caspase
//   B TGFbeta receptor   S SMAD   Z SNAI1/2   D E-cadherin   X MMP   W bone programme
//
// Same equations as the reference implementation that the golden rows of tests/reference come from; there the symbols
// have the same meaning. Everything here is arithmetic without branches, so that loops over cells vectorise.
#pragma once

#include <cstddef>

#include "signalling/kinetics.h"

namespace invado {

inline constexpr std::size_t species_count = 16;

// One level (or rate, or variance) per species.
struct Levels {
  double A, T, M, K, r, R, L, V, Vp, C, B, S, Z, D, X, W;
};

// What experiments do to the network; symbols of the reference, neutral by default.
struct Interventions {
  double pi3ki = 0, akti = 0, myr = 0, kdead = 0, akt1kd = 0, akt2kd = 0, ric_kd = 0;
  double r_kd = 0, r_oe = 0, mutDNA = 0, mutERK = 0, mutSMAD = 0;
  double foxo = 1, foxoAAA = 0, gsk = 1, gskCA = 0, smurf = 1, mg132 = 0;
  double val_oe = 0, val_kd = 0, vim_kd = 0, zvad = 0, meki = 0, tgfi = 0, smadi = 0;
  double usp4 = 1, twist = 1, ox = 0, stat3i = 0, p38 = 0, cx = 0;
  double s39 = 0;      // 0 wild type, +1 S39D (phosphomimetic), -1 S39A
  double cclamp = -1;  // caspase held at this level; negative: free
};

// Constants of all cells with equal type and doses, with the doses folded in.
struct Network {
  Kinetics k;
  // PI3K and AKT
  double pip3_gain, kon, myr, a1;
  double T_gain, M_gain, r_gain, r_oe;
  // RUNX2
  double foxo, foxoAAA, smurf, gsk, gskCA, KF2, KU2, KG2, Kb2, KRa2, KA2, KX2;
  double dU, dF, b_gain, er_gain, er_base, e_gain;
  // vimentin and caspase
  double L_base, L_gain, L_rate, s3, KL3, syn_gain, inverse_e0, dTr, kph, cV, cVp, C_production, KCA2, veff_V, veff_Vp;
  bool clamped;
  double clamp;
  // TGFbeta and EMT
  double gam, g_gain, Ktw2, uB, S_rate, x_gain, binds_smad, sig, w_smad, inverse_KZ;
  double xA, cx;
};

[[nodiscard]] inline Network fold(const Kinetics& k, const Interventions& d) {
  Network f{};
  f.k = k;
  f.pip3_gain = (1 - d.pi3ki) * (1 + k.p0) / (k.n / (1 + 2 * d.ox) + k.p0);
  f.kon = k.koff / k.kap * (1 - d.akti);
  f.myr = d.myr * (1 - d.kdead);
  const double akt_left = 1 - k.w1 * d.akt1kd - k.w2 * d.akt2kd;
  f.a1 = k.w1 * (1 - d.akt1kd) / (akt_left > 1e-9 ? akt_left : 1e-9);
  f.T_gain = k.dT * (1 + 0.5 * d.ox) * akt_left;
  f.M_gain = k.dM * (1 - d.ric_kd);
  f.r_gain = k.dr * (1 - d.r_kd);
  f.r_oe = d.r_oe;
  f.foxo = d.foxo, f.foxoAAA = d.foxoAAA, f.smurf = d.smurf, f.gsk = d.gsk, f.gskCA = d.gskCA;
  f.KF2 = k.KF * k.KF, f.KU2 = k.KU * k.KU, f.KG2 = k.KG * k.KG, f.Kb2 = k.Kb * k.Kb;
  f.KRa2 = k.KRa * k.KRa, f.KA2 = k.KA * k.KA, f.KX2 = k.KX * k.KX;
  f.dU = k.dU * (1 - d.mg132), f.dF = k.dF * (1 - d.mg132);
  f.b_gain = (1 - k.b0) * (1 - d.mutDNA);
  f.er_gain = (1 - k.er0) * (1 - d.mutERK), f.er_base = k.er0 + 0.3 * d.p38;
  f.e_gain = 1 - d.meki;
  f.L_base = k.l0 + d.val_oe, f.L_gain = k.lam * k.lA, f.L_rate = k.dL * (1 - d.val_kd);
  f.s3 = k.s3 * (1 - d.stat3i), f.KL3 = k.KL * k.KL * k.KL;
  f.syn_gain = 1 - d.vim_kd, f.inverse_e0 = 1 / k.e0;
  f.dTr = k.dTr * (1 - d.mg132);
  f.kph = d.s39 == 0 ? k.kph * f.a1 : 0.0;
  f.cV = (d.s39 > 0 ? k.prot : 1.0) * k.dC_V, f.cVp = k.prot * k.dC_V;
  f.C_production = k.dCs * k.cin * (1 - d.zvad), f.KCA2 = k.KCA * k.KCA;
  f.veff_V = d.s39 > 0 ? k.phi : 1.0, f.veff_Vp = d.s39 < 0 ? 1.0 : k.phi;
  f.clamped = d.cclamp >= 0, f.clamp = d.cclamp;
  f.gam = k.gam * d.twist, f.g_gain = 1 - d.tgfi, f.Ktw2 = k.Ktw * k.Ktw;
  f.uB = k.uB * d.usp4;
  f.S_rate = k.dS * (1 - d.smadi);
  f.x_gain = 0.5 / k.KS, f.binds_smad = 1 - d.mutSMAD, f.sig = k.sig * f.binds_smad;
  f.w_smad = (1 - k.w0) * f.binds_smad, f.inverse_KZ = 1 / k.KZ;
  f.xA = k.xA, f.cx = d.cx;
  return f;
}

// What one cell receives: its own values times slow factors and local fields.
struct Inputs {
  double I;    // receptor input to PI3K
  double rho;  // RUNX2 locus competence
  double sV;   // vimentin synthesis [1/h]
  double e;    // receptor input to ERK
  double g;    // TGFbeta outside (EC50 units)
  double cx;   // CXCL12 drive of MMP, added to the knob's
};

[[nodiscard]] inline Inputs inputs_of(const Kinetics& k) { return {k.I, k.rho, k.sV, k.e, k.g, 0}; }

// Quasi-steady quantities.
struct Algebra {
  double F;      // nuclear FOXO1/3/4
  double U;      // active SMURF2
  double G;      // active GSK3beta
  double e;      // ERK with the crosstalk of RUNX2
  double Ra;     // RUNX2 activity
  double hR;     // induction by RUNX2
  double gt;     // TGFbeta outside and autocrine
  double P;      // PIP3 drive
  double theta;  // TRIM16 occupancy of vimentin
};

[[gnu::always_inline]] inline Algebra algebra(const Network& f, const Inputs& in, const Levels& y) {
  const Kinetics& k = f.k;
  Algebra q;
  const double A2 = y.A * y.A;
  q.F = f.foxo * f.KF2 / (f.KF2 + A2) + f.foxoAAA;
  q.U = f.smurf * f.KU2 / (f.KU2 + A2);
  q.G = f.gsk * f.KG2 / (f.KG2 + A2) + f.gskCA;
  const double binding = k.b0 + f.b_gain * A2 / (f.Kb2 + A2);
  const double core = y.R * binding * (k.KFO / (k.KFO + q.F)) * (k.KGS / (k.KGS + q.G));
  q.e = in.e * f.e_gain * (1 + k.eRE * core * core / (f.KRa2 + core * core));
  q.Ra = core * (f.er_base + f.er_gain * q.e / (k.KE + q.e));
  q.hR = q.Ra * q.Ra / (f.KRa2 + q.Ra * q.Ra);
  q.gt = (in.g + f.gam * A2 / (f.Ktw2 + A2)) * f.g_gain;
  q.P = in.I * y.K * f.pip3_gain * (1 + k.iT * q.gt * y.B / (0.5 + q.gt) + k.iE * q.e);
  q.theta = k.T16 / (k.T16 + k.KT * (1 + y.L / k.Ki));
  return q;
}

// Synthesis of vimentin [1/h]: follows completed EMT (loss of E-cadherin).
[[gnu::always_inline]] inline double vimentin_synthesis(const Network& f, const Inputs& in, double D) {
  const double lost = 1 - D * f.inverse_e0;
  const double bounded = lost < 0 ? 0.0 : (lost > 1 ? 1.0 : lost);
  return in.sV * (1 + f.k.vZ * bounded) * f.syn_gain;
}

// Losses of vimentin [1/h] apart from (de)phosphorylation.
struct VimentinLoss {
  double V, Vp;
};
[[gnu::always_inline]] inline VimentinLoss vimentin_loss(const Network& f, const Algebra& q, double C) {
  const double proteasome = f.k.dV + f.dTr * q.theta;
  return {proteasome + f.cV * C, proteasome + f.cVp * C};
}

// Loss rates that are the same for all cells of a network: ten of sixteen. The other fields of Levels are unused.
[[nodiscard]] inline Levels uniform_loss(const Network& f) {
  const Kinetics& k = f.k;
  return {.A = 0,
          .T = k.dT,
          .M = k.dM,
          .K = k.dK,
          .r = k.dr,
          .R = 0,
          .L = k.dL,
          .V = 0,
          .Vp = 0,
          .C = k.dCs,
          .B = 0,
          .S = k.dS,
          .Z = 0,
          .D = k.dD,
          .X = k.dX,
          .W = k.dW};
}

struct Rates {
  Levels production, loss;
};

[[gnu::always_inline]] inline Rates rates(const Network& f, const Inputs& in, const Levels& y) {
  const Kinetics& k = f.k;
  const Algebra q = algebra(f, in, y);
  const double A2 = y.A * y.A;
  Rates out;
  Levels& p = out.production;
  Levels& loss = out.loss;

  const double kon = f.kon * (q.P + f.myr) * y.M;
  p.A = kon * y.T, loss.A = kon + k.koff;
  p.T = f.T_gain * (1 + k.tR * q.hR), loss.T = k.dT;
  p.M = f.M_gain * (1 + k.mR * q.hR), loss.M = k.dM;
  p.K = k.dK * (1 + k.kR * q.hR), loss.K = k.dK;

  p.r = f.r_gain * (in.rho * (k.r0 + k.rA * A2 / (f.KA2 + A2) + k.rS * y.S / (0.5 + y.S)) + f.r_oe), loss.r = k.dr;
  p.R = k.ktl * y.r, loss.R = k.d0 + f.dU * q.U + f.dF * q.F;

  const double As = y.A * f.s3, As3 = As * As * As;
  p.L = f.L_rate * (f.L_base + f.L_gain * As3 / (f.KL3 + As3)), loss.L = k.dL;

  const VimentinLoss decay = vimentin_loss(f, q, y.C);
  const double phosphorylation = f.kph * y.A;
  p.V = vimentin_synthesis(f, in, y.D) + k.kdp * y.Vp, loss.V = phosphorylation + decay.V;
  p.Vp = phosphorylation * y.V, loss.Vp = k.kdp + decay.Vp;

  p.C = f.C_production * f.KCA2 / (f.KCA2 + A2), loss.C = k.dCs;

  // Above usp4 = 1/uB the reference's receptor loss would reach zero and change sign: here a twentieth stays.
  const double unprotected = 1 - f.uB * y.A / (k.Kus + y.A);
  p.B = k.bd, loss.B = k.bd * (unprotected > 0.05 ? unprotected : 0.05);
  p.S = f.S_rate * q.gt * y.B / (0.5 + q.gt), loss.S = k.dS;

  const double x = y.S * f.x_gain * (1 + f.sig * q.Ra) * (k.psi + (1 - k.psi) * y.A / (k.KPs + y.A));
  const double x3 = x * x * x;
  p.Z = k.dZ * k.chi * x3 / (1 + x3), loss.Z = k.dZ * (k.gZ0 + k.gZ * q.G);
  const double z = y.Z * f.inverse_KZ, z2 = z * z;
  p.D = k.dD * k.e0 / (1 + z2 * z2), loss.D = k.dD;

  const double programme = q.Ra * q.Ra / (f.KX2 + q.Ra * q.Ra);
  p.X = k.dX * (k.x0 + k.xR * programme + f.xA * (1 + f.cx + in.cx) * y.A / (0.5 + y.A) + k.xE * q.e), loss.X = k.dX;
  p.W = k.dW * programme * (k.w0 + f.w_smad * y.S / (0.3 + y.S)), loss.W = k.dW;
  return out;
}

// What follows from the levels at once and is shown to the world.
struct Readout {
  double vimentin_stability, runx2_activity, vimentin_half_life, trim16_occupancy, foxo, smurf2, gsk3b, vimentin,
      vimentin_effective, pip3, erk, emt_score, vimentin_synthesis, runx2_smad;
};

// vimentin_stability: basal loss over the loss in force, weighted by amount:
//     dV (V + Vp) / (loss_V V + loss_Vp Vp)   in (0, 1];   half-life = (ln 2 / dV) x it.
[[gnu::always_inline]] inline Readout readout(const Network& f, const Inputs& in, const Levels& y) {
  const Algebra q = algebra(f, in, y);
  const VimentinLoss decay = vimentin_loss(f, q, y.C);
  const double trace = 1e-300;  // keeps the ratio finite in a cell without vimentin
  Readout out;
  out.vimentin = y.V + y.Vp;
  out.vimentin_stability = f.k.dV * (out.vimentin + trace) / (decay.V * (y.V + trace) + decay.Vp * y.Vp);
  out.vimentin_half_life = ln2 / f.k.dV * out.vimentin_stability;
  out.vimentin_effective = f.veff_V * y.V + f.veff_Vp * y.Vp;
  out.vimentin_synthesis = vimentin_synthesis(f, in, y.D);
  out.runx2_activity = q.Ra;
  out.trim16_occupancy = q.theta;
  out.foxo = q.F, out.smurf2 = q.U, out.gsk3b = q.G;
  out.pip3 = q.P, out.erk = q.e;
  out.emt_score = 1 - y.D * f.inverse_e0;
  out.runx2_smad = q.Ra * y.S * f.binds_smad;
  return out;
}

// Levels from which the reference integrates to the low or the high branch.
[[nodiscard]] constexpr Levels start_low() {
  return {.A = .1,
          .T = 1,
          .M = 1,
          .K = 1,
          .r = .05,
          .R = .1,
          .L = .05,
          .V = .3,
          .Vp = .1,
          .C = .02,
          .B = 1,
          .S = .1,
          .Z = 0,
          .D = 1,
          .X = .1,
          .W = 0};
}
[[nodiscard]] constexpr Levels start_high() {
  return {.A = .8,
          .T = 1.3,
          .M = 2.8,
          .K = 1.8,
          .r = 1.1,
          .R = 2,
          .L = .5,
          .V = .6,
          .Vp = .3,
          .C = .02,
          .B = 1.8,
          .S = .5,
          .Z = .5,
          .D = .5,
          .X = .7,
          .W = .5};
}

}  // namespace invado
