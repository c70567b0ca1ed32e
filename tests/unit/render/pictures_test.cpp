// What pictures of a run are made of before anything is drawn: where one looks from, how much is seen, lengths, colours,
// where things are.
//
// Seen to fail with: up turned into down; the aspect left out of the framing; strays in the range; vimentin up to 0.5; three
// colours of clones instead of eight; scale bars moved up into their panels; the thick axis of a slab; contacts at half the
// reach. Ranges: the ends rounded inwards; the least width ignored, or begun below zero where nothing is; no value at all
// not 0 to 1; one that begins near zero not at zero. Ends of a bar: no sign below, or above; the other sign; a tick left so
// close that it is written over; two digits.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/colour_range.h"
#include "base/named_colours.h"
#include "base/round_length.h"
#include "model/headline_signals.h"
#include "render/alone.h"
#include "render/framing.h"
#include "render/job.h"
#include "render/layout.h"

using namespace invado;

TEST_CASE("the axes of a picture are a right-handed frame, and look where they should") {
  for (const double azimuth : {-200.0, 0.0, 30.0, 90.0})
    for (const double elevation : {-90.0, 0.0, 20.0, 90.0}) {
      const Axes axes = axes_of(azimuth, elevation);
      for (const Vec3& axis : {axes.right, axes.up, axes.back}) CHECK(norm(axis) == doctest::Approx(1));
      CHECK(norm(cross(axes.right, axes.up) - axes.back) < 1e-12);
      CHECK(axes.right.z == doctest::Approx(0));  // the horizon is level
    }
  const Axes ahead = axes_of(0, 0), above = axes_of(0, 90), side = axes_of(90, 0);
  CHECK(norm(ahead.right - Vec3{1, 0, 0}) < 1e-12);
  CHECK(norm(ahead.up - Vec3{0, 0, 1}) < 1e-12);
  CHECK(norm(above.right - Vec3{1, 0, 0}) < 1e-12);
  CHECK(norm(above.up - Vec3{0, 1, 0}) < 1e-12);
  CHECK(norm(side.back - Vec3{1, 0, 0}) < 1e-12);
}

TEST_CASE("the camera sees every cell whole, and not much more than that") {
  const std::vector<Sphere> cells{{{10, 500, -40}, 8}, {{200, 480, 60}, 12}, {{90, 510, 300}, 9}};
  for (const double aspect : {0.5, 1.0, 2.3}) {
    const Camera camera = framed(cells, axes_of(25, 35), aspect);
    double across = 0, upward = 0;
    for (const Sphere& cell : cells) {
      const Vec3 from = cell.centre - camera.focus;
      across = std::max(across, std::abs(dot(from, camera.axes.right)) + cell.radius);
      upward = std::max(upward, std::abs(dot(from, camera.axes.up)) + cell.radius);
      CHECK(std::abs(dot(from, camera.axes.back)) + cell.radius <= camera.depth + 1e-9);
    }
    // The tighter of both directions is filled but for the margin of 5 %.
    CHECK(std::max(upward, across / aspect) * 1.05 == doctest::Approx(camera.half_height));
  }
  const Camera nothing = framed({}, axes_of(0, 0), 1);
  CHECK(nothing.half_height == 50);
  const std::vector<Sphere> one{{{5, 6, 7}, 10}};
  CHECK(norm(framed(one, axes_of(30, 20), 1).focus - Vec3{5, 6, 7}) < 1e-9);
  CHECK(framed(one, axes_of(30, 20), 1).half_height == doctest::Approx(10.5));
}

TEST_CASE("a section shows the large face of a slab, else the plane across y") {
  CHECK(section_axis({400, 400, 80}) == 2);
  CHECK(section_axis({80, 400, 300}) == 0);
  CHECK(section_axis({400, 80, 300}) == 1);
  CHECK(section_axis({1200, 1200, 800}) == 1);
  CHECK(section_axis({100, 900, 100}) == 1);  // a column: no face is large
}

