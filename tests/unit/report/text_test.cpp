// Text of a report: nothing of a scenario becomes markup; numbers; which parameters differ from the defaults.
// Seen to fail with: '<' left as it is; overlong UTF-8 let through; titles of plots not escaped; errors with one digit too
// few; base64 padded one letter early; the unit of a value not taken off before it is compared with its default; a # in
// quotes taken for a comment.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "report/markup.h"
#include "report/parameters.h"
#include "report/plot.h"

using namespace invado;

TEST_CASE("hostile text stays text") {
  CHECK(escaped("<script>alert('x')</script>") == "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  CHECK(escaped("\" onload=\"") == "&quot; onload=&quot;");
  CHECK(escaped("&lt;") == "&amp;lt;");
  CHECK(escaped("µm² – 𝛼\t\n") == "µm² – 𝛼\t\n");
  const std::string unknown = "\xEF\xBF\xBD";
  CHECK(escaped(std::string("a\0b\x1b[2J\x7f", 8)) == "a" + unknown + "b" + unknown + "[2J" + unknown);
  CHECK(escaped("\xC0\xBC") == unknown + unknown);  // an overlong '<'
  CHECK(escaped("\xE0\x80\xBC") == unknown + unknown + unknown);
  CHECK(escaped("\xC3") == unknown);                              // cut off
  CHECK(escaped("\xED\xA0\x80") == unknown + unknown + unknown);  // half of a surrogate pair
  CHECK(escaped("a\xE2\x80\xAE"
                "b") == "a" + unknown + unknown + unknown + "b");  // would turn what follows around
  Plot plot{.title = "<b>", .x_label = "\"&", .y_label = "</svg><script>"};
  plot.lines.push_back({.label = "</text><script>1</script>", .x = {0, 1}, .y = {0, 1}});
  plot.histograms.push_back({"<i>", make_histogram(std::vector<double>{1}, {0, 2}, 2)});
  plot.marks.push_back({0.5, "<u>"});
  const std::string drawing = svg(plot);
  for (const char* const tag : {"<script", "<b>", "<i>", "<u>", "\"&\"", "</svg><"})
    CHECK(drawing.find(tag) == std::string::npos);
}

TEST_CASE("times and errors as people read them") {
  CHECK(time_text(24) == "24 h");
  CHECK(time_text(72) == "72 h");
  CHECK(time_text(504) == "504 h (21 d)");
  CHECK(time_text(100) == "100 h (4.17 d)");
  CHECK(time_text(0) == "0 h");
  CHECK(time_text(1.0 / 6) == "10 min");
  CHECK(time_text(1.5) == "1.5 h");
  CHECK(with_error(12.3456, 0.234) == "12.35 ± 0.23");
  CHECK(with_error(1234.5, 56) == "1234 ± 56");
  CHECK(with_error(0.01234, 0.00056) == "0.01234 ± 0.00056");
  CHECK(with_error(3.25, std::nan("")) == "3.25");
  CHECK(pixels(12.04) == "12");
  CHECK(pixels(-0.01) == "0");
}

TEST_CASE("base64 as RFC 4648 gives it") {
  const auto coded = [](const char* text) { return base64(std::as_bytes(std::span(text, std::strlen(text)))); };
  CHECK(coded("").empty());
  CHECK(coded("f") == "Zg==");
  CHECK(coded("fo") == "Zm8=");
  CHECK(coded("foo") == "Zm9v");
  CHECK(coded("foobar") == "Zm9vYmFy");
}

TEST_CASE("a resolved scenario is read back with where its values came from") {
  const auto values = read_resolved(
      "# Every value in force\n"
      "name: \"a \\\"b\\\"  # no comment\"  # mine.yaml:1:7\n"
      "steps:\n"
      "  motion: 0.5 min  # default: design.md 4\n"
      "fields: {}\n"
      "cell_types:\n"
      "  \"odd-name\":\n"
      "    signalling:\n"
      "      pten: 0.5  # --set cell_types.odd-name.signalling.pten\n"
      "matrix:\n"
      "  density: 1.7 mg/ml  # mine.yaml:4:3\n",
      "f");
  REQUIRE(values.size() == 4);
  CHECK(values[0].value == "a \"b\"  # no comment");
  CHECK(values[0].origin == "mine.yaml:1:7");
  CHECK(values[1].is_default());
  CHECK(values[2].path == "cell_types.odd-name.signalling.pten");
  CHECK(value_of(values, "matrix.density") == "1.7 mg/ml");
  CHECK(value_of(values, "matrix").empty());
  for (const char* const damaged :
       {"   x: 1  # a\n", "x 1\n", "x: 1\n", "    x: 1  # too deep\n", "\"x: 1  # a\n", "\x80\n"})
    CHECK_THROWS_AS(static_cast<void>(read_resolved(damaged, "f")), IoError);
}

TEST_CASE("cells are coloured by AKT, and by type where none has signals") {
  const ResolvedValue off{"cell_types.walker.signalling", "off", "a.yaml:1:1"},
      noise{"cell_types.walker.noise.sigma", "1", ""}, on{"cell_types.sts.signalling.pten", "1", "default: assumed"},
      elsewhere{"processes.signalling", "{}", ""};
  CHECK(default_colour({off, noise, elsewhere}) == "type");
  CHECK(default_colour({off, on}) == "pakt");
  CHECK_FALSE(has_signals({}));
  CHECK_FALSE(has_signals({{"cell_types.signalling", "1", ""}}));  // no type has this name
}

TEST_CASE("only what was set, and is not the default, counts as changed") {
  const auto table = read_parameter_table(
      "path\tunit\trange\tdefault\tmeaning\tsource\n"
      "matrix.density\tmg/ml\tabove 0\t1.7\tdensity of the matrix\tbiology.md 4b\n"
      "matrix.direction\t\t[x, y, z]\t[1, 0, 0]\tof fibres\tassumed\n"
      "domain.size\tum\t[x, y, z]\t[10, 10, 10]\tedges\tassumed\n"
      "cell_types.*.signalling.pten\t\tfrom 0\t1\tlevel of PTEN\tassumed\n"
      "duration\th\tabove 0\t\tsimulated time\tno default\n");
  const std::vector<ResolvedValue> values{{"matrix.density", "1.7 mg/ml", "a.yaml:1:1"},
                                          {"matrix.direction", "[1, 0, 0]", "a.yaml:2:1"},
                                          {"domain.size", "[10 um, 10 um, 10 um]", "a.yaml:3:1"},
                                          {"cell_types.sts.signalling.pten", "0.5", "a.yaml:4:1"},
                                          {"cell_types.lad.signalling.pten", "2", "default: assumed"},
                                          {"seed", "7", "a.yaml:5:1"},
                                          {"duration", "3 h", "a.yaml:6:1"},
                                          {"population.core.count", "5", "a.yaml:7:1"}};
  const auto changed = changed_parameters(values, table);
  REQUIRE(changed.size() == 3);
  CHECK(changed[0].value.path == "cell_types.sts.signalling.pten");
  CHECK(changed[0].row.meaning == "level of PTEN");
  CHECK(changed[0].row.source == "assumed");
  CHECK(changed[1].value.path == "duration");
  CHECK(changed[2].row.path.empty());
}
