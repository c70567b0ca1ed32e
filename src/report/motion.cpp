#include "report/motion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/maths.h"
#include "io/tracks.h"

namespace invado {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t groups = 10;

}  // namespace

TrackTable read_tracks(const std::filesystem::path& file, std::size_t most) {
  struct Row {
    std::int64_t id, frame;
    double time_h;
    Vec3 place;
  };
  std::vector<Row> kept;
  std::int64_t last_founder = std::numeric_limits<std::int64_t>::max();
  std::size_t founders = 0;
  TracksReader reader(file);
  for (TrackRow row; reader.next(row, last_founder);) {
    if (row.parent >= 0) continue;
    // Rows of a frame are in the order of ids: the first frame has all founders.
    if (row.frame == 0 && ++founders == most) last_founder = row.id;
    kept.push_back({row.id, row.frame, row.time_h, row.place});
  }
  std::ranges::stable_sort(kept, {}, [](const Row& r) { return std::pair(r.id, r.frame); });
  TrackTable tracks;
  for (const Row& row : kept)
    if (row.frame == 1) {
      tracks.interval_h = row.time_h;
      break;
    }
  std::int64_t id = -1;
  for (const Row& row : kept) {
    if (row.id != id) {
      if (row.frame != 0) continue;  // no beginning
      tracks.places.emplace_back();
      id = row.id;
    }
    const auto frame = static_cast<std::size_t>(row.frame);
    const bool regular = std::abs(row.time_h - static_cast<double>(row.frame) * tracks.interval_h) < 1e-6 * (1 + row.time_h);
    if (frame == tracks.places.back().size() && regular) tracks.places.back().push_back(row.place);
  }
  return tracks;
}

std::vector<MsdPoint> msd_of(const TrackTable& tracks, std::size_t first, std::size_t past_last) {
  // Handed over as a checkpoint would: analysis has the one definition of this average.
  FounderTracks founders(past_last - first);
  std::uint64_t frames = 0;
  for (std::size_t t = first; t < past_last; ++t) frames = std::max<std::uint64_t>(frames, tracks.places[t].size());
  const std::size_t count = past_last - first;
  std::vector<std::int64_t> id;
  std::vector<std::uint64_t> length;
  std::vector<double> start;
  std::vector<float> displacement(3 * frames * count);
  for (std::size_t t = 0; t < count; ++t) {
    const std::vector<Vec3>& places = tracks.places[first + t];
    id.push_back(static_cast<std::int64_t>(t));
    length.push_back(places.size());
    for (int axis = 0; axis < 3; ++axis) {
      start.push_back(places[0][axis]);
      for (std::size_t frame = 0; frame < places.size(); ++frame)
        displacement[3 * (frame * count + t) + static_cast<std::size_t>(axis)] =
            static_cast<float>(places[frame][axis] - places[0][axis]);
    }
  }
  FounderTracks::for_each_memory(founders, [&](std::string_view name, auto& value) {
    using Value = std::remove_reference_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::uint64_t>) value = frames;
    if constexpr (std::is_same_v<Value, std::int64_t>) value = name == "first_tick" ? 0 : 1;
    if constexpr (std::is_same_v<Value, double>) value = tracks.interval_h;
    if constexpr (std::is_same_v<Value, std::vector<std::int64_t>>) value = id;
    if constexpr (std::is_same_v<Value, std::vector<std::uint64_t>>) value = length;
    if constexpr (std::is_same_v<Value, std::vector<double>>) value = start;
    if constexpr (std::is_same_v<Value, std::vector<float>>) value = displacement;
  });
  return founders.msd();
}

double persistent_walk_msd(double time_h, const WalkFit& walk) {
  const double s = time_h / walk.persistence_h;
  // t - P (1 - exp(-t/P)) = P (s - 1 + exp(-s)), by its series where it would cancel.
  const double shape = s < 1e-3 ? s * s * (1 - s / 3) : 2 * (s + invado::expm1(-s));
  return walk.speed_um_h * walk.speed_um_h * walk.persistence_h * walk.persistence_h * shape;
}

WalkFitWithError fit_with_error(std::span<const double> lag_h, std::span<const double> msd_um2, const TrackTable& tracks) {
  WalkFitWithError result{fit_walk(lag_h, msd_um2), no_value, no_value};
  if (lag_h.empty() || std::isnan(result.fit.persistence_h)) return result;
  result.at_the_limit =
      result.fit.persistence_h > 0.95 * 10 * lag_h.back() || result.fit.persistence_h < 1.05 * 0.1 * lag_h.front();
  const std::size_t cells = tracks.places.size();
  if (cells < 2 * groups || result.at_the_limit) return result;

  std::vector<std::vector<MsdPoint>> of_group;
  for (std::size_t g = 0; g < groups; ++g) of_group.push_back(msd_of(tracks, cells * g / groups, cells * (g + 1) / groups));
  std::vector<double> persistence, speed;
  for (std::size_t left_out = 0; left_out < groups; ++left_out) {
    std::vector<double> lags, msd;
    for (std::size_t i = 0; i < lag_h.size(); ++i) {
      double sum = 0, weight = 0;
      for (std::size_t g = 0; g < groups; ++g) {
        if (g == left_out || i >= of_group[g].size()) continue;
        sum += of_group[g][i].msd_um2 * of_group[g][i].cells;
        weight += of_group[g][i].cells;
      }
      if (weight > 0) lags.push_back(lag_h[i]), msd.push_back(sum / weight);
    }
    const WalkFit fit = fit_walk(lags, msd);
    if (std::isnan(fit.persistence_h)) return result;
    persistence.push_back(fit.persistence_h);
    speed.push_back(fit.speed_um_h);
  }
  // Variance = (n - 1)/n sum of squares about the mean of the n fits.
  const auto error = [](const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    double mean = 0, squares = 0;
    for (const double v : values) mean += v / n;
    for (const double v : values) squares += (v - mean) * (v - mean);
    return std::sqrt((n - 1) / n * squares);
  };
  result.persistence_error = error(persistence);
  result.speed_error = error(speed);
  return result;
}

std::vector<double> path_speeds(const TrackTable& tracks) {
  std::vector<double> speeds;
  for (const std::vector<Vec3>& places : tracks.places) {
    if (places.size() < 2) continue;
    double length = 0;
    for (std::size_t i = 1; i < places.size(); ++i) length += norm(places[i] - places[i - 1]);
    speeds.push_back(length / (tracks.interval_h * static_cast<double>(places.size() - 1)));
  }
  return speeds;
}

}  // namespace invado
