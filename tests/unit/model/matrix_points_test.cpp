// What the matrix is like at sixteen points at once: the same bits as one point at a time, with points beyond the outermost
// centres, outside of the box and across periodic faces, in all tissues.
// Seen to fail: periodic faces held like closed ones; the pore of basement membrane not limited; a crosslinking of 2 where
// there is none; pores not asked for where there is only stroma; basement membrane not among what is narrow.
#include <doctest/doctest.h>

#include <array>

#include "base/random.h"
#include "model/matrix_points.h"

using namespace invado;

namespace {

Matrix patchy() {
  Matrix m;
  m.grid = {{7, 5, 6}, {10, 5, 10}};
  const std::size_t n = m.grid.size();
  m.density.resize(n);
  m.crosslinking.resize(n);
  m.tissue.resize(n);
  m.fibre.resize(n);
  for (std::size_t v = 0; v < n; ++v) {
    const auto u = uniform4(Seed{3}, 0, Purpose::Placement, static_cast<std::int64_t>(v));
    m.density[v] = 3 * u[0];
    m.crosslinking[v] = static_cast<float>(1 + u[1]);
    m.tissue[v] = static_cast<std::uint8_t>(7 * u[2]);
    for (std::size_t c = 0; c < 6; ++c) m.fibre[v][c] = static_cast<float>(u[3] / static_cast<double>(c + 1));
  }
  m.density_start.assign(n, 2.0);
  m.survey();
  return m;
}

// Of stroma, every other voxel of another tissue, without crosslinks.
Matrix stroma_and(Tissue other) {
  Matrix m = patchy();
  m.crosslinking.assign(m.grid.size(), 1.0F);
  for (std::size_t v = 0; v < m.grid.size(); ++v)
    m.tissue[v] = static_cast<std::uint8_t>(v % 2 == 0 ? Tissue::Stroma : other);
  m.survey();
  return m;
}

void compare(const Matrix& m) {
  for (const std::array<bool, 3> periodic : {std::array{false, false, false}, std::array{true, false, true}}) {
    ManyVectors x;
    Many limit;
    for (std::size_t p = 0; p < many; ++p) {
      const auto u = uniform4(Seed{4}, 0, Purpose::Placement, static_cast<std::int64_t>(p));
      for (std::size_t a = 0; a < 3; ++a) x[a][p] = (1.4 * u[a] - 0.2) * std::array{70.0, 25.0, 60.0}[a];
      limit[p] = p == 0 ? 40 : 12 * u[3];  // above and below pore_free
    }
    const TrilinearMany points(AxisPairs(m.grid, 0, x[0], periodic[0]), AxisPairs(m.grid, 1, x[1], periodic[1]),
                               AxisPairs(m.grid, 2, x[2], periodic[2]));
    FeltMatrix felt;
    feel_matrix(m, points, felt);
    std::array<Many, 6> fibre;
    feel_fibres(m, points, fibre);
    Many pore, room;
    feel_pores(m, points, pore);
    steric_factors_at(m, x, limit, periodic, room);
    for (std::size_t p = 0; p < many; ++p) {
      const Vec3 at{x[0][p], x[1][p], x[2][p]};
      const Trilinear one(m.grid, at, periodic);
      const double stiffness =
          one([&](std::size_t v) { return m.law.stiffness(m.density[v], static_cast<double>(m.crosslinking[v])); });
      CHECK(felt.density[p] == one([&](std::size_t v) { return m.density[v]; }));
      CHECK(felt.stiffness[p] == stiffness);
      CHECK(pore[p] == one([&](std::size_t v) { return m.pore(v); }));
      for (std::size_t c = 0; c < 6; ++c)
        CHECK(fibre[c][p] == one([&](std::size_t v) { return static_cast<double>(m.fibre[v][c]); }));
      const StericLaw phi(limit[p], m.law.pore_free);
      CHECK(room[p] == one([&](std::size_t v) { return phi(m.pore(v)); }));
      CHECK(room[p] == steric_factor_at(m, at, limit[p], periodic));
    }
  }
}

}  // namespace

TEST_CASE("sixteen points at once give the bits of one at a time") {
  const Matrix all_kinds = patchy(), one_kind = stroma_and(Tissue::Stroma);
  CHECK((all_kinds.any(narrow) && all_kinds.any(solid) && all_kinds.crosslinked));
  CHECK_FALSE((one_kind.any(narrow) || one_kind.any(solid) || one_kind.crosslinked));
  compare(all_kinds);
  compare(one_kind);
  compare(stroma_and(Tissue::BasementMembrane));
}

TEST_CASE("what nobody has looked for may be there") {
  const Matrix m;
  CHECK((m.any(inert) && m.any(narrow) && m.any(solid) && m.crosslinked));
}
