#include "analysis/msd.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/statistics.h"
#include "base/maths.h"
#include "base/parallel.h"

namespace invado {

Vec3 unwrapped(const Domain& domain, const Population& cells, std::size_t row) {
  return {cells.x[row] + cells.wrap_x[row] * domain.size.x, cells.y[row] + cells.wrap_y[row] * domain.size.y,
          cells.z[row] + cells.wrap_z[row] * domain.size.z};
}

void FounderTracks::add_frame(const World& world) {
  const Site& site = world.sites.front();
  const Population& cells = site.cells;
  const std::int64_t tick = world.clock.tick;
  if (frames_ == 0) {
    first_tick_ = tick;
    std::vector<std::size_t> founders;
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (cells.parent[row] < 0) founders.push_back(row);
    std::ranges::sort(founders, {}, [&](std::size_t row) { return cells.id[row]; });
    if (founders.size() > limit_) founders.resize(limit_);
    for (const std::size_t row : founders) {
      id_.push_back(cells.id[row]);
      const Vec3 start = unwrapped(site.domain, cells, row);
      start_.insert(start_.end(), {start.x, start.y, start.z});
    }
    length_.assign(id_.size(), 1);
    displacement_.assign(3 * id_.size(), 0.0f);
    frames_ = 1;
    return;
  }
  if (frames_ == 1) {
    interval_ticks_ = tick - first_tick_;
    interval_h_ = world.clock.minutes(interval_ticks_) / 60;
  }
  if (interval_ticks_ <= 0 || tick != first_tick_ + static_cast<std::int64_t>(frames_) * interval_ticks_) return;
  displacement_.resize(displacement_.size() + 3 * id_.size());
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const auto found = std::ranges::lower_bound(id_, cells.id[row]);
    const auto track = static_cast<std::size_t>(found - id_.begin());
    if (found == id_.end() || *found != cells.id[row] || length_[track] != frames_) continue;
    ++length_[track];
    const Vec3 now = unwrapped(site.domain, cells, row);
    for (int axis = 0; axis < 3; ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      displacement_[3 * (frames_ * id_.size() + track) + a] = static_cast<float>(now[axis] - start_[3 * track + a]);
    }
  }
  ++frames_;
}

bool FounderTracks::consistent() const {
  const std::size_t tracks = id_.size();
  // Ticks are 32 bits wide; so is the tick of the last frame.
  constexpr std::int64_t last_tick = std::numeric_limits<std::uint32_t>::max();
  if (first_tick_ < 0 || first_tick_ > last_tick || interval_ticks_ < 0 || interval_ticks_ > last_tick ||
      frames_ > static_cast<std::uint64_t>(last_tick) ||
      static_cast<std::int64_t>(frames_) > 1 + (last_tick - first_tick_) / std::max<std::int64_t>(interval_ticks_, 1))
    return false;
  return length_.size() == tracks && start_.size() == 3 * tracks &&
         displacement_.size() % std::max<std::size_t>(3 * tracks, 1) == 0 &&
         displacement_.size() / std::max<std::size_t>(3 * tracks, 1) == (tracks > 0 ? frames_ : 0) &&
         std::ranges::is_sorted(id_) && std::ranges::all_of(length_, [&](std::uint64_t n) { return n <= frames_; });
}

std::vector<MsdPoint> FounderTracks::msd() const {
  std::vector<MsdPoint> points;
  for (std::uint64_t lag = 1; lag < frames_ && lag <= std::max<std::uint64_t>(frames_ / 2, 1);
       lag += lag < 20 ? 1 : lag / 14) {
    std::vector<double> per_track(id_.size(), std::numeric_limits<double>::quiet_NaN());
    for_rows(id_.size(), [&](std::size_t t) {
      if (length_[t] <= lag) return;
      double sum = 0;
      const std::uint64_t windows = length_[t] - lag;
      for (std::uint64_t i = 0; i < windows; ++i) {
        const float* const from = at(i, t);
        const float* const to = at(i + lag, t);
        for (int axis = 0; axis < 3; ++axis) {
          const double d = static_cast<double>(to[axis]) - static_cast<double>(from[axis]);
          sum += d * d;
        }
      }
      per_track[t] = sum / static_cast<double>(windows);
    });
    std::vector<double> means;
    double windows = 0;
    for (std::size_t t = 0; t < id_.size(); ++t)
      if (!std::isnan(per_track[t])) means.push_back(per_track[t]), windows += static_cast<double>(length_[t] - lag);
    if (means.empty()) break;
    const double cells = static_cast<double>(means.size());
    const MeanWithError msd = mean_with_error(means);
    points.push_back({static_cast<double>(lag) * interval_h_, msd.mean, msd.error, cells, windows});
  }
  return points;
}

WalkFit fit_walk(std::span<const double> time_h, std::span<const double> msd_um2) {
  constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
  // A few hundred samples hold all that a long series can tell about two numbers.
  const std::size_t stride = time_h.size() / 256 + 1;
  std::vector<double> t, log_msd;
  for (std::size_t i = 0; i < time_h.size(); i += stride)
    if (time_h[i] > 0 && msd_um2[i] > 0) t.push_back(time_h[i]), log_msd.push_back(invado::log(msd_um2[i]));
  if (t.size() < 4) return {no_value, no_value};
  const auto n = static_cast<double>(t.size());
  // For given P the best log S^2 is the mean of log MSD - log g(t; P); what is left is the variance of that difference.
  double log_square_speed = 0;
  const auto misfit = [&](double log_p) {
    const double p = invado::exp(log_p);
    std::vector<double> difference(t.size());
    double mean = 0;
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double s = t[i] / p;
      // 2 P^2 (s - 1 + exp(-s)), by its series where it would cancel.
      const double shape = s < 1e-3 ? s * s * (1 - s / 3) : 2 * (s + invado::expm1(-s));
      difference[i] = log_msd[i] - invado::log(p * p * shape);
      mean += difference[i];
    }
    mean /= n;
    log_square_speed = mean;
    double squares = 0;
    for (const double d : difference) squares += (d - mean) * (d - mean);
    return squares;
  };
  const auto [shortest, longest] = std::ranges::minmax(t);
  const double low = invado::log(shortest / 10), high = invado::log(longest * 10);
  // A grid finds the valley, golden sections its bottom.
  constexpr int steps = 40;
  int best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= steps; ++i) {
    const double value = misfit(low + (high - low) * i / steps);
    if (value < least) least = value, best = i;
  }
  double a = low + (high - low) * std::max(best - 1, 0) / steps, b = low + (high - low) * std::min(best + 1, steps) / steps;
  constexpr double golden = 0.6180339887498949;
  double c = b - golden * (b - a), d = a + golden * (b - a);
  double at_c = misfit(c), at_d = misfit(d);
  for (int i = 0; i < 50; ++i) {
    if (at_c < at_d) {
      b = d, d = c, at_d = at_c;
      c = b - golden * (b - a), at_c = misfit(c);
    } else {
      a = c, c = d, at_c = at_d;
      d = a + golden * (b - a), at_d = misfit(d);
    }
  }
  const double log_p = 0.5 * (a + b);
  misfit(log_p);
  return {invado::exp(log_p), std::sqrt(invado::exp(log_square_speed))};
}

}  // namespace invado
