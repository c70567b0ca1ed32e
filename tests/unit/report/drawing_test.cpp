// Axes, histograms, colours and pictures of a report.
// Seen to fail with: edges of a logarithmic histogram taken as linear; ticks beyond the ends left out without slack; viridis
// cut before its last knot; farther cells drawn over nearer ones; pictures upside down; labels of lines not moved apart; a
// PNG checksum that leaves out a byte; labels of marks within the bars; ticks of one's own not taken.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/colours.h"
#include "base/named_colours.h"
#include "base/round_length.h"
#include "report/axis.h"
#include "report/histogram.h"
#include "report/plot.h"
#include "report/png.h"
#include "report/projection.h"

using namespace invado;

TEST_CASE("ticks are round, inside, and about as many as wanted") {
  CHECK(round_step(0.7) == 1);
  CHECK(round_step(1.1) == 2);
  CHECK(round_step(2.1) == 5);  // 2.5 cells are none
  CHECK(round_step(21) == 25);
  CHECK(round_step(0.021) == doctest::Approx(0.025));
  CHECK(round_step(5.1) == 10);
  for (const double scale : {1e-9, 1e-3, 1.0, 37.0, 1e6, 1e12})
    for (int wanted = 2; wanted <= 8; ++wanted) {
      const auto at = round_ticks(-0.31 * scale, scale, wanted);
      // A step is at most 2.5 times what was asked for (from just above 2 to 5), and never less.
      CHECK(at.size() >= 1);
      CHECK(at.size() <= static_cast<std::size_t>(wanted) + 1);
      for (const double tick : at) {
        CHECK(tick >= -0.31 * scale * (1 + 1e-9));
        CHECK(tick <= scale * (1 + 1e-9));
      }
    }
  CHECK(round_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(round_ticks(1, 1, 5).empty());
  CHECK(round_ticks(1e15, 1e15 + 1, 5).size() <= 101);
  CHECK(log_ticks(0.005, 2) == std::vector<double>{0.01, 0.1, 1});
  const auto few = log_ticks(1, 10);
  CHECK(few == std::vector<double>{1, 2, 5, 10});
  CHECK(log_ticks(0, 10).empty());
}

TEST_CASE("the x axis names the values that it is told to") {
  Plot plot{.title = "t", .x_label = "x", .y_label = "y", .log_x = true};
  plot.lines = {{.label = "l", .x = {1, 32}, .y = {0, 1}}};
  CHECK(svg(plot).find(">16</text>") == std::string::npos);
  plot.x_ticks = {1, 4, 16};
  const std::string told = svg(plot);
  for (const char* tick : {">1</text>", ">4</text>", ">16</text>"}) CHECK(told.find(tick) != std::string::npos);
  CHECK(told.find(">10</text>") == std::string::npos);
}

TEST_CASE("an axis has its ends at 0 and 1 and shows every value") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Axis linear{2, 6}, logarithmic{0.01, 100, true};
  CHECK(linear.fraction(3) == 0.25);
  CHECK(logarithmic.fraction(1) == doctest::Approx(0.5));
  CHECK(logarithmic.fraction(0.01) == 0);
  CHECK(logarithmic.fraction(100) == 1);
  const Axis some = axis_for(std::vector<double>{3.2, nan, 97}, true);
  CHECK(some.low == 0);
  CHECK(some.high == 100);
  for (const auto& odd : {std::vector<double>{}, std::vector<double>{nan}, std::vector<double>{0, 0}, std::vector<double>{7},
                          std::vector<double>{-3}, std::vector<double>{1e300, -1e300}})
    for (const bool from_zero : {false, true})
      for (const bool logarithm : {false, true}) {
        const Axis axis = axis_for(odd, from_zero, true, logarithm);
        CHECK(axis.low < axis.high);
      }
  CHECK(axis_for(std::vector<double>{-1, 0, 5}, false, false, true).low > 0);
}