TEST_CASE("alone is who touches nobody: centres farther apart than 1.25 times both radii") {
  // A row with gaps of 25.1, 24.9 and 40 um between cells of 10 um, and one in another place.
  const std::vector<Sphere> cells{
      {{-500, 0, 3}, 10}, {{-474.9, 0, 3}, 10}, {{-450, 0, 3}, 10}, {{-410, 0, 3}, 10}, {{7, 800, 9}, 10}};
  CHECK(alone_among(cells) == std::vector<bool>{true, false, false, true, true});
  CHECK(alone_among({}).empty());
  CHECK(alone_among(std::span(cells).first(1)) == std::vector<bool>{true});
}

TEST_CASE("ranges hold all but one hundredth at either end, and end on round numbers") {
  std::vector<double> values;
  for (int i = 0; i <= 1000; ++i) values.push_back(0.003 * i);
  values.push_back(1e9);  // one stray
  values.push_back(std::nan(""));
  values.push_back(std::numeric_limits<double>::infinity());
  const auto [low, high] = range_of(values);
  CHECK(low == 0);
  CHECK(high == doctest::Approx(3));
  CHECK(range_of({}) == std::array<double, 2>{0, 1});
  CHECK(range_of({2, 5, 10})[0] == 0);  // what begins near zero begins at zero
  CHECK(range_of({4, 5, 10})[0] > 3);
  const auto [same_low, same_high] = range_of({7, 7, 7});
  CHECK(same_low < 7);
  CHECK(same_high > 7);
  const auto [zero_low, zero_high] = range_of({0, 0});
  CHECK(zero_low < zero_high);
  const auto [below, above] = range_of({-3, -2, -1});
  CHECK(below <= -3);
  CHECK(above >= -1);
  CHECK(above <= 0);
}

TEST_CASE("a range has at least its least width, within what can be") {
  // A branch that hardly varies: between 0.01 and 0.03, with 0.3 to show.
  std::vector<double> values;
  for (int i = 0; i <= 200; ++i) values.push_back(0.01 + 0.0001 * i);
  const auto [none, most] = range_of(values, 0.3);
  CHECK(none == 0);  // not below, where nothing is
  CHECK(most == doctest::Approx(0.3));
  // About the middle of what varies otherwise, outwards by less than half a step: 0.5 -+ 0.1.
  for (double& v : values) v += 0.48;
  const auto [low, high] = range_of(values, 0.2);
  CHECK(low == doctest::Approx(0.4));
  CHECK(high == doctest::Approx(0.6));
  CHECK(range_of(values, 0.001) == range_of(values));
}

TEST_CASE("an end of a colour bar says when values lie beyond it") {
  const std::array<double, 2> range{0, 1.3};
  const auto texts = [&](Beyond beyond) {
    std::vector<std::string> all;
    for (const BarLabel& label : bar_labels(range, beyond)) all.push_back(label.text);
    return all;
  };
  CHECK(texts({}) == std::vector<std::string>{"0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"});
  CHECK(texts({true, true}) == std::vector<std::string>{"≤ 0", "0.2", "0.4", "0.6", "0.8", "1.0", "≥ 1.3"});
  CHECK(bar_labels(range, {false, true}).back().at == 1.3);
  CHECK(bar_labels({0, 1.25}, {false, true}).back().text == "≥ 1.25");
  Beyond beyond;
  for (const double inside : {0.0, 0.7, 1.3, std::nan("")}) beyond.note(inside, range);
  CHECK_FALSE(beyond.below);
  CHECK_FALSE(beyond.above);
  beyond.note(1.31, range);
  CHECK(beyond.above);
  CHECK_FALSE(beyond.below);
}

TEST_CASE("ticks of a colour bar are round, inside, and few") {
  CHECK(bar_ticks(0, 1.3).size() == 7);  // 0, 0.2 ... 1.2
  CHECK(bar_ticks(0, 0.4).size() == 5);
  for (const auto& [low, high] :
       {std::pair{0.0, 1.3}, std::pair{0.0, 0.4}, std::pair{-3.0, 17.0}, std::pair{1e-6, 3e-6}, std::pair{100.0, 101.0}}) {
    const std::vector<double> ticks = bar_ticks(low, high);
    CHECK(ticks.size() >= 2);
    CHECK(ticks.size() <= 7);
    CHECK(std::ranges::min(ticks) >= low - 1e-9 * (high - low));
    CHECK(std::ranges::max(ticks) <= high + 1e-9 * (high - low));
  }
  CHECK(tick_text(0.2, 0, 1.3) == "0.2");
  CHECK(tick_text(0, 0, 1.3) == "0");
  CHECK(tick_text(20, 0, 60) == "20");
  CHECK(tick_text(-0.05, -0.1, 0.1) == "\u22120.05");
}

