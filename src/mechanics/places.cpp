#include "mechanics/places.h"

#include <bit>
#include <cmath>

#include "base/parallel.h"

namespace invado {

bool Places::take(std::span<const double> x, std::span<const double> y, std::span<const double> z,
                  std::span<const double> radius, Vec3 the_box, std::array<bool, 3> is_periodic) {
  const std::size_t n = x.size();
  box = the_box;
  periodic = is_periodic;
  Vec3 per_quantum;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    int exponent = 0;
    (void)std::frexp(box[axis], &exponent);
    quantum[a] = periodic[a] ? box[axis] * 0x1p-32 : std::ldexp(1.0, exponent - 31);
    per_quantum[axis] = 1 / quantum[a];
  }
  // A double of this size keeps an integer in its low bits, rounded; of more than 32 of them the lower 32 are meant.
  constexpr double shift = 6755399441055744.0;  // 1.5 * 2^52
  const auto fixed = [](double units) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(units + shift)));
  };
  const auto outside = [](double at, double size) { return at >= 0 && at <= size ? 0 : 1; };
  const auto bodiless = [](double r) { return r > 0 && r < 1e9 ? 0 : 1; };
  of.resize(n);
  return largest_of_blocks(n, [&](std::size_t begin, std::size_t end) {
           Place* const out = of.data();
           int wrong = 0;
           for (std::size_t i = begin; i < end; ++i) {
             wrong |= outside(x[i], box.x) | outside(y[i], box.y) | outside(z[i], box.z) | bodiless(radius[i]);
             out[i] = {fixed(x[i] * per_quantum.x), fixed(y[i] * per_quantum.y), fixed(z[i] * per_quantum.z),
                       static_cast<float>(radius[i])};
           }
           return static_cast<double>(wrong);
         }) == 0;
}

}  // namespace invado