TEST_CASE("a histogram counts every value once, by hand") {
  const std::vector<double> values{0, 0.1, 0.25, 0.49, 0.5, 0.99, 1, -7, 8, std::numeric_limits<double>::quiet_NaN()};
  const Histogram h = make_histogram(values, {0, 1}, 4);
  CHECK(h.counted == 9);
  CHECK(h.share == std::vector<double>{3.0 / 9, 2.0 / 9, 1.0 / 9, 3.0 / 9});
  CHECK(h.edge(0) == 0);
  CHECK(h.edge(1) == 0.25);
  CHECK(h.edge(4) == 1);
  const Histogram decades = make_histogram(std::vector<double>{0.02, 0.2, 0.3, 5}, {0.01, 10, true}, 3);
  CHECK(decades.share == std::vector<double>{0.25, 0.5, 0.25});
  CHECK(decades.edge(1) == doctest::Approx(0.1));
  const Histogram none = make_histogram({}, {0, 1}, 3);
  CHECK(std::accumulate(none.share.begin(), none.share.end(), 0.0) == 0);
}

TEST_CASE("viridis begins dark, ends light, and only gets lighter") {
  CHECK(viridis(0) == Rgb{0x44, 0x01, 0x54});
  CHECK(viridis(1) == Rgb{0xFD, 0xE7, 0x25});
  CHECK(viridis(0.5) == Rgb{0x21, 0x91, 0x8C});
  CHECK(viridis(-3) == viridis(0));
  CHECK(viridis(7) == viridis(1));
  CHECK(viridis(std::nan("")) == viridis(0));
  double before = -1;
  for (int i = 0; i <= 100; ++i) {
    const Rgb c = viridis(i / 100.0);
    const double light = 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue;  // Rec. 709
    CHECK(light > before);
    before = light;
  }
  CHECK(palette().size() == first_colour + colour_steps * shades);
  CHECK(palette().size() <= 256);
  CHECK(palette().back() == viridis(1));
}

TEST_CASE("types have the colours of their places, and as many as there are repeat") {
  const std::vector<Rgb> colours = palette(type_colour_at);
  constexpr double last = clone_colours - 1;
  for (std::size_t type = 0; type < clone_colours; ++type) {
    CHECK(type_colour_at(static_cast<double>(type) / last) == type_colour(type));
    const View view{{0, 0, 0}, {10, 10, 10}, 0, last, 10};
    const Picture cell = project(std::vector<DrawnCell>{{{5, 5, 5}, 5, static_cast<double>(type)}}, view, Side::Top);
    CHECK(colours[cell.pixels[5 * 10 + 5]] == type_colour(type));
  }
  const std::vector<std::string> names{"<one>", "two"};
  const std::string legend = names_legend("Type", names, std::vector<Rgb>{type_colour(0), type_colour(1)});
  CHECK(legend.find("#0072b2\"/><text class=\"label\" x=\"30\" y=\"33\">&lt;one&gt;") != std::string::npos);
  CHECK(legend.find("#e69f00\"/><text class=\"label\" x=\"30\" y=\"51\">two") != std::string::npos);
}

TEST_CASE("cells appear where they are, the nearer one in front, at the size they have") {
  // 100 pixels for 100 um. Two cells on one line of sight from above: the upper one (z = 80) is seen, from the side the one
  // with the smaller y.
  const View view{{0, 0, 0}, {100, 50, 100}, 0, 1, 100};
  const std::vector<DrawnCell> cells{
      {{20, 10, 80}, 5, 0.0}, {{20, 10, 20}, 10, 1.0}, {{70, 40, 20}, 5, 0.5}, {{300, 0, 0}, 5, 1}};
  const Picture top = project(cells, view, Side::Top);
  REQUIRE(top.width == 100);
  REQUIRE(top.height == 50);
  const auto at = [](const Picture& p, std::uint32_t x, std::uint32_t y) { return p.pixels[y * p.width + x]; };
  CHECK(at(top, 20, 40) == first_colour + shades - 1);  // value 0 in the middle of its disc
  CHECK(at(top, 28, 40) / shades ==
        (first_colour + shades * (colour_steps - 1)) / shades);       // the rim of the larger one below
  CHECK(at(top, 70, 10) == first_colour + shades * 31 + shades - 1);  // 0.5 of 62 steps
  CHECK(at(top, 50, 25) == 0);
  // pi r^2 pixels of each disc, within the pixels that its rim touches.
  const auto painted = static_cast<double>(std::ranges::count_if(top.pixels, [](std::uint8_t p) { return p != 0; }));
  CHECK(painted == doctest::Approx(3.14159 * (10 * 10 + 5 * 5)).epsilon(0.05));
  const Picture side = project(cells, view, Side::Front);
  CHECK(side.height == 100);
  CHECK(at(side, 20, 20) == first_colour + shades - 1);
  CHECK(at(side, 20, 80) == first_colour + shades * (colour_steps - 1) + shades - 1);
  const std::vector<DrawnCell> nothing{{{20, 10, 80}, 5, std::nan("")}};
  CHECK(at(project(nothing, view, Side::Top), 20, 40) == 1);
  CHECK(round_length(0.25 * 430) == 100);
  CHECK(round_length(0.25 * 399) == 50);
  CHECK(round_length(0.25 * 81) == 20);
  CHECK(round_length(2e-3) == doctest::Approx(2e-3));
  CHECK(round_length(0) == 0);
}

