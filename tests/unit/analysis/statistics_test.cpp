// Statistics against numbers computed with numpy; the walk's fit against exact curves.
#include "analysis/statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "analysis/indices.h"
#include "analysis/msd.h"
#include "base/random.h"
#include "model/columns.h"

using namespace invado;

TEST_CASE("mean, spread and quantiles as numpy gives them") {
  std::vector<double> values{3, 1, 4, 1, 5, 9, 2, 6};
  const Summary s = summarise(values);
  CHECK(s.mean == 3.875);
  CHECK(s.sd == doctest::Approx(2.748376143938713).epsilon(1e-14));
  CHECK(s.q05 == 1.0);
  CHECK(s.q50 == 3.5);
  CHECK(s.q95 == doctest::Approx(7.95).epsilon(1e-14));
  std::vector<double> one{2}, none;
  CHECK(summarise(one).sd == 0);
  CHECK(summarise(one).q95 == 2);
  CHECK(std::isnan(summarise(none).mean));
  CHECK(std::isnan(mean_with_error(one).error));
  CHECK(mean_with_error(values).error == doctest::Approx(2.748376143938713 / std::sqrt(8.0)));
}

// Seen to fail with the ranks of a bin not counted from its own first value.
TEST_CASE("quantiles are those of the sorted values, in any order of the values") {
  const auto of_sorted = [](const std::vector<double>& ascending, double p) {
    const double at = p * static_cast<double>(ascending.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const double next = ascending[std::min(low + 1, ascending.size() - 1)];
    return ascending[low] + (at - static_cast<double>(low)) * (next - ascending[low]);
  };
  const double infinite = std::numeric_limits<double>::infinity();
  const std::vector<std::function<double(int)>> laws{
      [](int i) { return 1.0 / (1 + (i * 7919) % 101); },                    // many are equal
      [](int i) { return uniform4(Seed{1}, 0, Purpose::Placement, i)[0]; },  // evenly spread
      [](int) { return 0.25; },                                              // one value
      [](int i) { return i % 7 == 0 ? 1.0 + 1e-15 * i : 0.0; },              // most in one bin, the rest close together
      [](int i) { return i == 3 ? 1e300 : 1e-3 * uniform4(Seed{2}, 0, Purpose::Placement, i)[0]; },  // one far away
      [&](int i) { return i % 5 == 0   ? -infinite
                          : i % 3 == 0 ? infinite
                                       : -0.5 * (i % 13); },
      [](int i) { return i % 2 == 0 ? 1.7e308 : -1.7e308; },  // a range that is no number
  };
  for (const auto& law : laws)
    for (const int count : {1, 2, 3, 20, 21, 64, 65, 1000, 10007}) {
      std::vector<double> values;
      for (int i = 0; i < count; ++i) values.push_back(law(i));
      std::vector<double> sorted = values, reversed(values.rbegin(), values.rend());
      std::ranges::sort(sorted);
      for (const std::vector<double>& given : {values, reversed}) {
        const std::vector<double> q = quantiles(given, {0.05, 0.5, 0.9, 0.95, 0.99, 1.0});
        std::size_t n = 0;
        for (const double p : {0.05, 0.5, 0.9, 0.95, 0.99, 1.0}) {
          const double expected = of_sorted(sorted, p);
          CHECK((q[n] == expected || (std::isnan(q[n]) && std::isnan(expected))));  // NaN: between two infinite ones
          ++n;
        }
      }
    }
  CHECK(std::isnan(quantiles({}, {0.5})[0]));
  const Summary s = summarise({1, 2, std::numeric_limits<double>::quiet_NaN()});
  CHECK(std::isnan(s.mean));
  CHECK(std::isnan(s.q50));
}

TEST_CASE("a straight line with the error of its slope") {
  const std::vector<double> x{0, 1, 2, 4}, y{1, 2.5, 3.5, 9};
  const Line line = fit_line(x, y);  // numpy.polyfit(x, y, 1, cov=True)
  CHECK(line.slope == doctest::Approx(2.0));
  CHECK(line.intercept == doctest::Approx(0.5));
  CHECK(line.slope_error == doctest::Approx(0.29277002188455997));
  CHECK(std::isnan(fit_line(std::vector<double>{1}, std::vector<double>{1}).slope));
  CHECK(std::isnan(fit_line(std::vector<double>{1, 1}, std::vector<double>{1, 2}).slope));
  CHECK(std::isnan(fit_line(std::vector<double>{1, 2}, std::vector<double>{1, 2}).slope_error));
}

// Residuals e(k) = r e(k-1) + noise. Over many series the slope scatters by what the error should say; 200 series tell that
// scatter to 5 % (seen to fail with the error of independent samples), and r is known to some 0.05 from 145 samples, which
// at 0.9 is a third of the error.
TEST_CASE("the error of the slope of a time series knows that its samples are alike") {
  constexpr int series = 200, samples = 145;
  std::vector<double> x(samples), y(samples);
  for (int k = 0; k < samples; ++k) x[static_cast<std::size_t>(k)] = 0.5 * k;
  for (const double r : {0.0, 0.5, 0.9, 1.0}) {
    std::vector<double> slopes, errors, naive;
    for (std::int64_t s = 0; s < series; ++s) {
      double e = 0;
      for (std::int64_t k = -100; k < samples; ++k) {
        const auto u = uniform4(Seed{4}, static_cast<std::uint32_t>(k + 100), Purpose::Placement, s);
        e = r * e + (u[0] + u[1] + u[2] + u[3] - 2);
        if (k >= 0) y[static_cast<std::size_t>(k)] = 3 * x[static_cast<std::size_t>(k)] + e;
      }
      const Line line = fit_series(x, y);
      slopes.push_back(line.slope);
      errors.push_back(line.slope_error);
      naive.push_back(fit_line(x, y).slope_error);
    }
    const double scatter = summarise(slopes).sd;
    CHECK(summarise(slopes).mean == doctest::Approx(3).epsilon(0.03));
    CHECK(summarise(errors).q50 / scatter == doctest::Approx(1).epsilon(r < 0.9 ? 0.15 : 0.35));
    if (r > 0.8) CHECK(summarise(naive).q50 / scatter < 0.3);
  }
  // A front that speeds up: the speeds of eight pieces of 9 h are 9, 27, ..., 135 um/h (y = x^2, x = 0 to 72).
  for (std::size_t k = 0; k < x.size(); ++k) y[k] = x[k] * x[k];
  const Line bent = fit_series(x, y);
  CHECK(bent.slope == doctest::Approx(72));
  CHECK(bent.slope_error == doctest::Approx(18 * std::sqrt(6.0) / std::sqrt(8.0)));  // sd of 1..8 is sqrt 6
}

TEST_CASE("assay indices as the reference implementation gives them at two steady states") {
  const AssayIndices sts =
      assay_indices(0.28963253110780823, 0.09999789370040055, 0.13685515101955578, 0.770812744965627, 0.007157929918053806);
  CHECK(sts.migration == doctest::Approx(13.815098415939705).epsilon(1e-12));
  CHECK(sts.invasion == doctest::Approx(5.373179356163805).epsilon(1e-12));
  CHECK(sts.survival_24h == doctest::Approx(0.43604076655665147).epsilon(1e-12));
  const AssayIndices breast =
      assay_indices(0.966265312018636, 0.0003112586540990804, 0.7503288087483719, 1.5817555089609074, 0.9346435227693705);
  CHECK(breast.migration == doctest::Approx(30.960387909552292).epsilon(1e-12));
  CHECK(breast.invasion == doctest::Approx(22.58951246772047).epsilon(1e-12));
  CHECK(breast.survival_24h == doctest::Approx(0.8523954653166209).epsilon(1e-12));
}

TEST_CASE("persistence and speed come back from exact curves of Fuerth") {
  for (const double p : {0.1, 0.5, 3.0}) {
    std::vector<double> t, msd;
    for (int i = 0; i <= 60; ++i) {
      t.push_back(i / 6.0);
      msd.push_back(2 * 400 * p * (t.back() - p * (1 - std::exp(-t.back() / p))));  // S = 20 um/h
    }
    const WalkFit fit = fit_walk(t, msd);
    CHECK(fit.persistence_h == doctest::Approx(p).epsilon(1e-6));
    CHECK(fit.speed_um_h == doctest::Approx(20).epsilon(1e-6));
  }
  CHECK(std::isnan(fit_walk(std::vector<double>{0, 1, 2}, std::vector<double>{0, 1, 2}).persistence_h));
}

namespace {

// Founders 0..n-1 move with velocity (1, 2, 2) (id + 1) um per frame of 6 min in a periodic box; one daughter is ignored.
World marching(int n, std::int64_t frame) {
  World world;
  world.types.resize(1);
  world.clock = {360000000, frame};
  world.sites.resize(1);
  Site& site = world.sites[0];
  site.domain.size = {50, 1000, 1000};
  site.domain.boundary[0] = Boundary::Periodic;
  for (int i = n; i >= 0; --i) {  // highest id first: rows are not ids
    const std::size_t row = append_row(site.cells);
    site.cells.id[row] = i == n ? 99 : i;
    site.cells.parent[row] = i == n ? 0 : -1;
    const double t = static_cast<double>(frame) * (i + 1);
    site.cells.wrap_x[row] = static_cast<std::int32_t>(std::floor((10 + t) / 50));
    site.cells.x[row] = 10 + t - 50 * site.cells.wrap_x[row];
    site.cells.y[row] = 2 * t;
    site.cells.z[row] = 100 + 2 * t;
  }
  return world;
}

}  // namespace

TEST_CASE("marching founders have a ballistic mean square displacement") {
  FounderTracks tracks;
  for (std::int64_t frame = 0; frame <= 30; ++frame) {
    World world = marching(frame < 20 ? 3 : 2, frame);  // founder 2 is gone from frame 20 on
    tracks.add_frame(world);
  }
  CHECK(tracks.frames() == 31);
  const auto msd = tracks.msd();
  REQUIRE(msd.size() == 15);
  for (std::size_t i = 0; i < msd.size(); ++i) {
    const double lag = static_cast<double>(i) + 1;
    CHECK(msd[i].lag_h == doctest::Approx(lag / 10));
    // Speeds 3, 6, 9 um per frame.
    CHECK(msd[i].msd_um2 == doctest::Approx(lag * lag * (9 + 36 + 81) / 3).epsilon(1e-6));
    CHECK(msd[i].error_um2 == doctest::Approx(lag * lag * 36.3731 / std::sqrt(3.0)).epsilon(1e-4));  // sd of 9, 36, 81
    CHECK(msd[i].cells == 3);
    CHECK(msd[i].windows == 2 * (31 - lag) + std::max(20 - lag, 0.0));
  }
}

TEST_CASE("frames off the rhythm are left out, the number of tracks is limited") {
  FounderTracks tracks(2);
  for (const std::int64_t frame : {0, 2, 4, 5, 6}) tracks.add_frame(marching(3, frame));
  CHECK(tracks.frames() == 4);
  const auto msd = tracks.msd();
  REQUIRE(!msd.empty());
  CHECK(msd[0].lag_h == doctest::Approx(0.2));
  CHECK(msd[0].msd_um2 == doctest::Approx(4 * (9 + 36) / 2.0));
  CHECK(msd[0].cells == 2);
}
