// One step of the network for eight cells at a time: exponential Euler, with chemical Langevin noise when asked for.
//
//     x <- s + (x - s) e^(-k dt),   s = production/loss k        (positive and stable for every dt, first order in dt)
//     noise: variance (s + x)/2 (1 - e^(-2 k dt)) / Omega_x      (Ornstein-Uhlenbeck variance for frozen s and k:
//            exact for dx = (p - k x) dt + sqrt((p + k x)/Omega) dW; Gillespie 2000, J. Chem. Phys. 113, 297)
//     then clipped at 0, and pAKT at total AKT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/maths.h"
#include "base/row_blocks.h"
#include "signalling/network.h"

namespace invado {

inline constexpr std::array<double Levels::*, species_count> species{
    &Levels::A,  &Levels::T, &Levels::M, &Levels::K, &Levels::r, &Levels::R, &Levels::L, &Levels::V,
    &Levels::Vp, &Levels::C, &Levels::B, &Levels::S, &Levels::Z, &Levels::D, &Levels::X, &Levels::W};

// Species whose loss rate is the same for all cells of a network: e^(-k dt) is computed once per call.
inline constexpr std::array<bool, species_count> loss_is_uniform{false, true, true,  true, true,  false, true, false,
                                                                 false, true, false, true, false, true,  true, true};

// One number per species and lane.
struct alignas(64) LaneLevels {
  double of[species_count][lanes];

  [[gnu::always_inline]] Levels at(std::size_t l) const {
    return {of[0][l], of[1][l], of[2][l],  of[3][l],  of[4][l],  of[5][l],  of[6][l],  of[7][l],
            of[8][l], of[9][l], of[10][l], of[11][l], of[12][l], of[13][l], of[14][l], of[15][l]};
  }
  [[gnu::always_inline]] void set(std::size_t l, const Levels& v) {
    of[0][l] = v.A, of[1][l] = v.T, of[2][l] = v.M, of[3][l] = v.K, of[4][l] = v.r, of[5][l] = v.R, of[6][l] = v.L;
    of[7][l] = v.V, of[8][l] = v.Vp, of[9][l] = v.C, of[10][l] = v.B, of[11][l] = v.S, of[12][l] = v.Z, of[13][l] = v.D;
    of[14][l] = v.X, of[15][l] = v.W;
  }
};

// Inputs of eight cells.
struct alignas(64) LaneInputs {
  double I[lanes], rho[lanes], sV[lanes], e[lanes], g[lanes], cx[lanes];

  [[gnu::always_inline]] Inputs at(std::size_t l) const { return {I[l], rho[l], sV[l], e[l], g[l], cx[l]}; }
  void set(std::size_t l, const Inputs& in) {
    I[l] = in.I, rho[l] = in.rho, sV[l] = in.sV, e[l] = in.e, g[l] = in.g, cx[l] = in.cx;
  }
};

// Copies at level 1 over burst size, per species (assumed: 10-100 copies of an RNA, bursts of 10-50 proteins).
using SystemSizes = std::array<double, species_count>;
inline constexpr SystemSizes default_system_sizes{2000, 2000, 500, 500,  50,  500,  30,  5000,
                                                  5000, 500,  500, 1000, 200, 1000, 500, 500};

// What is the same for all cells of a network during one step.
struct StepConstants {
  double dt_h;
  Levels decay;         // e^(-k dt) where loss_is_uniform
  SystemSizes inverse;  // half the intensity of the noise over the system size; 0 without noise

  StepConstants(const Network& network, double step_h, double intensity = 0, const SystemSizes& sizes = default_system_sizes)
      : dt_h(step_h), decay(uniform_loss(network)), inverse{} {
    for (std::size_t s = 0; s < species_count; ++s) {
      decay.*species[s] = invado::exp(-(decay.*species[s]) * dt_h);
      inverse[s] = 0.5 * intensity / sizes[s];
    }
  }
};

namespace detail {

// The step of species s in one lane; z is its standard normal.
template <std::size_t s, bool noisy>
[[gnu::always_inline]] inline double relax(const StepConstants& step, const Rates& rate, const Levels& y, double z) {
  constexpr double Levels::*of = species[s];
  const double loss = rate.loss.*of;
  const double steady = rate.production.*of / loss;
  double decay;
  if constexpr (loss_is_uniform[s])
    decay = step.decay.*of;
  else
    decay = invado::exp(-loss * step.dt_h);
  const double x = steady + (y.*of - steady) * decay;
  if constexpr (!noisy) return x;
  const double kicked = x + std::sqrt((steady + y.*of) * (1 - decay * decay) * step.inverse[s]) * z;
  return kicked > 0 ? kicked : 0.0;
}

template <bool noisy, std::size_t... s>
[[gnu::always_inline]] inline Levels relax_all(const Network& network, const StepConstants& step, const Inputs& in,
                                               const Levels& y, const Levels& z, std::index_sequence<s...>) {
  const Rates rate = rates(network, in, y);
  Levels out{relax<s, noisy>(step, rate, y, z.*species[s])...};
  if constexpr (noisy) out.A = out.A < out.T ? out.A : out.T;
  return out;
}

}  // namespace detail

// One noise-free step of one cell.
[[gnu::always_inline]] inline Levels advance(const Network& network, const StepConstants& step, const Inputs& in,
                                             const Levels& y) {
  Levels out = detail::relax_all<false>(network, step, in, y, Levels{}, std::make_index_sequence<species_count>{});
  if (network.clamped) out.C = network.clamp;
  return out;
}

// One step of eight cells. `normals`: independent standard normals; not read without noise.
template <bool noisy>
void advance(const Network& network, const StepConstants& step, const LaneInputs& in, const LaneLevels& normals,
             LaneLevels& __restrict y) {
  for (std::size_t lane = 0; lane < lanes; ++lane)
    y.set(lane, detail::relax_all<noisy>(network, step, in.at(lane), y.at(lane), normals.at(lane),
                                         std::make_index_sequence<species_count>{}));
  if (network.clamped)
    for (double& caspase : y.of[9]) caspase = network.clamp;
}

// The noise-free steady state that is reached from the reference's starting levels of a branch: the reference's own
// path (1200 h at 0.2 h, which decides the basin), then hourly steps until no level moves by more than 1e-14 of itself
// (the fixed point of the step is the fixed point of the equations, whatever dt), at most 20 000 h.
[[nodiscard]] inline Levels steady_state(const Network& network, const Inputs& in, bool high) {
  Levels y = high ? start_high() : start_low();
  const StepConstants fine(network, 0.2);
  for (int i = 0; i < 6000; ++i) y = advance(network, fine, in, y);
  const StepConstants coarse(network, 1.0);
  for (int i = 0; i < 20000; ++i) {
    const Levels next = advance(network, coarse, in, y);
    bool moves = false;
    for (double Levels::*s : species) moves = moves || std::fabs(next.*s - y.*s) > 1e-14 * std::fabs(next.*s);
    y = next;
    if (!moves) break;
  }
  return y;
}

}  // namespace invado
