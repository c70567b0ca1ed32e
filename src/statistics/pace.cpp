#include "statistics/pace.h"

#include <algorithm>
#include <cstddef>

namespace invado {

void Pace::add(double time_h, double wall_s) {
  constexpr std::size_t most = 128;
  if (added_ > 0 && !(time_h > last_.time_h)) return;
  last_ = {time_h, wall_s};
  if (added_++ % stride_ != 0) return;
  kept_.push_back(last_);
  if (kept_.size() < most) return;
  stride_ *= 2;
  for (std::size_t n = 0; n < most / 2; ++n) kept_[n] = kept_[2 * n];
  kept_.resize(most / 2);
}

double Pace::wall_at(double time_h) const {
  const auto after = std::ranges::lower_bound(kept_, time_h, {}, &Seen::time_h);
  if (after == kept_.begin()) return kept_.front().wall_s;
  const Seen a = *(after - 1), b = after == kept_.end() ? last_ : *after;
  return a.wall_s + (b.wall_s - a.wall_s) * (time_h - a.time_h) / (b.time_h - a.time_h);
}

double Pace::seconds_left(double end_h) const {
  constexpr std::size_t few = 8;
  if (added_ < 2) return 0;
  const Seen first = kept_.front();
  const double left = std::max(0.0, end_h - last_.time_h), third = (last_.time_h - first.time_h) / 3;
  if (added_ < few) return left * (last_.wall_s - first.wall_s) / (3 * third);
  const double wall_1 = wall_at(first.time_h + third), wall_2 = wall_at(first.time_h + 2 * third);
  const double earlier = (wall_2 - wall_1) / third, late = (last_.wall_s - wall_2) / third;
  const double rise = std::max(0.0, late - earlier) / third;  // per hour
  return left * (late + rise * (third + left) / 2);
}

}  // namespace invado
