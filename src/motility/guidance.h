// Guidance: how fibres and gradients turn the walk without changing its speed (biology.md 4b).
//
//     velocity = S [ B + sqrt(1 - |B|^2) C^(1/2) u ],      <|velocity|^2> = S^2 for every B and C
//
// C = (1 - g) I + n_axes g n n^T: contact guidance along fibres of direction n (Riching 2014 Biophys J 107:2546, Ray 2017
// Biophys J 112:1023: alignment redirects, it does not speed up). B = sum of the cues, |B| <= 0.95.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/sym3.h"
#include "base/vec3.h"

namespace invado {

inline constexpr double largest_guidance = 0.95;  // bound of g: a cell never becomes a train on rails
inline constexpr double largest_bias = 0.95;      // bound of |B|: some randomness always stays

// C^(1/2) = across (I - n n^T) + along n n^T.
struct FibreGuide {
  Vec3 n{1, 0, 0};
  double along = 1;
  double across = 1;

  [[nodiscard]] Vec3 operator()(Vec3 u) const { return across * u + ((along - across) * dot(n, u)) * n; }
};

// Fibres as cells read them: their principal direction n and how well they agree on it, s = (3 lambda_1 - 1)/2, from the
// fibre orientation tensor Q (trace 1).
struct FibreAxis {
  Vec3 n;
  double alignment;
};

[[gnu::always_inline]] inline FibreAxis fibre_axis(const Sym3& q) {
  const PrincipalAxis axis = principal_axis(q);
  return {axis.direction, std::min(std::max((3 * axis.value - 1) / 2, 0.0), 1.0)};
}

// g = weight s. MSD along over MSD across: (1 + 2g)/(1 - g). In a plane (axes x and y) only the part of n in the plane
// guides, g = weight s (n_x^2 + n_y^2), and the ratio is (1 + g)/(1 - g).
[[gnu::always_inline]] inline FibreGuide fibre_guide(const FibreAxis& fibres, double weight, bool planar) {
  const double x = fibres.n.x, y = fibres.n.y, in_plane = std::sqrt(x * x + y * y), per = in_plane > 0 ? 1 / in_plane : 0.0;
  const Vec3 n = planar ? Vec3{per * x, per * y, 0} : fibres.n;
  double g = weight * fibres.alignment * (planar ? x * x + y * y : 1.0);
  g = std::min(std::max(g, 0.0), largest_guidance);
  return {n, std::sqrt(1 + (planar ? 1 : 2) * g), std::sqrt(1 - g)};
}

// One cue: strength weight * D/(D + half) along the gradient, D = |difference across the cell| / scale.
inline Vec3 gradient_cue(double weight, Vec3 difference, double scale, double half) {
  const Vec3 relative = (scale > 0 ? 1 / scale : 0.0) * difference;
  return (weight / (norm(relative) + half)) * relative;
}

// Chemotaxis that needs fibres to act along: a share of its weight is in force as far as the fibres at the cell are aligned.
// (Followers of leader cells climb a gradient only where these have written a track: Metzcar 2025, where the share is 1.)
inline double chemotaxis_on_fibres(double share, double alignment) { return 1 - share + share * alignment; }

// Contact inhibition of locomotion: weight (1 - E-cadherin)+ n/(n + 2) times the mean unit vector away from the n
// neighbours, so that mesenchymal cells leave a crowd and epithelial ones stay.
inline Vec3 contact_inhibition_cue(double weight, double ecadherin, double neighbours, Vec3 mean_away) {
  return (weight * std::max(0.0, 1 - ecadherin) * neighbours / (neighbours + 2)) * mean_away;
}

// The sum of the cues, shortened to a length of at most `bound`, which is positive.
inline Vec3 bounded_bias(Vec3 sum, double bound) {
  const double length = norm(sum);
  return (bound / (length > bound ? length : bound)) * sum;
}

}  // namespace invado