TEST_CASE("headline signals are found by both names, with the ranges of biology.md 2.7") {
  for (const auto& [alias, column, high] :
       {std::tuple{"akt", "pakt", 1.3}, std::tuple{"vimentin", "vimentin_stability", 0.4},
        std::tuple{"runx2", "runx2_activity", 1.2}}) {
    REQUIRE(find_headline(alias) != nullptr);
    CHECK(find_headline(alias) == find_headline(column));
    CHECK(find_headline(alias)->low == 0);
    CHECK(find_headline(alias)->high == high);
  }
  CHECK(find_headline("speed_um_h") == nullptr);
}

TEST_CASE("clones keep their colour, and neighbours by id rarely share one") {
  int same = 0;
  for (std::int64_t founder = 0; founder < 1000; ++founder) {
    CHECK(clone_colour(founder) == clone_colour(founder));
    same += clone_colour(founder) == clone_colour(founder + 1);
  }
  CHECK(same < 1000 / 8 + 4 * 11);  // no more than by chance: 125 with a standard deviation of 10.5
  CHECK(collagen(0) == Rgb{255, 255, 255});
  CHECK(collagen(std::nan("")) == collagen(0));
  CHECK(collagen(2) == collagen(1));
}

TEST_CASE("nothing in a picture lies over anything else, or outside") {
  for (const bool by_row : {true, false})
    for (const std::size_t panels : {1u, 2u, 3u, 6u})
      for (const int width : {0, 400, 2400}) {
        LayoutWishes wishes;
        wishes.width = width;
        wishes.panels = panels;
        wishes.columns = std::min<std::size_t>(panels, 3);
        wishes.bars_by_row = by_row;
        wishes.second_bars = by_row;
        wishes.title = wishes.caption = true;
        const Layout at = lay_out(wishes);
        REQUIRE(at.panels.size() == panels);
        CHECK(at.bars.size() == (by_row ? (panels + wishes.columns - 1) / wishes.columns : panels));
        std::vector<Box> all{at.title, at.caption};
        for (const auto* boxes : {&at.panels, &at.headings, &at.scale_bars, &at.bars, &at.second_bars})
          all.insert(all.end(), boxes->begin(), boxes->end());
        for (std::size_t i = 0; i < all.size(); ++i) {
          CHECK(all[i].left >= 0);
          CHECK(all[i].low >= 0);
          CHECK(all[i].right() <= at.width);
          CHECK(all[i].high() <= at.height);
          CHECK(all[i].width > 0);
          CHECK(all[i].height > 0);
          for (std::size_t j = i + 1; j < all.size(); ++j)
            CHECK((all[i].right() <= all[j].left + 1e-9 || all[j].right() <= all[i].left + 1e-9 ||
                   all[i].high() <= all[j].low + 1e-9 || all[j].high() <= all[i].low + 1e-9));
        }
      }
}

TEST_CASE("what is to be drawn survives its way to the renderer") {
  Job job;
  job.width = 900;
  job.title = "quotes \" and \u00b5";
  job.look.front = ShownFront::Density;
  job.look.front_level = 0.5;
  job.look.cut = 1;
  job.look.view = View::Plane;
  job.colourings.push_back({"pakt", "AKT", false, false, {"a", "b"}, std::array<double, 2>{0, 1.3}});
  job.colourings.push_back({"founder", "", true, false, {}, {}});
  job.frames.push_back({"out.png", {{"snap.h5", "24 h", 1}}});
  job.series = {"a", "b"};
  const Job back = read_job(job_text(job));
  CHECK(back.title == job.title);
  CHECK(back.look.cut == job.look.cut);
  CHECK(!back.look.cut_at);
  CHECK(back.look.view == View::Plane);
  CHECK(back.look.front == ShownFront::Density);
  CHECK(back.colourings[0].range == job.colourings[0].range);
  CHECK(!back.colourings[1].range);
  CHECK(back.frames[0].panels[0].heading == "24 h");
  CHECK(job_text(back) == job_text(job));
}
