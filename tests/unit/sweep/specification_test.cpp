// What a sweep file may say: the corpus of bad ones, and what the good ones mean.
// tests/scenarios/bad_sweeps/*.yaml, each with two lines on top: `# exit 64` and `# first: name.yaml:7:21: ...`, the
// beginning of the first line that is said. Planted and seen to fail: of the levels of an axis only the first tried on the
// scenario; equal points let through; a linked axis that moves with another; logarithmic ranges divided linearly.
#include "sweep/specification.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "analysis/observables.h"

using namespace invado;

namespace {

namespace fs = std::filesystem;

const fs::path corpus = fs::path(INVADO_SOURCE_DIR) / "tests" / "scenarios" / "bad_sweeps";

struct Judged {
  int code = 0;
  std::string lines = "accepted";
};

Judged judge(const fs::path& file) {
  try {
    const SweepSpecification s = read_specification(file);
    const CheckedBase base = check_against_scenario(s);
    check_columns(s, Observables(base.scenario.world).names(), static_cast<double>(base.scenario.duration_us) / 3600e6);
    return {};
  } catch (const Error& error) {
    return {static_cast<int>(error.code()), error.what()};
  }
}

// A specification of the corpus' scenario, beside it.
SweepSpecification read(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / ("invado_sweep_" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(file) << text;
  try {
    SweepSpecification s = read_specification(file, {corpus});
    fs::remove(file);
    return s;
  } catch (...) {
    fs::remove(file);
    throw;
  }
}

std::string head() { return "sweep: 1\nname: good\nbase: " + (corpus / "data" / "base.yaml").string() + "\n"; }

}  // namespace

TEST_CASE("every bad sweep is refused with its first line, before anything runs") {
  const fs::path here = fs::current_path();
  fs::current_path(corpus);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(corpus)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::ifstream stream(entry.path());
    std::string exit, first;
    std::getline(stream, exit);
    std::getline(stream, first);
    const Judged judged = judge(entry.path().filename());
    CAPTURE(entry.path().filename().string());
    CAPTURE(judged.lines);
    CHECK(exit == "# exit " + std::to_string(judged.code));
    CHECK(("# first: " + judged.lines).starts_with(first));
  }
  fs::current_path(here);
  CHECK(files >= 40);
}

TEST_CASE("a grid: levels, ranges, logarithms, links") {
  const SweepSpecification s = read(head() +
                                    "axes:\n"
                                    "  a: {path: p.a, values: [low, high]}\n"
                                    "  b: {path: [p.b, p.c], from: 1 um, to: 100 um, scale: log, steps: 3}\n"
                                    "  c: {path: p.d, from: 0, to: 10, steps: 2, whole: true, with: a}\n");
  REQUIRE(s.points.size() == 6);
  CHECK(s.points[0].values == std::vector<std::string>{"low", "1 um", "0"});
  CHECK(axis_number(s.points[1].values[1]).value == doctest::Approx(10).epsilon(1e-12));
  CHECK(s.points[2].values[1] == "100 um");
  CHECK(s.points[5].values == std::vector<std::string>{"high", "100 um", "10"});
  CHECK(assignments(s.axes, s.points[0].values) == std::vector<std::string>{"p.a=low", "p.b=1 um", "p.c=1 um", "p.d=0"});
}

TEST_CASE("a Latin hypercube and a Sobol sequence fill the ranges; words get equal shares; linked axes move together") {
  const std::string axes =
      "axes:\n"
      "  a: {path: p.a, values: [x, y, z]}\n"
      "  b: {path: p.b, from: -2, to: 6}\n"
      "  c: {path: p.c, from: 0 h, to: 8 h, with: b}\n";
  for (const char* design : {"latin_hypercube", "sobol"}) {
    const SweepSpecification s = read(head() + axes + "design: {" + design + ": {points: 12}}\n");
    REQUIRE(s.points.size() == 12);
    std::multiset<std::string> words;
    std::set<int> strata;
    for (const SweepPoint& point : s.points) {
      words.insert(point.values[0]);
      const double b = axis_number(point.values[1]).value, c = axis_number(point.values[2]).value;
      CHECK(c == doctest::Approx(b + 2));
      CHECK((b >= -2 && b <= 6));
      strata.insert(static_cast<int>((b + 2) / 8 * 12));
    }
    if (std::string(design) == "sobol") continue;
    CHECK(words.count("x") == 4);
    CHECK(words.count("z") == 4);
    CHECK(strata.size() == 12);
  }
}

TEST_CASE("a point that a design visits twice is run once, and the order of visits is kept") {
  const SweepSpecification s = read(head() +
                                    "seed: 3\naxes:\n"
                                    "  a: {path: p.a, values: [off, on]}\n"
                                    "  b: {path: p.b, from: 1 um, to: 100 um, scale: log}\n"
                                    "  c: {path: p.c, from: 0, to: 9, with: b}\n"
                                    "design: {morris: {trajectories: 20}}\n");
  REQUIRE(s.rows.size() == 20 * 3);
  CHECK(s.points.size() <= 2 * 4);  // 2 levels of a, 4 of b; c goes with b
  std::size_t seen = 0;
  for (const std::size_t row : s.rows) {
    CHECK(row <= seen);  // points are numbered as they first appear
    seen = std::max(seen, row + 1);
  }
  CHECK(seen == s.points.size());
  for (const SweepPoint& point : s.points) {
    const double b = s.axes[1].coordinate(point.values[1]);
    CHECK(std::abs(b * 3 - std::round(b * 3)) < 1e-9);
    CHECK(std::abs(s.axes[2].coordinate(point.values[2]) - b) < 1e-9);
    CHECK(s.axes[0].coordinate(point.values[0]) == (point.values[0] == "on" ? 1 : 0));
  }
  CHECK(std::isnan(s.axes[0].coordinate("sideways")));
}

TEST_CASE("a list has names, in order") {
  const SweepSpecification s = read(head() +
                                    "axes: {a: {path: p.a}, b: {path: p.b}}\n"
                                    "design: {list: {points: {control: {a: 1 um, b: off}, treated: {b: on, a: 2 um}}}}\n");
  REQUIRE(s.points.size() == 2);
  CHECK(s.points[1].name == "treated");
  CHECK(s.points[1].values == std::vector<std::string>{"2 um", "on"});
}

TEST_CASE("the shipped sweeps are good") {
  for (const auto& entry : fs::directory_iterator(fs::path(INVADO_SOURCE_DIR) / "scenarios" / "sweeps")) {
    const Judged judged = judge(entry.path());
    CAPTURE(entry.path().string());
    CHECK(judged.lines == "accepted");
  }
}
