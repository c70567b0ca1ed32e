#include "sweep/designs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/error.h"

namespace invado {
namespace {

// A primitive polynomial x^degree + ... + 1, whose inner coefficients are the bits of `inner`, and the first numbers m_i.
struct Polynomial {
  unsigned degree, inner;
  std::array<std::uint32_t, 7> first;
};

// Axes 2 to 32 of new-joe-kuo-6.21201; axis 1 is van der Corput's sequence.
constexpr std::array<Polynomial, most_sobol_axes - 1> polynomials{{
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
}};

// Direction numbers v_1 ... v_32 of one axis (Bratley & Fox 1988, ACM TOMS 14:88, equation 2), as fractions of 2^32.
std::array<std::uint32_t, 32> direction_numbers(std::size_t axis) {
  std::array<std::uint32_t, 32> v{};
  if (axis == 0) {
    for (unsigned i = 0; i < 32; ++i) v[i] = std::uint32_t{1} << (31 - i);
    return v;
  }
  const Polynomial& p = polynomials.at(axis - 1);
  for (unsigned i = 0; i < 32; ++i) {
    if (i < p.degree) {
      v[i] = p.first[i] << (31 - i);
      continue;
    }
    v[i] = v[i - p.degree] ^ (v[i - p.degree] >> p.degree);
    for (unsigned k = 1; k < p.degree; ++k)
      if ((p.inner >> (p.degree - 1 - k)) & 1u) v[i] ^= v[i - k];
  }
  return v;
}

}  // namespace

UnitPoints latin_hypercube(std::size_t points, std::size_t axes, Seed seed) {
  UnitPoints out(points, std::vector<double>(axes));
  std::vector<std::size_t> strata(points);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    std::iota(strata.begin(), strata.end(), std::size_t{0});
    for (std::size_t i = points; i-- > 0;) {
      const auto u = uniform4(seed, static_cast<std::uint32_t>(axis), Purpose::SweepDesign, static_cast<std::int64_t>(i));
      // Fisher and Yates, from the end: u < 1, so the index is at most i.
      std::swap(strata[i], strata[static_cast<std::size_t>(u[0] * static_cast<double>(i + 1))]);
      out[i][axis] = u[1];
    }
    for (std::size_t i = 0; i < points; ++i)
      out[i][axis] = (static_cast<double>(strata[i]) + out[i][axis]) / static_cast<double>(points);
  }
  return out;
}

UnitPoints sobol(std::size_t points, std::size_t axes, std::uint32_t skip) {
  INVADO_ENSURE(axes <= most_sobol_axes);
  UnitPoints out(points, std::vector<double>(axes));
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::array<std::uint32_t, 32> v = direction_numbers(axis);
    for (std::size_t i = 0; i < points; ++i) {
      const std::uint32_t index = skip + static_cast<std::uint32_t>(i);
      std::uint32_t x = 0;
      for (std::uint32_t gray = index ^ (index >> 1); gray != 0; gray &= gray - 1)
        x ^= v[static_cast<std::size_t>(std::countr_zero(gray))];
      out[i][axis] = static_cast<double>(x) * 0x1p-32;
    }
  }
  return out;
}

UnitPoints morris_trajectories(std::size_t trajectories, std::size_t levels, std::size_t axes, Seed seed) {
  INVADO_ENSURE(levels >= 2 && levels % 2 == 0);
  const std::size_t jump = levels / 2;
  UnitPoints out;
  std::vector<std::size_t> order(axes), place(axes), aim(axes);
  const auto point = [&] {
    std::vector<double>& u = out.emplace_back();
    for (const std::size_t level : place) u.push_back(static_cast<double>(level) / static_cast<double>(levels - 1));
  };
  for (std::size_t t = 0; t < trajectories; ++t) {
    for (std::size_t axis = 0; axis < axes; ++axis) {
      // Block 0 of this address belongs to latin_hypercube.
      const auto u = uniform4(seed, static_cast<std::uint32_t>(axis), Purpose::SweepDesign, static_cast<std::int64_t>(t), 1);
      const auto low = static_cast<std::size_t>(u[0] * static_cast<double>(jump));
      const bool up = u[1] < 0.5;
      place[axis] = up ? low : low + jump;
      aim[axis] = up ? low + jump : low;
      // Fisher and Yates, inside out.
      const auto other = static_cast<std::size_t>(u[2] * static_cast<double>(axis + 1));
      order[axis] = order[other];
      order[other] = axis;
    }
    point();
    for (const std::size_t axis : order) {
      place[axis] = aim[axis];
      point();
    }
  }
  return out;
}

UnitPoints saltelli(std::size_t blocks, std::size_t axes, std::uint32_t skip, bool second_order) {
  UnitPoints out;
  for (const std::vector<double>& both : sobol(blocks, 2 * axes, skip)) {
    const auto middle = both.begin() + static_cast<std::ptrdiff_t>(axes);
    const std::vector<double> a(both.begin(), middle), b(middle, both.end());
    const auto crossed = [&](const std::vector<double>& most, const std::vector<double>& one) {
      for (std::size_t axis = 0; axis < axes; ++axis) {
        out.push_back(most);
        out.back()[axis] = one[axis];
      }
    };
    out.push_back(a);
    crossed(a, b);
    if (second_order) crossed(b, a);
    out.push_back(b);
  }
  return out;
}

std::vector<std::vector<std::size_t>> all_combinations(std::span<const std::size_t> levels) {
  std::size_t count = 1;
  for (const std::size_t n : levels) count *= n;
  std::vector<std::vector<std::size_t>> out(count, std::vector<std::size_t>(levels.size()));
  for (std::size_t point = 0; point < count; ++point) {
    std::size_t rest = point;
    for (std::size_t axis = levels.size(); axis-- > 0; rest /= levels[axis]) out[point][axis] = rest % levels[axis];
  }
  return out;
}

std::uint64_t run_seed(std::uint64_t master, std::uint64_t point, std::uint32_t replicate, bool common_random_numbers) {
  const auto who = static_cast<std::int64_t>(common_random_numbers ? 0 : point);
  const auto w = words4({master}, replicate, Purpose::SweepSeed, who);
  return ((static_cast<std::uint64_t>(w.w1) << 32) | w.w0) >> 1;
}

}  // namespace invado
