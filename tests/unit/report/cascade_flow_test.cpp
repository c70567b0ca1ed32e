// Bands from the tumour to the organs: what died where, and heights that are numbers of cells.
//
// Seen to fail with: those that circulate counted as dead; heights not to scale; what is zero drawn; a name not escaped;
// titles of steps that nobody has come to; the injected said to have entered; labels that
// touch, above one another and where the next column begins.
#include <doctest/doctest.h>

#include <regex>

#include "report/cascade_flow.h"

using namespace invado;

namespace {

// Heights of the bars, in the order of the drawing.
std::vector<double> heights(const std::string& svg) {
  std::vector<double> found;
  const std::regex bar("<rect[^>]* height=\"([0-9.]+)\"");
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), bar); at != std::sregex_iterator(); ++at)
    found.push_back(std::stod((*at)[1]));
  return found;
}

CascadeNumbers some() {
  CascadeNumbers numbers{100, 20, {}, 0};
  numbers.organs.push_back({.name = "lung", .lodged = 40, .extravasated = 10, .dormant = 4, .begun = 2, .colonies = 1});
  numbers.organs.push_back({.name = "bone"});
  return numbers;
}

}  // namespace

TEST_CASE("who died in the blood entered it and is neither there nor lodged") {
  CHECK(some().died() == 40);
  CascadeNumbers all = some();
  all.organs[0].lodged = 80 + 1e-12;  // round-off of sums of weights
  CHECK(all.died() == 0);
}

TEST_CASE("of those in a tissue died who neither is there nor has begun") {
  CascadeNumbers numbers = some();
  CHECK(numbers.organs[0].died() == 4);
  CHECK(cascade_flow(numbers).find(">lung: died <") != std::string::npos);
  numbers.organs[0].box_is_open = true;
  CHECK(cascade_flow(numbers).find(">lung: died, or out of the box <") != std::string::npos);
  numbers.organs[0].begun = 6 - 1e-14;
  CHECK(numbers.organs[0].died() == 0);
}

// A letter is at most 7.9 wide (DejaVu Sans at 12, as measured), a line 12 high with what hangs below it.
TEST_CASE("no label touches another one, or the bars of the next column") {
  CascadeNumbers numbers = some();
  // Tall, then low, then tall: labels stand beside the middle of bars.
  numbers.organs = {
      {.name = "lung", .lodged = 12, .extravasated = 6, .waiting = 0.1, .dormant = 4, .begun = 0.1, .colonies = 0.1},
      {.name = "a_very_long_name_of_an_organ", .lodged = 5.9, .extravasated = 5.5, .waiting = 5, .begun = 0.2}};
  numbers.injected = 30;
  const std::string svg = cascade_flow(numbers);
  struct Box {
    double left, base, right;
  };
  std::vector<Box> labels;
  std::vector<double> bars;
  const std::regex text("<text class=\"label\" x=\"([0-9.]+)\" y=\"([0-9.]+)\">([^<]*)<tspan[^>]*>([^<]*)</tspan>");
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), text); at != std::sregex_iterator(); ++at) {
    const double left = std::stod((*at)[1]), base = std::stod((*at)[2]);
    const std::string label = std::regex_replace((*at)[3].str() + (*at)[4].str(), std::regex("…"), ".");
    labels.push_back({left, base, left + 7.9 * static_cast<double>(label.size())});
    CHECK(label.size() > 8);
  }
  REQUIRE(labels.size() == heights(svg).size());
  const std::regex bar("<rect x=\"([0-9.]+)\"");
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), bar); at != std::sregex_iterator(); ++at)
    bars.push_back(std::stod((*at)[1]));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (labels[i].left == labels[j].left) CHECK(std::abs(labels[i].base - labels[j].base) > 14);
    for (const double x : bars)
      if (x > labels[i].left) CHECK(labels[i].right <= x);
    CHECK(labels[i].right <= 1100);
  }
}

TEST_CASE("bars are as high as they count, and what is zero is not drawn") {
  const std::string svg = cascade_flow(some());
  // entered, lodged, extravasated, begun, colonies, dormant, died, held or died, circulating, died
  // there.
  const std::vector<double> wanted{100, 40, 10, 2, 1, 4, 4, 30, 20, 40}, seen = heights(svg);
  REQUIRE(seen.size() == wanted.size());
  // To a tenth of a pixel; what is less than two pixels high is drawn so high.
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::abs(seen[i] - std::max(1.9 * wanted[i], 2.0)) < 0.051);
  CHECK(svg.find("bone") == std::string::npos);
  CHECK(svg.find("dormant") != std::string::npos);
  CHECK(svg.find("waiting") == std::string::npos);
}

TEST_CASE("a step that nobody has come to has no title") {
  CascadeNumbers numbers = some();
  CHECK(cascade_flow(numbers).find(">growth<") != std::string::npos);
  numbers.organs[0].colonies = 0;
  CHECK(cascade_flow(numbers).find(">growth<") == std::string::npos);
  CHECK(cascade_flow(numbers).find(">tissue of organs<") != std::string::npos);
}

TEST_CASE("who was injected did not enter from a tumour") {
  CascadeNumbers numbers = some();
  CHECK(cascade_flow(numbers).find(">entered the blood <") != std::string::npos);
  numbers.injected = 30;
  CHECK(cascade_flow(numbers).find(">injected or entered <") != std::string::npos);
  numbers.injected = 100;
  CHECK(cascade_flow(numbers).find(">injected <") != std::string::npos);
}

TEST_CASE("names are escaped, and nothing that entered is a drawing too") {
  CascadeNumbers numbers = some();
  numbers.organs[0].name = "<b>";
  CHECK(cascade_flow(numbers).find("<b>") == std::string::npos);
  const std::string none = cascade_flow({});
  CHECK(none.find("nan") == std::string::npos);
  CHECK(heights(none) == std::vector<double>{0});
}