TEST_CASE("a PNG has its signature, sizes and checksums where the standard has them") {
  const std::vector<std::uint8_t> pixels{0, 1, 1, 0, 0, 1};
  const std::vector<Rgb> colours{{255, 255, 255}, {1, 2, 3}};
  const std::vector<std::byte> png = png_image(3, 2, pixels, colours);
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(png[i]); };
  CHECK(byte(1) == 'P');
  CHECK(byte(19) == 3);
  CHECK(byte(23) == 2);
  CHECK(byte(25) == 3);  // palette
  // The last chunk is always the same twelve bytes.
  const std::vector<unsigned> end{0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};
  for (std::size_t i = 0; i < end.size(); ++i) CHECK(byte(png.size() - 12 + i) == end[i]);
}

TEST_CASE("labels of lines that end together are moved apart, and stay inside") {
  Plot plot{.title = "t", .x_label = "x", .y_label = "y"};
  for (int i = 0; i < 5; ++i)
    plot.lines.push_back(
        {.label = "line" + std::to_string(i), .x = {0, 1}, .y = {0, 1 + 1e-3 * i}, .style = static_cast<std::size_t>(i)});
  const std::string drawing = svg(plot);
  std::vector<double> heights;
  for (int i = 0; i < 5; ++i) {
    const std::size_t text = drawing.find(">line" + std::to_string(i) + "<");
    REQUIRE(text != std::string::npos);
    const std::size_t y = drawing.rfind("y=\"", text);
    heights.push_back(std::stod(drawing.substr(y + 3)));
  }
  std::ranges::sort(heights);
  for (std::size_t i = 1; i < heights.size(); ++i) CHECK(heights[i] - heights[i - 1] >= 13.9);
  CHECK(heights.front() > 34);  // the upper end of the frame
  CHECK(heights.back() < plot.height - 40);
}

TEST_CASE("the label of a mark stands above the bars, whatever their height") {
  Plot plot{.title = "t", .x_label = "x", .y_label = "share (%)", .width = 400, .height = 270};
  const Axis axis = axis_for(std::vector<double>{0, 1}, true);
  plot.histograms.push_back({"all in one bin", make_histogram(std::vector<double>(20, 0.3), axis, 10)});
  plot.marks.push_back({0.25, "here"});
  const std::string drawing = svg(plot);
  const auto number_before = [&](std::string_view key, std::size_t at) {
    return std::stod(drawing.substr(drawing.rfind(key, at) + key.size()));
  };
  const double label = number_before("y=\"", drawing.find(">here<"));
  const std::size_t bar = drawing.find("fill=\"#0072B2\"");
  REQUIRE(bar != std::string::npos);
  const std::size_t begin = drawing.rfind("d=\"", bar);
  double highest = plot.height;
  for (std::size_t v = drawing.find('V', begin); v < bar; v = drawing.find('V', v + 1))
    highest = std::min(highest, std::stod(drawing.substr(v + 1)));
  CHECK(label < highest);
  CHECK(label > 34);  // below the legend of the histogram
}
